"""Row 2.14+: a tiny run on rendered faces, and the judge of which factors an edit turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgan.synthetic import FACE_FACTORS, factor_values, sample_face
from reproduction import reproduce
from reproduction.framework.verdict import FAILS, HOLDS
from reproduction.paper2 import factor_reading, rendered
from reproduction.paper2.edit_movement import EditMovement, times_on_average
from tests.reproduction.judged_rows import about, final_units, verdict


def test_rendered_faces_run_from_factors_to_a_result(tmp_path: Path) -> None:
    (result,) = reproduce("2.14+", scale="toy", out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (7, 7)
    kinds = {f"other factors' turns per turn of the edited factor, {kind}" for kind in rendered.KINDS}
    assert kinds <= {*result.figures}


@pytest.mark.parametrize("name", factor_reading.ASKED)
def test_a_true_edit_of_a_drawn_face_changes_its_own_factor_alone(name: str) -> None:
    for face in (sample_face(1, index, independent=True) for index in range(6)):
        ends = [factor_reading.true_edit(face, name, holds) for holds in (False, True)]
        low, high = factor_values(ends)
        changed = {FACE_FACTORS[k].partition(":")[0] for k in np.flatnonzero(low != high)}
        assert changed == {factor_reading.ASKED[name].partition(":")[0]}
        before = factor_values([face])[0]
        same = [k for k, factor in enumerate(FACE_FACTORS) if factor.partition(":")[0] not in changed]
        np.testing.assert_array_equal(np.stack([low, high])[:, same], np.stack([before, before])[:, same])


def moves(asked: float, other: float, seed: int) -> dict[str, Any]:
    """A model whose every edit turns its factor and a tilt of the head, and hair colours among themselves."""

    def both(turns: float) -> dict[str, list[float]]:
        return {"turns": [about(turns, seed), 0.01], "deviations": [3 * turns, 0.03]}

    def edit(name: str) -> dict[str, Any]:
        hair = {"hair_colour:brown": both(-0.8)} if name == "Blond_Hair" else {}
        turned = {factor_reading.ASKED[name]: both(-asked if name == "Young" else asked)}
        return {**turned, **hair, "tilt": both(other), "light": both(0.0)}

    edits = {name: edit(name) for name in factor_reading.ASKED}
    told = {name: {factor_reading.LINE: 0.5, factor_reading.NETWORK: 0.6} for name in factor_reading.ASKED}
    seen = dict.fromkeys(FACE_FACTORS, 0.9)
    return {"psnr": 20.0, "told": told, "seen": seen, rendered.EDIT: edits, rendered.TRUE: edits}


def test_an_edit_must_turn_its_factor_five_times_as_far_as_any_other() -> None:
    def judged(asked: float, other: float, without: float) -> str:
        outputs = {
            unit.key: {"dcov": moves(asked, other, unit.seed), "none": moves(asked, without, unit.seed)}
            for unit in final_units("2.14+")
        }
        return verdict("2.14+", outputs)

    assert judged(0.9, 0.1, 0.3) == HOLDS
    assert judged(0.9, 0.25, 0.3) == FAILS, "less than five times"
    assert judged(-0.9, 0.1, 0.3) == FAILS, "the other way"
    assert judged(0.9, 0.1, 0.05) == FAILS, "more leaks with dCov"


def test_an_asked_factor_that_does_not_show_was_not_moved() -> None:
    edit = EditMovement("Eyeglasses", {"tilt": {"turns": [0.2, 0.01], "deviations": [1.0, 0.05]}})
    assert (edit.edited(), edit.next(), edit.noise()) == (0.0, 0.2, 0.01)


def test_movements_may_be_compared_on_average_over_seeds() -> None:
    def edit(**turns: float) -> EditMovement:
        moved = {factor: {"turns": [size, 0.01]} for factor, size in {"eyeglasses": 0.9, **turns}.items()}
        return EditMovement("Eyeglasses", moved)

    edits = [edit(tilt=0.3, light=0.1), edit(tilt=-0.1, light=0.1, wave=0.5)]
    assert times_on_average(edits) == pytest.approx(4.5), "a mean of .2, and a wave shows with one seed only"
    assert edits[0].times("turns") == pytest.approx(3.0)
