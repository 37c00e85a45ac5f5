"""DCGAN, LSGAN and WGAN-GP with a projected discriminator and DiffAugment, against plain PyTorch loops."""

from __future__ import annotations

import zlib
from typing import Any

import generation_loops as loops
import pytest
import torch
import torch.nn.functional as F
from method_harness import Networks, PlainLoop, assert_every_cell_is_reached, deviation, sgd, uniform
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.nets import pretrained
from edgan.nets.diff_augment import diff_augment
from edgan.routing import Inputs

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
COUNT, SGD = 2, sgd(0.05)
STEP = {"dcgan": loops.dcgan, "lsgan": loops.lsgan, "wgan-gp": loops.wgan_gp}


def bound(name: str, augment: str = "never", size: int = 32, norm: str = "none") -> Method:
    own = {"steps": 1} if name == "wgan-gp" else {}
    settings: dict[str, Any] = {
        "network": {"width": 4, "kernel": 4},
        "latent": {"size": 5},
        "discriminator": {"kind": "projected", "heads": 8, "head_norm": norm, "augment": augment, **own},
    }
    return find(name).bind(settings, Shape(size, 3))


def image_of(step: int, size: int = 32) -> Tensor:
    return uniform(step, COUNT, 3, size, size) * 2 - 1


def noise_of(step: int, name: str, shape: tuple[int, ...]) -> Tensor:
    return uniform(1000 * step + zlib.crc32(name.encode()) % 997, COUNT, *shape)


def inputs_of(step: int) -> Inputs:
    return Inputs({"image": image_of(step)}, lambda name, _kind, shape: noise_of(step, name, shape))


def augmented_dcgan(loop: PlainLoop, image: Tensor, noise: loops.Noise) -> None:
    """DCGAN's step where D sees changed images of both kinds."""
    d, fake = loop.n["discriminator"], loop.n["generator"](loops.sampled(noise))
    seen_real, seen_fake = (
        diff_augment(each, noise(f"augment_{side}")) for each, side in ((image, "real"), (fake, "fake"))
    )
    loop.learn(F.softplus(-d(seen_real)).mean() + F.softplus(d(seen_fake.detach())).mean(), "discriminator")
    loop.learn(F.softplus(-d(seen_fake)).mean(), "generator")


@pytest.mark.parametrize(
    ("name", "augment", "norm"),
    [
        ("dcgan", "never", "none"),
        ("lsgan", "never", "none"),
        ("wgan-gp", "never", "none"),
        ("dcgan", "always", "none"),
        ("dcgan", "always", "batch"),
        ("lsgan", "never", "batch"),
    ],
)
def test_two_steps_are_those_of_the_plain_loop(name: str, augment: str, norm: str) -> None:
    method = bound(name, augment, norm=norm)
    shapes = {tap.name: tap.noise[1] for tap in method.plan.taps if tap.noise}
    step = augmented_dcgan if augment == "always" else STEP[name]

    def train_plainly(networks: Networks) -> None:
        loop = PlainLoop(networks, SGD)
        for at in range(2):
            step(loop, image_of(at), lambda tap, at=at: noise_of(at, tap, shapes[tap]))

    assert deviation(method, train_plainly, inputs_of, SGD, (0, 0)) < 1e-6


@pytest.mark.parametrize("name", STEP)
def test_every_cell_of_a_page_is_reached(name: str) -> None:
    assert_every_cell_is_reached(bound(name, "always"), {"image": image_of(0)})


@pytest.mark.parametrize("name", STEP)
def test_the_loss_stays_the_methods_own(name: str) -> None:
    labels = [row.term.label for row in find(name).bind({}, Shape(32, 3)).plan.table.rows]
    assert [row.term.label for row in bound(name).plan.table.rows] == labels


def test_inversion_reads_the_last_maps_of_all_heads() -> None:
    method = bound("dcgan")
    networks = {name: build() for name, build in method.networks.items()}
    image = image_of(0).float()
    features = networks["discriminator"].features(image)
    assert features.shape[:2] == (COUNT, 3 * 8)
    assert not torch.equal(features[0], features[1])


def test_small_images_are_refused() -> None:
    with pytest.raises(UsageError, match=r"needs images of 16 pixels or more.*discriminator\.kind=paper"):
        bound("dcgan", size=12)
