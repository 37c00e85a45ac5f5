"""The floating-point operations of CDNet's step, beside those of its authors' order of passes on the same networks.

    python -m benchmarks.cdnet

At the paper's size: faces of 64 x 64 pixels, 40 attributes, batch 128. The released code (zjsong/CDNet) steps D, then
the decoder, then Enc_z, each from a fresh forward of all that it reads, D seeing fake and real joined in one batch;
gradients flow wherever its `backward` sends them. Here the three share one forward (Algorithm 1), and Enc_y's soft
targets can be kept, for a frozen network says the same of an image at every step. Counted with torch's formulas on the
meta device: matrix products and convolutions, 2 a multiply-add.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from edgan.config import configure
from edgan.losses import distance_covariance, fake_nll, l2, minimax, real_nll
from edgan.methods import Method, Shape
from edgan.routing.inspect import cost_of_step, meta_inputs, on_meta

BATCH, PER = 128, 64
SHAPE = Shape(64, 3, attributes=tuple(f"attribute_{i}" for i in range(40)))


def method() -> Method:
    """CDNet as the paper has it."""
    return configure("cdnet", "paper").build(SHAPE)


def ours(cached: bool) -> float:
    """FLOPs of one step for 64 images; `cached`: the soft targets are kept."""
    bound = method()
    networks = on_meta(bound.build())
    found = cost_of_step(bound.plan, networks, meta_inputs({"image": torch.empty(BATCH, 3, 64, 64)}), stage=1, step=1)
    flops = {name: count for name, count in found.flops.items() if not (cached and name == "attribute_encoder")}
    return sum(flops.values()) / BATCH * PER


def authors() -> float:
    """FLOPs of one batch of the released code's order for 64 images."""
    networks = on_meta(method().build())
    for name, network in networks.items():
        network.requires_grad_(name != "attribute_encoder")
    with FlopCounterMode(display=False) as counter:
        _authors_step(networks, torch.empty(BATCH, 3, 64, 64, device="meta"))
    return counter.get_total_flops() / BATCH * PER


def _authors_step(n: Mapping[str, nn.Module], image: Tensor) -> None:
    """Three losses, three forwards, three plain backwards; every trainable network's gradient is computed each time."""

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
        ("and soft targets kept", ours(True)),
    )
    for name, flops in lines:
        print(f"  {name:26} {flops / 1e9:7.1f}")


if __name__ == "__main__":
    main()
