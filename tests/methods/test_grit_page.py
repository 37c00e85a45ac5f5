"""GRIT's page against a plain loop, and what its noise, its style and its cut may and may not do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from grit_loops import Choices, GritLoop, as_noise
from method_harness import (
    ADAM,
    MakeOptimiser,
    Networks,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    noise_from,
    sgd,
)
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.models.inference import noise_of
from edgan.models.latents import draw_styles
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.routing import Forward, Inputs

COUNT, STEPS, STYLE = 3, 3, 5
SGD = sgd(0.02)
PAIRS = Shape(32, 3, source_channels=2)
NOISE = {
    "epsilon": (COUNT, STYLE),
    "style": (COUNT, STYLE),
    "noise_8": (COUNT, 1, 8, 8),
    "noise_16": (COUNT, 1, 16, 16),
}
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


def trained_a_little(method: Method) -> Networks:
    """Networks whose noise strengths and residual are not 0 any more."""
    networks = build_networks(method)
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


def inputs_of(step: int) -> Inputs:
    return Inputs(fields(step), noise_from(as_noise(NOISE, step)))


def difference(method: Method, choices: Choices, optimiser: MakeOptimiser) -> float:
    """The deviation after some steps."""

    def train_plainly(networks: Networks) -> None:
        loop = GritLoop(networks, optimiser, choices)
        for step in range(STEPS):
            loop.train(**fields(step), noise=as_noise(NOISE, step))

    return deviation(method, train_plainly, inputs_of, optimiser, (0,) * STEPS, before=trained_a_little(method))


CASES = {
    "defaults": ({}, Choices()),
    "AdaIN": ({"norm": "instance"}, Choices()),
    "apart": ({"trunks": "apart"}, Choices(apart=True)),
    "into the base": ({"base_gradient": 0.5}, Choices(base_gradient=0.5)),
    "apart and into the base": (
        {"trunks": "apart", "base_gradient": 1.0},
        Choices(apart=True, base_gradient=1.0),
    ),
    "fine": ({"fine": 1.5 / 32}, Choices(fine=1.5)),
    "regression": ({"style": {"size": STYLE, "weight": 0.1, "regression": 0.7}}, Choices(regression=0.7)),
    "regression and apart": (
        {"trunks": "apart", "style": {"size": STYLE, "weight": 0.1, "regression": 0.7}},
        Choices(apart=True, regression=0.7),
    ),
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
def test_three_steps_are_those_of_the_plain_loop(case: str, optimiser: MakeOptimiser) -> None:
    settings, choices = CASES[case]
    assert difference(grit(**settings), choices, optimiser) < 1e-6


def test_the_plain_loop_would_notice_a_gradient_into_the_base() -> None:
    assert difference(grit(base_gradient=1.0), Choices(), SGD) > 1e-3


@pytest.mark.parametrize("case", CASES)
def test_every_cell_is_reached(case: str) -> None:
    assert_every_cell_is_reached(grit(**CASES[case][0]), fields(0))


def test_routing_the_adversarial_loss_to_the_base_behind_the_cut_is_refused() -> None:
    method = grit().with_routes({"adversarial.base_head": 1.0})
    with pytest.raises(UsageError, match=r"adversarial\.base_head"):
        assert_every_cell_is_reached(method, fields(0))


def model(**changes: Any) -> Model:
    method = grit(**changes)
    return Model(method, trained_a_little(method), PAIRS, torch.device("cpu"))


def test_the_reconstruction_does_not_depend_on_the_noise_and_the_residual_does() -> None:
    first, second = (model().translate(fields(0)["source"], seed=seed) for seed in (1, 2))
    assert torch.equal(first.base, second.base)
    assert (first.residual - second.residual).abs().mean() > 1e-3
    assert torch.equal(first.output, first.base + first.residual)


def test_an_equal_seed_draws_an_equal_picture() -> None:
    source = fields(0)["source"]
    assert torch.equal(model().translate(source, seed=4).output, model().translate(source, seed=4).output)


def test_a_translation_takes_the_style_of_a_photo_and_else_the_priors_mean() -> None:
    source, photo, drawing = fields(0)["source"], fields(1)["image"], model()
    plain = drawing.translate(source)
    assert torch.equal(plain.base, drawing.translate(source, style=torch.zeros(1, STYLE)).base)
    assert not torch.allclose(plain.base, drawing.translate(source, style=drawing.encode(photo)).base)


def test_d_judges_styles_as_in_use_and_l1_the_targets_own() -> None:
    """With the posterior's style in both, training saw the target in every picture that D judged, and use never."""
    method = grit(style={"size": STYLE, "weight": 0.1, "regression": 0.5})
    networks = trained_a_little(method)

    def losses(image: Tensor) -> dict[str, float]:
        fields_now = {**fields(0), "image": image}
        forward = Forward(method.plan, networks, Inputs(fields_now, noise_from(as_noise(NOISE, 0))))
        return {term.name: float(forward.loss(term)) for term in method.plan.table.terms}

    first, second = losses(fields(0)["image"]), losses(fields(1)["image"])
    assert first["adversarial"] == second["adversarial"]
    assert first["style_regression"] == second["style_regression"]
    assert first["reconstruction"] != second["reconstruction"]
    assert "style_regression" not in {term.name for term, _ in method.plan.table.column("style_encoder")}


def test_styles_can_be_drawn_and_do_not_depend_on_company() -> None:
    source, drawing = fields(0)["source"], model()
    latent = drawing.method.latent
    assert latent is not None
    styles = draw_styles(latent, [3, 5, 9], seed=2)
    assert styles.shape == (3, STYLE)
    assert torch.equal(draw_styles(latent, [5], seed=2)[0], styles[1])
    assert not torch.equal(draw_styles(latent, [5], seed=3)[0], styles[1])
    drawn = drawing.translate(source, style=styles)
    assert not torch.allclose(drawn.base, drawing.translate(source).base)


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
