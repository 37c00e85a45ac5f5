"""Pictures side by side, for previews and reports: what a model is given and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from edgan.data.classes import paint
from edgan.models.model import Model

VARIANTS = 4


def conditions(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The fields by which a conditional method draws a sample: attributes and label."""
    return {name: fields[name] for name in ("attributes", "label") if name in model.method.fields}


def rows(model: Model, fields: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Pictures side by side, for previews and reports: what the model is given and what it makes of it.

    Args:
        model: any.
        fields: a batch.

    Returns:
        By name, each (N, C, H, W) in [-1, 1] or near it: "input" or "source", "output", before it "base" and "residual"
        where the output is their sum, "variant 2" and on of a translator with noise, and "target"; "real" and "sample"
        of a model that only samples.
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
    """The same sources with other noise; `redraw` is the first variant."""
    if not model.draws_noise:
        return {}
    return {f"variant {n}": model.translate(fields["source"], seed=n - 1).output for n in range(2, VARIANTS + 1)}
