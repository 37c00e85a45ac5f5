"""Age and gender as CAAE's networks read them (ZZUTK/Face-Aging-CAAE; ResLearn.py of Paper 1's released code)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods.base import Shape
from edgan.nets.labelled import tiled

LAST_YEARS = (5, 10, 15, 20, 30, 40, 50, 60, 70)
"""The last year of each age bin but the tenth: 0-5, 6-10, 11-15, 16-20, 21-30, ..., 61-70, 71 and more."""
AGES, GENDERS, YEARS = len(LAST_YEARS) + 1, 2, 116
READ = ("Age", "Male")


@dataclass(frozen=True)
class Columns:
    """Columns of the attributes, by position: (N, A) -> (N, columns)."""

    positions: tuple[int, ...]

    def __call__(self, attributes: Tensor) -> Tensor:
        return torch.stack([attributes[:, position] for position in self.positions], 1)


def columns(shape: Shape) -> Columns:
    """Selects Age and Male from the data's attributes.

    Raises:
        UsageError: the data lacks one of them.
    """
    missing = [name for name in READ if name not in shape.attributes]
    if missing:
        raise UsageError(
            f"caae needs the attributes Age (years / {YEARS}) and Male. This data has no {' and no '.join(missing)}. "
            "Use a UTKFace folder, whose files are named AGE_GENDER_RACE_DATE.jpg, or a folder with a metadata.csv "
            "that has both columns."
        )
    return Columns(tuple(shape.attributes.index(name) for name in READ))


def one_hot_labels(traits: Tensor) -> Tensor:
    """Age and gender, one-hot.

    Args:
        traits: (N, 2), Age in years / 116 and Male, each in [0, 1].

    Returns:
        (N, 12), +1 for the age's bin and the gender (male, female), -1 elsewhere.
    """
    years = (traits[:, :1] * YEARS).round()
    bins = torch.cat([years > last for last in LAST_YEARS], 1).sum(1, keepdim=True)
    male = (traits[:, 1:2] > 0.5).long()
    places = torch.arange(AGES, device=traits.device), torch.arange(1, -1, -1, device=traits.device)
    chosen = torch.cat([bins == places[0], male == places[1]], dim=1)
    return chosen.to(traits.dtype) * 2.0 - 1.0


def append_labels(z: Tensor, labels: Tensor) -> Tensor:
    """z with age and gender, each repeated to about z's length: (N, Z), (N, 12) -> (N, 3 Z) for Z = 50."""
    age, gender = labels.split([AGES, GENDERS], dim=1)
    return torch.cat([z, *(tiled(kind, _times(z.shape[1], kind.shape[1])) for kind in (age, gender))], dim=1)


def discriminator_labels(labels: Tensor) -> Tensor:
    """The discriminator's labels, gender repeated to the length of age: (N, 12) -> (N, 20)."""
    age, gender = labels.split([AGES, GENDERS], dim=1)
    return torch.cat([age, tiled(gender, AGES // GENDERS)], dim=1)


def code_length(latent: int) -> int:
    """The length of what `append_labels` returns for a z of this length."""
    return latent + AGES * _times(latent, AGES) + GENDERS * _times(latent, GENDERS)


def _times(length: int, labels: int) -> int:
    return max(1, length // labels)
