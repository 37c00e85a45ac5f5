"""Each sentence about a training's health appears exactly where its figure says so."""

from __future__ import annotations

import pytest

from edgan.training.health import diagnose

WELL = {"d_real": 0.6, "d_fake": 0.4, "spread": 0.9, "residual": 0.05, "energy_output": 1.0}
NAN = float("nan")


def test_a_sound_training_is_not_talked_about():
    assert diagnose(WELL, has_residual=True) == []


def test_figures_that_were_not_taken_say_nothing():
    assert diagnose({}, has_residual=True) == []


@pytest.mark.parametrize(
    ("figures", "beginning", "named"),
    [
        ({"d_real": 0.99, "d_fake": 0.05}, "D wins", "0.99 and outputs 0.05"),
        ({"d_real": 0.3, "d_fake": 0.55}, "D has lost", "0.55 and real images 0.30"),
        ({"spread": 0.2}, "Collapse", "0.20 times"),
        ({"residual": 0.001}, "The residual is off", "nothing yet"),
        ({"energy_output": 2.5}, "Too much detail", "2.5 times"),
    ],
)
def test_each_trouble_has_its_own_sentence(figures, beginning, named):
    findings = diagnose({**WELL, **figures}, has_residual=True)
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
    ],
)
def test_this_side_of_the_bound_nothing_is_said(figures):
    assert diagnose({**WELL, **figures}, has_residual=True) == []


def test_a_method_without_a_residual_is_not_told_that_it_is_off():
    assert diagnose({**WELL, "residual": 0.0}, has_residual=False) == []


def test_several_troubles_are_all_told():
    assert len(diagnose({"d_real": 1.0, "d_fake": 0.0, "spread": 0.0, "residual": 0.0}, has_residual=True)) == 3
