"""Checks of what a model is asked: a verb that it has, and inputs like the data that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.data.value_range import UNIT_RANGE, looks_like_unit_range
from edgan.errors import UsageError, near_miss
from edgan.methods import Latent, Method, Shape


def why_not(method: Method, capability: str) -> str:
    """Why a model lacks a verb: what it can do, and what would help."""
    hint, latent = "", method.latent
    if capability == "sample" and latent is not None and latent.prior is None:
        hint = " To sample, train it with latent.prior=vae or latent.prior=aae."
    if capability == "edit" and "encode" in method.capabilities:
        hint = " Its latent can be edited if it was trained to the last step on data with attributes or classes."
    return f"This {method.name} cannot {capability}; it can {', '.join(method.capabilities)}.{hint}"


def refuse_unit_range(fields: Mapping[str, Tensor]) -> None:
    """Refuse pictures in [0, 1]: see `edgan.data.value_range` for how they are told from bright ones in [-1, 1].

    Raises:
        UsageError: "image" or "source" has no value below 0 and holds no 8-bit pixels in [-1, 1].
    """
    for name in ("image", "source"):
        if name in fields and looks_like_unit_range(fields[name]):
            raise UsageError(f"The pictures in {name} have {UNIT_RANGE}.")


def check_latent(method: Method, z: Tensor) -> Latent:
    """The latent of a method, if z (N, Z) are latents of its size.

    Raises:
        UsageError: the method has no latent, or one of another size.
    """
    latent = method.latent
    if latent is None or z.dim() != 2 or z.shape[1] != latent.size:
        width = "no latent" if latent is None else f"a latent of shape (N, {latent.size})"
        raise UsageError(f"This {method.name} has {width}; a latent of shape {tuple(z.shape)} was given.")
    return latent


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
