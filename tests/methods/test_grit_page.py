"""GRIT's page against a plain loop, and what its noise, its style and its cut may and may not do."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import pytest
import torch
from grit_loops import Choices, GritLoop, as_noise
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.models.inference import noise_of
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.routing import Executor, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

COUNT, STEPS, STYLE = 3, 3, 5
ADAM = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999))
SGD = partial(torch.optim.SGD, lr=0.02)
PAIRS = Shape(32, 3, source_channels=2)
NOISE = {"epsilon": (COUNT, STYLE), "noise_8": (COUNT, 1, 8, 8), "noise_16": (COUNT, 1, 16, 16)}
NOISE |= {"noise_32": (COUNT, 1, 32, 32)}
FEATURES_ALONE = 10.0


def grit(norm: str = "pixel", **changes: Any) -> Method:
    settings = {
        "network": {"width": 4, "max_width": 8, "residual_blocks": 1, "norm": norm},
        "discriminator": {"width": 4, "max_width": 8, "norm": "none", "init": "he"},
        "style": {"size": STYLE, "weight": 0.1},
        **changes,
    }
    return find("grit").bind(settings, PAIRS)


def built(method: Method) -> dict[str, nn.Module]:
    """Networks in double precision, whose noise and residual have already been learnt a little."""
    torch.manual_seed(3)
    networks = {name: network.double() for name, network in method.build().items()}
    with torch.no_grad():
        for network in networks.values():
            for name, parameter in network.named_parameters():
                if name.endswith("strength") or (name == "output.weight" and parameter.abs().max() == 0):
                    parameter.normal_(0.0, 0.3)
    return networks


def fields(step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(100 + step)
    shapes = {"image": (COUNT, 3, 32, 32), "source": (COUNT, 2, 32, 32)}
    return {n: torch.rand(*s, generator=generator, dtype=torch.float64) * 2 - 1 for n, s in shapes.items()}


def apart(method: Method, choices: Choices, optimiser: Any) -> float:
    """After some steps, the largest difference of a network's weights, relative to how far they went."""
    ours = built(method)
    truth, before = copy.deepcopy(ours), copy.deepcopy(ours)
    executor = Executor(method.plan, ours, {name: optimiser(n.parameters()) for name, n in ours.items()})
    loop = GritLoop(truth, optimiser, choices)
    for step in range(STEPS):
        noise = as_noise(NOISE, step)
        inputs = Inputs(fields(step), lambda name, *_, noise=noise: noise[name])
        executor.step(0, step, lambda _, inputs=inputs: inputs)
        loop.step(**fields(step), noise=noise)

    def flat(network: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    return max(float((flat(ours[n]) - flat(t)).norm() / (flat(t) - flat(before[n])).norm()) for n, t in truth.items())


CASES = {
    "as it comes": ({}, Choices()),
    "AdaIN": ({"norm": "instance"}, Choices()),
    "apart": ({"trunks": "apart"}, Choices(apart=True)),
    "into the base": ({"base_gradient": 0.5}, Choices(base_gradient=0.5)),
    "apart and into the base": (
        {"trunks": "apart", "base_gradient": 1.0},
        Choices(apart=True, base_gradient=1.0),
    ),
    "fine": ({"fine": 1.5 / 32}, Choices(fine=1.5)),
    "with features": ({"perceptual_weight": 2.0}, Choices(perceptual=2.0)),
    "L1": ({"objective": "l1"}, Choices(objective="l1")),
    "features": ({"objective": "perceptual"}, Choices(objective="perceptual", perceptual=FEATURES_ALONE)),
    "features and GAN": (
        {"objective": "perceptual-gan"},
        Choices(objective="perceptual-gan", perceptual=FEATURES_ALONE),
    ),
}


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("case", CASES)
def test_three_steps_are_those_of_the_plain_loop(case: str, optimiser: Any) -> None:
    settings, choices = CASES[case]
    assert apart(grit(**settings), choices, optimiser) < 1e-6


def test_the_plain_loop_would_notice_a_gradient_into_the_base() -> None:
    assert apart(grit(base_gradient=1.0), Choices(), SGD) > 1e-3


@pytest.mark.parametrize("case", CASES)
def test_every_cell_is_reached(case: str) -> None:
    method = grit(**CASES[case][0])
    check_reach(method.plan, on_meta(built(method)), meta_inputs(fields(0)))


def test_routing_the_adversarial_loss_to_the_base_behind_the_cut_is_refused() -> None:
    method = grit().with_routes({"adversarial.base_head": 1.0})
    with pytest.raises(UsageError, match=r"adversarial\.base_head"):
        check_reach(method.plan, on_meta(built(method)), meta_inputs(fields(0)))


def model(**changes: Any) -> Model:
    method = grit(**changes)
    return Model(method, built(method), PAIRS, torch.device("cpu"))


def test_the_reconstruction_does_not_depend_on_the_noise_and_the_residual_does() -> None:
    one, other = (model().translate(fields(0)["source"], seed=seed) for seed in (1, 2))
    assert torch.equal(one.base, other.base)
    assert (one.residual - other.residual).abs().mean() > 1e-3
    assert torch.equal(one.output, one.base + one.residual)


def test_an_equal_seed_draws_an_equal_picture() -> None:
    source = fields(0)["source"]
    assert torch.equal(model().translate(source, seed=4).output, model().translate(source, seed=4).output)


def test_a_translation_takes_the_style_of_a_photo_and_else_the_priors_mean() -> None:
    source, photo, drawing = fields(0)["source"], fields(1)["image"], model()
    plain = drawing.translate(source)
    assert torch.equal(plain.base, drawing.translate(source, style=torch.zeros(1, STYLE)).base)
    assert not torch.allclose(plain.base, drawing.translate(source, style=drawing.encode(photo)).base)


def test_held_out_figures_do_not_see_the_photos_style() -> None:
    drawing, sample = model(), fields(0)
    assert torch.equal(drawing.redraw(sample).base, drawing.translate(sample["source"]).base)


def test_a_sheet_shows_base_residual_output_and_variants_and_of_a_comparator_the_output_alone() -> None:
    shown = rows(model(), fields(0))
    assert list(shown) == ["source", "base", "residual", "output", "variant 2", "variant 3", "variant 4", "target"]
    assert torch.equal(shown["output"], shown["base"] + shown["residual"])
    assert not torch.equal(shown["variant 2"], shown["variant 3"])
    assert list(rows(model(objective="l1"), fields(0))) == ["source", "output", "target"]


def test_a_pictures_noise_is_its_own_and_does_not_depend_on_its_company() -> None:
    source = fields(0)["source"][:1].expand(80, -1, -1, -1)
    together = model().translate(source, seed=2).output
    assert not torch.equal(together[0], together[64])
    noise = noise_of(grit(), 2, [64, 70], PAIRS.size, (PAIRS.size, PAIRS.size))
    torch.testing.assert_close(model().translate(source[:2], noise=noise).output, together[[64, 70]])


def test_a_comparator_has_no_residual_and_no_noise() -> None:
    for objective in ("l1", "perceptual", "perceptual-gan"):
        drawing = model(objective=objective)
        assert not drawing.draws_noise
        assert drawing.translate(fields(0)["source"]).residual.abs().max() == 0


def test_the_l1_comparator_has_no_discriminator() -> None:
    assert "discriminator" not in grit(objective="l1").plan.table.networks
