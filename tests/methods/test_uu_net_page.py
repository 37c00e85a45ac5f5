"""UU-Net's page against a plain loop, and how D's loss reaches the generator."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from method_harness import (
    ADAM,
    MakeOptimiser,
    Networks,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    noise_from,
    parameters_of,
    sgd,
    train_by_plan,
)
from pydantic import ValidationError
from torch import Tensor
from uu_net_loops import Choices, UUNetLoop

from edgan.errors import UsageError
from edgan.losses import kl_between, kl_to_standard_normal
from edgan.methods import Method, Shape, find
from edgan.methods.translation.uu_net_variants import VARIANTS
from edgan.models.model import Model
from edgan.routing import Inputs
from edgan.routing.inspect import measure

COUNT, STEPS, CODE = 2, 3, 3
SGD = sgd(0.003)
PAIRS = Shape(32, 3, source_channels=2)


def uu_net(variant: str, **changes: Any) -> Method:
    settings = {
        "variant": variant,
        # Adam divides noise by itself where a bias before a norm has no gradient; without norms there is none such.
        "network": {"width": 4, "max_width": 8, "levels": 3, "norm": "none", "pool": changes.pop("pool", False)},
        "discriminator": {"width": 4, "max_width": 8, "norm": "none", "init": "he"},
        "code": {"size": CODE, "weight": 0.1, "alpha": 1.0, "beta": 3.0},
        **changes,
    }
    return find("uu-net").bind(settings, PAIRS)


def fields(step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(100 + step)
    shapes = {"image": (COUNT, 3, 32, 32), "source": (COUNT, 2, 32, 32)}
    return {n: torch.rand(*s, generator=generator, dtype=torch.float64) * 2 - 1 for n, s in shapes.items()}


def noise_of(step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(step)
    names = ("epsilon", "judge_noise", "judge_noise_fake")
    return {name: torch.randn(COUNT, CODE, 4, 4, generator=generator, dtype=torch.float64) for name in names}


def inputs_of(step: int) -> Inputs:
    return Inputs(fields(step), noise_from(noise_of(step)))


def difference(
    method: Method,
    choices: Choices,
    optimiser: MakeOptimiser,
    shared_state: bool = False,
    drawn: Callable[[int], dict[str, Tensor]] = noise_of,
) -> float:
    """The deviation after some steps, with the noise that is drawn for each."""

    def train_plainly(networks: Networks) -> None:
        loop = UUNetLoop(networks, optimiser, replace(choices, beta=3.0), shared_state)
        for step in range(STEPS):
            loop.train(**fields(step), noise=drawn(step))

    def inputs(step: int) -> Inputs:
        return Inputs(fields(step), noise_from(drawn(step)))

    return deviation(method, train_plainly, inputs, optimiser, (0,) * STEPS)


BOTH = ("encoder", "decoder")
CASES = {
    "vae-gan": Choices(variational=True, u_shaped=False),
    "unet-vae-gan": Choices(variational=True, u_shaped=False),
    "unlinked": Choices(),
    "v1": Choices(("encoder",)),
    "v2": Choices(("code",)),
    "v3": Choices(("decoder",)),
    "v4": Choices(BOTH),
    "uucnet": Choices(("encoder", "triple")),
    "uuvae-gan": Choices(BOTH, True, discriminator_kl=0.0),
    "uuvae-gan-kl0.4": Choices(BOTH, True, discriminator_kl=0.4),
    "uuvae-gan-kl0.65": Choices(BOTH, True, discriminator_kl=0.65),
    "uuvae-gan-tail-kl": Choices(BOTH, True, discriminator_kl=0.65),
    "uuvae-gan-ckl": Choices(BOTH, True, discriminator_kl=0.0, cross_kl=1.0),
    "uuvae-gan-kls": Choices(BOTH, True, discriminator_kl=0.65, cross_kl=1.0),
}


def test_every_member_has_a_loop() -> None:
    assert set(CASES) == set(VARIANTS)


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("variant", CASES)
def test_three_steps_are_those_of_the_plain_loop(variant: str, optimiser: MakeOptimiser) -> None:
    assert difference(uu_net(variant), CASES[variant], optimiser) < 1e-6


@pytest.mark.parametrize("changes", [{}, {"critic": {"weight": 1.0}}], ids=["paper", "with a critic"])
@pytest.mark.parametrize("variant", ["v4", "uuvae-gan-kls"])
def test_each_phase_needs_one_backward(variant: str, changes: dict[str, Any]) -> None:
    # D's codes do not depend on G's decoder, and the critic's loss ends at the picture in D's phase.
    assert [len(each.columns) for each in uu_net(variant, **changes).plan.passes(0)] == [1, 1]


def test_the_plain_loop_would_notice_momentum_that_crosses_phases() -> None:
    """Encoder and decoder step in D's phase and in their own; one Adam state over both is another training."""
    assert difference(uu_net("v4"), CASES["v4"], ADAM) < 1e-6
    assert difference(uu_net("v4"), CASES["v4"], ADAM, shared_state=True) > 0.1


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("variant", ["v2", "v4", "uuvae-gan-kls"])
def test_links_that_let_part_of_the_gradient_through_or_none_agree_too(variant: str, share: float) -> None:
    choices = replace(CASES[variant], link_gradient=share)
    assert difference(uu_net(variant, link_gradient=share), choices, SGD) < 1e-6


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize(("discriminate", "translate"), [(1.0, 0.0), (0.0, 1.0), (0.25, 0.5)])
@pytest.mark.parametrize("variant", ["v1", "v4", "uuvae-gan-kls"])
def test_each_phase_can_cut_the_links_by_itself(
    variant: str, discriminate: float, translate: float, optimiser: MakeOptimiser
) -> None:
    choices = replace(CASES[variant], link_gradient=discriminate, translate_link_gradient=translate)
    shares = {"discriminate": discriminate, "translate": translate}
    assert difference(uu_net(variant, link_gradient=shares), choices, optimiser) < 1e-6
    assert_every_cell_is_reached(uu_net(variant, link_gradient=shares), fields(0))


