"""Rows 3.9, 3.11, 3.16 and 3.17: tiny ones from drawn faces to their results, what a reader reads, and the judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from reproduction import reproduce
from reproduction.framework.schedule import perform
from reproduction.framework.schema import FALL, Place
from reproduction.framework.verdict import FAILS, HOLDS, UNDECIDED
from reproduction.paper3 import arithmetic, editable, kept_details
from reproduction.paper3.faces import ASKED, SCALES, Faces, kept_unit
from reproduction.units.face_judges import judges_unit
from tests.reproduction.judged_rows import THREE_SEEDS, unread_gates, verdict


@pytest.fixture(scope="module")
def sets(rendered: Callable[..., Path]) -> Path:
    """DATA/celeba with rendered faces."""
    return rendered("celeba", "faces", 300)


@pytest.mark.parametrize(("name", "count"), [("3.9", 8), ("3.11", 12), ("3.16", 10), ("3.17", 12)])
def test_a_tiny_row_runs_from_faces_to_its_figures(name: str, count: int, sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce(name, scale="toy", data=sets, out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (count, count)
    assert unread_gates(result) == []
    assert all(np.isfinite(value.mean) for value in result.figures.values())


def test_faces_are_chosen_by_their_attributes_and_judged(sets: Path, tmp_path: Path) -> None:
    place = Place(tmp_path, {"celeba": sets / "celeba"})
    judges = judges_unit(seed=0, data=("celeba", "a key"), scale=SCALES["toy"], method="editable-gan")
    perform(judges, place)
    faces = Faces.of(judges, place)
    men = faces.without("Eyeglasses", 5, Male=True)
    has = faces.truth[:, [faces.names.index("Eyeglasses"), faces.names.index("Male")]]
    assert torch.equal(men, faces.images[(has == torch.tensor([0.0, 1.0])).all(1)][:5])
    assert faces.known(faces.images, faces.images) == 1
    assert faces.known(faces.images, faces.images.roll(1, 0)) < 0.9
    assert faces.shown(faces.images, "Male") == float((faces.judges.read(faces.images)[:, 3] > 0).float().mean())


def test_a_training_of_faces_tells_how_its_loss_ended(sets: Path, tmp_path: Path) -> None:
    toy = SCALES["toy"]
    longer = dataclasses.replace(toy, steps={"vae": 8}, set={"vae": {**toy.set["vae"], "log_every": 1}})
    result = perform(kept_unit("vae", longer, "a key", 0), Place(tmp_path, {"celeba": sets / "celeba"}))
    assert -1 < result["result"][FALL] < 1


def added(seed: int, after: float, rise: float, control: float) -> dict[str, Any]:
    shown = {"0": 0.1, "1": after + 0.01 * seed, "2": after, "3": after}
    edit = {"shown": shown, "rise": rise + 0.01 * seed, "control": control, "known": 0.9}
    return dict.fromkeys(arithmetic.WHO, edit)


@pytest.mark.parametrize(
    ("after", "rise", "control", "expected"),
    [(0.6, 1.0, 0.0, HOLDS), (0.6, 1.0, 1.5, FAILS), (0.0, 1.0, 0.0, FAILS), (0.095, 1.0, 0.0, UNDECIDED)],
)
def test_an_attribute_must_be_detected_more_often_and_its_score_rise_above_the_control(
    after: float, rise: float, control: float, expected: str
) -> None:
    outputs = {unit.key: added(unit.seed, after, rise, control) for unit in THREE_SEEDS}
    assert verdict("3.9", outputs, THREE_SEEDS) == expected


def compared(seed: int, read: float, known: float, nrds: float, psnr: float = 17.0) -> dict[str, Any]:
    figures = {"read": read + 0.001 * seed, "known": known, "before": 0.1, "redrawn": 0.9}
    return {name: dict.fromkeys(ASKED, value) for name, value in figures.items()} | {
        "told": 0.8,
        "nrds": nrds,
        "psnr": psnr,
    }


@pytest.mark.parametrize(
    ("read", "known", "nrds", "expected"),
    [
        (0.7, 0.8, 0.34, HOLDS),
        (0.48, 0.77, 0.32, HOLDS),
        (0.4, 0.8, 0.34, FAILS),
        (0.7, 0.6, 0.34, FAILS),
        (0.7, 0.8, 0.2, FAILS),
    ],
)
def test_editable_gan_may_be_behind_its_rivals_by_no_more_than_the_margins(
    read: float, known: float, nrds: float, expected: str
) -> None:
    outputs = {
        unit.key: {
            editable.OURS: compared(unit.seed, read, known + 0.001 * unit.seed, nrds + 0.001 * unit.seed),
            **{name: compared(0, 0.5, 0.8, 0.33) for name in editable.RIVALS},
        }
        for unit in THREE_SEEDS
    }
    assert verdict("3.11", outputs, THREE_SEEDS) == expected


def test_an_editable_gan_that_does_not_edit_does_not_hold() -> None:
    outputs = {u.key: {name: compared(u.seed, 0.05, 0.8, 0.33) for name in editable.MODELS} for u in THREE_SEEDS}
    outcome = editable.judge(editable.SCALES["small"], THREE_SEEDS, outputs)
    assert outcome.checks[0].verdict == FAILS


def test_an_editable_gan_that_reconstructs_worse_does_not_hold() -> None:
    outputs = {
        u.key: {n: compared(u.seed, 0.5, 0.8, 0.33, 15.0 if n == editable.OURS else 17.0) for n in editable.MODELS}
        for u in THREE_SEEDS
    }
    assert verdict("3.11", outputs, THREE_SEEDS) == FAILS


def inverted(seed: int, kept: float, fine: float) -> dict[str, Any]:
    """Reconstructions by pixels keep half of the attributes and a fifth of the fine energy."""

    def way(kept: float, fine: float) -> dict[str, Any]:
        return {"kept": dict.fromkeys(kept_details.WORN, kept), "fine": {"Eyeglasses": fine}}

    by_pixels = dict.fromkeys(kept_details.BY_PIXELS, way(0.5, 0.2))
    return {kept_details.CN: way(kept + 0.01 * seed, fine + 0.01 * seed), **by_pixels}


@pytest.mark.parametrize(("kept", "fine", "expected"), [(0.8, 0.6, HOLDS), (0.3, 0.6, FAILS), (0.8, 0.1, FAILS)])
def test_latents_must_keep_attributes_and_fine_energy_that_pixels_lose(kept: float, fine: float, expected: str) -> None:
    outputs = {unit.key: inverted(unit.seed, kept, fine) for unit in THREE_SEEDS}
    assert verdict("3.16", outputs, THREE_SEEDS) == expected


@pytest.mark.parametrize(("fine", "known", "expected"), [(0.6, 0.8, HOLDS), (0.1, 0.8, FAILS), (0.6, 0.5, FAILS)])
def test_a_vae_must_blur_and_ali_lose_identity(fine: float, known: float, expected: str) -> None:
    outputs = {
        unit.key: {
            kept_details.DCGAN: {"fine": fine + 0.01 * unit.seed, "known": known + 0.01 * unit.seed},
            kept_details.VAE: {"fine": 0.2, "known": 0.9},
            kept_details.ALI: {"fine": 0.6, "known": 0.6},
        }
        for unit in THREE_SEEDS
    }
    assert verdict("3.17", outputs, THREE_SEEDS) == expected
