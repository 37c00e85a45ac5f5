"""What a person should know of the images before a training on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgan.data import Dataset
from edgan.data.classes import SWAPPED
from edgan.errors import UsageError, listed
from edgan.methods import Method

SHOWN, NAMED = 3, 8


def refuse_constant(dataset: Dataset, method: Method) -> None:
    """Refuse an attribute that all training images have, or none: nothing can be learnt of it.

    Raises:
        UsageError: names them.
    """
    if method.edit is None or dataset.attributes is None:
        return
    values, names = dataset.attributes[dataset.indices("train")], dataset.attribute_names
    columns = {name: column[~np.isnan(column)] for name, column in zip(names, values.T, strict=True)}
    constant = {n: known[:1] for n, known in columns.items() if n in method.edit.names and (known == known[:1]).all()}
    if not constant:
        return
    shown = "; ".join(f"{_said_of(value)} {name}" for name, value in constant.items())
    rest = ",".join(name for name in names if name not in constant)
    remedy = f"Leave them out with the setting attributes={rest}" if rest else "Use data in which they differ"
    raise UsageError(
        f"{method.name} learns from attributes that differ from image to image, but of the {len(values)} training "
        f"images in {dataset.path} {shown}. {remedy}."
    )


def _said_of(value: np.ndarray) -> str:
    if not value.size:
        return "none has a value for"
    return "all of them have" if value[0] else "none of them have"


def blanks_text(dataset: Dataset) -> str:
    """Which attributes are not known of how many images, in a sentence; "" where all are known."""
    if dataset.attributes is None or not dataset.partly_labelled:
        return ""
    blank = np.isnan(dataset.attributes).sum(0)
    columns = [f"{name} {count:,}" for name, count in zip(dataset.attribute_names, blank, strict=True) if count]
    return (
        f"Blank attribute cells, of {len(dataset):,} images: {listed(columns, NAMED)}. The classifier learns from the "
        "others."
    )


def warn_of_data(dataset: Dataset, warn: Callable[[str], None]) -> None:
    """Pass on the notes on a data set: files that were left out, pairs whose sides look swapped."""
    for note in dataset.notes:
        warn(note)
    if dataset.sides_look_swapped():
        warn(SWAPPED)
    if blanks := blanks_text(dataset):
        warn(blanks)
    if dataset.skipped:
        shown = listed((f"{name}: {reason}" for name, reason in dataset.skipped), SHOWN, "; ")
        warn(f"Left out of {dataset.path}: {shown}. edgan data check lists every file.")
