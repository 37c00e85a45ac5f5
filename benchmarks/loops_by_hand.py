"""Loops written by hand: a step of each family as a careful person writes it in plain PyTorch.

At the preset `paper`, with its weights. The rule by which a side of a game waits is left out. benchmarks/rivals.py runs
them beside an edgan step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.losses import balanced_multilabel, distance_covariance, fake_nll, l2, minimax, real_nll
from edgan.methods.common.attribute_targets import AttributesOfOthers
from edgan.methods.reconstruction.face_labels import append_labels, discriminator_labels, one_hot_labels

Networks = Mapping[str, Any]
Learn = Callable[[Mapping[tuple[str, ...], Tensor]], None]
"""Takes a loss for some optimisers, by their names in the plan, and steps these; the losses may share a graph."""
Score = Callable[[Tensor], Tensor]
FLOOR = 1e-3
CRITIC_STEPS, SLOPE_WEIGHT = 5, 10.0


@dataclass(frozen=True)
class Drawn:
    """One batch of a step.

    Attributes:
        fields: of the data.
        noise: by the name of the tap that draws it.
    """

    fields: Mapping[str, Tensor]
    noise: Callable[[str], Tensor]

    @property
    def image(self) -> Tensor:
        """(N, C, H, W)."""
        return self.fields["image"]


Draw = Callable[[int], Drawn]


def _gan(n: Networks, learn: Learn, draw: Draw, real: Score, fake: Score) -> None:
    batch, d = draw(0), n["discriminator"]
    drawn = n["generator"](_sampled(batch))
    learn({("discriminator",): real(d(batch.image)) + fake(d(drawn.detach()))})
    learn({("generator",): real(d(drawn))})


def _sampled(batch: Drawn) -> Tensor:
    return 2 * batch.noise("z_unit") - 1


def _real(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()


def _fake(logits: Tensor) -> Tensor:
    return F.softplus(logits).mean()


def _dcgan(n: Networks, learn: Learn, draw: Draw) -> None:
    _gan(n, learn, draw, _real, _fake)


def _lsgan(n: Networks, learn: Learn, draw: Draw) -> None:
    _gan(n, learn, draw, lambda d: ((d - 1) ** 2).mean() / 2, lambda d: (d**2).mean() / 2)


def _wgan_gp(n: Networks, learn: Learn, draw: Draw) -> None:
    d, fake = n["discriminator"], Tensor()
    for which in range(CRITIC_STEPS):
        batch = draw(which)
        fake = n["generator"](_sampled(batch))
        at = batch.noise("position")
        point = (at * batch.image + (1 - at) * fake.detach()).requires_grad_()
        (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
        penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        learn({("discriminator",): d(fake.detach()).mean() - d(batch.image).mean() + SLOPE_WEIGHT * penalty})
    learn({("generator",): -d(fake).mean()})


def _vae(n: Networks, learn: Learn, draw: Draw) -> None:
    batch = draw(0)
    mean, log_variance, z = _posterior(n["encoder"](batch.image), batch)
    pixels = batch.image[0].numel()
    error = F.mse_loss(n["generator"](z), batch.image)
    learn({("encoder", "generator"): error + _kl(mean, log_variance) * 2 / pixels})


def _pix2pix(n: Networks, learn: Learn, draw: Draw) -> None:
    batch, d = draw(0), n["discriminator"]
    source = batch.fields["source"]
    output = n["unet"](source, batch.noise("dropout"))
    learn({("discriminator",): _real(d(batch.image, source)) + _fake(d(output.detach(), source))})
    learn({("unet",): 100 * (output - batch.image).abs().mean() + _real(d(output, source))})


def _ed_slash_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    image, d = draw(0).image, n["discriminator"]
    z = n["encoder"](image)
    base = n["decoder"](z)
    output = base.detach() + n["generator"](z.detach())
    learn({("discriminator",): _real(d(image)) + _fake(d(output.detach()))})
    learn({("encoder", "decoder", "generator"): (base - image).abs().mean() + _real(d(output))})


def _cdnet(n: Networks, learn: Learn, draw: Draw) -> None:
    """The second stage of Algorithm 1 from one forward; without the rule by which a side waits."""
    image = draw(0).image
    with torch.no_grad():
        y = n["attribute_encoder"].eval()(image).sigmoid()
    z = n["encoder"](image)
    fake = n["decoder"](z, y)
    (h_real, real), (h_fake, judged) = n["discriminator"](image), n["discriminator"](fake)
    copy = 0.5 * (l2(fake, image) + l2(h_fake, h_real)).mean()
    learn(
        {
            ("encoder",): copy + 0.05 * distance_covariance(y, z),
            ("decoder",): copy + 0.01 * minimax(judged, FLOOR).mean(),
            ("discriminator",): (real_nll(real, FLOOR) + fake_nll(judged, FLOOR)).mean(),
        }
    )


def _vae_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    batch, d = draw(0), n["discriminator"]
    mean, log_variance, z = _posterior(n["encoder"](batch.image), batch)
    base, drawn = n["decoder"](z), n["decoder"](batch.noise("z_prior"))
    (h_real, real), (h_base, judged), (_, other) = d(batch.image), d(base), d(drawn)
    features = l2(h_base, h_real).mean()
    adversarial = minimax(judged, FLOOR).mean() + minimax(other, FLOOR).mean()
    learn(
        {
            ("encoder",): features + 0.00012 * _kl(mean, log_variance),
            ("decoder",): features + 15 * adversarial,
            ("discriminator",): (real_nll(real, FLOOR) + fake_nll(judged, FLOOR) + fake_nll(other, FLOOR)).mean(),
        }
    )


def _icgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """The second stage: the encoders invert the decoder."""
    batch = draw(0)
    z, y = batch.noise("z_prior"), batch.fields["attributes"]
    with torch.no_grad():
        fake = n["decoder"].eval()(z, y)
    latents, attributes = F.mse_loss(n["encoder"](fake), z), F.mse_loss(n["attribute_encoder"](batch.image), y)
    learn({("encoder", "attribute_encoder"): latents + attributes})


def _caae(n: Networks, learn: Learn, draw: Draw) -> None:
    """Everything steps at once; the latent's own game has no weight in the encoder's column."""
    batch, d, p = draw(0), n["discriminator"], n["prior_discriminator"]
    labels = one_hot_labels(batch.fields["attributes"])
    seen = discriminator_labels(labels)
    z = n["encoder"](batch.image)
    base = n["decoder"](append_labels(z, labels))
    judged = d(base, seen)
    prior = _real(p(2 * batch.noise("unit") - 1)) + _fake(p(z.detach()))
    learn(
        {
            ("discriminator", "prior_discriminator"): _real(d(batch.image, seen)) + _fake(judged) + prior,
            ("encoder", "decoder"): (base - batch.image).abs().mean() + 1e-4 * _real(judged),
        }
    )


def _grit(n: Networks, learn: Learn, draw: Draw) -> None:
    batch, d = draw(0), n["discriminator"]
    image, source, style = batch.image, batch.fields["source"], batch.noise("style")
    content = n["content_encoder"](source)
    mean, log_variance, own_style = _posterior(n["style_encoder"](image), batch)
    own_base = n["base_head"](n["trunk"](content, own_style))
    grains = [batch.noise(f"noise_{image.shape[-1] >> halvings}") for halvings in (2, 1, 0)]
    with torch.no_grad():
        base = n["base_head"](n["trunk"](content, style))
    output = base + n["residual_head"](n["trunk"](content, style, *grains))
    learn({("discriminator",): _real(d(image, source)) + _fake(d(output.detach(), source))})
    held = 10 * (own_base - image).abs().mean() + 0.1 * _kl(mean, log_variance)
    drawing = ("content_encoder", "style_encoder", "trunk", "base_head", "residual_head")
    learn({drawing: held + _real(d(output, source))})


def _uu_net(n: Networks, learn: Learn, draw: Draw) -> None:
    """UUVAE-GAN with weight .65 on D's KL. Encoder and decoder step twice, and G is drawn again in between."""
    batch, d = draw(0), n["discriminator"]
    image, source = batch.image, batch.fields["source"]

    def drawn() -> tuple[Tensor, Tensor, tuple[Any, ...]]:
        encoded = n["encoder"](source)
        mean, log_variance, code = _posterior(encoded[-1], batch)
        decoded = n["decoder"](encoded, code)
        return decoded[-1], _kl(mean, log_variance), (encoded[:-1], (), decoded[:-1], ())

    picture, _, links = drawn()
    real = d(image, source, links, batch.noise("judge_noise"))
    fake = d(picture.detach(), source, links, batch.noise("judge_noise_fake"))
    own = [_kl(*posterior.chunk(2, 1)) for _, posterior in (real, fake)]
    judging = _real(real[0]) + _fake(fake[0]) + 0.65 * (own[0] + own[1]) / 2
    learn({("discriminator", "discriminate.encoder", "discriminate.decoder"): judging})
    picture, kl, links = drawn()
    fake = d(picture, source, links, batch.noise("judge_noise_fake"))
    total = 100 * F.mse_loss(picture, image) + _real(fake[0]) + 0.1 * kl
    learn({("translate.encoder", "translate.decoder"): total})


