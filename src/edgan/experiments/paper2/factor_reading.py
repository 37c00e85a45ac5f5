"""Reads the factors of rendered faces in pictures that models drew, by a reader taught on such pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.data import from_uint8
from edgan.data.synthetic import (
    FACE_FACTORS,
    FaceFactors,
    factor_values,
    render_face,
    sample_face,
    with_attribute,
)
from edgan.metrics import Movement
from edgan.metrics.disentanglement import Reader, reading, teach_reader
from edgan.training.model import Model
from edgan.training.sheet import to_uint8

ASKED = {
    "Eyeglasses": "eyeglasses",
    "Smiling": "smile",
    "Blond_Hair": "hair_colour:blond",
    "Male": "male",
    "Bangs": "bangs",
    "Young": "age",
}
"""Attribute -> the factor that it asks for; Young asks for less of it."""
OTHER_HAIR = {"Black_Hair": 0.0, "Gray_Hair": 0.0}
"""Colours exclude each other, so an edit of one names all; blond is asked of brown hair, as in `with_attribute`."""
READ_SEED = 96


class Scaling:
    """The units of the factors, from the faces that the reader learns from: `READ_SEED`'s first ones."""

    def __init__(self, count: int) -> None:
        self.faces = [sample_face(READ_SEED, index, independent=True) for index in range(count)]
        values = factor_values(self.faces)
        self.mean = values.mean(0)
        self.deviation = np.maximum(values.std(0), 1e-6)
        self.range = np.maximum(np.ptp(values, axis=0), 1e-6)

    def standard(self, faces: Sequence[FaceFactors]) -> np.ndarray:
        """(N, K) the factors of faces in standard deviations."""
        return (factor_values(faces) - self.mean) / self.deviation

    def told(self, movement: Movement) -> dict[str, Any]:
        """A movement in standard deviations, by factor: in turns and in these, each with its noise."""
        turn = dict(zip(FACE_FACTORS, self.range / self.deviation, strict=True))
        triples = zip(movement.names, movement.mean.tolist(), movement.noise.tolist(), strict=True)
        return {
            name: {"turns": [mean / float(turn[name]), noise / float(turn[name])], "deviations": [mean, noise]}
            for name, mean, noise in triples
        }


def taught(
    models: Mapping[str, Model], scaling: Scaling, *, size: int, steps: int, seed: int, tick: Callable[[], None]
) -> Callable[[Tensor], np.ndarray]:
    """A reader of all factors in standard deviations, taught on faces as drawn and as each model draws them again."""
    plain = pictures(scaling.faces, size, tick)
    sets = [plain, *(redrawn(model, plain) for model in models.values())]
    images = np.concatenate([to_uint8(one).numpy() for one in sets])
    values = np.tile(scaling.standard(scaling.faces), (len(sets), 1)).astype(np.float32)
    network = teach_reader(images, values, steps=steps, seed=seed, flip=False, loss=F.mse_loss)
    read: Reader = reading(network)
    return lambda shown: read(shown).double().numpy()


def redrawn(model: Model, images: Tensor) -> Tensor:
    """Pictures as a model draws them again, (N, 3, size, size) in [-1, 1]."""
    return model.reconstruct(images).output.clamp(-1, 1)


def edited(model: Model, images: Tensor, name: str, level: float) -> Tensor:
    """Pictures with an attribute of `ASKED` set to an intensity, (N, 3, size, size) in [-1, 1]."""
    hair = {**OTHER_HAIR, "Brown_Hair": 1.0 - level} if name == "Blond_Hair" else {}
    return model.edit(images, {**hair, name: level}).clamp(-1, 1)


def true_ends(faces: Sequence[FaceFactors], name: str, size: int) -> tuple[Tensor, Tensor]:
    """The drawn faces without and with an attribute, nothing else changed; blond is turned from brown."""
    return pictures([true_edit(face, name, False) for face in faces], size), pictures(
        [true_edit(face, name, True) for face in faces], size
    )


def true_edit(face: FaceFactors, name: str, holds: bool) -> FaceFactors:
    """The face with an attribute on or off, whatever it had before, and nothing else changed."""
    if name == "Male":  # the beard stays: it is a factor of its own
        return replace(face, male=holds)
    # By way of its opposite: a face that is there already would stay short of the end, and hair of its own colour.
    return with_attribute(with_attribute(face, name, not holds), name, holds)


def pictures(faces: Sequence[FaceFactors], size: int, tick: Callable[[], None] = lambda: None) -> Tensor:
    """Drawn faces, (N, 3, size, size) in [-1, 1]."""
    drawn = np.empty((len(faces), size, size, 3), np.uint8)
    for picture, face in zip(drawn, faces, strict=True):
        tick()
        picture[:] = render_face(face, size)
    return from_uint8(torch.from_numpy(drawn))
