"""What an exported page holds of a model: its panel, its graphs, and what the panel must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from edgan.data.build import PALETTE
from edgan.errors import UsageError
from edgan.exporting.graph import Graph
from edgan.exporting.graphs import Verbs
from edgan.models.latents import draw_latents
from edgan.models.model import Model
from edgan.models.source_palette import SourceColour

PRIORS = {"normal": "N(0, 1)", "symmetric-uniform": "U(-1, 1)"}
DIRECTIONS = 8
SEEN = 16
"""Side to which pictures are averaged before directions are sought in them."""


@dataclass(frozen=True)
class PageContent:
    """What a page holds.

    Attributes:
        graphs: those that its panel runs.
        about: what its panel must know, as JSON.
    """

    graphs: tuple[Graph, ...]
    about: dict[str, Any]


def page_content(model: Model, palette: Sequence[SourceColour]) -> PageContent:
    """The panel for what a model does: "translate", "edit" (which also reconstructs) or "sample".

    Args:
        model: on the CPU.
        palette: colours to draw a translator's sources with.

    Raises:
        UsageError: the model has nothing that a page could show.
    """
    verbs = Verbs(model)
    if model.can("translate"):
        panel, graphs = "translate", (verbs.translate(), *((verbs.encode(),) if model.has_style else ()))
    elif model.can("encode") and (model.can("edit") or verbs.can_decode):
        panel, graphs = "edit", (verbs.encode(), verbs.redraw() if model.can("edit") else verbs.decode())
    elif model.can("sample") and verbs.can_decode:
        panel, graphs = "sample", (verbs.decode(),)
    else:
        raise UsageError(f"must end in .onnx: a page has no panel for what {model.method.name} does.", parameter="out")
    latent = model.method.latent
    return PageContent(
        graphs,
        {
            "panel": panel,
            "size": model.size,
            "channels": model.channels,
            "source_channels": model.shape.source_channels,
            "crop": asdict(model.crop),
            "graphs": {graph.name: _ports(graph) for graph in graphs},
            "controls": _controls(model, verbs) if panel == "edit" and model.can("edit") else None,
            "latent": latent.size if latent else None,
            "prior": PRIORS.get(latent.prior or "") if latent and model.can("sample") else None,
            "directions": telling_directions(model).tolist() if panel == "sample" else [],
            "classes": PALETTE[: model.shape.source_classes].tolist() if model.shape.source_classes else None,
            "palette": [{"name": entry.name, "colour": entry.colour} for entry in palette],
        },
    )


def telling_directions(model: Model, count: int = DIRECTIONS) -> torch.Tensor:
    """The directions of a latent along which pictures change most.

    Pictures of latents drawn from the prior are fitted linearly by their latents; the directions are the fit's right
    singular vectors, largest first.

    Args:
        model: it can sample.
        count: number of directions at most.

    Returns:
        (count, Z), each of length 1.
    """
    latent = model.method.latent
    assert latent is not None
    z = draw_latents(latent, max(64, min(512, 4 * latent.size)), seed=0)
    pictures = model.decode(z)
    seen = F.adaptive_avg_pool2d(pictures, min(SEEN, model.size)).flatten(1)
    fit = torch.linalg.lstsq(z - z.mean(0), seen - seen.mean(0)).solution
    return torch.linalg.svd(fit, full_matrices=False).U.T[:count]


def palette_of_classes(count: int) -> list[SourceColour]:
    """The colours in which edgan shows class maps."""
    return [
        SourceColour(f"class {number}", (int(colour[0]), int(colour[1]), int(colour[2])), 0.0)
        for number, colour in enumerate(np.asarray(PALETTE[:count]))
    ]


def _controls(model: Model, verbs: Verbs) -> dict[str, Any]:
    controls, shape = model.controls, model.shape
    assert controls is not None
    named = dict(zip(shape.attributes or shape.classes, shape.frequencies, strict=False))
    items = [
        {
            "name": name,
            "low": controls.low * controls.units.get(name, 1.0),
            "high": controls.high * controls.units.get(name, 1.0),
            "frequency": named.get(name, 0.5),
        }
        for name in controls.names
    ]
    return {"kind": controls.kind, "needs_all": verbs.needs_all, "neutral": controls.neutral, "items": items}


def _ports(graph: Graph) -> dict[str, Any]:
    return {side: [port.to_dict() for port in getattr(graph, side)] for side in ("inputs", "outputs")}