def _editable_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    """Everything from one forward, as the latent's deviation is at first."""
    batch = draw(0)
    g, d, c, cn = (n[name] for name in ("generator", "discriminator", "classifier", "connection"))
    image, y, z = batch.image, batch.fields["attributes"], 2 * batch.noise("z_drawn")
    length, count = z.shape[1], y.shape[1]
    drawn, asked = g(z, y), AttributesOfOthers(exclusive=False)(y)
    d_image, d_drawn, c_image, c_drawn = d.features(image), d.features(drawn), c.features(image), c.features(drawn)
    edited = g(cn(d_image.detach(), c_image, y)[:, :length], asked)
    d_edited, recovered = d.judge(d.features(edited)), cn(d_drawn, c_drawn, y)
    judged, seen, shown = d.judge(d_drawn), c.judge(c_image), c.judge(c_drawn)
    said_edited = c(edited)[:, :count]
    point = image.clone().requires_grad_()
    (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
    attributes = balanced_multilabel(shown[:, :count], y) + balanced_multilabel(said_edited, asked)
    authentic = _real(seen[:, count:]) + _fake(shown[:, count:])
    learn(
        {
            ("generator",): 0.75 * _real(judged) + 0.25 * _real(d_edited) + 0.3333 * attributes.mean(),
            ("discriminator",): _real(d.judge(d_image))
            + 0.75 * _fake(judged)
            + 0.25 * _fake(d_edited)
            + 10 * slope.square().flatten(1).sum(1).mean(),
            ("classifier",): balanced_multilabel(seen[:, :count], y).mean() + authentic,
            ("connection",): 2 * (recovered[:, :length] - z).abs().mean()
            + F.binary_cross_entropy_with_logits(recovered[:, length:], y),
        }
    )


def _posterior(code: Tensor, batch: Drawn) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, log variance, and a draw."""
    mean, log_variance = code.chunk(2, 1)
    log_variance = log_variance.clamp(-10, 10)
    return mean, log_variance, mean + (log_variance / 2).exp() * batch.noise("epsilon")


def _kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """From N(0, 1): summed over components, the mean over the batch."""
    return (mean**2 + log_variance.exp() - 1 - log_variance).flatten(1).sum(1).mean() / 2


BY_HAND: Mapping[str, Callable[[Networks, Learn, Draw], None]] = {
    "dcgan": _dcgan,
    "lsgan": _lsgan,
    "wgan-gp": _wgan_gp,
    "vae": _vae,
    "pix2pix": _pix2pix,
    "ed-slash-gan": _ed_slash_gan,
    "cdnet": _cdnet,
    "vae-gan": _vae_gan,
    "icgan": _icgan,
    "caae": _caae,
    "grit": _grit,
    "uu-net": _uu_net,
    "editable-gan": _editable_gan,
}
