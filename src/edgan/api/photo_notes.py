"""What a person should know of the photos that a verb reads: cropped otherwise than the run's, or unlike them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from edgan.data import from_uint8
from edgan.data.crops import CropCount
from edgan.errors import EdganError
from edgan.models.model import Model
from edgan.models.picture_statistics import PictureStatistics
from edgan.nets.pretrained import MISSING, is_available
from edgan.processes import Processes
from edgan.storage.run_folder import RunFolder

LOOKED_AT = 64
"""Photos that are compared with the training pictures; more would cost and not tell more."""
MANY = 0.25
"""Share of unlike photos above which a sentence says so: single ones occur in every set."""


class PhotoNotes:
    """Looks at photos as they are read, and says at the end what is unusual about them.

    Args:
        model: that reads them.
        run: its run, as the caller named it.
        sampled: the photos are a sample of a larger set, not its first ones.

    Attributes:
        crops: counts where the model's crop was found.
        of_files: sentences on files that are not read.
        trouble: why photos cannot be compared with the training pictures; None where they can.
    """

    def __init__(self, model: Model, run: str | Path, *, sampled: bool = False) -> None:
        self.crops = CropCount()
        self.of_files: list[str] = []
        self.trouble: str | None = None
        self._crop, self._run, self._sampled = model.crop, run, sampled
        self._looked, self._unlike, self._total = 0, 0, 0
        self._statistics = self._of_run()

    def look(self, pixels: np.ndarray) -> None:
        """Look at photos (n, size, size, C) uint8, cropped and resized as the model reads them."""
        self._total += len(pixels)
        pixels = pixels[: LOOKED_AT - self._looked]
        if self._statistics is None or not len(pixels):
            return
        unlike = self._statistics.unlike(from_uint8(torch.from_numpy(np.ascontiguousarray(pixels))))
        self._looked += len(pixels)
        self._unlike += int(unlike.sum())

    def gather(self, processes: Processes) -> None:
        """Add up what the processes saw that share the photos."""
        own = (self._looked, self._unlike, self._total, self.crops.squares, self.crops.pictures)
        totals = map(sum, zip(*processes.gathered(own), strict=True))
        self._looked, self._unlike, self._total, self.crops.squares, self.crops.pictures = totals

    def sentences(self) -> list[str]:
        """What is unusual about the photos; empty where nothing is."""
        said = [*self.of_files, self._crop.note(self.crops.squares, self.crops.pictures)]
        if self._unlike > MANY * self._looked:
            said.append(
                f"{self._how_many()} unlike the pictures that {self._run} was trained on, so expect poor results."
            )
        return [sentence for sentence in said if sentence is not None]

    def _how_many(self) -> str:
        if self._looked == 1 == self._total:
            return "The photo looks"
        of = "the first" if self._looked < self._total else "the"
        of = f"{self._looked} sampled" if self._sampled else f"{of} {self._looked}"
        return f"{self._unlike} of {of} photos {'looks' if self._unlike == 1 else 'look'}"

    def _of_run(self) -> PictureStatistics | None:
        try:
            statistics = PictureStatistics.load(RunFolder.open(self._run).path)
        except EdganError as error:
            self.trouble = str(error)
            return None
        if statistics is None:
            self.trouble = f"{self._run} keeps no statistics of its training pictures."
        elif not is_available():
            self.trouble = MISSING
            return None
        return statistics
