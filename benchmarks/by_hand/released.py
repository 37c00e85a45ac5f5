"""Steps in the order of the released code, where it is known."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmarks.by_hand.drawn import FLOOR, Draw, Learn, Networks
from edgan.losses import distance_covariance, fake_nll, l2, minimax, real_nll


def cdnet(n: Networks, learn: Learn, draw: Draw) -> None:
    """CDNet's second stage as in zjsong/CDNet: D, then the decoder, then the encoder, each with a forward of its own.

    D sees generated and real images in one batch. The attribute encoder is frozen and in inference mode. In D's step
    the generated images are detached here, which is the least that this step can cost. Learning is by `backward`, which
    computes the gradients of all weights that a loss reaches.
    """
    image = draw(0).image

    def drawn(detached: bool) -> tuple[Tensor, Tensor, Tensor]:
        with torch.no_grad():
            y = n["attribute_encoder"].eval()(image).sigmoid()
        z = n["encoder"](image)
        return y, z, n["decoder"](z.detach() if detached else z, y)

    def judged(fake: Tensor) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        features, logits = n["discriminator"](torch.cat([fake, image]))
        return features.chunk(2), logits.chunk(2)

    def copy(fake: Tensor, features: tuple[Tensor, Tensor]) -> Tensor:
        return 0.5 * (l2(fake, image) + l2(features[0], features[1])).mean()

    _, _, fake = drawn(detached=True)
    _, (said, real) = judged(fake.detach())
    learn({("discriminator",): (real_nll(real, FLOOR) + fake_nll(said, FLOOR)).mean()})
    _, _, fake = drawn(detached=True)
    features, (said, real) = judged(fake)
    adversarial = minimax(said, FLOOR).mean() - real_nll(real, FLOOR).mean()
    learn({("decoder",): copy(fake, features) + 0.01 * adversarial})
    y, z, fake = drawn(detached=False)
    features, _ = judged(fake)
    learn({("encoder",): copy(fake, features) + 0.05 * distance_covariance(y, z)})
