"""The methods that translate one picture into another."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.by_hand.drawn import Draw, Learn, Networks, fake_loss, kl, posterior, real_loss


def pix2pix(n: Networks, learn: Learn, draw: Draw) -> None:
    """Pix2Pix."""
    batch, d = draw(0), n["discriminator"]
    source = batch.fields["source"]
    output = n["unet"](source, batch.noise("dropout"))
    learn({("discriminator",): real_loss(d(batch.image, source)) + fake_loss(d(output.detach(), source))})
    learn({("unet",): 100 * (output - batch.image).abs().mean() + real_loss(d(output, source))})


def grit(n: Networks, learn: Learn, draw: Draw) -> None:
    """GRIT."""
    batch, d = draw(0), n["discriminator"]
    image, source, style = batch.image, batch.fields["source"], batch.noise("style")
    content = n["content_encoder"](source)
    mean, log_variance, own_style = posterior(n["style_encoder"](image), batch)
    own_base = n["base_head"](n["trunk"](content, own_style))
    grains = [batch.noise(f"noise_{image.shape[-1] >> halvings}") for halvings in (2, 1, 0)]
    with torch.no_grad():
        base = n["base_head"](n["trunk"](content, style))
    output = base + n["residual_head"](n["trunk"](content, style, *grains))
    learn({("discriminator",): real_loss(d(image, source)) + fake_loss(d(output.detach(), source))})
    held = 10 * (own_base - image).abs().mean() + 0.1 * kl(mean, log_variance)
    drawing = ("content_encoder", "style_encoder", "trunk", "base_head", "residual_head")
    learn({drawing: held + real_loss(d(output, source))})


def uu_net(n: Networks, learn: Learn, draw: Draw) -> None:
    """UUVAE-GAN with weight .65 on D's KL. Encoder and decoder step twice, and G is drawn again in between."""
    batch, d = draw(0), n["discriminator"]
    image, source = batch.image, batch.fields["source"]

    def drawn() -> tuple[Tensor, Tensor, tuple[Any, ...]]:
        encoded = n["encoder"](source)
        mean, log_variance, code = posterior(encoded[-1], batch)
        decoded = n["decoder"](encoded, code)
        return decoded[-1], kl(mean, log_variance), (encoded[:-1], (), decoded[:-1], ())

    picture, _, links = drawn()
    real = d(image, source, links, batch.noise("judge_noise"))
    fake = d(picture.detach(), source, links, batch.noise("judge_noise_fake"))
    own = [kl(*code.chunk(2, 1)) for _, code in (real, fake)]
    judging = real_loss(real[0]) + fake_loss(fake[0]) + 0.65 * (own[0] + own[1]) / 2
    learn({("discriminator", "discriminate.encoder", "discriminate.decoder"): judging})
    picture, divergence, links = drawn()
    fake = d(picture, source, links, batch.noise("judge_noise_fake"))
    total = 100 * F.mse_loss(picture, image) + real_loss(fake[0]) + 0.1 * divergence
    learn({("translate.encoder", "translate.decoder"): total})
