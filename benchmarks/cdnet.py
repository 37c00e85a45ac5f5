"""Count the floating-point operations of a CDNet step, here and in the order of passes of the released code.

    python -m benchmarks.cdnet

At the paper's size: faces of 64 x 64 pixels, 40 attributes, batch 128. The released code's order is that of
`benchmarks/by_hand/released.py`, whose time `python -m benchmarks.step cdnet:paper` measures. Here the three networks
share one forward pass (Algorithm 1), and the soft targets of Enc_y can be cached because a frozen network gives the
same output at every step. Counted with torch's formulas on the meta device: matrix products and convolutions, 2
operations per multiply-add.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.by_hand import released
from benchmarks.by_hand.drawn import Drawn
from edgan.config import configure
from edgan.methods import Method, Shape
from edgan.routing.inspect import cost_of_step, meta_inputs

BATCH, PER = 128, 64
SHAPE = Shape(64, 3, attributes=tuple(f"attribute_{i}" for i in range(40)))


def method() -> Method:
    """CDNet with the preset `paper`."""
    return configure("cdnet", "paper").build(SHAPE)


def networks_on_meta() -> dict[str, nn.Module]:
    """The networks without their weights, which take longer to draw than all operations to count."""
    with torch.device("meta"):
        return method().build()


def ours(cached: bool) -> float:
    """FLOPs of a step, per 64 images; `cached`: without computing the soft targets."""
    bound, networks = method(), networks_on_meta()
    cost = cost_of_step(bound.plan, networks, meta_inputs({"image": torch.empty(BATCH, 3, 64, 64)}), stage=1, step=1)
    flops = {name: count for name, count in cost.flops.items() if not (cached and name == "attribute_encoder")}
    return sum(flops.values()) / BATCH * PER


def authors() -> float:
    """FLOPs of a step in the released code's order, per 64 images."""
    networks = networks_on_meta()
    for name, network in networks.items():
        network.requires_grad_(name != "attribute_encoder")
    batch = Drawn({"image": torch.empty(BATCH, 3, 64, 64, device="meta")}, _no_noise)
    with FlopCounterMode(display=False) as counter:
        released.cdnet(networks, _backward, lambda _: batch)
    return counter.get_total_flops() / BATCH * PER


def _backward(losses: Mapping[tuple[str, ...], Tensor]) -> None:
    for loss in losses.values():
        loss.backward()


def _no_noise(name: str) -> Tensor:
    raise KeyError(name)


def main() -> None:
    """Print the three counts."""
    print(f"GFLOP of a CDNet step for {PER} images (64 px, 40 attributes, batch {BATCH}):")
    lines = (
        ("the released code's order", authors()),
        ("Algorithm 1, one forward", ours(False)),
        ("and cached soft targets", ours(True)),
    )
    for name, flops in lines:
        print(f"  {name:26} {flops / 1e9:7.1f}")


if __name__ == "__main__":
    main()