def test_the_shortcut_of_the_adversarial_loss_through_the_links_can_be_cut_alone() -> None:
    choices = replace(CASES["v4"], link_gradient=1.0, translate_link_gradient=0.0)
    assert difference(uu_net("v4", link_gradient={"translate": 0.0}), choices, SGD) < 1e-6
    assert difference(uu_net("v4"), choices, SGD) > 1e-4


@pytest.mark.parametrize("variant", ["v4", "uuvae-gan-kls"])
@pytest.mark.parametrize(("noise", "full_size"), [(0.5, False), (0.0, True), (0.5, True)])
def test_noise_beside_the_source_and_a_layer_at_full_size_agree_too(
    variant: str, noise: float, full_size: bool
) -> None:
    def drawn(step: int) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(200 + step)
        return {**noise_of(step), "noise": torch.randn(COUNT, 1, 32, 32, generator=generator, dtype=torch.float64)}

    network = {"width": 4, "max_width": 8, "levels": 3, "norm": "none", "pool": False}
    method = uu_net(variant, network={**network, "noise": noise, "full_size": full_size})
    assert difference(method, replace(CASES[variant], noise=noise, full_size=full_size), SGD, drawn=drawn) < 1e-6
    assert_every_cell_is_reached(method, fields(0))


def test_noise_beside_the_source_varies_a_picture_and_is_repeatable() -> None:
    method = uu_net("v4", network={"width": 4, "max_width": 8, "levels": 3, "noise": 0.5, "full_size": True})
    assert method.plan.tap["noise"].noise == ("normal", (1, 32, 32))
    torch.manual_seed(0)
    model = Model(method, method.build(), PAIRS, torch.device("cpu"))
    source = fields(0)["source"].float()
    first, again, other = (model.translate(source, seed=seed).output for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_a_number_of_an_earlier_run_is_the_share_of_both_phases() -> None:
    cuts = [cut for cut in uu_net("v4", link_gradient=0.5).plan.cuts if cut.tap == "links"]
    assert [(cut.scale, cut.phases) for cut in cuts] == [(0.5, None)]


@pytest.mark.parametrize("term", ["kl", "discriminator_kl", "cross_kl"])
def test_a_kl_term_is_the_sum_over_the_components_of_a_code(term: str) -> None:
    """As a mean over 256 of them its weight did not matter: from .4 to .65 the fourth digit changed."""
    small, large = (find("uu-net").bind({"variant": "uuvae-gan-kls", "code": {"size": n}}, PAIRS) for n in (2, 20))
    values = []
    for method, size in ((small, 2), (large, 20)):
        mean, log_variance = torch.ones(1, size, 4, 4), torch.zeros(1, size, 4, 4)
        judged = (torch.zeros(1), torch.cat([mean, log_variance], 1))
        (row,) = (r for r in method.plan.table.rows if r.term.name == term)
        own = [mean, log_variance] if term == "kl" else [judged, judged] if term == "discriminator_kl" else []
        values.append(float(row.term.loss(*(own or [judged, judged, torch.zeros_like(mean), log_variance])).mean()))
    assert values == [0.5 * 2 * 16, 0.5 * 20 * 16]


def test_shares_of_real_and_fake_that_are_both_0_are_refused() -> None:
    with pytest.raises(ValidationError, match="must not both be 0"):
        uu_net("uuvae-gan-kls", code={"alpha": 0.0, "beta": 0.0})


def test_the_plain_loop_would_notice_a_link_without_gradient() -> None:
    assert difference(uu_net("v1", link_gradient=0.0), CASES["v1"], SGD) > 1e-4


@pytest.mark.parametrize("variant", CASES)
def test_every_cell_is_reached(variant: str) -> None:
    assert_every_cell_is_reached(uu_net(variant, pool=True), fields(0))


def only_discriminating(method: Method, *without: str) -> Method:
    """The method's first phase, some cuts taken away."""
    (stage,) = method.plan.stages
    cuts = tuple(cut for cut in method.plan.cuts if cut.name not in without)
    plan = replace(method.plan, stages=(replace(stage, phases=stage.phases[:1]),), cuts=cuts)
    return replace(method, plan=plan)


def closed(method: Method) -> Method:
    """The method with its links cut, and all its phases and rows as they were."""
    cuts = tuple(replace(cut, scale=0.0) if cut.name == "links" else cut for cut in method.plan.cuts)
    return replace(method, plan=replace(method.plan, cuts=cuts))


def moved(method: Method) -> dict[str, bool]:
    before = build_networks(method)
    after = train_by_plan(method, copy.deepcopy(before), inputs_of, SGD, [0])
    return {name: not torch.equal(parameters_of(before[name]), parameters_of(after[name])) for name in before}


def test_with_the_links_cut_the_step_of_d_leaves_g_bit_for_bit_as_it_was() -> None:
    linked = only_discriminating(uu_net("uuvae-gan-kl0.65"))
    assert moved(linked) == {"encoder": True, "decoder": True, "discriminator": True}
    assert moved(closed(linked)) == {"encoder": False, "decoder": False, "discriminator": True}


def test_the_loss_of_d_reaches_g_through_the_links_and_not_through_the_fake_picture() -> None:
    linked = uu_net("v4")
    before = build_networks(linked)
    drawing = [f"decoder.last.{name}" for name, _ in before["decoder"].decoder.last.named_parameters()]

    def last_layer_moves(*without: str) -> bool:
        method = only_discriminating(linked, *without)
        after = train_by_plan(method, copy.deepcopy(before), inputs_of, SGD, [0])
        old, new = (dict(networks["decoder"].named_parameters()) for networks in (before, after))
        return not all(torch.equal(old[name], new[name]) for name in drawing)

    assert not last_layer_moves()
    assert last_layer_moves("pixels")


def test_real_and_fake_are_judged_with_the_maps_of_one_forward() -> None:
    method = uu_net("v4")
    assert all("links" in method.plan.tap[name].inputs for name in ("judged_real", "judged_fake"))
    first = method.plan.passes(0)[0]
    assert first.computed.count("encoded") == first.computed.count("links") == 1


def test_each_phase_is_taught_by_its_own_rows() -> None:
    method = uu_net("uuvae-gan-kl0.65")
    judging, drawing = method.plan.passes(0)
    assert {term.name for term in judging.terms} == {"discrimination", "discriminator_kl"}
    assert {term.name for term in drawing.terms} == {"reconstruction", "adversarial", "kl"}


def test_measured_gradients_count_a_network_that_steps_twice_once_for_each_row() -> None:
    method = uu_net("v1")
    norms = measure(method.plan, build_networks(method), lambda _: inputs_of(0))
    assert norms["discrimination", "encoder"] > 0
    assert norms["reconstruction", "encoder"] > 0
    assert norms["discrimination", "decoder"] == 0


def test_a_translation_stands_at_the_posteriors_mean() -> None:
    method = uu_net("uuvae-gan-kl0.4")
    model = Model(method, build_networks(method), PAIRS, torch.device("cpu"))
    assert not model.draws_noise
    assert not model.has_style
    source = fields(0)["source"]
    assert torch.equal(model.translate(source, seed=1).output, model.translate(source, seed=2).output)


def test_the_divergence_between_posteriors_is_that_of_torch() -> None:
    torch.manual_seed(0)
    a, b, c, d = (torch.randn(4, 5) for _ in range(4))
    first, second = (torch.distributions.Normal(mean, (0.5 * log).exp()) for mean, log in ((a, b), (c, d)))
    torch.testing.assert_close(kl_between(a, b, c, d), torch.distributions.kl_divergence(first, second).sum(1))
    zero = torch.zeros(4, 5)
    torch.testing.assert_close(kl_between(a, b, zero, zero), kl_to_standard_normal(a, b))


def test_an_unknown_variant_and_a_kl_of_no_code_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="no variant 'v5'"):
        uu_net("v5")
    with pytest.raises(UsageError, match="no variational code"):
        uu_net("v4", discriminator_kl=0.4)
