"""decoupled(): every coupled method's // twin from one place."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgan.config import configure
from edgan.errors import UsageError
from edgan.methods import PAGES, Method, Shape, decoupled, find
from edgan.methods.common.identity import identity
from edgan.models.noise import draw_noise
from edgan.nets import pretrained
from edgan.routing import Executor, Forward, Inputs, Tap
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

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


FACES = Shape(32, 3, attributes=("Age", "Male", "Smiling"))
PAIRS = Shape(32, 3, source_channels=3)
SMALL_CDNET = {
    "network": {"width": 4, "hidden": (16,), "latent": 5, "dropout": 0.0},
    "discriminator": {"stem": 4, "width": 4, "max_width": 8, "hidden": 8, "dropout": 0.0},
}
TWINS: dict[str, tuple[dict[str, Any], Shape]] = {
    "ed-plus-gan": (SETTINGS, Shape(32, 3)),
    "caae": ({**SETTINGS, "latent": {"size": 10, "prior": "aae", "weight": 0.1}}, FACES),
    "pix2pix": ({"network": {"width": 4}, "discriminator": {"width": 4}}, PAIRS),
    "grit": ({"network": {"width": 4, "max_width": 8}, "objective": "perceptual-gan"}, PAIRS),
    "cdnet": ({**SMALL_CDNET, "classifier_steps": 2}, FACES),
    "vae-gan": (SMALL_CDNET, FACES),
}

PRETRAINED = {
    "ed-plus-gan": "quick",
    "caae": "quick",
    "pix2pix": "quick",
    "grit": "perceptual-gan",
    "cdnet": "quick",
    "vae-gan": "quick",
}
"""Presets with a discriminator on pretrained features. GRIT's own `quick` is decoupled without a twin."""


