"""Each sentence about a training's health appears exactly where its figure says so."""

from __future__ import annotations

import pytest

from edgan.training.health import diagnose

WELL = {"d_real": 0.6, "d_fake": 0.4, "spread": 0.9, "residual": 0.05, "energy_output": 1.0}
SETTINGS = ("penalty.weight", "discriminator.width", "optimisers.discriminator.lr", "optimisers.generator.lr")


def test_a_sound_training_is_not_talked_about():
    assert diagnose(WELL, has_residual=True, settings=SETTINGS) == []


def test_figures_that_were_not_taken_say_nothing():
    assert diagnose({}, has_residual=True, settings=SETTINGS) == []


@pytest.mark.parametrize(
    ("figures", "beginning", "named"),
    [
        ({"d_real": 0.99, "d_fake": 0.05}, "D wins", "0.99 and outputs 0.05"),
        ({"d_real": 0.3, "d_fake": 0.55}, "D has lost", "0.55 and real images 0.30"),
        ({"spread": 0.2}, "Collapse", "0.20 times"),
        ({"residual": 0.001}, "The residual is off", "nothing yet"),
        ({"energy_output": 2.5}, "Too much detail", "2.5 times"),
        ({"psnr_base": 20.0, "psnr_output": 15.0}, "The output is 5.0 dB worse", "than its base"),
        ({"d_train": 0.85, "d_real": 0.01, "d_fake": 0.3}, "D has memorised", "0.85, held-out images 0.01"),
        ({"d_train": 0.85, "d_real": 0.3, "d_fake": 0.1}, "D has memorised", "outputs 0.10"),
        ({"psnr_base_train": 26.4, "psnr_base": 17.1}, "Training images are redrawn at 26.4 dB", "at 17.1 dB"),
        ({"critic_train": 20.0, "critic_real": -5.0, "critic_fake": -9.0}, "The critic has memorised", "-5.00"),
    ],
)
def test_each_trouble_has_its_own_sentence(figures, beginning, named):
    findings = diagnose({**WELL, **figures}, has_residual=True, settings=SETTINGS)
    assert len(findings) == 1
    assert findings[0].startswith(beginning)
    assert named in findings[0]


@pytest.mark.parametrize(
    "figures",
    [
        {"d_real": 0.95, "d_fake": 0.06},
        {"d_real": 0.4, "d_fake": 0.59},
        {"spread": 0.26},
        {"residual": 0.0021},
        {"energy_output": 2.0},
        {"psnr_base": 20.0, "psnr_output": 17.1},
        {"d_train": 0.65, "d_real": 0.6, "d_fake": 0.4},
        {"d_train": 0.3, "d_real": 0.2, "d_fake": 0.2},
        {"critic_train": 20.0, "critic_real": 15.0, "critic_fake": 0.0},
        {"psnr_base_train": 24.0, "psnr_base": 20.0},
    ],
)
def test_this_side_of_the_bound_nothing_is_said(figures):
    assert diagnose({**WELL, **figures}, has_residual=True, settings=SETTINGS) == []


def test_a_method_without_a_residual_is_not_told_that_it_is_off():
    assert diagnose({**WELL, "residual": 0.0}, has_residual=False, settings=SETTINGS) == []


def test_several_troubles_are_all_told():
    assert (
        len(
            diagnose(
                {"d_real": 1.0, "d_fake": 0.0, "spread": 0.0, "residual": 0.0}, has_residual=True, settings=SETTINGS
            )
        )
        == 3
    )


def test_what_helps_against_memorising_is_named():
    (finding,) = diagnose({"d_train": 0.85, "d_real": 0.008, "d_fake": 0.4}, False, SETTINGS)
    assert "D has lost" not in finding
    for help_ in ("more images", "augment.flip=true", "augment.enlarge=1.1", "discriminator.width", "earlier"):
        assert help_ in finding


@pytest.mark.parametrize("settings", [(), ("discriminator.width",)])
def test_only_settings_that_the_method_has_are_recommended(settings):
    bad = {"d_real": 1.0, "d_fake": 0.0, "energy_output": 3.0, "psnr_base": 20.0, "psnr_output": 10.0, "variety": 0.1}
    for figures in (bad, {**bad, "d_real": 0.1, "d_fake": 0.9}, {**bad, "d_train": 0.9, "d_real": 0.0, "d_fake": 0.1}):
        findings = diagnose(figures, True, settings)
        assert len(findings) == 4
        named = [name for name in SETTINGS if any(name in finding for finding in findings)]
        assert set(named) <= set(settings)
        assert all(finding.endswith(".") and ".." not in finding for finding in findings)


def test_three_ways_out_are_listed_as_a_sentence():
    (finding,) = diagnose({"variety": 0.1}, True, SETTINGS)
    assert finding.endswith("Train longer, raise optimisers.discriminator.lr or lower penalty.weight.")
