"""CDNet, VAE/GAN and IcGAN with a projected discriminator, and edited pictures in CDNet's game, against plain loops."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from method_harness import Networks, PlainLoop, assert_every_cell_is_reached, deviation, sgd, uniform
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.methods.attributes.cdnet_edits import OneAtRandom, within_unit
from edgan.nets import pretrained
from edgan.nets.diff_augment import DRAWS, diff_augment
from edgan.routing import Inputs

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
COUNT, SIZE, LATENT, NAMES = 4, 32, 3, ("glasses", "smile", "hat")
SGD = sgd(0.05)
NET = {
    "width": 4,
    "hidden": (),
    "latent": LATENT,
    "dropout": 0.0,
    "last_side": "shortest",
    "upsample": "nearest",
}
D = {"kind": "projected", "heads": 8}
FACES = Shape(SIZE, 3, attributes=NAMES)


def bound(name: str, shape: Shape = FACES, **changes: Any) -> Method:
    settings: dict[str, Any] = {"network": NET, "discriminator": D, **changes}
    if name != "icgan":
        settings.setdefault("game", {"form": "hinge"})
    return find(name).bind(settings, shape)


def fields(seed: int) -> dict[str, Tensor]:
    attributes = (uniform(seed, COUNT, len(NAMES)) > 0.5).double()
    return {"image": uniform(seed + 100, COUNT, 3, SIZE, SIZE) * 2 - 1, "attributes": attributes}


def draw(step: int, name: str, *shape: int) -> Tensor:
    return uniform(1000 * step + len(name), COUNT, *shape)


def inputs(step: int) -> Inputs:
    return Inputs(fields(step), lambda name, _kind, shape: draw(step, name, *shape))


def relative(maps: list[Tensor], targets: list[Tensor]) -> Tensor:
    """The perceptual loss, sample by sample."""
    values = [
        sum((a[n] - b[n]).abs().sum() / b[n].abs().sum() for a, b in zip(maps, targets, strict=True)) / len(maps)
        for n in range(COUNT)
    ]
    return torch.stack(values).mean()


class ProjectedLoop(PlainLoop):
    """What the three loops share. Every call of `judge` turns the spectral norms' vectors, so their order counts."""

    def maps(self, picture: Tensor) -> list[Tensor]:
        enlarged = F.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)
        return list(self.n["discriminator"].pretrained(enlarged))

    def judge(self, maps: list[Tensor], *condition: Tensor) -> Tensor:
        return self.n["discriminator"].judge(maps, *condition)


class CDNetLoop(ProjectedLoop):
    """Algorithm 1 with the hinge; D judges `fake`, which the table's options choose."""

    def train(self, step: int, options: dict[str, Any]) -> None:
        image = fields(step)["image"]
        with torch.no_grad():
            y = self.n["attribute_encoder"].eval()(image).sigmoid()
        z = self.n["encoder"](image)
        base = self.n["decoder"](z, y)
        fake, wanted = base, y
        if options["edits"]:
            draws, asked = draw(step, "y_draws", len(NAMES) + 1), y.clone()
            for n in range(COUNT):
                asked[n, int(draws[n, :-1].argmax())] = -2 + 7 * draws[n, -1]
            fake, wanted = self.n["decoder"](z, asked), asked.clamp(0, 1)
        real, output = self.maps(image), self.maps(base)
        real_seen, fake_seen = real, self.maps(fake)
        if options["augment"]:
            real_seen = self.maps(diff_augment(image, draw(step, "augment_real", DRAWS)))
            fake_seen = self.maps(diff_augment(fake, draw(step, "augment_fake", DRAWS)))
        d_fake, d_real = self.judge(fake_seen), self.judge(real_seen)
        rec = 0.5 * (base - image).abs().mean() + 0.5 * relative(output, real)
        self.set_gradient(rec, "encoder")
        adversarial = -0.3 * d_fake.mean()
        if options["edits"]:
            logits = self.n["attribute_encoder"](fake)
            adversarial = adversarial + 0.7 * F.binary_cross_entropy_with_logits(logits, wanted)
        self.set_gradient(rec + adversarial, "decoder")
        self.set_gradient(F.relu(1 - d_real).mean() + F.relu(1 + d_fake).mean(), "discriminator")
        self.step("encoder", "decoder", "discriminator")


@pytest.mark.parametrize(("edits", "augment"), [(False, False), (True, True)])
def test_cdnet_with_a_projected_discriminator_is_the_plain_loop(edits: bool, augment: bool) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = CDNetLoop(networks, SGD)
        for step in range(2):
            loop.train(step, {"edits": edits, "augment": augment})

    method = bound(
        "cdnet",
        discriminator={**D, "augment": "always" if augment else "never"},
        decorrelation={"kind": "none"},
        edits={"judged": edits, "recognised": 0.7 if edits else 0.0},
        adversarial_weight=0.3,
        pixel_loss="l1",
    )
    assert deviation(method, train_plainly, inputs, SGD, (1, 1), untrained={"attribute_encoder"}) < 1e-6


