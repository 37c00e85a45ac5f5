"""decoupled(): every coupled method's // twin from one place."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from edgan.errors import UsageError
from edgan.methods import Method, Shape, decoupled, find
from edgan.methods.common.identity import identity
from edgan.routing import Executor, Inputs, Tap

SETTINGS = {
    "network": {"width": 4},
    "discriminator": {"width": 4, "norm": "none"},
    "latent": {"size": 5},
    "penalty": {"weight": 1.0},
}


def bound(name: str, **changes: object) -> Method:
    page = find(name)
    return page.bind({**SETTINGS, **changes}, Shape(32, 3))


PRIORS = pytest.mark.parametrize("prior", ["none", "vae", "aae"])


@PRIORS
def test_the_twin_of_ed_plus_gan_has_ed_slash_gans_table_taps_and_phases(prior: str) -> None:
    latent = {"size": 5, "prior": prior}
    twin, page = decoupled(bound("ed-plus-gan", latent=latent)).plan, bound("ed-slash-gan", latent=latent).plan
    assert twin.table.networks == page.table.networks
    assert [(r.term.name, r.term.loss, r.term.taps, r.cells) for r in twin.table.rows] == [
        (r.term.name, r.term.loss, r.term.taps, r.cells) for r in page.table.rows
    ]
    assert twin.taps == page.taps
    assert twin.stages == page.stages
    assert twin.cuts == page.cuts


def test_the_twin_has_ed_slash_gans_gradients_bit_for_bit() -> None:
    methods = decoupled(bound("ed-plus-gan")), bound("ed-slash-gan")
    image = torch.rand(4, 3, 32, 32) * 2 - 1
    gradients = []
    for method in methods:
        torch.manual_seed(0)
        networks = method.build()
        gradients.append(
            Executor(method.plan, networks).gradients(0, 0, lambda _: Inputs({"image": image}, lambda *_: image))
        )
    assert gradients[0].keys() == gradients[1].keys()
    assert all(torch.equal(a, b) for n in gradients[0] for a, b in zip(gradients[0][n], gradients[1][n], strict=True))


def test_the_registry_gives_the_twin_by_name() -> None:
    twin = bound("ed-plus-gan//")
    assert twin.name == "ed-plus-gan//"
    assert twin.plan == decoupled(bound("ed-plus-gan")).plan


def test_a_method_that_is_decoupled_has_no_twin() -> None:
    with pytest.raises(UsageError, match="There is no 'ed-slash-gan//': ed-slash-gan has a generator already"):
        bound("ed-slash-gan//")


def test_a_method_whose_base_no_network_draws_has_no_twin() -> None:
    method = bound("ed-plus-gan")
    taps = tuple(Tap("base", ("z",), function=identity) if t.name == "base" else t for t in method.plan.taps)
    with pytest.raises(ValueError, match="ed-plus-gan has no tap 'base' that a network draws"):
        decoupled(replace(method, plan=replace(method.plan, taps=taps)))


def test_a_method_without_an_output_has_no_twin() -> None:
    method = bound("ed-plus-gan")
    taps = tuple(t for t in method.plan.taps if t.name not in ("output", "d_fake"))
    taps += (Tap("d_fake", ("base",), network="discriminator"),)
    with pytest.raises(ValueError, match="no tap 'output'"):
        decoupled(replace(method, plan=replace(method.plan, taps=taps)))


@pytest.mark.parametrize("name", ["ed-slash-gna", "ed-slash-gna//"])
def test_an_unknown_method_is_refused_with_the_near_miss(name: str) -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'ed-slash-gan'"):
        find(name)


def test_the_adversarial_row_of_a_twin_can_be_turned_back_to_the_decoder() -> None:
    """The coupling is a dial: a blocked cell may be opened again."""
    table = bound("ed-plus-gan//").with_routes({"adversarial.decoder": 0.1}).plan.table
    assert table.rows[1].cells == (("decoder", 0.1), ("generator", 1.0))
