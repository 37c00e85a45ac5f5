"""A graph: a verb of a trained model as a function of tensors with named inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True)
class Port:
    """An input or an output of a graph: a float32 tensor.

    Attributes:
        name: as ONNX names it.
        shape: of one sample; the tensor is (batch, *shape).
        values: what the numbers are: "[-1, 1]", "N(0, 1)".
        meaning: what the tensor holds, in a line.
    """

    name: str
    shape: tuple[int, ...]
    values: str
    meaning: str

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; "batch" stands for the first side of the shape."""
        shape = ["batch", *self.shape]
        return {"name": self.name, "shape": shape, "values": self.values, "meaning": self.meaning}

    def __str__(self) -> str:
        sides = ", ".join(map(str, ("batch", *self.shape)))
        return f"{self.name} ({sides}) {self.values}: {self.meaning}"


Compute = Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]
"""From the inputs to the outputs, by name."""


class Graph(nn.Module):
    """A verb as a module: it takes the inputs in order and gives a tuple of the outputs in order.

    Args:
        name: "encode", "decode", "reconstruct", "edit", "translate" or "redraw".
        inputs, outputs: what goes in and comes out.
        networks: those that it uses, by name.
        compute: what it computes.
    """

    def __init__(
        self,
        name: str,
        inputs: tuple[Port, ...],
        outputs: tuple[Port, ...],
        networks: Mapping[str, nn.Module],
        compute: Compute,
    ) -> None:
        super().__init__()
        self.name, self.inputs, self.outputs = name, inputs, outputs
        self.networks = nn.ModuleDict(networks)
        self.compute = compute

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        """Inputs (N, *shape) to outputs (N, *shape)."""
        named = {port.name: value for port, value in zip(self.inputs, values, strict=True)}
        made = self.compute(named)
        return tuple(made[port.name] for port in self.outputs)

    @property
    def bytes(self) -> int:
        """Size of its weights and buffers in single precision."""
        return sum(4 * value.numel() for value in (*self.networks.parameters(), *self.networks.buffers()))
