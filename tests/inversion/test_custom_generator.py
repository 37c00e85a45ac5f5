"""Inversion of the caller's own generators."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.inversion import connect, fit, invert

LATENT = 4


class SmallGAN(nn.Module):
    """A small smooth generator and features, as a caller would write them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.draw = nn.Sequential(nn.Linear(LATENT, 16), nn.Tanh(), nn.Linear(16, 64), nn.Tanh())
        self.look = nn.Sequential(nn.Flatten(), nn.Linear(64, 12), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        return self.draw(z).view(-1, 1, 8, 8)


GAN = SmallGAN().eval()
TRUE = 1.6 * torch.rand(16, LATENT, generator=torch.Generator().manual_seed(1)) - 0.8
IMAGES = GAN(TRUE).detach()


def error(images: Tensor) -> float:
    return float((images.detach() - IMAGES).square().mean())


def test_a_connection_network_learns_latents_without_images() -> None:
    before = {name: value.clone() for name, value in GAN.state_dict().items()}
    network = connect(GAN, GAN.look, latent=LATENT, steps=300, hidden=64)
    inversion = invert(IMAGES, GAN, features=GAN.look, connection=network, optimise=False)
    assert (inversion.latents - TRUE).square().mean() < 0.2 * TRUE.square().mean()
    assert all(torch.equal(value, before[name]) for name, value in GAN.state_dict().items())
    assert all(p.grad is None for p in GAN.parameters())


def test_optimisation_finds_the_latents_that_images_were_drawn_from() -> None:
    inversion = invert(IMAGES, GAN, features=GAN.look, latent=LATENT)
    assert error(inversion.images) < 1e-4
    assert inversion.latents.abs().max() < 1


def test_all_images_together_end_where_scipy_ends_one_at_a_time() -> None:
    start = torch.zeros(16, LATENT)
    ours = fit(IMAGES, GAN, start, features=GAN.look, feature_weight=0.5, tolerance=1e-9).loss
    alone = []
    for image in IMAGES:

        def loss(u: np.ndarray, image: Tensor = image) -> tuple[float, np.ndarray]:
            point = torch.tensor(u, dtype=torch.float32)[None].requires_grad_()
            drawn = GAN(torch.tanh(point))
            value = (drawn - image).square().mean() + 0.5 * (GAN.look(drawn) - GAN.look(image[None])).square().mean()
            (gradient,) = torch.autograd.grad(value, point)
            return float(value.detach()), gradient[0].double().numpy()

        alone.append(minimize(loss, np.zeros(LATENT), jac=True, method="L-BFGS-B", options={"ftol": 1e-9}).fun)
    assert float(ours.mean()) <= 1.02 * float(np.mean(alone)) + 1e-6


def test_a_few_adam_steps_come_nearer_from_any_start() -> None:
    start = torch.zeros(16, LATENT)
    fitted = fit(IMAGES, GAN, start, optimiser="adam", steps=20)
    assert error(GAN(fitted.z)) < 0.5 * error(GAN(start))


def test_images_do_not_see_each_other() -> None:
    start = torch.zeros(16, LATENT)
    torch.testing.assert_close(
        fit(IMAGES, GAN, start, together=16).z[:3], fit(IMAGES[:3], GAN, start[:3], together=2).z, atol=1e-3, rtol=0
    )


def test_a_start_at_the_edge_of_the_prior_is_no_trap() -> None:
    inversion = invert(IMAGES, GAN, start=torch.ones(16, LATENT))
    assert error(inversion.images) < error(GAN(torch.ones(16, LATENT)))


def test_the_callers_random_numbers_and_modes_are_left_alone() -> None:
    network = nn.Sequential(nn.Linear(LATENT, 64), nn.BatchNorm1d(64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    connection = connect(lambda z: network(z), GAN.look, latent=LATENT, steps=2, batch=4, hidden=8)
    invert(IMAGES, network, features=GAN.look, connection=connection, steps=2)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(module.training for module in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam", "gauss-newton"])
def test_no_image_ends_above_a_start_at_the_edge_of_the_prior(optimiser: str) -> None:
    start = torch.ones(16, LATENT)
    fitted = fit(GAN(start).detach(), GAN, start, steps=1, optimiser=optimiser)  # type: ignore[arg-type]
    assert torch.equal(fitted.z, start)
    assert torch.equal(fitted.loss, torch.zeros(16))


def test_no_more_images_go_through_the_networks_than_together() -> None:
    counts: list[int] = []

    def look(images: Tensor) -> Tensor:
        counts.append(len(images))
        return GAN.look(images)

    def predict(features: Tensor) -> Tensor:
        counts.append(len(features))
        return features[:, :LATENT]

    invert(IMAGES, GAN, features=look, connection=predict, steps=2, together=3)
    assert max(counts) == 3


def test_latents_at_the_bound_are_warned_about() -> None:
    with pytest.warns(UserWarning, match=r"16 of 16 latents have an entry at the bound"):
        invert(IMAGES, GAN, start=torch.ones(16, LATENT), optimise=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        invert(IMAGES, GAN, start=torch.ones(16, LATENT), optimise=False, prior="normal")
        invert(IMAGES, GAN, start=TRUE, optimise=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prior": "gaussian"}, "prior cannot be 'gaussian'"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"together": 0}, "together must be at least 1"),
        ({"feature_weight": float("nan")}, "feature_weight must be at least 0"),
    ],
)
def test_a_wrong_argument_of_invert_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        invert(IMAGES, GAN, latent=LATENT, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prior": "gaussian"}, "prior cannot be 'gaussian'"),
        ({"batch": 1}, "batch must be at least 2"),
        ({"hidden": 0}, "hidden must be at least 1"),
        ({"lr": 0.0}, "lr must be above 0"),
    ],
)
def test_a_wrong_argument_of_connect_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        connect(GAN, GAN.look, latent=LATENT, **arguments)


def test_an_unknown_optimiser_is_refused() -> None:
    with pytest.raises(UsageError, match="optimiser cannot be 'newton'"):
        fit(IMAGES, GAN, TRUE, optimiser="newton")  # type: ignore[arg-type]


def not_a_number(z: Tensor) -> Tensor:
    return GAN(z) * torch.nan


def detached(z: Tensor) -> Tensor:
    return GAN(z).detach()


def deaf(z: Tensor) -> Tensor:
    return GAN(torch.zeros_like(z)) + 0 * next(GAN.parameters()).sum()


def flat(z: Tensor) -> Tensor:
    return GAN(z).flatten(1)


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (not_a_number, "returned NaN"),
        (detached, "is not differentiable"),
        (deaf, "does not use z"),
        (flat, r"must map z \(n, Z\) to images"),
    ],
)
def test_a_generator_that_cannot_be_inverted_is_refused(generator: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        invert(IMAGES, generator, latent=LATENT)  # type: ignore[arg-type]


def test_a_latent_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(UsageError, match=r"failed on latents of shape \(1, 7\)"):
        invert(IMAGES, GAN, latent=7)
    with pytest.raises(UsageError, match=r"start must hold a latent for each image, \(16, 4\) \(got \(16, 3\)\)"):
        invert(IMAGES, GAN, latent=LATENT, start=torch.zeros(16, 3))


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="makes images of shape 1x8x8; the images to invert are 3x8x8"):
        invert(IMAGES.repeat(1, 3, 1, 1), GAN, latent=LATENT)


def test_features_that_are_not_finite_are_refused() -> None:
    with pytest.raises(UsageError, match="features returned NaN"):
        connect(GAN, lambda images: GAN.look(images) / 0 * 0, latent=LATENT)


def test_without_anything_to_start_from_it_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to start from"):
        invert(IMAGES, GAN)