class VAEGANLoop(ProjectedLoop):
    """All at once; samples of the prior are fakes too."""

    def train(self, step: int) -> None:
        image = fields(step)["image"]
        mean, log_variance = self.n["encoder"](image).chunk(2, 1)
        z = mean + (log_variance / 2).exp() * draw(step, "epsilon", LATENT)
        kl = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        base, drawn = self.n["decoder"](z), self.n["decoder"](draw(step, "z_prior", LATENT))
        real, output, other = self.maps(image), self.maps(base), self.maps(drawn)
        features = relative(output, real)
        d_fake, d_drawn, d_real = self.judge(output), self.judge(other), self.judge(real)
        self.set_gradient(features + 0.1 * kl, "encoder")
        self.set_gradient(features - 0.3 * (d_fake.mean() + d_drawn.mean()), "decoder")
        d_loss = F.relu(1 - d_real).mean() + F.relu(1 + d_fake).mean() + F.relu(1 + d_drawn).mean()
        self.set_gradient(d_loss, "discriminator")
        self.step("encoder", "decoder", "discriminator")


def test_vae_gan_with_a_projected_discriminator_is_the_plain_loop() -> None:
    def train_plainly(networks: Networks) -> None:
        loop = VAEGANLoop(networks, SGD)
        for step in range(2):
            loop.train(step)

    method = bound("vae-gan", prior_weight=0.1, adversarial_weight=0.3)
    assert deviation(method, train_plainly, inputs, SGD, (0, 0)) < 1e-6


class IcGANLoop(ProjectedLoop):
    """D first; it reads the attributes by projection."""

    def play(self, step: int) -> None:
        image, y = fields(step)["image"], fields(step)["attributes"]
        fake = self.n["decoder"](draw(step, "z_prior", LATENT), y)
        real, other = self.judge(self.maps(image), y), self.judge(self.maps(fake.detach()), y)
        self.learn(F.relu(1 - real).mean() + F.relu(1 + other).mean(), "discriminator")
        self.learn(-self.judge(self.maps(fake), y).mean(), "decoder")


def test_icgan_with_a_projected_discriminator_is_the_plain_loop() -> None:
    def train_plainly(networks: Networks) -> None:
        loop = IcGANLoop(networks, SGD)
        for step in range(2):
            loop.play(step)

    untrained = {"encoder", "attribute_encoder"}
    assert deviation(bound("icgan"), train_plainly, inputs, SGD, (0, 0), untrained=untrained) < 1e-6


EDITS = {"edits": {"judged": True, "recognised": 0.1}}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cdnet", {}),
        ("cdnet", EDITS),
        ("cdnet//", {}),
        ("cdnet//", EDITS),
        ("vae-gan", {}),
        ("vae-gan//", {}),
        ("icgan", {}),
    ],
)
def test_every_cell_of_a_page_is_reached(name: str, changes: dict[str, Any]) -> None:
    assert_every_cell_is_reached(bound(name, **changes), fields(0))


@pytest.mark.parametrize("kind", ["paper", "projected"])
def test_edited_pictures_can_enter_either_game(kind: str) -> None:
    d = {**D, "kind": kind, "stem": 3, "width": 4, "max_width": 6, "hidden": 5}
    for shape in (FACES, Shape(SIZE, 3, classes=NAMES)):
        method = bound("cdnet", shape, discriminator=d, **EDITS)
        assert_every_cell_is_reached(method, {**fields(0), "label": torch.arange(COUNT) % 3})


@pytest.mark.parametrize("name", ["cdnet", "vae-gan", "icgan"])
def test_images_below_16_pixels_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"needs images of 16 pixels or more.*discriminator\.kind=paper"):
        bound(name, Shape(8, 3, attributes=NAMES))


def test_wgan_gp_needs_the_papers_discriminator() -> None:
    with pytest.raises(UsageError, match=r"game\.form=wasserstein needs the paper's discriminator"):
        bound("cdnet", game={"form": "wasserstein"})


def test_resize_convolutions_draw_every_size() -> None:
    for size in (16, 28, 48, 64):
        network = bound("cdnet", Shape(size, 1, attributes=NAMES)).networks["decoder"]()
        assert network(torch.zeros(2, LATENT), torch.zeros(2, len(NAMES))).shape == (2, 1, size, size)


def test_an_edited_picture_has_one_attribute_at_a_random_intensity() -> None:
    draws = torch.tensor([[0.1, 0.9, 0.2, 0.0], [0.8, 0.1, 0.2, 1.0]])
    asked = OneAtRandom(low=-2.0, high=5.0)(torch.full((2, 3), 0.5), draws)
    assert asked.tolist() == [[0.5, -2.0, 0.5], [5.0, 0.5, 0.5]]
    assert within_unit(asked).tolist() == [[0.5, 0.0, 0.5], [1.0, 0.5, 0.5]]


@pytest.mark.parametrize("size", [28, 32, 64])
@pytest.mark.parametrize("name", ["cdnet", "vae-gan"])
def test_the_default_preset_is_quick_and_fits_every_usual_size(name: str, size: int) -> None:
    page = find(name)
    assert page.default_preset == "quick"
    image = torch.zeros(4, 1, size, size, dtype=torch.float64)
    method = page.bind(page.presets["quick"].settings, Shape(size, 1, attributes=NAMES))
    assert_every_cell_is_reached(method, {**fields(0), "image": image})
