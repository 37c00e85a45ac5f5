"""The pages of CDNet and its rivals, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from attribute_loops import AEXCovLoop, CDNetLoop, IcGANLoop, VAEGANLoop, unbiased_dcov, xcov
from method_harness import (
    Networks,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    sgd,
    uniform,
    with_settings,
)
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.routing import Executor, Forward, Inputs, Phase, Source, kept_taps

COUNT, SIZE, LATENT, NAMES = 6, 16, 3, ("glasses", "smile", "hat", "beard")
SGD = sgd(0.2)
NET = {"width": 4, "hidden": (7,), "latent": LATENT, "dropout": 0.0}
D = {"stem": 3, "width": 4, "max_width": 6, "hidden": 5, "dropout": 0.0}
FACES, DIGITS = Shape(SIZE, 3, attributes=NAMES), Shape(SIZE, 3, classes=NAMES)


def bound(name: str, shape: Shape = FACES, **changes: Any) -> Method:
    settings: dict[str, Any] = {"network": NET, "discriminator": D, **changes}
    page = find(name)
    known = {key: value for key, value in settings.items() if key in page.settings.model_fields}
    return page.bind(known, shape)


def fields(seed: int) -> dict[str, Tensor]:
    attributes = (uniform(seed, COUNT, len(NAMES)) > 0.5).double()
    label = torch.arange(COUNT) % len(NAMES)
    return {"image": uniform(seed + 100, COUNT, 3, SIZE, SIZE) * 2 - 1, "attributes": attributes, "label": label}


def noise(seed: int) -> Callable[[str, str, tuple[int, ...]], Tensor]:
    return lambda name, _kind, shape: uniform(seed + 1000 * len(name), COUNT, *shape) * 2 - 1


def inputs(seed: int) -> Inputs:
    return Inputs(fields(seed), noise(seed))


def difference(method: Method, stages: tuple[int, ...], train_plainly: Callable[[Networks], object]) -> float:
    """The deviation after a step of each of these stages."""
    return deviation(method, train_plainly, inputs, SGD, stages, untrained=untrained(method, stages))


def untrained(method: Method, stages: tuple[int, ...]) -> set[str]:
    """The networks that none of these stages steps."""
    return set(method.networks) - {name for stage in stages for name in method.plan.stages[stage].networks}


DCOV = {"decorrelation": {"kind": "dcov", "weight": 1.0, "over": 4}}
CDNETS: dict[str, tuple[Shape, dict[str, Any], dict[str, Any]]] = {
    "dCov, the paper's game": (FACES, DCOV, {}),
    "dCov without its bias": (
        FACES,
        {"decorrelation": {**DCOV["decorrelation"], "unbiased": True}},
        {"decorrelation": unbiased_dcov},
    ),
    "XCov": (FACES, {"decorrelation": {"kind": "xcov", "weight": 1.0, "over": 4}}, {"decorrelation": xcov}),
    "neither (M3)": (FACES, {"decorrelation": {"kind": "none"}}, {"route": (0.0, 4)}),
    "non-saturating, no equilibrium rule": (
        FACES,
        {**DCOV, "game": {"form": "non-saturating", "equilibrium": False}},
        {"form": "non-saturating", "equilibrium": False},
    ),
    "classes": (DIGITS, DCOV, {"one_hot": True}),
}


def train_cdnet(networks: Networks, classify: int, together: int, **options: Any) -> None:
    """Steps of Enc_y, then steps of the rest."""
    loop = with_settings(CDNetLoop(networks, SGD), **options)
    for step in range(classify):
        given = fields(step)
        loop.classify(given["image"], given["label" if loop.one_hot else "attributes"])
    for step in range(together):
        loop.train(step, fields(classify + step)["image"])


@pytest.mark.parametrize("case", CDNETS)
def test_cdnet_is_algorithm_1(case: str) -> None:
    shape, settings, options = CDNETS[case]
    method = bound("cdnet", shape, **settings)
    assert difference(method, (0, 0, 1, 1, 1), lambda networks: train_cdnet(networks, 2, 3, **options)) < 1e-6


@pytest.mark.parametrize("change", [{"form": "non-saturating"}, {"route": (0.5, 4)}, {"adversarial_weight": 0.3}])
def test_the_plain_loop_of_cdnet_would_notice(change: dict[str, Any]) -> None:
    method = bound("cdnet", **DCOV)
    assert difference(method, (0, 1, 1, 1), lambda networks: train_cdnet(networks, 1, 3, **change)) > 1e-5


def test_ae_xcov_is_the_plain_loop() -> None:
    def train_plainly(networks: Networks) -> None:
        loop = AEXCovLoop(networks, SGD)
        for step in range(3):
            loop.train(fields(step)["image"], fields(step)["attributes"])

    assert difference(bound("ae-xcov", decorrelation_weight=1.0), (0, 0, 0), train_plainly) < 1e-6


def test_icgan_is_the_plain_loop() -> None:
    def train_plainly(networks: Networks) -> None:
        loop = IcGANLoop(networks, SGD)
        for step in range(4):
            given, z = fields(step), noise(step)("z_prior", "normal", (LATENT,))
            (loop.play if step < 2 else loop.invert)(given["image"], given["attributes"], z)

    assert difference(bound("icgan"), (0, 0, 1, 1), train_plainly) < 1e-6


def test_vae_gan_is_the_plain_loop() -> None:
    def train_plainly(networks: Networks) -> None:
        loop = VAEGANLoop(networks, SGD)
        for step in range(3):
            epsilon, z_prior = (noise(step)(name, "normal", (LATENT,)) for name in ("epsilon", "z_prior"))
            loop.train(fields(step)["image"], epsilon, z_prior)

    settings = {"prior_weight": 0.1, "adversarial_weight": 0.3, "game": {"form": "non-saturating"}}
    assert difference(bound("vae-gan", **settings), (0, 0, 0), train_plainly) < 1e-6


WGAN = {"discriminator": {**D, "norm": "instance"}, "game": {"form": "wasserstein"}}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cdnet", {}),
        ("cdnet", WGAN),
        ("cdnet", {"discriminator": {**D, "patch": True}}),
        ("cdnet//", {}),
        ("ae-xcov", {}),
        ("icgan", {}),
        ("vae-gan", {}),
        ("vae-gan", WGAN),
        ("vae-gan//", {}),
    ],
)
@pytest.mark.parametrize("shape", [FACES, DIGITS], ids=["attributes", "classes"])
def test_every_cell_of_a_page_is_reached(name: str, changes: dict[str, Any], shape: Shape) -> None:
    assert_every_cell_is_reached(bound(name, shape, **changes), fields(0))


def test_icgan_samples_from_a_latent_and_attributes() -> None:
    assert (bound("icgan").conditioning, bound("icgan", DIGITS).conditioning) == (("attributes",), ("label",))


@pytest.mark.parametrize("name", ["cdnet", "cdnet//", "ae-xcov", "icgan", "vae-gan"])
def test_a_trained_model_needs_the_image_alone(name: str) -> None:
    assert bound(name).fields == ("image",)


def test_cdnets_soft_targets_are_computed_once_an_image() -> None:
    method = bound("cdnet")
    assert kept_taps(method.plan, 1) == ("y",)
    networks = build_networks(method)
    calls: list[int] = []
    networks["attribute_encoder"].register_forward_hook(lambda *_: calls.append(1))
    source = Source(COUNT, lambda where: {name: value[where] for name, value in fields(0).items()})
    sgd = {name: SGD(n.parameters()) for name, n in networks.items()}
    executor = Executor(method.plan, networks, sgd, source=source)
    for step in range(3):
        executor.step(1, step, lambda _: Inputs(fields(0), noise(0), torch.arange(COUNT)))
    assert len(calls) == 1


def test_cdnets_three_networks_step_from_one_forward() -> None:
    method = bound("cdnet")
    result = Executor(method.plan, build_networks(method)).gradients_and_counts(1, 1, lambda _: inputs(0))[1]
    assert dict(result.forwards) == {
        "attribute_encoder": 1,
        "encoder": 1,
        "decoder": 1,
        "discriminator": 2,
    }
    assert result.backwards == 3


def test_the_adversarial_loss_teaches_the_decoder_and_not_the_encoder() -> None:
    method = bound("cdnet")
    gradients = Executor(method.plan, build_networks(method)).gradients(1, 1, lambda _: inputs(0), only="adversarial")
    assert any(g.any() for g in gradients["decoder"] if g is not None)
    assert not any(g.any() for g in gradients["encoder"] if g is not None)


@pytest.mark.parametrize("name", ["cdnet", "ae-xcov", "icgan"])
def test_data_without_attributes_and_classes_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="learns attributes or classes, and the data has neither"):
        bound(name, Shape(SIZE, 3))


def test_wgan_gp_with_batch_norm_in_d_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Set discriminator\.norm=instance together with game\.form=wasserstein"):
        bound("cdnet", game={"form": "wasserstein"})


@pytest.mark.parametrize(("name", "why"), [("icgan", "nothing but the adversarial"), ("ae-xcov", "no adversarial")])
def test_what_has_no_base_or_no_game_has_no_twin(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        bound(f"{name}//")


def test_the_twin_of_vae_gan_draws_its_samples_as_a_sum_too() -> None:
    plan = bound("vae-gan//").plan
    assert plan.networks_behind("drawn") == {"decoder", "generator"}
    assert plan.table.rows[2].cells == (("generator", 1.0),)


def test_cdnets_equilibrium_rule_is_printed_and_can_be_switched_off() -> None:
    def conditions(method: Method) -> list[str | None]:
        phases: tuple[Phase, ...] = method.plan.stages[1].phases
        return [None if phase.condition is None else phase.condition.name for phase in phases]

    assert conditions(bound("cdnet")) == [None, "G waits when ahead", "D waits when ahead"]
    assert conditions(bound("cdnet", game={"equilibrium": False})) == [None, None, None]


@pytest.mark.parametrize("preset", ["paper", "paper-digits", "small", "small-digits"])
def test_both_decorrelations_are_debiased_or_neither_is(preset: str) -> None:
    """dCov without its bias against XCov with its own would compare two estimators and not two losses."""

    def bias(method: Method) -> bool:
        (term,) = (term for term in method.plan.table.terms if term.name == "decorrelation")
        torch.manual_seed(0)
        y, z = torch.randn(2, 500, 4, 1).unbind()
        return bool(torch.stack([term.loss(a, b) for a, b in zip(y, z, strict=True)]).min() > -1e-3)

    page, shape = find("cdnet"), Shape(28 if "digits" in preset else 32, 1, attributes=("A", "B"))
    settings = page.presets[preset].settings
    changed = {kind: settings.decorrelation.model_copy(update={"kind": kind}) for kind in ("dcov", "xcov")}
    biases = {
        kind: bias(page.bind(settings.model_copy(update={"decorrelation": decorrelation}), shape))
        for kind, decorrelation in changed.items()
    }
    rival = bias(find("ae-xcov").bind(find("ae-xcov").presets[preset].settings, shape))
    assert biases["dcov"] == biases["xcov"] == rival


DIGIT_METHODS = ("cdnet", "ae-xcov", "icgan", "vae-gan")


@pytest.mark.parametrize("name", DIGIT_METHODS)
def test_the_papers_digits_are_in_0_to_1_with_a_sigmoid(name: str) -> None:
    page = find(name)
    settings = page.presets["paper-digits"].settings
    assert settings.network.pixel_range == "unit"
    shape = Shape(28, 1, classes=NAMES)
    built = page.bind({**settings.model_dump(), "network": {**NET, "pixel_range": "unit"}}, shape).build()
    seen: dict[str, Tensor] = {}
    image = torch.rand(4, 1, 28, 28) * 2 - 1
    for column, network in built.items():
        first = next(module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear))
        first.register_forward_pre_hook(lambda _, inputs, column=column: seen.setdefault(column, inputs[0]))
        if column != "decoder":
            target = (torch.zeros(4, len(NAMES)),) if name == "icgan" and column == "discriminator" else ()
            network(image, *target)
            torch.testing.assert_close(seen[column], (image + 1) / 2)
    z = torch.randn(4, LATENT)
    decoder = built["decoder"].eval()
    drawn = decoder(z, torch.zeros(4, len(NAMES))) if name != "vae-gan" else decoder(z)
    decoder.unit = False
    symmetric = decoder(z, torch.zeros(4, len(NAMES))) if name != "vae-gan" else decoder(z)
    torch.testing.assert_close((drawn + 1) / 2, torch.sigmoid(torch.atanh(symmetric.double())).float())


@pytest.mark.parametrize("name", ["cdnet", "ae-xcov"])
def test_the_pixel_loss_of_digits_in_0_to_1_is_a_quarter(name: str) -> None:
    def pixels(span: str) -> float:
        extra = {"discriminator": D} if name == "cdnet" else {}
        plan = find(name).bind({"network": {**NET, "pixel_range": span}, **extra}, FACES).plan
        (term,) = (term for term in plan.table.terms if term.name == "reconstruction")
        base, image = torch.full((1, 1, 2, 2), 0.5), torch.full((1, 1, 2, 2), -0.1)
        forward = Forward(plan, {}, Inputs({"image": image}, lambda *_: image), known={"base": base})
        return float(forward.loss(term))

    assert pixels("symmetric") == pytest.approx(0.36)
    assert pixels("unit") == pytest.approx(0.09)


def test_faces_and_the_small_digits_stay_in_minus_1_to_1() -> None:
    for name in DIGIT_METHODS:
        presets = find(name).presets
        ranges = {preset: presets[preset].settings.network.pixel_range for preset in presets}
        assert {preset for preset, span in ranges.items() if span == "unit"} == {"paper-digits"}


@pytest.mark.parametrize(
    ("size", "last_side", "times"), [(64, None, 3), (64, 8, 3), (64, 4, 4), (128, 8, 4), (28, 7, 2)]
)
def test_the_last_maps_side_can_be_set(size: int, last_side: int | None, times: int) -> None:
    shape = Shape(size, 1, attributes=NAMES)
    networks = find("cdnet").bind({"network": {**NET, "last_side": last_side}, "discriminator": D}, shape).build()
    image = torch.zeros(2, 1, size, size)
    assert networks["encoder"].convolutions(image).shape[-1] == size // 2**times
    assert networks["discriminator"](image).features.shape[-1] == size // 2**times
    assert networks["decoder"](torch.zeros(2, LATENT), torch.zeros(2, len(NAMES))).shape == image.shape


def test_a_last_side_that_halvings_do_not_reach_is_refused() -> None:
    method = find("cdnet").bind(
        {"network": {**NET, "last_side": 6}, "discriminator": D}, Shape(64, 3, attributes=NAMES)
    )
    with pytest.raises(UsageError, match=r"last_side must be one of 32, 16, 8, 4, 2, 1 at 64 pixels \(got 6\)"):
        method.build()
