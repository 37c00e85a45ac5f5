"""The pages of the GANs, the VAE and ALI, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import generation_loops as loops
import pytest
import torch
from method_harness import (
    Networks,
    PlainLoop,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    normal,
    sgd,
    train_by_plan,
    uniform,
)
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.nets.features import Denoiser
from edgan.routing import Inputs

COUNT, SGD = 4, sgd(0.05)
NETWORK = {"width": 4, "kernel": 4}
OWN: dict[str, dict[str, Any]] = {
    "dfm": {"denoiser": {"hidden": 8, "depth": 3}},
    "rfgan": {"autoencoder": {"steps": 3, "code": 2}},
    "wgan-gp": {"discriminator": {"steps": 1}},
    "vae": {"deviation": 0.5},
    "ali": {"discriminator": {"joint": 8, "dropout": 0.0}},
}
STEP = {
    "dcgan": loops.dcgan,
    "lsgan": loops.lsgan,
    "dfm": loops.dfm,
    "rfgan": loops.rfgan,
    "wgan-gp": loops.wgan_gp,
    "vae": loops.vae,
    "ali": loops.ali,
}


def bound(name: str, size: int = 32, **changes: Any) -> Method:
    settings = {"network": NETWORK, "latent": {"size": 5}, **OWN.get(name, {}), **changes}
    return find(name).bind(settings, Shape(size, 3))


def image_of(step: int, size: int = 32) -> Tensor:
    return uniform(step, COUNT, 3, size, size) * 2 - 1


def noise_of(step: int, name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    seed = 1000 * step + zlib.crc32(name.encode()) % 997
    return normal(seed, COUNT, *shape) if kind == "normal" else uniform(seed, COUNT, *shape)


def inputs_of(step: int) -> Inputs:
    return Inputs({"image": image_of(step)}, lambda *asked: noise_of(step, *asked))


def difference(
    name: str, step: Callable[..., None] | None = None, stage: int = 0, untrained: tuple[str, ...] = ()
) -> float:
    """The deviation after two steps of a stage."""
    method = bound(name)
    kinds = {tap.name: tap.noise for tap in method.plan.taps if tap.noise}

    def train_plainly(networks: Networks) -> None:
        loop = PlainLoop(networks, SGD)
        for at in range(2):
            (step or STEP[name])(loop, image_of(at), lambda tap, at=at: noise_of(at, tap, *kinds[tap]))

    return deviation(method, train_plainly, inputs_of, SGD, (stage, stage), untrained)


@pytest.mark.parametrize("name", [name for name in STEP if name != "rfgan"])
def test_two_steps_are_those_of_the_plain_loop(name: str) -> None:
    assert difference(name) < 1e-6


def test_rfgans_stages_are_those_of_the_plain_loops() -> None:
    assert difference("rfgan", loops.autoencoder, 0, ("generator", "discriminator")) < 1e-6
    assert difference("rfgan", loops.rfgan, 1, ("representation", "restorer")) < 1e-6


def test_another_game_would_be_noticed() -> None:
    assert difference("dcgan", loops.lsgan) > 1e-2


@pytest.mark.parametrize("name", STEP)
def test_every_cell_is_reached(name: str) -> None:
    assert_every_cell_is_reached(bound(name), {"image": image_of(0)})


@pytest.mark.parametrize("size", [28, 32, 64])
@pytest.mark.parametrize("name", STEP)
def test_samples_have_the_images_size(name: str, size: int) -> None:
    method = bound(name, size)
    z = torch.zeros(2, 5, dtype=torch.float64)
    assert build_networks(method)["generator"](z).shape == (2, 3, size, size)


def test_a_size_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(UsageError, match="size must be 28, 32, 64"):
        build_networks(bound("dcgan", 30))


def test_the_paper_preset_has_the_authors_widths_at_64_px() -> None:
    page = find("dcgan")
    networks = page.bind({}, Shape(64, 3)).build()
    assert networks["discriminator"].logit.in_features == 8192
    assert networks["generator"].widest == 1024


def test_the_penalty_and_the_extra_networks_are_rows_and_columns() -> None:
    def cells(name: str) -> set[tuple[str, str]]:
        table = bound(name).plan.table
        return {(r.term.name, network) for r in table.rows for network, _ in r.cells}

    assert ("penalty", "discriminator") in cells("wgan-gp")
    assert {("denoising", "denoiser"), ("matching", "generator")} <= cells("dfm")
    assert {("restoration", "representation"), ("restoration", "restorer")} <= cells("rfgan")
    assert ("denoising", "discriminator") not in cells("dfm")


def test_rfgans_representation_stays_as_the_first_stage_left_it() -> None:
    method = bound("rfgan")
    networks = build_networks(method)
    before = {key: value.clone() for key, value in networks["representation"].state_dict().items()}
    train_by_plan(method, networks, inputs_of, torch.optim.Adam, (1,))
    assert all(torch.equal(value, before[key]) for key, value in networks["representation"].state_dict().items())


def test_dfms_denoiser_normalises_fakes_by_the_statistics_of_real_features() -> None:
    r = Denoiser(6, hidden=5, depth=3)
    real = normal(1, 64, 6).float()
    for _ in range(100):
        r(real)
    statistics = {name: value.clone() for name, value in r.state_dict().items()}
    fakes = 3 + 0.1 * normal(2, 8, 6).float()
    alone, together = r.denoise(fakes[:1]), r.denoise(fakes)
    torch.testing.assert_close(alone, together[:1])
    assert not torch.allclose(r(fakes), together, atol=0.1), "a batch normalised by itself says the same"
    r.load_state_dict(statistics)
    r.denoise(fakes)
    assert all(torch.equal(value, statistics[name]) for name, value in r.state_dict().items())
    torch.testing.assert_close(r.eval()(fakes), together)


def test_rfgans_autoencoder_trains_before_the_games_30_epochs_and_not_instead_of_ten_of_them() -> None:
    steps = find("rfgan").presets["paper"].dotted()["steps"]
    autoencoder, game = bound_paper("rfgan").plan.stages
    assert autoencoder.steps is not None
    epochs = [count * 128 / 162_770 for count in (autoencoder.steps, steps - autoencoder.steps)]
    assert [round(epoch, 2) for epoch in epochs] == [10.0, 30.0]
    assert game.steps is None


def bound_paper(name: str) -> Method:
    return find(name).bind(find(name).presets["paper"].settings, Shape(64, 3))
