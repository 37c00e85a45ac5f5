"""Count the floating-point operations of a CDNet step, here and in the order of passes of the released code.

    python -m benchmarks.cdnet

At the paper's size: faces of 64 x 64 pixels, 40 attributes, batch 128. The released code (zjsong/CDNet) steps D, then
the decoder, then Enc_z, each from a new forward pass over everything it reads, with fake and real images in one batch
for D, and computes all gradients that `backward` reaches. Here the three share one forward pass (Algorithm 1), and the
soft targets of Enc_y can be cached because a frozen network gives the same output at every step. Counted with torch's
formulas on the meta device: matrix products and convolutions, 2 operations per multiply-add.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from edgan.config import configure
from edgan.losses import distance_covariance, fake_nll, l2, minimax, real_nll
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
    with FlopCounterMode(display=False) as counter:
        _authors_step(networks, torch.empty(BATCH, 3, 64, 64, device="meta"))
    return counter.get_total_flops() / BATCH * PER


def _authors_step(n: Mapping[str, nn.Module], image: Tensor) -> None:
    """Three losses, three forward and three backward passes; each computes the gradients of every trainable network."""

    def forward(keep: tuple[str, ...]) -> tuple[Tensor, ...]:
        y = n["attribute_encoder"](image).sigmoid()
        z = n["encoder"](image)
        fake = n["decoder"](z if "encoder" in keep else z.detach(), y)
        seen = n["discriminator"](torch.cat([fake if "decoder" in keep else fake.detach(), image]))
        (h_fake, h_real), (d_fake, d_real) = seen.features.chunk(2), seen.logits.chunk(2)
        return y, z, fake, h_fake, h_real, d_fake, d_real

    *_, d_fake, d_real = forward(())
    (real_nll(d_real, 1e-3) + fake_nll(d_fake, 1e-3)).mean().backward()
    _, _, fake, h_fake, h_real, d_fake, _ = forward(("decoder",))
    (l2(fake, image) + l2(h_fake, h_real) + 0.01 * minimax(d_fake, 1e-3)).mean().backward()
    y, z, fake, h_fake, h_real, _, _ = forward(("encoder", "decoder"))
    ((l2(fake, image) + l2(h_fake, h_real)).mean() + 0.05 * distance_covariance(y, z)).backward()


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
