"""Reads the factors of rendered faces off pictures that models drew, with a reader trained on such pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.data import from_uint8
from edgan.metrics import Movement, probe
from edgan.metrics.editing.attribute_reader import Reader, reading, train_reader
from edgan.metrics.latents.probe import enough
from edgan.models.model import Model
from edgan.models.pixels import to_uint8
from edgan.synthetic import (
    FACE_FACTORS,
    FaceFactors,
    attributes_of,
    factor_values,
    render_face,
    sample_face,
    with_attribute,
)

ASKED = {
    "Eyeglasses": "eyeglasses",
    "Smiling": "smile",
    "Blond_Hair": "hair_colour:blond",
    "Male": "male",
    "Bangs": "bangs",
    "Young": "age",
}
"""Attribute -> the factor that its edit should change; Young lowers it."""
OTHER_HAIR = {"Black_Hair": 0.0, "Gray_Hair": 0.0}
"""Hair colours exclude each other, so an edit sets them all; blond replaces brown, as in `with_attribute`."""
READ_SEED = 96
LINE, NETWORK = "line", "network"
READERS, PROBED = 3, 8000


class Scaling:
    """The units of the factors, from the faces that the reader is trained on: the first of `READ_SEED`."""

    def __init__(self, count: int) -> None:
        self.faces = [sample_face(READ_SEED, index, independent=True, patterned=True) for index in range(count)]
        values = factor_values(self.faces)
        self.mean = values.mean(0)
        self.deviation = np.maximum(values.std(0), 1e-6)
        self.range = np.maximum(np.ptp(values, axis=0), 1e-6)

    def standard(self, faces: Sequence[FaceFactors]) -> np.ndarray:
        """The factors of faces in standard deviations, (N, K)."""
        return (factor_values(faces) - self.mean) / self.deviation

    def by_factor(self, movement: Movement) -> dict[str, Any]:
        """A movement by factor, in turns and in standard deviations, each with its noise."""
        turn = dict(zip(FACE_FACTORS, self.range / self.deviation, strict=True))
        triples = zip(movement.names, movement.mean.tolist(), movement.noise.tolist(), strict=True)
        return {
            name: {"turns": [mean / float(turn[name]), noise / float(turn[name])], "deviations": [mean, noise]}
            for name, mean, noise in triples
        }


def train_reader_ensemble(
    models: Mapping[str, Model], scaling: Scaling, plain: Tensor, *, steps: int, seed: int, tick: Callable[[], None]
) -> Callable[[Tensor], np.ndarray]:
    """A reader of all factors in standard deviations, trained on drawn faces and on each model's reconstructions.

    It is the mean of `READERS` networks: no training picture is an edited one, and on edited pictures two networks
    differ by more than the interval over faces.

    Args:
        models: those whose reconstructions the reader sees.
        scaling: of the faces.
        plain: the scaling's faces as drawn, (N, 3, size, size) in [-1, 1].
        steps, seed: of the training of each network.
        tick: called between networks.
    """
    sets = [plain, *(redrawn(model, plain) for model in models.values())]
    images = np.concatenate([to_uint8(images).numpy() for images in sets])
    values = np.tile(scaling.standard(scaling.faces), (len(sets), 1)).astype(np.float32)
    readers: list[Reader] = []
    for number in range(READERS):
        tick()
        network = train_reader(images, values, steps=steps, seed=READERS * seed + number, flip=False, loss=F.mse_loss)
        readers.append(reading(network))
    return lambda shown: torch.stack([read(shown).double() for read in readers]).mean(0).numpy()


def probe_latent(model: Model, faces: Sequence[FaceFactors], images: Tensor) -> dict[str, dict[str, float]]:
    """How well each attribute of `ASKED` can be predicted from z, by a linear probe and by a network.

    Args:
        model: the model that encodes.
        faces: N faces it was not trained on; the first `PROBED` are used.
        images: these faces as drawn, (N, 3, size, size) in [-1, 1].
    """
    z, truth = model.encode(images[:PROBED]), [attributes_of(face) for face in faces[:PROBED]]
    areas = {}
    for name in ASKED:
        has = np.array([attributes[name] for attributes in truth], np.bool_)
        if enough(has):
            areas[name] = {how: probe(z, has, linear=how == LINE) for how in (LINE, NETWORK)}
    return areas


def redrawn(model: Model, images: Tensor) -> Tensor:
    """A model's reconstructions, (N, 3, size, size) in [-1, 1]."""
    return model.reconstruct(images).output.clamp(-1, 1)


def edited(model: Model, images: Tensor, name: str, level: float) -> Tensor:
    """Images with an attribute of `ASKED` set to an intensity, (N, 3, size, size) in [-1, 1]."""
    hair = {**OTHER_HAIR, "Brown_Hair": 1.0 - level} if name == "Blond_Hair" else {}
    return model.edit(images, {**hair, name: level}).clamp(-1, 1)


def true_ends(faces: Sequence[FaceFactors], name: str, size: int) -> tuple[Tensor, Tensor]:
    """Faces drawn without and with an attribute, nothing else changed; blond replaces brown."""
    return pictures([true_edit(face, name, False) for face in faces], size), pictures(
        [true_edit(face, name, True) for face in faces], size
    )


def true_edit(face: FaceFactors, name: str, holds: bool) -> FaceFactors:
    """The face with an attribute on or off, and nothing else changed."""
    if name == "Male":  # the beard stays: it is a factor of its own
        return replace(face, male=holds)
    # Via the opposite: a face that has the attribute already would keep its own degree of it, or its own hair colour.
    return with_attribute(with_attribute(face, name, not holds), name, holds)


def pictures(faces: Sequence[FaceFactors], size: int, tick: Callable[[], None] = lambda: None) -> Tensor:
    """Drawn faces, (N, 3, size, size) in [-1, 1]."""
    drawn = np.empty((len(faces), size, size, 3), np.uint8)
    for picture, face in zip(drawn, faces, strict=True):
        tick()
        picture[:] = render_face(face, size)
    return from_uint8(torch.from_numpy(drawn))
