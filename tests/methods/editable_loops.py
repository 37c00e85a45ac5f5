"""Editable GAN and the modified cGAN written by hand in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from method_harness import PlainLoop
from torch import Tensor


def balanced(logits: Tensor, target: Tensor) -> Tensor:
    """The released code's weighted cross-entropy, attribute by attribute: its batch // 20 is 1 for small batches."""
    count, total = len(target), torch.zeros((), dtype=logits.dtype)
    for logit, has in zip(logits.T, target.T, strict=True):
        with_it = count / (2 * has.sum() + 1)
        without = count / (2 * (count - has.sum()) + 1)
        p = logit.sigmoid()
        total = total - (with_it * has * p.log() + without * (1 - has) * (1 - p).log()).mean()
    return total


def others(given: Tensor) -> Tensor:
    """Attribute j of image i is that of image i - j - 1."""
    count = len(given)
    return torch.stack(
        [torch.stack([given[(i - j - 1) % count, j] for j in range(given.shape[1])]) for i in range(count)]
    )


def steepness(d: Callable[[Tensor], Tensor], image: Tensor) -> Tensor:
    """10 times the mean squared norm of D's gradient at images."""
    point = image.clone().requires_grad_()
    (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
    return 10 * slope.square().sum((1, 2, 3)).mean()


class EditableLoop(PlainLoop):
    """Everything from one forward, then all four step."""

    drawn_share, edited_share = 0.75, 0.25
    given, annealed = True, True

    def train(self, step: int, image: Tensor, y: Tensor, noise: Tensor) -> None:
        g, d, c, cn = (self.n[name] for name in ("generator", "discriminator", "classifier", "connection"))
        z, attributes = (2 - 0.1 * step if self.annealed else 2) * noise, y.shape[1]
        drawn = g(z, y)
        d_features = d.features(image).detach() if self.given else d.features(image)
        recovered = cn(d_features, c.features(image), y)
        asked = others(y)
        edited = g(recovered[:, : z.shape[1]], asked)
        of_fake = cn(d.features(drawn), c.features(drawn), y)
        of_image, of_drawn, of_edited = c(image), c(drawn), c(edited)
        a, b = self.drawn_share, self.edited_share
        adversarial = a * F.softplus(-d(drawn)).mean() + b * F.softplus(-d(edited)).mean()
        shown = balanced(of_drawn[:, :attributes], y) + balanced(of_edited[:, :attributes], asked)
        self.set_gradient(adversarial + 0.3333 * shown, "generator")
        fakes = a * F.softplus(d(drawn)).mean() + b * F.softplus(d(edited)).mean()
        self.set_gradient(F.softplus(-d(image)).mean() + fakes + steepness(d, image), "discriminator")
        real = F.softplus(-of_image[:, -1]).mean() + F.softplus(of_drawn[:, -1]).mean()
        self.set_gradient(balanced(of_image[:, :attributes], y) + real, "classifier")
        z_recovered, y_recovered = of_fake[:, : z.shape[1]], of_fake[:, z.shape[1] :]
        latent = 2 * (z_recovered - z).abs().mean() + F.binary_cross_entropy_with_logits(y_recovered, y)
        self.set_gradient(latent, "connection")
        self.step(*self.n)


class ModifiedLoop(PlainLoop):
    """The cGAN and a connection network."""

    def train(self, step: int, image: Tensor, y: Tensor, noise: Tensor) -> None:
        g, d, cn = (self.n[name] for name in ("generator", "discriminator", "connection"))
        z = (2 - 0.1 * step) * noise
        drawn = g(z, y)
        self.set_gradient(F.softplus(-d(drawn, y)).mean(), "generator")
        game = F.softplus(-d(image, y)).mean() + F.softplus(d(drawn, y)).mean()
        self.set_gradient(game + steepness(lambda x: d(x, y), image), "discriminator")
        z_recovered = cn(d.features(drawn))[:, : z.shape[1]]
        logits = cn(d.features(image))[:, z.shape[1] :]
        classification = F.binary_cross_entropy_with_logits(logits, y)
        self.set_gradient(2 * (z_recovered - z).abs().mean() + classification, "connection")
        self.step(*self.n)
