"""Rows 3.9 and 3.11: tiny ones from drawn faces to their results, what a reader reads, and the judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from edgan.synthetic import write_folder
from reproduction import reproduce
from reproduction.framework.schedule import perform
from reproduction.framework.schema import Place, Unit
from reproduction.framework.verdict import FAILS, HOLDS, UNDECIDED, verdict_of
from reproduction.paper3 import arithmetic, editable
from reproduction.paper3.faces import ASKED, SCALES, Faces
from reproduction.units.face_judges import judges_unit

FINALS = [Unit(f"one-{seed}", print, seed=seed) for seed in range(3)]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA/celeba with rendered faces."""
    folder = tmp_path_factory.mktemp("sets")
    write_folder("faces", folder / "celeba", 300, 32, 0)
    return folder


@pytest.mark.parametrize(("name", "count"), [("3.9", 8), ("3.11", 10)])
def test_a_tiny_row_runs_from_faces_to_its_figures(name: str, count: int, sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce(name, scale="toy", data=sets, out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (count, count)
    assert all(np.isfinite(one.mean) for one in result.figures.values())


def test_faces_are_chosen_and_judged_by_what_is_known_of_them(sets: Path, tmp_path: Path) -> None:
    place = Place(tmp_path, {"celeba": sets / "celeba"})
    taught = judges_unit(seed=0, data=("celeba", "a key"), scale=SCALES["toy"])
    perform(taught, place)
    faces = Faces.of(taught, place)
    men = faces.without("Eyeglasses", 5, Male=True)
    has = faces.truth[:, [faces.names.index("Eyeglasses"), faces.names.index("Male")]]
    assert torch.equal(men, faces.images[(has == torch.tensor([0.0, 1.0])).all(1)][:5])
    assert faces.known(faces.images, faces.images) == 1
    assert faces.known(faces.images, faces.images.roll(1, 0)) < 0.9
    assert faces.shown(faces.images, "Male") == float((faces.judges.read(faces.images)[:, 3] > 0).float().mean())


def added(seed: int, after: float, rise: float, control: float) -> dict[str, Any]:
    shown = {"0": 0.1, "1": after + 0.01 * seed, "2": after, "3": after}
    one = {"shown": shown, "rise": rise + 0.01 * seed, "control": control, "known": 0.9}
    return dict.fromkeys(arithmetic.WHO, one)


@pytest.mark.parametrize(
    ("after", "rise", "control", "verdict"),
    [(0.6, 1.0, 0.0, HOLDS), (0.6, 1.0, 1.5, FAILS), (0.05, 1.0, 0.0, FAILS), (0.095, 1.0, 0.0, UNDECIDED)],
)
def test_an_attribute_must_be_read_more_often_and_rise_above_the_control(
    after: float, rise: float, control: float, verdict: str
) -> None:
    found = {unit.key: added(unit.seed, after, rise, control) for unit in FINALS}
    outcome = arithmetic.judge(arithmetic.SCALES["small"], FINALS, found)
    assert verdict_of(outcome.checks, 1, 1) == verdict


def compared(seed: int, read: float, known: float, nrds: float) -> dict[str, Any]:
    figures = {"read": read + 0.001 * seed, "known": known, "before": 0.1, "redrawn": 0.9}
    return {name: dict.fromkeys(ASKED, value) for name, value in figures.items()} | {"told": 0.8, "nrds": nrds}


@pytest.mark.parametrize(
    ("read", "known", "nrds", "verdict"),
    [
        (0.7, 0.8, 0.34, HOLDS),
        (0.48, 0.77, 0.32, HOLDS),
        (0.4, 0.8, 0.34, FAILS),
        (0.7, 0.6, 0.34, FAILS),
        (0.7, 0.8, 0.2, FAILS),
    ],
)
def test_editable_gan_may_be_behind_its_rivals_by_no_more_than_is_said(
    read: float, known: float, nrds: float, verdict: str
) -> None:
    found = {
        unit.key: {
            editable.OURS: compared(unit.seed, read, known + 0.001 * unit.seed, nrds + 0.001 * unit.seed),
            **{name: compared(0, 0.5, 0.8, 0.33) for name in editable.RIVALS},
        }
        for unit in FINALS
    }
    outcome = editable.judge(editable.SCALES["small"], FINALS, found)
    assert verdict_of(outcome.checks, 1, 1) == verdict


def test_an_editable_gan_that_does_not_edit_does_not_hold() -> None:
    found = {u.key: {name: compared(u.seed, 0.05, 0.8, 0.33) for name in editable.MODELS} for u in FINALS}
    outcome = editable.judge(editable.SCALES["small"], FINALS, found)
    assert outcome.checks[0].verdict == FAILS
