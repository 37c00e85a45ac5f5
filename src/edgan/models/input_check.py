"""Checks of a model's inputs against the data that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.errors import UsageError, near_miss
from edgan.methods import Shape


def check_fields(shape: Shape, fields: Mapping[str, Tensor], multiple: int | None = None) -> None:
    """Refuse fields that a model cannot read.

    Args:
        shape: of the data that the model was trained on.
        fields: "image" and "source" (N, C, size, size) in [-1, 1], "attributes" (N, A), "label" (N,).
        multiple: `Method.multiple`: sources may have any sides that are multiples of it. None allows only `size`.

    Raises:
        UsageError: an unknown name, another shape, no samples, or images that are not in [-1, 1].
    """
    square = (shape.size, shape.size)
    given = tuple(fields["source"].shape[-2:]) if "source" in fields and fields["source"].dim() == 4 else square
    free = multiple is not None and given != square
    if free and (min(given) < 1 or any(side % (multiple or 1) for side in given)):
        raise UsageError(
            f"This model takes sources whose sides are multiples of {multiple} pixels, not {given[1]} x {given[0]}."
        )
    shapes: dict[str, tuple[int, ...]] = {
        "image": (shape.channels, *square),
        "source": (shape.source_channels, *(given if free else square)),
        "attributes": (len(shape.attributes),),
        "label": (),
    }
    for name, value in fields.items():
        if name not in shapes:
            raise UsageError(f"There is no field {name!r}. {near_miss(name, shapes)}")
        if tuple(value.shape[1:]) != shapes[name] or value.dim() != 1 + len(shapes[name]):
            wanted = ", ".join(["N", *map(str, shapes[name])])
            what = "images" if name == "image" else f"a {name}"
            raise UsageError(f"This model takes {what} of shape ({wanted}), not {tuple(value.shape)}.")
        if len(value) == 0:
            raise UsageError(f"{name} is empty: N must be at least 1.")
        if name in ("image", "source") and (not torch.isfinite(value).all() or value.abs().max() > 1.001):
            raise UsageError(
                f"{name} must lie in [-1, 1]; it contains NaN or values outside. Convert bytes x by x / 127.5 - 1."
            )
