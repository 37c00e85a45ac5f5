"""The inversion methods against plain PyTorch loops, over every GAN, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from method_harness import (
    Networks,
    PlainLoop,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    sgd,
    train_by_plan,
)
from test_generation_pages import COUNT, OWN, image_of, inputs_of, noise_of
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.routing import Forward

SGD = sgd(0.05)
GANS = ("dcgan", "lsgan", "dfm", "rfgan", "wgan-gp")
NETWORK = {"width": 4, "kernel": 4}
TABLE1 = {"network": {"width": 4}, "discriminator": {"width": 4, "norm": "none"}, "latent": {"size": 5, "prior": "vae"}}


def bound(name: str, gan: str = "dcgan", **changes: Any) -> Method:
    settings = TABLE1 if gan.startswith("ed-") else {"network": NETWORK, "latent": {"size": 5}, **OWN.get(gan, {})}
    origin = {"run": "runs/gan", "method": gan, "settings": settings}
    small = {"width": 4, "kernel": 4} if name == "encoder" else {"hidden": 6}
    page = find(name)
    return page.bind({"gan": origin, **small, **changes}, Shape(32, 3))


def sampled(step: int) -> Tensor:
    return 2 * noise_of(step, "z_drawn_unit", "uniform", (5,)) - 1


class InversionLoop(PlainLoop):
    """One network learns; the GAN's are in evaluation mode."""

    def invert(self, learner: str, settings: dict[str, Any], image: Tensor, z: Tensor) -> None:
        for name, network in self.n.items():
            network.train(name == learner)
        generator, features = self.n["generator"], self.n["discriminator"].features
        if settings.get("objective") == "pixel":
            redrawn = generator(self.n["encoder"](image))
            feature_loss = (features(redrawn) - features(image)).square().mean()
            loss = (redrawn - image).square().mean() + 0.002 * feature_loss
        elif learner == "encoder":
            loss = (self.n["encoder"](generator(z)) - z).square().mean()
        else:
            generated = generator(z)
            inferred = self.n["connection"](features(generated))
            cycle = (generator(inferred) - generated).square().mean()
            loss = (inferred - z).square().mean() + settings.get("cycle", 0) * cycle
        self.learn(loss, learner)


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
    frozen = set(method.plan.table.networks) - {name}
    assert {"generator", "discriminator"} <= frozen

    def train_plainly(networks: Networks) -> None:
        loop = InversionLoop(networks, SGD)
        for step in range(2):
            loop.invert(name, changes, image_of(step), sampled(step))

    assert deviation(method, train_plainly, inputs_of, SGD, (0, 0), frozen) < 1e-6


@pytest.mark.parametrize("statistics", ["running", "batch"])
@pytest.mark.parametrize("gan", GANS)
def test_the_gan_stays_bit_for_bit_as_it_was_statistics_included(gan: str, statistics: str) -> None:
    method = bound("connection", gan, batch_norm=statistics)
    networks = build_networks(method)
    before = {n: {k: v.clone() for k, v in net.state_dict().items()} for n, net in networks.items()}
    train_by_plan(method, networks, inputs_of, SGD, (0, 0))
    frozen = [n for n in networks if n != "connection"]
    assert {"generator", "discriminator"} <= set(frozen)
    for name in frozen:
        assert all(torch.equal(value, before[name][key]) for key, value in networks[name].state_dict().items())
    assert not torch.equal(networks["connection"].layers[0].weight, before["connection"]["layers.0.weight"])


@pytest.mark.parametrize("gan", [*GANS, "ed-slash-gan"])
@pytest.mark.parametrize("name", ["connection", "encoder"])
def test_any_gan_can_be_inverted(name: str, gan: str) -> None:
    method = bound(name, gan)
    assert_every_cell_is_reached(method, {"image": image_of(0)})
    networks = build_networks(method)
    for network in networks.values():
        network.eval()
    forward = Forward(method.plan, networks, inputs_of(0))
    assert forward["z"].shape == (COUNT, 5)
    assert forward["output"].shape == (COUNT, 3, 32, 32)


def test_rfgans_connection_reads_what_its_last_layer_reads() -> None:
    networks = build_networks(bound("connection", "rfgan"))
    assert networks["connection"].layers[0].in_features == networks["discriminator"].logit.in_features


@pytest.mark.parametrize(("layers", "width"), [(1, 16 * 4**2), (3, 16 * 4**2 + 8 * 8**2 + 4 * 16**2)])
def test_several_layers_of_d_can_be_read(layers: int, width: int) -> None:
    networks = build_networks(bound("connection", layers=layers))
    assert networks["connection"].layers[0].in_features == width


def test_rfgans_connection_reads_the_representative_features_at_any_number_of_layers() -> None:
    own, representative = 16 * 4**2, 16 * 4**2
    networks = build_networks(bound("connection", "rfgan", layers=2))
    assert networks["connection"].layers[0].in_features == own + representative + 8 * 8**2

    def features(layers: int, scale: float) -> Tensor:
        method = bound("connection", "rfgan", layers=layers)
        networks = {name: network.eval() for name, network in build_networks(method).items()}
        with torch.no_grad():
            next(networks["representation"].parameters()).mul_(scale)
            return Forward(method.plan, networks, inputs_of(0))["features_read"].flatten(1)

    assert not torch.equal(features(2, 1.0), features(2, 2.0))


def test_two_layers_of_a_plain_gan_end_in_what_its_last_layer_reads() -> None:
    method = bound("connection", layers=2)
    networks = {name: network.eval() for name, network in build_networks(method).items()}
    forward = Forward(method.plan, networks, inputs_of(0))
    last = networks["discriminator"].features(image_of(0)).permute(0, 2, 3, 1).flatten(1)
    assert torch.equal(forward["features_read"][:, -last.shape[1] :], last)


@pytest.mark.parametrize("gan", GANS)
def test_more_layers_than_d_has_are_refused(gan: str) -> None:
    with pytest.raises(UsageError, match=r"layers must be 1 to 3: .* has 3 layers \(got 9\)"):
        bound("connection", gan, layers=9)


def test_a_cell_opened_to_g_is_the_users_to_open() -> None:
    method = bound("connection").with_routes({"latent.generator": 1.0})
    assert method.plan.table.rows[0].route("generator") == 1.0


@pytest.mark.parametrize(("gan", "why"), [("vae", "discriminator"), ("ali", "tap .features. of D")])
def test_a_run_without_features_of_d_is_refused(gan: str, why: str) -> None:
    with pytest.raises(UsageError, match=rf"runs/gan \({gan}\) cannot be inverted: it has no {why}"):
        bound("connection", gan)


def test_a_latent_without_a_prior_is_refused() -> None:
    origin = {"run": "runs/gan", "method": "ed-slash-gan", "settings": {}}
    page = find("connection")
    with pytest.raises(UsageError, match="its latent has no prior to sample"):
        page.bind({"gan": origin}, Shape(32, 3))
