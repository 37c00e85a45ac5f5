"""The pictures of previews and reports: a model's inputs, its outputs and what lies between."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from edgan.data.classes import paint
from edgan.models.latents import draw_styles
from edgan.models.model import Model

VARIANTS = 4


def conditions(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The fields that a conditional method samples with: attributes and label, where it reads them."""
    return {name: fields[name] for name in ("attributes", "label") if name in model.method.fields}


def rows(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rows of pictures to compare: a model's inputs, its outputs and what lies between.

    Args:
        model: any.
        fields: a batch.

    Returns:
        By name, in order, each (N, C, H, W) in [-1, 1] or slightly outside: "input" or "source"; "base" and "residual",
        where the output is their sum; "output"; for a translator also "variant 2" and more, where it draws noise, and
        "target". For a model that only samples, "real" and "sample".
    """
    image = fields["image"]
    if model.can("translate"):
        return {"source": paint(fields["source"]), **_drawn(model, fields), **_variants(model, fields), "target": image}
    if model.can("reconstruct"):
        return {"input": image, **_drawn(model, fields)}
    if model.can("sample"):
        return {"real": image, "sample": model.sample(len(image), seed=0, **conditions(model, fields)).to(image)}
    return {"input": image}


def _drawn(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    made = model.redraw(fields)
    return made._asdict() if "residual" in model.method.plan.tap else {"output": made.output}


def _variants(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same sources with other noise and in other styles; the output of `redraw` is the first variant."""
    if not model.draws_noise:
        return {}
    return {f"variant {n}": _variant(model, fields["source"], n - 1) for n in range(2, VARIANTS + 1)}


def _variant(model: Model, source: Tensor, seed: int) -> Tensor:
    latent = model.method.latent
    style = draw_styles(latent, range(len(source)), seed) if latent is not None and model.has_style else None
    return model.translate(source, seed, style).output
