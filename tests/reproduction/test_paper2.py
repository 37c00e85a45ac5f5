"""Paper 2's rows: tiny ones from drawn pictures to their results, and the judges at hand-made figures."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edgan.synthetic import FACE_FACTORS, factor_values, sample_face, write_folder
from reproduction import reproduce
from reproduction.framework.schema import Place
from reproduction.framework.verdict import FAILS, HOLDS
from reproduction.paper2 import editing, faces, factor_reading, rendered
from reproduction.paper2.digits import _ink, _slant
from reproduction.paper2.edit_movement import EditMovement, times_on_average
from reproduction.paper2.editors import INTENSITIES
from reproduction.paper2.step_time import SETS
from reproduction.rows import ROWS
from reproduction.units.face_judges import load_judges, teach
from tests.reproduction.judged_rows import final_units, unit_keys, verdict


def _sorted_into_splits(name: str) -> str:
    """The path of images/000071.png after the faces are sorted into splits."""
    index = int(Path(name).stem)
    return f"{'train' if index < 70 else 'val' if index < 75 else 'test'}/{Path(name).name}"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA/celeba with rendered faces, DATA/mnist with bars and squares in folders of their names."""
    folder = tmp_path_factory.mktemp("sets")
    write_folder("faces", folder / "drawn", 100, 32, 0)
    celeba = folder / "celeba"
    for split, first, last in (("train", 0, 70), ("val", 70, 75), ("test", 75, 100)):
        (celeba / split).mkdir(parents=True)
        for index in range(first, last):
            (folder / "drawn" / "images" / f"{index:06}.png").rename(celeba / split / f"{index:06}.png")
    rows = csv.reader((folder / "drawn" / "metadata.csv").read_text().splitlines())
    head, *faces_drawn = rows
    with (celeba / "metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *([_sorted_into_splits(name), *more] for name, *more in faces_drawn)])
    for name, box in (("bar", (12, 4, 16, 24)), ("square", (6, 6, 20, 20))):
        (folder / "mnist" / name).mkdir(parents=True)
        for index in range(40):
            picture = Image.new("L", (28, 28), 0)
            picture.paste(150 + index, box)
            picture.save(folder / "mnist" / name / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For results and work: rows share their trainings there."""
    return tmp_path_factory.mktemp("out")


def test_the_digits_run_from_pictures_to_a_result(sets: Path, out: Path) -> None:
    (result,) = reproduce("2.4", scale="toy", data=sets, out=out, workers=1, device="cpu")
    assert (result.done, result.of) == (2, 2)
    assert 0 <= result.figures["share read as the requested class"].mean <= 1


def test_the_svms_run_from_faces_to_a_result(sets: Path, out: Path) -> None:
    (result,) = reproduce("2.7", scale="toy", data=sets, out=out, workers=1, device="cpu")
    assert (result.done, result.of) == (8, 8)
    assert len([name for name in result.figures if name.startswith("error of CDNet-dCov Smiling")]) == 10
    assert not list((out / "work" / "runs").glob("*/checkpoints"))


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


def test_rows_share_their_trainings() -> None:
    def trainings(name: str) -> set[str]:
        return unit_keys(name) - unit_keys(name, work=faces.together)

    assert trainings("2.7") < trainings("2.3") < trainings("2.1")
    assert trainings("2.5") == trainings("2.6") < trainings("2.3")
    assert trainings("2.13") < trainings("2.7")
    assert len(trainings("2.8") - trainings("2.7")) == 4 * ROWS["2.8"].scales["small"].seeds
    assert trainings("2.2") < trainings("2.3")
    assert {key for key in trainings("2.9") if not key.startswith("theorem")} == trainings("2.11")


def test_the_models_of_a_seed_have_the_same_judges(sets: Path, tmp_path: Path) -> None:
    scale = faces.SCALES["toy"]
    cdnet, icgan = (faces.face_unit(name, 0, scale, "a key") for name in ("CDNet-dCov", "IcGAN"))
    assert cdnet.needs == icgan.needs
    assert cdnet.needs != faces.face_unit("CDNet-dCov", 1, scale, "a key").needs
    place = Place(tmp_path, {"celeba": sets / "celeba"}, "cpu")
    accuracy = teach(cdnet.needs[0], place)
    assert 0 <= accuracy["known"] <= 1
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    first, second = (load_judges(cdnet.needs[0], place) for _ in range(2))
    assert first.read(images).shape == (3, len(scale.attributes))
    assert torch.equal(first.embed(images), second.embed(images))


def test_a_step_with_each_decorrelation_is_timed_on_both_sets(sets: Path, out: Path) -> None:
    (result,) = reproduce("2.12", scale="toy", data=sets, out=out, workers=1, device="cpu")
    assert (result.done, result.of) == (6, 6)
    assert all(
        result.figures[f"ms per step with {kind}, {name}"].mean > 0 for kind in ("dCov", "XCov") for name in SETS
    )


@pytest.mark.parametrize("name", ["2.1", "2.2", "2.3", "2.8", "2.9"])
def test_a_row_runs_from_its_trainings_to_checks(name: str, sets: Path, out: Path) -> None:
    (result,) = reproduce(name, scale="toy", data=sets, out=out, workers=1, device="cpu")
    assert result.done == result.of
    assert result.checks
    assert all(np.isfinite(value.mean) for value in result.figures.values())


def verdict_on(name: str, result: Callable[[str, int], dict[str, Any]]) -> str:
    """The verdict of a row whose units returned this: (name under which they were gathered, seed) -> result."""
    outputs = {
        unit.key: result(model, final.seed)
        for final in final_units(name)
        for model, unit in zip(final.options["models"], final.needs, strict=True)
    }
    return verdict(name, outputs)


def about(value: float, seed: int) -> float:
    return value + 0.001 * seed


def redrawn(psnr: dict[str, float]) -> Callable[[str, int], dict[str, Any]]:
    """Models with these PSNRs, on any set, whose other two measures follow."""

    def result(model: str, seed: int) -> dict[str, Any]:
        value = about(psnr[model.removeprefix("celeba ").removeprefix("mnist ")], seed)
        return {"figures": {"psnr_output": value, "rmse_output": -value, "ms_ssim_output": value}}

    return result


def test_better_means_better_than_each_rival_by_each_measure() -> None:
    better = {"CDNet-dCov": 20.0, "CDNet-XCov": 20.5, "AE-XCov": 18.0, "IcGAN": 12.0, "VAE/GAN": 17.0}
    assert verdict_on("2.1", redrawn(better)) == HOLDS
    assert verdict_on("2.1", redrawn({**better, "AE-XCov": 20.2})) == FAILS


def test_a_reconstruction_from_both_losses_must_beat_either() -> None:
    def judged(fine: float, psnr: float) -> str:
        """M1 has the highest PSNR, which its loss is; M3 has this fine energy and PSNR."""
        figures = {
            "M3": {"psnr_output": psnr, "octave_0": fine, "known": 0.6},
            "M1": {"psnr_output": 22.0, "octave_0": 0.3, "known": 0.5},
            "M2": {"psnr_output": 15.0, "octave_0": 0.9, "known": 0.2},
        }

        def result(model: str, seed: int) -> dict[str, Any]:
            return {"figures": {name: about(value, seed) for name, value in figures[model].items()}}

        return verdict_on("2.10", result)

    assert judged(fine=0.7, psnr=20.0) == HOLDS
    assert judged(fine=0.1, psnr=20.0) == FAILS
    assert judged(fine=2.5, psnr=20.0) == FAILS, "far above the real energy"
    assert judged(fine=0.7, psnr=14.0) == FAILS


def test_sharp_means_most_of_the_real_energy_and_blurred_means_less_than_half() -> None:
    def fine(autoencoder: float, cdnet: float) -> Callable[[str, int], dict[str, Any]]:
        def result(model: str, seed: int) -> dict[str, Any]:
            value = about(autoencoder if model == "AE-XCov" else cdnet, seed)
            return {"figures": dict.fromkeys(("octave_0", "octave_1", "energy_output", "pattern"), value)}

        return result

    assert verdict_on("2.2", fine(0.1, 0.8)) == HOLDS
    assert verdict_on("2.2", fine(0.1, 0.3)) == FAILS
    assert verdict_on("2.2", fine(0.6, 0.9)) == FAILS
    assert verdict_on("2.2", fine(0.4, 3.0)) == FAILS


def test_icgan_must_keep_attributes_and_lose_faces() -> None:
    def judged(attributes: float, known: float) -> str:
        def result(model: str, seed: int) -> dict[str, Any]:
            mine = model == "IcGAN"
            shares = {"attributes": attributes, "known": known if mine else 0.6, "ahead": 0.9}
            return {"figures": {name: about(value, seed) for name, value in shares.items()}}

        return verdict_on("2.3", result)

    assert judged(0.9, 0.1) == HOLDS
    assert judged(0.6, 0.1) == FAILS
    assert judged(0.9, 0.7) == FAILS


def test_an_edit_must_bring_what_was_asked_and_let_less_go_elsewhere() -> None:
    def judged(moved: float, others: float) -> str:
        def result(model: str, seed: int) -> dict[str, Any]:
            mine = model == "CDNet-dCov"
            edit = {"moved": about(moved if mine else 3.0, seed), "others": others if mine else 1.0}
            return {"edits": dict.fromkeys(faces.ASKED, edit)}

        return verdict_on("2.5", result)

    assert judged(3.0, 0.5) == HOLDS
    assert judged(3.0, 1.5) == FAILS
    assert judged(0.1, 0.01) == FAILS, "who moves nothing moves nothing else"
    assert judged(-2.0, 0.5) == FAILS


def test_dcov_must_be_ahead_at_weight_one_and_may_be_level_at_a_small_weight() -> None:
    def judged(errors: dict[str, float]) -> str:
        def result(model: str, seed: int) -> dict[str, Any]:
            above = [level > 0 for level in INTENSITIES]
            error = [about(errors[model], seed) if counts else 1.0 for counts in above]
            return {"edits": {name: {"error": error} for name in faces.ASKED}}

        return verdict_on("2.8", result)

    level = {"CDNet-dCov at 0.05": 0.4, "CDNet-XCov at 0.05": 0.39, "CDNet-dCov at 1": 0.3, "CDNet-XCov at 1": 0.4}
    assert judged(level) == HOLDS
    assert judged({**level, "CDNet-dCov at 0.05": 0.45}) == FAILS
    assert judged({**level, "CDNet-dCov at 1": 0.45}) == FAILS


def test_the_error_of_edits_leaves_out_levels_at_which_a_missing_attribute_is_right() -> None:
    error = [1.0 if level <= 0 else 0.25 for level in INTENSITIES]
    assert editing.error_of_edits({"edits": {"Smiling": {"error": error}}}) == pytest.approx(0.25)


def test_training_must_lower_the_distance_covariance() -> None:
    def judged(after: float, without: float) -> str:
        def result(model: str, seed: int) -> dict[str, Any]:
            if model == "theorem":
                draws = {"independent": [0.02, 0.01, 0.001], "uncorrelated": [0.2, 0.2, 0.2]}
                return {kind: {"dcov": [about(x, seed) for x in xs], "xcov": xs} for kind, xs in draws.items()}
            ends = {"before": 0.5, "after": without if model == "M3" else after}
            return {
                "dependence": {
                    when: {"limit": about(end, seed % 2), "covariance": end, "correlation": end, "p": 0.1}
                    for when, end in ends.items()
                }
            }

        return verdict_on("2.9", result)

    assert judged(0.1, 0.3) == HOLDS
    assert judged(0.6, 0.3) == FAILS
    assert judged(0.4, 0.3) == FAILS


def test_a_step_may_cost_a_twentieth_more() -> None:
    def judged(dcov: float) -> str:
        return verdict_on("2.12", lambda _, seed: {"dcov": about(dcov, seed), "xcov": 1.0})

    assert judged(1.01) == HOLDS
    assert judged(1.1) == FAILS


def test_the_style_of_a_stroke_is_measured_by_its_ink_and_slant() -> None:
    upright, leaning = -torch.ones(1, 1, 21, 21), -torch.ones(1, 1, 21, 21)
    upright[:, :, :, 10] = 1
    for row in range(21):
        leaning[0, 0, row, row] = 1
    assert _slant(upright)[0] == pytest.approx(0, abs=1e-6)
    assert _slant(leaning)[0] == pytest.approx(1)
    np.testing.assert_allclose(_ink(upright), _ink(leaning))
