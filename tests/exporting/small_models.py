"""Small models with random weights of a size that shows, and their graphs run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from edgan.config import configure, dotted_names
from edgan.exporting.graph import Graph, Port
from edgan.exporting.onnx_file import to_onnx
from edgan.methods import Shape, find
from edgan.models.directions import Directions
from edgan.models.model import Model

SIZE = 32
ATTRIBUTES = ("Age", "Male", "Smiling")
NARROW = {"network.width": 8, "network.discriminator": 8, "network.latent": 12, "latent.size": 12}
GAN = {"method": "dcgan", "run": "gan", "settings": {"network": {"width": 8}, "latent": {"size": 12}}}
GAIN = 1.6


def small_model(name: str, shape: Shape | None = None, directions: Directions | None = None, **settings: Any) -> Model:
    """A model of the preset small, narrower, whose weights are large enough for its pictures to vary."""
    page = find(name)
    shape = shape or Shape(SIZE, 3, source_channels=3, attributes=ATTRIBUTES)
    known = set(dotted_names(page.settings))
    narrow = {key: value for key, value in NARROW.items() if key in known}
    origin = {page.origin: GAN} if page.origin else {}
    preset = settings.pop("preset", "small")
    method = configure(name, preset, **{"size": shape.size, **narrow, **origin, **settings}).build(shape)
    torch.manual_seed(0)
    networks = {column: method.networks[column]() for column in method.inference}
    with torch.no_grad():
        for network in networks.values():
            for weight in network.parameters():
                if weight.dim() > 1:
                    weight.copy_(GAIN * torch.randn_like(weight) / weight[0].numel() ** 0.5)
    return Model(method, networks, shape, torch.device("cpu"), directions)


def images(count: int, channels: int = 3, size: int = SIZE, seed: int = 5) -> Tensor:
    """Random pictures, (count, channels, size, size) in [-1, 1]."""
    return 2 * torch.rand(count, channels, size, size, generator=torch.Generator().manual_seed(seed)) - 1


def given(port: Port, count: int) -> Tensor:
    """Random values of a noise port."""
    generator = torch.Generator().manual_seed(9)
    drawn = torch.rand if port.values == "U(0, 1)" else torch.randn
    return drawn((count, *port.shape), generator=generator)


def run(graph: Graph, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A graph written as ONNX and run by ONNX Runtime."""
    session = onnxruntime.InferenceSession(to_onnx(graph, {}), providers=["CPUExecutionProvider"])
    assert [entry.name for entry in session.get_inputs()] == [port.name for port in graph.inputs]
    made = session.run(None, {name: np.asarray(value) for name, value in values.items()})
    return {port.name: torch.from_numpy(value) for port, value in zip(graph.outputs, made, strict=True)}


def far(made: Tensor, expected: Tensor) -> float:
    """The largest difference between two tensors of one shape, relative to the largest value where that exceeds 1."""
    assert made.shape == expected.shape
    return float((made - expected).abs().max()) / max(1.0, float(expected.abs().max()))
