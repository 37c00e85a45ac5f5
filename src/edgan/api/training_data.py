"""What a person should know of the images before a training on them."""

from __future__ import annotations

from collections.abc import Callable

from edgan.data import Dataset
from edgan.data.classes import SWAPPED
from edgan.errors import UsageError, listed
from edgan.methods import Method

SHOWN = 3


def refuse_constant(dataset: Dataset, method: Method) -> None:
    """Refuse an attribute that all training images have, or none: nothing can be learnt of it.

    Raises:
        UsageError: names them.
    """
    if method.edit is None or dataset.attributes is None:
        return
    values, names = dataset.attributes[dataset.indices("train")], dataset.attribute_names
    columns = zip(names, values.T, strict=True)
    constant = {n: column[0] for n, column in columns if n in method.edit.names and (column == column[0]).all()}
    if not constant:
        return
    shown = "; ".join(f"{'all' if value else 'none'} of them have {name}" for name, value in constant.items())
    rest = ",".join(name for name in names if name not in constant)
    remedy = f"Leave them out with the setting attributes={rest}" if rest else "Use data in which they differ"
    raise UsageError(
        f"{method.name} learns from attributes that differ from image to image, but of the {len(values)} training "
        f"images in {dataset.path} {shown}. {remedy}."
    )


def warn_of_data(dataset: Dataset, warn: Callable[[str], None]) -> None:
    """Pass on the notes on a data set: files that were left out, pairs whose sides look swapped."""
    for note in dataset.notes:
        warn(note)
    if dataset.sides_look_swapped():
        warn(SWAPPED)
    if dataset.skipped:
        shown = listed((f"{name}: {reason}" for name, reason in dataset.skipped), SHOWN, "; ")
        warn(f"Left out of {dataset.path}: {shown}. edgan data check lists every file.")
