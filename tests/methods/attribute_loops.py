"""CDNet, AE-XCov, IcGAN and VAE/GAN written by hand in plain PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from method_harness import PlainLoop
from torch import Tensor

FLOOR = 1e-3


def dcov(y: Tensor, z: Tensor) -> Tensor:
    """Eq. 1, both matrices centred; the square root is kept off 0."""
    centred = []
    for values in (y, z):
        squares = (values[:, None] - values[None]).square().sum(2)
        d = torch.where(squares > 0, squares, 1.0).sqrt() * (squares > 0)
        centred.append(d - d.mean(0) - d.mean(1)[:, None] + d.mean())
    return (centred[0] * centred[1]).mean()


def unbiased_dcov(y: Tensor, z: Tensor) -> Tensor:
    """Székely and Rizzo's centring, both matrices, entry by entry, without the diagonal."""
    n, off = len(y), 1 - torch.eye(len(y), dtype=y.dtype)
    centred = []
    for values in (y, z):
        squares = (values[:, None] - values[None]).square().sum(2)
        d = torch.where(squares > 0, squares, 1.0).sqrt() * (squares > 0)
        rows = d.sum(1) / (n - 2)
        centred.append((d - rows - rows[:, None] + d.sum() / ((n - 1) * (n - 2))) * off)
    return (centred[0] * centred[1]).sum() / (n * (n - 3))


def xcov(y: Tensor, z: Tensor) -> Tensor:
    """Eq. 2, entry by entry."""
    total = torch.zeros((), dtype=y.dtype)
    for i in range(y.shape[1]):
        for j in range(z.shape[1]):
            total = total + ((y[:, i] - y[:, i].mean()) * (z[:, j] - z[:, j].mean())).mean() ** 2
    return total / 2


def half_square(output: Tensor, target: Tensor) -> Tensor:
    return 0.5 * (output - target).pow(2).mean()


class CDNetLoop(PlainLoop):
    """Algorithm 1: first Enc_y, then the rest from one forward."""

    decorrelation = staticmethod(dcov)
    route = (1.0, 4)  # lambda_dcorr, and the steps until it is reached
    adversarial_weight = 0.01
    form, equilibrium, one_hot = "minimax", True, False

    def classify(self, image: Tensor, attributes: Tensor) -> None:
        logits = self.n["attribute_encoder"](image)
        if self.one_hot:
            loss = F.cross_entropy(logits, attributes)
        else:
            loss = F.binary_cross_entropy(logits.sigmoid(), attributes)
        self.learn(loss, "attribute_encoder")

    def train(self, step: int, image: Tensor) -> None:
        with torch.no_grad():
            logits = self.n["attribute_encoder"].eval()(image)
        y = logits.softmax(1) if self.one_hot else logits.sigmoid()
        z = self.n["encoder"](image)
        fake = self.n["decoder"](z, y)
        real_h, real = self.n["discriminator"](image)
        fake_h, fake_logits = self.n["discriminator"](fake)
        rec = half_square(fake, image) + half_square(fake_h, real_h)
        over = min(step / self.route[1], 1)
        self.set_gradient(rec + over * self.route[0] * self.decorrelation(y, z), "encoder")
        if self.form == "minimax":
            d_real = -(real.sigmoid() + FLOOR).log().mean()
            d_fake = -(1 - fake_logits.sigmoid() + FLOOR).log().mean()
            adversarial = -d_fake
        else:
            d_real, d_fake = F.softplus(-real).mean(), F.softplus(fake_logits).mean()
            adversarial = F.softplus(-fake_logits).mean()
        self.set_gradient(rec + self.adversarial_weight * adversarial, "decoder")
        self.set_gradient(d_real + d_fake, "discriminator")
        waiting = side_ahead(d_real, d_fake) if self.equilibrium else set()
        self.step(*({"encoder", "decoder", "discriminator"} - waiting))


def side_ahead(real: Tensor, fake: Tensor) -> set[str]:
    """Who is ahead in the game, as the released code decides it; nobody where both would wait."""
    discriminator = bool(real < 0.33 or fake < 0.33)
    decoder = bool(real > 1.03 or fake > 1.03)
    if discriminator and decoder:
        return set()
    return {"discriminator"} if discriminator else {"decoder"} if decoder else set()


class AEXCovLoop(PlainLoop):
    """One encoder for both; the decoder takes the data's attributes."""

    def train(self, image: Tensor, attributes: Tensor) -> None:
        count = attributes.shape[1]
        code = self.n["encoder"](image)
        logits, z = code[:, :count], code[:, count:]
        base = self.n["decoder"](z, attributes)
        rec = half_square(base, image)
        y = logits.sigmoid()
        total = rec + F.binary_cross_entropy_with_logits(logits, attributes) + xcov(y, z)
        self.set_gradient(total, "encoder")
        self.set_gradient(rec, "decoder")
        self.step("encoder", "decoder")


class IcGANLoop(PlainLoop):
    """The conditional GAN, D first; then the encoders."""

    def play(self, image: Tensor, attributes: Tensor, noise: Tensor) -> None:
        fake = self.n["decoder"](noise, attributes)
        d = self.n["discriminator"]
        loss = F.softplus(-d(image, attributes)[1]).mean() + F.softplus(d(fake.detach(), attributes)[1]).mean()
        self.learn(loss, "discriminator")
        self.learn(F.softplus(-d(fake, attributes)[1]).mean(), "decoder")

    def invert(self, image: Tensor, attributes: Tensor, noise: Tensor) -> None:
        with torch.no_grad():
            fake = self.n["decoder"].eval()(noise, attributes)
        self.set_gradient((self.n["encoder"](fake) - noise).pow(2).mean(), "encoder")
        self.set_gradient((self.n["attribute_encoder"](image) - attributes).pow(2).mean(), "attribute_encoder")
        self.step("encoder", "attribute_encoder")


class VAEGANLoop(PlainLoop):
    """All at once from one forward; samples of the prior are fakes too."""

    prior_weight, adversarial_weight = 0.1, 0.3

    def train(self, image: Tensor, epsilon: Tensor, noise: Tensor) -> None:
        mean, log_variance = self.n["encoder"](image).chunk(2, 1)
        z = mean + (log_variance / 2).exp() * epsilon
        kl = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        base, drawn = self.n["decoder"](z), self.n["decoder"](noise)
        real_h, real = self.n["discriminator"](image)
        fake_h, fake = self.n["discriminator"](base)
        _, other = self.n["discriminator"](drawn)
        features = (fake_h - real_h).pow(2).mean()
        self.set_gradient(features + self.prior_weight * kl, "encoder")
        adversarial = F.softplus(-fake).mean() + F.softplus(-other).mean()
        self.set_gradient(features + self.adversarial_weight * adversarial, "decoder")
        d_real, d_fake = F.softplus(-real).mean(), F.softplus(fake).mean()
        self.set_gradient(d_real + d_fake + F.softplus(other).mean(), "discriminator")
        self.step(*({"encoder", "decoder", "discriminator"} - side_ahead(d_real, d_fake)))
