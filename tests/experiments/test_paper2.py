"""Paper 2's rows: tiny ones from drawn pictures to their results, and the judges at hand-made figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from edgan.data.synthetic import sample_face, write_folder
from edgan.experiments import reproduce
from edgan.experiments.paper2 import faces, rendered
from edgan.experiments.paper2.digits import _ink, _slant
from edgan.experiments.registry import ROWS
from edgan.experiments.running import every
from edgan.experiments.spec import Unit
from edgan.experiments.verdicts import verdict_of
from edgan.metrics import change_shares

KEYS = {"celeba": "a key", "mnist": "another"}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA/celeba with rendered faces, DATA/mnist with bars and squares in folders of their names."""
    folder = tmp_path_factory.mktemp("sets")
    write_folder("faces", folder / "celeba", 200, 32, 0)
    for name, box in (("bar", (12, 4, 16, 24)), ("square", (6, 6, 20, 20))):
        (folder / "mnist" / name).mkdir(parents=True)
        for index in range(40):
            picture = Image.new("L", (28, 28), 0)
            picture.paste(150 + index, box)
            picture.save(folder / "mnist" / name / f"{index}.png")
    return folder


def test_the_digits_run_from_pictures_to_a_result(sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce("2.4", scale="toy", data=sets, out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (2, 2)
    assert 0 <= result.figures["read as asked"].mean <= 1


def test_the_svms_run_from_faces_to_a_result(sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce("2.7", scale="toy", data=sets, out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (6, 6)
    assert len([name for name in result.figures if name.startswith("error of CDNet-dCov Smiling")]) == 10
    assert not list((tmp_path / "work" / "runs").glob("*/checkpoints"))


def test_rendered_faces_run_from_factors_to_a_result(tmp_path: Path) -> None:
    (result,) = reproduce("2.14+", scale="toy", out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (5, 5)
    assert {"others' share of the asked factor's, dcov", "others' share of the asked factor's, none"} <= {
        *result.figures
    }


def test_a_true_edit_of_a_drawn_face_moves_its_own_factor_alone() -> None:
    faces_drawn = [sample_face(1, index) for index in range(3)]
    truth = rendered.changes(faces_drawn, 32).double()
    for index, name in enumerate(rendered.FACTORS):
        shares = change_shares(truth[:, index], truth)
        own = torch.nn.functional.one_hot(torch.tensor([index] * 3), len(rendered.FACTORS)).double()
        torch.testing.assert_close(shares, own, atol=0.02, rtol=0, msg=name)


def test_rows_share_their_trainings() -> None:
    def trainings(name: str) -> set[str]:
        units = every(ROWS[name].units(ROWS[name].scales["small"], KEYS))
        return {unit.key for unit in units if unit.work is not faces.together}

    assert trainings("2.7") < trainings("2.1")
    assert trainings("2.5") == trainings("2.6") < trainings("2.1")
    assert trainings("2.13") < trainings("2.7")


def judged(name: str, psnr: dict[str, float]) -> str:
    """The verdict on a row where the models have these PSNRs, and the other two measures follow."""
    row = ROWS[name]
    finals = row.units(row.scales["toy"], KEYS)

    def result(unit: Unit, model: str) -> dict[str, object]:
        value = psnr[model] + 0.01 * unit.seed
        return {"figures": {"psnr_output": value, "rmse_output": -value, "ms_ssim_output": value}}

    found = {
        unit.key: result(unit, model)
        for final in finals
        for model, unit in zip(final.options["models"], final.needs, strict=True)
    }
    outcome = row.judge(row.scales["toy"], finals, found)
    return verdict_of(outcome.checks, 1, 1)


def test_better_means_better_than_each_rival_by_each_measure() -> None:
    better = {"CDNet-dCov": 20.0, "CDNet-XCov": 20.5, "AE-XCov": 18.0, "IcGAN": 12.0, "VAE/GAN": 17.0}
    assert judged("2.1", better) == "holds"
    assert judged("2.1", {**better, "AE-XCov": 20.2}) == "does not hold"


def test_a_reconstruction_from_both_losses_must_beat_either() -> None:
    assert judged("2.10", {"M3": 20.0, "M1": 19.0, "M2": 15.0}) == "holds"
    assert judged("2.10", {"M3": 20.0, "M1": 21.0, "M2": 15.0}) == "does not hold"


def test_the_style_of_a_stroke_is_measured_by_its_ink_and_slant() -> None:
    upright, leaning = -torch.ones(1, 1, 21, 21), -torch.ones(1, 1, 21, 21)
    upright[:, :, :, 10] = 1
    for row in range(21):
        leaning[0, 0, row, row] = 1
    assert _slant(upright)[0] == pytest.approx(0, abs=1e-6)
    assert _slant(leaning)[0] == pytest.approx(1)
    np.testing.assert_allclose(_ink(upright), _ink(leaning))
