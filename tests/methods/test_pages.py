"""What every page states: presets that exist, and a name and capabilities that its methods take over."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edgan.config import configure, dotted_settings
from edgan.errors import UsageError
from edgan.methods import PAGES, Shape, find
from edgan.methods.generation.dcgan import Settings
from edgan.methods.page import Preset
from edgan.methods.translation.uu_net_variants import VARIANTS
from edgan.settings import OptimiserSettings, TrainingSettings

DATA = Shape(32, 3, source_channels=3, attributes=("Age", "Male", "Hat"), frequencies=(0.5, 0.5, 0.5))
PRESETS = [(name, preset) for name, page in PAGES.items() for preset in page.presets]
PRESETS += [
    (f"{name}//", p)
    for name in ("ed-plus-gan", "caae", "pix2pix", "cdnet", "vae-gan")
    for p in find(f"{name}//").presets
]


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_every_preset_gives_a_method_with_its_pages_name_and_capabilities(name: str, preset: str) -> None:
    page = find(name)
    method = configure(name, preset).build(DATA)
    assert method.name == page.name == name
    assert set(method.capabilities) <= set(page.capabilities)
    assert {"sample", "edit"} >= set(page.capabilities) - set(method.capabilities)
    assert ("edit" in method.capabilities) == (method.edit is not None)


@pytest.mark.parametrize("name", PAGES)
def test_every_method_has_the_default_preset(name: str) -> None:
    assert {"paper", "small"} <= set(find(name).presets)


@pytest.mark.parametrize(
    "misspelt",
    [
        lambda: TrainingSettings.model_validate({"bath": 64}),
        lambda: TrainingSettings(optimisers={"decoder": {"learning_rate": 1e-3}}),
        lambda: Settings.model_validate({"network": {"widht": 32}}),
    ],
)
def test_a_preset_with_a_setting_that_does_not_exist_cannot_be_made(misspelt) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        misspelt()


def test_a_preset_holds_only_what_is_written() -> None:
    training = TrainingSettings(batch=64, optimisers={"generator": OptimiserSettings(lr=1e-3)})
    preset = Preset(training, Settings.model_validate({"network": {"width": 8}}))
    assert preset.dotted() == {"batch": 64, "optimisers.generator.lr": 1e-3, "network.width": 8}


def test_a_given_setting_takes_precedence_over_the_preset_for_every_network() -> None:
    configuration = configure("ed-slash-gan", "small", {"optimiser.beta2": 0.9}, batch=7)
    assert configuration.batch == 7
    assert configuration.optimiser_of("generator").lr == 5e-4
    assert configuration.optimiser_of("decoder") == OptimiserSettings(lr=1e-3, beta1=0.9, beta2=0.9)


def test_a_network_can_have_an_optimiser_of_its_own_in_one_phase() -> None:
    """It differs from the general one only in what is given, and a stored configuration holds the same."""
    changes = {"optimisers.encoder.lr": 1e-3, "optimisers.discriminate.encoder.name": "sgd", "optimiser.lr": 3e-4}
    configuration = configure("uu-net", "small", changes)
    assert configuration.optimiser_of("encoder", "discriminate") == OptimiserSettings(name="sgd", lr=3e-4, beta1=0.5)
    assert configuration.optimiser_of("encoder", "translate") == OptimiserSettings(lr=1e-3, beta1=0.5)
    assert configuration.optimiser_of("decoder", "discriminate") == OptimiserSettings(lr=3e-4, beta1=0.5)
    assert configure("uu-net", "small", dotted_settings(configuration)) == configuration


@pytest.mark.parametrize("variant", ["v1", "v4", "vae-gan"])
def test_uu_net_has_its_optimisers_whichever_half_is_linked(variant: str) -> None:
    configuration = configure("uu-net", changes={"variant": variant})
    plan = configuration.build(DATA).plan
    names = {
        name: configuration.optimiser_of(network, phase).name for (phase, network), name in plan.optimiser_names.items()
    }
    linked = {f"discriminate.{half}" for half in VARIANTS[variant].linked}
    assert {name for name, kind in names.items() if kind == "rmsprop-norm"} == linked


def test_a_method_with_a_residual_of_its_own_has_no_twin() -> None:
    with pytest.raises(UsageError, match="There is no 'grit//': grit has a residual already"):
        configure("grit//").build(DATA)


@pytest.mark.parametrize("kind", ["dcov"])
def test_a_batch_too_small_for_an_unbiased_estimate_is_refused_before_any_work(kind: str) -> None:
    for batch in (2, 3):
        with pytest.raises(UsageError, match="batch must be at least 4 for cdnet"):
            configure("cdnet", None, {"decorrelation.kind": kind, "decorrelation.unbiased": True}, batch=batch)
    assert configure("cdnet", None, {"decorrelation.unbiased": False}, batch=2).batch == 2
    assert configure("cdnet", None, {"decorrelation.kind": "none"}, batch=2).batch == 2


@pytest.mark.parametrize("kind", ["dcov", "xcov", "none"])
def test_only_an_unbiased_estimate_needs_four_images(kind: str) -> None:
    changes = {"decorrelation.kind": kind, "decorrelation.unbiased": True}
    if kind == "none":
        assert configure("cdnet", "small", changes, batch=2).batch == 2
    else:
        with pytest.raises(UsageError, match="batch must be at least 4"):
            configure("cdnet", "small", changes, batch=3)
    with pytest.raises(UsageError, match="batch must be at least 4 for ae-xcov"):
        configure("ae-xcov", "small", batch=3)
    assert configure("ae-xcov", "small", {"unbiased": False}, batch=3).batch == 3
