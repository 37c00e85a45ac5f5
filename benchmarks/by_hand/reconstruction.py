"""The encoder-decoders with a GAN, and CAAE."""

from __future__ import annotations

from benchmarks.by_hand.drawn import Draw, Learn, Networks, fake_loss, real_loss
from edgan.methods.reconstruction.face_labels import append_labels, discriminator_labels, one_hot_labels


def ed_plus_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    """ED+GAN."""
    image, d = draw(0).image, n["discriminator"]
    base = n["decoder"](n["encoder"](image))
    learn({("discriminator",): real_loss(d(image)) + fake_loss(d(base.detach()))})
    learn({("encoder", "decoder"): (base - image).abs().mean() + 0.01 * real_loss(d(base))})


def ed_slash_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    """ED//GAN."""
    image, d = draw(0).image, n["discriminator"]
    z = n["encoder"](image)
    base = n["decoder"](z)
    output = base.detach() + n["generator"](z.detach())
    learn({("discriminator",): real_loss(d(image)) + fake_loss(d(output.detach()))})
    learn({("encoder", "decoder", "generator"): (base - image).abs().mean() + real_loss(d(output))})


def caae(n: Networks, learn: Learn, draw: Draw) -> None:
    """Everything steps at once; the latent's own game has no weight in the encoder's column."""
    batch, d, p = draw(0), n["discriminator"], n["prior_discriminator"]
    labels = one_hot_labels(batch.fields["attributes"])
    seen = discriminator_labels(labels)
    z = n["encoder"](batch.image)
    base = n["decoder"](append_labels(z, labels))
    judged = d(base, seen)
    prior = real_loss(p(2 * batch.noise("unit") - 1)) + fake_loss(p(z.detach()))
    learn(
        {
            ("discriminator", "prior_discriminator"): real_loss(d(batch.image, seen)) + fake_loss(judged) + prior,
            ("encoder", "decoder"): (base - batch.image).abs().mean() + 1e-4 * real_loss(judged),
        }
    )
