"""The methods that edit attributes."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from benchmarks.by_hand.drawn import FLOOR, Draw, Learn, Networks, fake_loss, kl, posterior, real_loss
from edgan.losses import balanced_multilabel, cross_covariance, distance_covariance, fake_nll, l2, minimax, real_nll
from edgan.methods.common.attribute_targets import AttributesOfOthers


def cdnet(n: Networks, learn: Learn, draw: Draw) -> None:
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


def vae_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    """VAE/GAN, without the rule by which a side waits."""
    batch, d = draw(0), n["discriminator"]
    mean, log_variance, z = posterior(n["encoder"](batch.image), batch)
    base, drawn = n["decoder"](z), n["decoder"](batch.noise("z_prior"))
    (h_real, real), (h_base, judged), (_, other) = d(batch.image), d(base), d(drawn)
    features = l2(h_base, h_real).mean()
    adversarial = minimax(judged, FLOOR).mean() + minimax(other, FLOOR).mean()
    learn(
        {
            ("encoder",): features + 0.00012 * kl(mean, log_variance),
            ("decoder",): features + 15 * adversarial,
            ("discriminator",): (real_nll(real, FLOOR) + fake_nll(judged, FLOOR) + fake_nll(other, FLOOR)).mean(),
        }
    )


def icgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """The second stage: the encoders invert the decoder."""
    batch = draw(0)
    z, y = batch.noise("z_prior"), batch.fields["attributes"]
    with torch.no_grad():
        fake = n["decoder"].eval()(z, y)
    latents, attributes = F.mse_loss(n["encoder"](fake), z), F.mse_loss(n["attribute_encoder"](batch.image), y)
    learn({("encoder", "attribute_encoder"): latents + attributes})


def editable_gan(n: Networks, learn: Learn, draw: Draw) -> None:
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
    authentic = real_loss(seen[:, count:]) + fake_loss(shown[:, count:])
    learn(
        {
            ("generator",): 0.75 * real_loss(judged) + 0.25 * real_loss(d_edited) + 0.3333 * attributes.mean(),
            ("discriminator",): real_loss(d.judge(d_image))
            + 0.75 * fake_loss(judged)
            + 0.25 * fake_loss(d_edited)
            + 10 * slope.square().flatten(1).sum(1).mean(),
            ("classifier",): balanced_multilabel(seen[:, :count], y).mean() + authentic,
            ("connection",): 2 * (recovered[:, :length] - z).abs().mean()
            + F.binary_cross_entropy_with_logits(recovered[:, length:], y),
        }
    )


def ae_xcov(n: Networks, learn: Learn, draw: Draw) -> None:
    """AE-XCov: one loss for both networks."""
    batch = draw(0)
    given = batch.fields["attributes"]
    code = n["encoder"](batch.image)
    logits, z = code[:, : given.shape[1]], code[:, given.shape[1] :]
    error = F.mse_loss(n["decoder"](z, given), batch.image)
    classification = F.binary_cross_entropy_with_logits(logits, given)
    learn({("encoder", "decoder"): classification + 0.5 * error + cross_covariance(logits.sigmoid(), z)})


def modified_cgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """Everything from one forward, as the latent's deviation is at first."""
    batch = draw(0)
    g, d, cn = (n[name] for name in ("generator", "discriminator", "connection"))
    image, y, z = batch.image, batch.fields["attributes"], 2 * batch.noise("z_drawn")
    length = z.shape[1]
    drawn = g(z, y)
    features, features_drawn = d.features(image), d.features(drawn)
    judged = d.judge(features_drawn, y)
    point = image.clone().requires_grad_()
    (slope,) = torch.autograd.grad(d(point, y).sum(), point, create_graph=True)
    penalty = slope.square().flatten(1).sum(1).mean()
    recovered, said = cn(features_drawn.detach())[:, :length], cn(features.detach())[:, length:]
    latent = (recovered - z).abs().mean()
    learn(
        {
            ("generator",): real_loss(judged),
            ("discriminator",): real_loss(d.judge(features, y)) + fake_loss(judged) + 10 * penalty,
            ("connection",): 2 * latent + F.binary_cross_entropy_with_logits(said, y),
        }
    )
