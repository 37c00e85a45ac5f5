"""Paper 2's rows: tiny ones from drawn pictures to their results, and the judges at hand-made figures."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edgan.synthetic import write_folder
from reproduction import reproduce
from reproduction.framework.gates import budget_of
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import Place
from reproduction.framework.verdict import FAILS, HOLDS, UNDECIDED
from reproduction.paper2 import editing, faces
from reproduction.paper2.digits import _ink, _slant
from reproduction.paper2.editors import INTENSITIES
from reproduction.paper2.step_time import SETS
from reproduction.rows import ROWS
from reproduction.units.face_judges import load_judges, teach
from tests.reproduction.judged_rows import about, final_units, unit_keys, unread_gates, verdict


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
    pattern = re.compile(editing.CURVES.pattern)
    drawn = {found["series"] for name in result.figures if (found := pattern.fullmatch(name))}
    assert drawn == {"dCov", "XCov"}, "Fig. 7 has the curves of both models"
    assert (result.done, result.of) == (8, 8)
    assert len([name for name in result.figures if name.startswith("error of CDNet-dCov Smiling")]) == 10
    assert not list((out / "work" / "runs").glob("*/checkpoints"))


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


@pytest.mark.parametrize("name", ["2.1", "2.2", "2.3", "2.5", "2.6", "2.8", "2.9", "2.10", "2.11", "2.13"])
def test_a_row_runs_from_its_trainings_to_checks(name: str, sets: Path, out: Path) -> None:
    (result,) = reproduce(name, scale="toy", data=sets, out=out, workers=1, device="cpu")
    assert result.done == result.of
    assert result.checks
    assert unread_gates(result) == []
    assert all(np.isfinite(value.mean) for value in result.figures.values())


def verdict_on(name: str, result: Callable[[str, int], dict[str, Any]]) -> str:
    """The verdict of a row whose units returned this: (name under which they were gathered, seed) -> result."""
    outputs = {
        unit.key: result(model, final.seed)
        for final in final_units(name)
        for model, unit in zip(final.options["models"], final.needs, strict=True)
    }
    return verdict(name, outputs)


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


def test_the_error_must_fall_level_by_level_to_that_of_real_images() -> None:
    def judged(error: list[float], real: float) -> str:
        def result(model: str, seed: int) -> dict[str, Any]:
            edit = {"error": [about(value, seed) for value in error], "real_error": about(real, seed)}
            return {"edits": dict.fromkeys(faces.ASKED, edit)}

        return verdict_on("2.7", result)

    falling = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert judged(falling, 0.15) == HOLDS
    assert judged([*falling[:4], 0.9, *falling[5:]], 0.15) == FAILS, "a rise between the ends"
    assert judged(falling, 0.01) == FAILS, "above the error of real images"


def test_the_range_needs_five_seeds_and_faces_that_are_not_broken_at_its_ends() -> None:
    def judged(ahead: float, seeds: int) -> str:
        edit = {"range_response": 0.97, "range_ahead": ahead}
        finals = [replace(unit, seed=seed) for seed, unit in enumerate(final_units("2.13")[:1] * seeds)]
        finals = [replace(unit, needs=tuple(replace(n, seed=unit.seed) for n in unit.needs)) for unit in finals]
        outputs = {
            need.key: {"edits": {name: {k: about(v, need.seed) for k, v in edit.items()} for name in faces.ASKED}}
            for unit in finals
            for need in unit.needs
        }
        return verdict("2.13", outputs, finals)

    assert judged(0.95, 5) == HOLDS
    assert judged(0.95, 3) == UNDECIDED
    assert judged(0.5, 5) == FAILS


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


@pytest.mark.parametrize("scale", ["cpu", "gpu"])
def test_every_editor_gets_the_same_steps_after_its_earlier_stage(scale: str) -> None:
    row = ROWS["2.1"]
    units = with_needs(row.units(row.scales[scale], {"celeba": "c", "mnist": "m"}))
    budgets = {unit.name: budget_of(unit) for unit in units if unit.name.endswith("seed-0")}
    faces = {name: budget for name, budget in budgets.items() if not name.startswith("digits-")}
    digits = {name: budget for name, budget in budgets.items() if name.startswith("digits-")}
    assert len(faces) == len(digits) == 5
    assert len(set(faces.values())) == len(set(digits.values())) == 1
    (icgan,) = (unit for unit in units if unit.name == "icgan-seed-0")
    assert icgan.options["training"]["steps"] == 2 * row.scales[scale].training["steps"]
