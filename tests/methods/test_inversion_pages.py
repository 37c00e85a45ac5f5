"""The inversion methods against plain PyTorch loops, over every GAN, and what they leave alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from test_generation_pages import COUNT, OWN, image_of, noise_of
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.routing import Executor, Forward, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

LR, STEPS = 0.05, 2
GANS = ("dcgan", "lsgan", "dfm", "rfgan", "wgan-gp")
NETWORK = {"width": 4, "kernel": 4}
TABLE1 = {"network": {"width": 4}, "discriminator": {"width": 4, "norm": "none"}, "latent": {"size": 5, "prior": "vae"}}


def bound(name: str, gan: str = "dcgan", **changes: Any) -> Method:
    settings = TABLE1 if gan.startswith("ed-") else {"network": NETWORK, "latent": {"size": 5}, **OWN.get(gan, {})}
    origin = {"run": "runs/gan", "method": gan, "settings": settings}
    small = {"width": 4, "kernel": 4} if name == "encoder" else {"hidden": 6}
    page = find(name)
    return page.bind({"gan": origin, **small, **changes}, Shape(32, 3))


def built(method: Method) -> dict[str, nn.Module]:
    torch.manual_seed(3)
    return {name: network.double() for name, network in method.build().items()}


def drawn(step: int) -> Tensor:
    return 2 * noise_of(step, "z_drawn_unit", "uniform", (5,)) - 1


def trained(method: Method, networks: dict[str, nn.Module], learner: str) -> None:
    """Some steps of SGD by the plan."""
    optimisers = {n: torch.optim.SGD(net.parameters(), LR) for n, net in networks.items()}
    executor = Executor(method.plan, networks, optimisers)
    for at in range(STEPS):
        executor.step(0, at, lambda _, at=at: Inputs({"image": image_of(at)}, lambda *asked: noise_of(at, *asked)))
    assert learner in networks


def plain(n: dict[str, nn.Module], learner: str, settings: dict[str, Any]) -> None:
    """The same by hand."""
    optimiser = torch.optim.SGD(n[learner].parameters(), LR)
    for name, network in n.items():
        network.train(name == learner)
    for at in range(STEPS):
        z, image = drawn(at), image_of(at)
        if settings.get("objective") == "pixel":
            again = n["generator"](n["encoder"](image))
            looks = [n["discriminator"].features(x) for x in (again, image)]
            loss = (again - image).square().mean() + 0.002 * (looks[0] - looks[1]).square().mean()
        elif learner == "encoder":
            loss = (n["encoder"](n["generator"](z)) - z).square().mean()
        else:
            made = n["generator"](z)
            found = n["connection"](n["discriminator"].features(made))
            loss = (found - z).square().mean()
            loss = loss + settings.get("cycle", 0) * (n["generator"](found) - made).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("connection", {}),
        ("connection", {"cycle": 0.5}),
        ("encoder", {"objective": "latent"}),
        ("encoder", {"objective": "pixel"}),
    ],
)
def test_steps_are_those_of_the_plain_loop(name: str, changes: dict[str, Any]) -> None:
    method = bound(name, **changes)
    ours = built(method)
    truth, before = copy.deepcopy(ours), copy.deepcopy(ours)
    trained(method, ours, name)
    plain(truth, name, changes)

    def flat(network: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    went = (flat(truth[name]) - flat(before[name])).norm()
    assert went > 0
    assert (flat(ours[name]) - flat(truth[name])).norm() / went < 1e-6


@pytest.mark.parametrize("statistics", ["running", "batch"])
@pytest.mark.parametrize("gan", GANS)
def test_the_gan_stays_bit_for_bit_as_it_was_statistics_included(gan: str, statistics: str) -> None:
    method = bound("connection", gan, batch_norm=statistics)
    networks = built(method)
    before = {n: {k: v.clone() for k, v in net.state_dict().items()} for n, net in networks.items()}
    trained(method, networks, "connection")
    frozen = [n for n in networks if n != "connection"]
    assert {"generator", "discriminator"} <= set(frozen)
    for name in frozen:
        assert all(torch.equal(value, before[name][key]) for key, value in networks[name].state_dict().items())
    assert not torch.equal(networks["connection"].layers[0].weight, before["connection"]["layers.0.weight"])


@pytest.mark.parametrize("gan", [*GANS, "ed-slash-gan"])
@pytest.mark.parametrize("name", ["connection", "encoder"])
def test_any_gan_can_be_inverted(name: str, gan: str) -> None:
    method = bound(name, gan)
    networks = built(method)
    check_reach(method.plan, on_meta(networks), meta_inputs({"image": image_of(0)}))
    for network in networks.values():
        network.eval()
    forward = Forward(method.plan, networks, Inputs({"image": image_of(0)}, lambda *asked: noise_of(0, *asked)))
    assert forward["z"].shape == (COUNT, 5)
    assert forward["output"].shape == (COUNT, 3, 32, 32)


def test_rfgans_connection_reads_what_its_last_layer_reads() -> None:
    networks = built(bound("connection", "rfgan"))
    assert networks["connection"].layers[0].in_features == networks["discriminator"].logit.in_features


def test_several_layers_of_d_can_be_read() -> None:
    one, three = (built(bound("connection", layers=k))["connection"].layers[0].in_features for k in (1, 3))
    assert (one, three) == (16 * 4**2, 16 * 4**2 + 8 * 8**2 + 4 * 16**2)


def test_a_cell_opened_to_g_is_the_users_to_open() -> None:
    method = bound("connection").with_routes({"latent.generator": 1.0})
    assert method.plan.table.rows[0].route("generator") == 1.0


@pytest.mark.parametrize(("gan", "why"), [("vae", "has no discriminator"), ("ali", "keeps no features of D")])
def test_a_run_without_features_of_d_is_refused(gan: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"runs/gan cannot be inverted: a {gan} {why}"):
        bound("connection", gan)


def test_a_latent_without_a_prior_is_refused() -> None:
    origin = {"run": "runs/gan", "method": "ed-slash-gan", "settings": {}}
    page = find("connection")
    with pytest.raises(UsageError, match="its latent has no prior to draw from"):
        page.bind({"gan": origin}, Shape(32, 3))
