"""The pages of the GANs, the VAE and ALI, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

import copy
import zlib
from typing import Any

import generation_loops as loops
import pytest
import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.routing import Executor, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

COUNT, STEPS, LR = 4, 2, 0.05
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


def built(method: Method) -> dict[str, nn.Module]:
    torch.manual_seed(3)
    return {name: network.double() for name, network in method.build().items()}


def image_of(step: int, size: int = 32) -> Tensor:
    generator = torch.Generator().manual_seed(step)
    return torch.rand(COUNT, 3, size, size, generator=generator, dtype=torch.float64) * 2 - 1


def noise_of(step: int, name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    generator = torch.Generator().manual_seed(1000 * step + zlib.crc32(name.encode()) % 997)
    draw = torch.randn if kind == "normal" else torch.rand
    return draw((COUNT, *shape), generator=generator, dtype=torch.float64)


def apart(name: str, stage: int = 0, step: Any = None) -> float:
    """The largest difference of a network's weights after some steps, relative to how far they went."""
    method = bound(name)
    ours = built(method)
    truth, before = copy.deepcopy(ours), copy.deepcopy(ours)
    executor = Executor(method.plan, ours, {n: torch.optim.SGD(net.parameters(), LR) for n, net in ours.items()})
    loop = loops.Loop(truth, LR)
    kinds = {tap.name: tap.noise for tap in method.plan.taps if tap.noise}
    for at in range(STEPS):
        drawn = lambda *asked, at=at: noise_of(at, *asked)  # noqa: E731
        executor.step(stage, at, lambda _, at=at, drawn=drawn: Inputs({"image": image_of(at)}, drawn))
        (step or STEP[name])(loop, image_of(at), lambda tap, at=at: noise_of(at, tap, *kinds[tap]))

    def flat(network: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    went = {n: (flat(t) - flat(before[n])).norm() for n, t in truth.items()}
    assert any(length > 0 for length in went.values())
    return max(float((flat(ours[n]) - flat(t)).norm() / went[n].clamp_min(1e-12)) for n, t in truth.items())


@pytest.mark.parametrize("name", [name for name in STEP if name != "rfgan"])
def test_two_steps_are_those_of_the_plain_loop(name: str) -> None:
    assert apart(name) < 1e-6


def test_rfgans_stages_are_those_of_the_plain_loops() -> None:
    assert apart("rfgan", 0, loops.autoencoder) < 1e-6
    assert apart("rfgan", 1) < 1e-6


def test_another_game_would_be_noticed() -> None:
    assert apart("dcgan", step=loops.lsgan) > 1e-2


@pytest.mark.parametrize("name", STEP)
def test_every_cell_is_reached(name: str) -> None:
    method = bound(name)
    check_reach(method.plan, on_meta(built(method)), meta_inputs({"image": image_of(0)}))


@pytest.mark.parametrize("size", [28, 32, 64])
@pytest.mark.parametrize("name", STEP)
def test_samples_have_the_images_size(name: str, size: int) -> None:
    method = bound(name, size)
    z = torch.zeros(2, 5, dtype=torch.float64)
    assert built(method)["generator"](z).shape == (2, 3, size, size)


def test_a_size_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(UsageError, match="one of 28, 32, 64"):
        built(bound("dcgan", 30))


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
    networks = built(method)
    before = {key: value.clone() for key, value in networks["representation"].state_dict().items()}
    executor = Executor(method.plan, networks, {n: torch.optim.Adam(net.parameters()) for n, net in networks.items()})
    executor.step(1, 0, lambda _: Inputs({"image": image_of(0)}, lambda *asked: noise_of(0, *asked)))
    assert all(torch.equal(value, before[key]) for key, value in networks["representation"].state_dict().items())
