"""What a run's training pictures look like to a fixed network, so that pictures unlike them can be told.

A picture is described by the means of two of the pretrained network's maps (`edgan.nets.pretrained`). Its distance from
the training pictures is a Mahalanobis distance, as is usual for the detection of inputs from another distribution (Lee
et al. 2018). One half of the pictures gives the mean and the covariance. The distances of the other half say what is
usual, so the limit is that of pictures that the statistics have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor

from edgan.data import Dataset, from_uint8
from edgan.errors import EdganError
from edgan.nets.pretrained import SMALLEST, PretrainedFeatures, is_available
from edgan.storage import durable
from edgan.storage.tensor_checksum import tensor_checksum

FILE = "pictures.safetensors"
LEAST = 40
"""Training pictures below which no statistics are kept: they would say little."""
MOST = 400
SIDE = 64
"""Larger pictures are reduced to this side in pixels before they are described."""
SHRINKAGE = 0.1
"""Weight of the identity in the correlations, which a few hundred pictures do not determine."""
USUAL = 0.95
"""Share of unseen training pictures whose distance is below the limit before the slack."""
SLACK = 1.25
CHUNK = 64


@dataclass(frozen=True)
class PictureStatistics:
    """Mean, deviation and correlations of the descriptions of a run's training pictures, and the usual distance.

    Attributes:
        mean: (D,) float32.
        deviation: (D,) float32, above 0.
        correlation: (D, D) float16.
        limit: the distance beyond which a picture is unlike them.
    """

    mean: Tensor
    deviation: Tensor
    correlation: Tensor
    limit: float

    def unlike(self, images: Tensor) -> Tensor:
        """Which pictures are unlike the training pictures.

        Args:
            images: (N, C, H, W) in [-1, 1], cropped and resized as the run reads them.

        Returns:
            (N,) bool.

        Raises:
            EdganError: the package with the pretrained features is missing.
        """
        return self.distances(descriptions(images)) > self.limit

    def distances(self, described: Tensor) -> Tensor:
        """The Mahalanobis distance of each description (N, D) over the root of D: near 1 for the pictures used."""
        size = len(self.mean)
        correlation = (1 - SHRINKAGE) * self.correlation.double() + SHRINKAGE * torch.eye(size, dtype=torch.float64)
        z = (described.double() - self.mean) / self.deviation
        return (z * torch.linalg.solve(correlation, z.T).T).sum(1).div(size).sqrt()

    def save(self, folder: Path) -> None:
        """Write them into a run's folder, with a checksum.

        Raises:
            EdganError: the file cannot be written.
        """
        named = {"mean": self.mean, "deviation": self.deviation, "correlation": self.correlation}
        limit = f"{self.limit:.6g}"
        seal = {"limit": limit, "sha256": tensor_checksum(named, limit)}
        durable.write_bytes_atomic(folder / FILE, safetensors.torch.save(named, seal))

    @classmethod
    def load(cls, folder: Path) -> PictureStatistics | None:
        """Read them from a run's folder; None where there are none.

        Raises:
            EdganError: the file is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            with safe_open(path, "pt") as file:
                seal = file.metadata() or {}
                named = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError, ValueError) as error:
            raise EdganError(f"{path} is damaged: {error}. Remove it.") from error
        if seal.get("sha256") != tensor_checksum(named, seal.get("limit", "")):
            raise EdganError(f"{path} is damaged: its checksum (sha256) differs. Remove it.")
        return cls(named["mean"], named["deviation"], named["correlation"], float(seal["limit"]))


@torch.no_grad()
def descriptions(images: Tensor) -> Tensor:
    """Each picture as numbers: the means of the pretrained maps at strides 8 and 16.

    Args:
        images: (N, C, H, W) in [-1, 1], of 1 or 3 channels and any sides.

    Returns:
        (N, 152) float32 on the CPU.

    Raises:
        EdganError: the package with the pretrained features is missing.
    """
    network = PretrainedFeatures()
    described = []
    for chunk in images.cpu().split(CHUNK):
        if max(chunk.shape[-2:]) > SIDE:
            chunk = F.interpolate(chunk, (SIDE, SIDE), mode="area")
        elif min(chunk.shape[-2:]) < SMALLEST:
            chunk = F.interpolate(chunk, (SMALLEST, SMALLEST), mode="bilinear", align_corners=False)
        _, middle, coarse = network(chunk)
        described.append(torch.cat([middle.mean((2, 3)), coarse.mean((2, 3))], 1))
    return torch.cat(described)


def keep_statistics(folder: Path, dataset: Dataset, *, sources: bool) -> None:
    """Write the statistics of a data set's training pictures into a run's folder, where it has none yet.

    Args:
        folder: the run's.
        dataset, sources: as for `statistics_of`.

    Raises:
        EdganError: the file cannot be written.
    """
    if not (folder / FILE).exists() and (statistics := statistics_of(dataset, sources=sources)) is not None:
        statistics.save(folder)


def statistics_of(dataset: Dataset, *, sources: bool) -> PictureStatistics | None:
    """The statistics of a data set's training pictures.

    Args:
        dataset: up to 400 of its training pictures are used.
        sources: describe the sources of its pairs instead of the images.

    Returns:
        None where it has fewer than 40 training pictures, where the sources are read as classes and not as colours,
        and where the package with the pretrained features is not installed.
    """
    where = dataset.indices("train")
    pixels = dataset.source if sources else dataset.images
    if len(where) < LEAST or pixels is None or (sources and dataset.source_classes) or not is_available():
        return None
    chosen = where[np.unique(np.linspace(0, len(where) - 1, min(len(where), MOST)).astype(int))]
    described = descriptions(from_uint8(torch.from_numpy(np.ascontiguousarray(pixels[chosen]))))
    used, unseen = described[::2], described[1::2]
    deviation = used.std(0) + 1e-3
    correlation = torch.cov(((used - used.mean(0)) / deviation).double().T).to(torch.float16)
    statistics = PictureStatistics(used.mean(0), deviation, correlation, 0.0)
    limit = SLACK * float(statistics.distances(unseen).quantile(USUAL))
    return PictureStatistics(statistics.mean, deviation, correlation, limit)