def example_batch(shape: Shape, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    batch = {"image": torch.rand(4, shape.channels, shape.size, shape.size, generator=generator) * 2 - 1}
    batch["attributes"] = torch.rand(4, len(shape.attributes), generator=generator).round()
    if shape.source_channels:
        batch["source"] = torch.rand(4, shape.source_channels, shape.size, shape.size, generator=generator)
    return batch


def random_noise(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    return draw_noise((0, 0, name), kind, (4, *shape))


def has_a_twin(name: str) -> bool:
    settings, shape = TWINS.get(name, ({}, replace(FACES, size=64, source_channels=3)))
    try:
        find(f"{name}//").bind(settings, shape)
    except UsageError:
        return False
    return True


def test_every_method_that_has_a_twin_is_tried_here() -> None:
    """GRIT has one only as its comparator: by itself it is decoupled."""
    assert {name for name in PAGES if has_a_twin(name)} == set(TWINS)


@pytest.mark.parametrize(
    ("name", "preset"), [*((name, None) for name in TWINS), *(PRETRAINED.items() if pretrained.is_available() else ())]
)
def test_the_encoder_decoder_of_a_twin_does_not_feel_the_generator_by_one_bit(name: str, preset: str | None) -> None:
    settings, shape = TWINS[name]
    page = find(f"{name}//")
    if preset is not None:
        settings, shape = page.presets[preset].settings, replace(shape, size=64)
        if getattr(settings, "ed_first_share", 0):
            settings = settings.model_copy(update={"ed_first": 1})
    method = page.bind(settings, shape)
    inputs = Inputs(example_batch(shape), random_noise)
    drawing = method.plan.networks_behind("base")
    assert drawing

    def stepped(scale: float) -> tuple[dict[str, list[Tensor | None]], dict[str, Tensor]]:
        torch.manual_seed(0)
        networks = method.build()
        with torch.no_grad():
            for parameter in networks["generator"].parameters():
                parameter.mul_(scale).add_(0.001 * scale)
        start = copy.deepcopy(networks)
        gradients: dict[str, list[Tensor | None]] = {}
        for stage in range(len(method.plan.stages)):
            torch.manual_seed(1)
            gradients |= Executor(method.plan, start).gradients(stage, 0, lambda _: inputs)
        names = method.plan.optimiser_names.items()
        rates = {"discriminator": 0.0}  # it sees the generator, and in turn teaches by its features
        optimisers = {
            key: torch.optim.SGD(networks[network].parameters(), rates.get(network, 0.01))
            for (_, network), key in names
        }
        torch.manual_seed(2)
        Executor(method.plan, networks, optimisers).step(len(method.plan.stages) - 1, 0, lambda _: inputs)
        weights = {n: torch.cat([p.detach().flatten() for p in networks[n].parameters()]) for n in networks}
        return gradients, weights

    (plain, moved), (scaled, moved_scaled) = stepped(1.0), stepped(1.5)
    taught = [n for n in drawing if any(gradient is not None for gradient in plain[n])]
    assert set(taught) == drawing
    for network in drawing:
        for a, b in zip(plain[network], scaled[network], strict=True):
            assert (a is None and b is None) or (a is not None and b is not None and torch.equal(a, b)), network
        assert torch.equal(moved[network], moved_scaled[network]), network
    assert not all(
        a is None or torch.equal(a, b)
        for a, b in zip(plain["discriminator"], scaled["discriminator"], strict=True)
        if b is not None
    ), "the discriminator does not see the generator"


@pytest.mark.parametrize("preset", ["paper", "quick", "small"])
def test_the_twin_of_ed_plus_gan_has_ed_slash_gans_networks_in_every_preset(preset: str) -> None:
    def networks(name: str) -> dict[str, list[tuple[str, Tensor]]]:
        torch.manual_seed(0)
        built = configure(name, preset).build(Shape(32, 3)).build()
        return {column: list(network.named_parameters()) for column, network in built.items()}

    twin, page = networks("ed-plus-gan//"), networks("ed-slash-gan")
    assert twin.keys() == page.keys()
    for column, weights in page.items():
        assert [name for name, _ in twin[column]] == [name for name, _ in weights]
        assert all(torch.equal(a, b) for (_, a), (_, b) in zip(twin[column], weights, strict=True)), column


@pytest.mark.parametrize("preset", ["paper", "small"])
def test_the_generator_of_caaes_twin_is_held_where_d_does_not_see_its_strength(preset: str) -> None:
    """D's batch norm normalises fakes by themselves; a generator without norm then ran away to an RMS of .9."""
    networks = configure("caae//", preset).build(FACES).build()
    assert any(isinstance(m, nn.BatchNorm2d) for m in networks["generator"].modules())
    assert not any(isinstance(m, nn.BatchNorm2d) for m in networks["decoder"].modules())


@pytest.mark.parametrize("name", TWINS)
def test_every_cell_of_a_twin_is_reached(name: str) -> None:
    settings, shape = TWINS[name]
    method = find(f"{name}//").bind(settings, shape)
    networks = method.build()
    check_reach(method.plan, on_meta(networks), meta_inputs(example_batch(shape)))
    assert {term.name for term, _ in method.plan.table.column("generator")} == set(method.adversarial)


@pytest.mark.parametrize("name", ["cdnet", "vae-gan"])
def test_a_loss_on_ds_features_of_the_output_reads_the_base_in_the_twin(name: str) -> None:
    settings, shape = TWINS[name]
    coupled, twin = (find(suffix).bind(settings, shape).plan for suffix in (name, f"{name}//"))
    (before,) = (r for r in coupled.table.rows if r.term.name == "features")
    (after,) = (r for r in twin.table.rows if r.term.name == "features")
    assert before.cells == after.cells
    assert "generator" not in {network for tap in after.term.taps for network in twin.networks_behind(tap)}
    assert after.term.label == "L2(h(base), h(image))"
    networks = find(name).bind(settings, shape).build()
    inputs = Inputs(example_batch(shape), random_noise)
    base_features = Forward(twin, {**networks, "generator": networks["decoder"]}, inputs)
    torch.testing.assert_close(base_features["h_fake_of_base"], Forward(coupled, networks, inputs)["h_fake"])


def test_the_rule_that_the_side_ahead_waits_binds_the_generator_of_a_twin_and_not_its_decoder() -> None:
    settings, shape = TWINS["cdnet"]
    stage = find("cdnet//").bind(settings, shape).plan.stages[-1]
    conditions = {network: phase.condition for phase in stage.phases for network in phase.networks}
    assert conditions["decoder"] is None
    assert conditions["generator"] is not None
    assert conditions["discriminator"] is not None


def test_the_twin_can_train_its_encoder_decoder_first_as_ed_slash_gan_does() -> None:
    for changes in ({}, {"ed_frozen": False}, {"generator_as_decoder": True}):
        settings = {**SETTINGS, "ed_first": 7, **changes}
        twin, page = (find(name).bind(settings, Shape(32, 3)).plan for name in ("ed-plus-gan//", "ed-slash-gan"))
        assert [(s.steps, s.networks, s.begins_as) for s in twin.stages] == [
            (s.steps, s.networks, s.begins_as) for s in page.stages
        ]
    with pytest.raises(UsageError, match=r"learns from D's features"):
        find("cdnet//").bind({**SMALL_CDNET, "ed_first": 7}, FACES)


def test_a_share_of_the_steps_trains_a_twins_encoder_decoder_first() -> None:
    stages = configure("caae//", "small", {"ed_first_share": 0.75}, steps=1000).build(FACES).plan.stages
    assert [stage.steps for stage in stages] == [700, None]
    stages = configure("caae//", "small", {"ed_first_share": 0.75}, steps=100).build(FACES).plan.stages
    assert [stage.steps for stage in stages] == [None]


@pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
def test_a_feature_loss_teaches_the_generator_of_caaes_twin_alone_and_reads_what_d_sees() -> None:
    shape = replace(FACES, training_images=40)  # few, so that D sees augmented pictures
    method = configure("caae//", "quick", {"feature_weight": 3.0}, steps=1000).build(shape)
    plan = method.plan
    (taught,) = (kept for kept in plan.table.rows if kept.term.name == "features")
    assert taught.cells == (("generator", 3.0),)
    forward = Forward(plan, method.build(), Inputs(example_batch(shape), random_noise))
    judge = forward.networks["discriminator"]
    for tap, seen in zip(taught.term.taps, ("seen_fake", "image_like_fake"), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(forward[tap], judge.pretrained_maps(forward[seen]), strict=True))
    assert plan.tap["image_like_fake"].inputs[1] == plan.tap["seen_fake"].inputs[1]


def test_a_generator_that_is_no_decoder_does_not_begin_as_one() -> None:
    settings, shape = TWINS["pix2pix"]
    with pytest.raises(UsageError, match=r"generator_as_decoder must be false: the generator of pix2pix// cannot"):
        find("pix2pix//").bind({**settings, "generator_as_decoder": True}, shape)


@pytest.mark.parametrize("name", ["ed-plus-gan", "caae", "cdnet"])
def test_the_generator_of_a_twin_can_step_several_times(name: str) -> None:
    settings, shape = TWINS[name]
    stage = find(f"{name}//").bind({**settings, "generator_steps": 3}, shape).plan.stages[-1]
    steps = {network: phase.repeat for phase in stage.phases for network in phase.networks}
    assert steps.pop("generator") == 3
    assert set(steps.values()) == {1}
    assert not stage.simultaneous


@pytest.mark.parametrize("name", TWINS)
def test_an_output_gain_of_0_starts_any_twin_from_its_base(name: str) -> None:
    settings, shape = TWINS[name]
    method = find(f"{name}//").bind({**settings, "generator": {"output_gain": 0.0}}, shape)
    forward = Forward(method.plan, method.build(), Inputs(example_batch(shape), random_noise))
    assert forward["residual"].abs().max() == 0
    assert forward["base"].abs().max() > 0
    assert torch.equal(forward["output"], forward["base"])


def test_the_generator_of_a_twin_has_settings_of_its_own() -> None:
    changed = {"norm": "group", "output_gain": 0.0}
    networks = find("caae//").bind({**TWINS["caae"][0], "generator": changed}, FACES).build()
    norms = {name: [type(m) for m in networks[name].modules() if "Norm" in type(m).__name__] for name in networks}
    assert set(norms["generator"]) == {nn.GroupNorm}
    assert nn.GroupNorm not in norms["decoder"]
    assert torch.equal(networks["generator"](torch.randn(4, 30)), torch.zeros(4, 3, 32, 32))
    with pytest.raises(
        UsageError, match=r"generator\.norm cannot be set: the generator of cdnet// is a copy of its decoder"
    ):
        find("cdnet//").bind({**SMALL_CDNET, "generator": {"norm": "group"}}, FACES)


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
