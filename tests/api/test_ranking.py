"""`edgan.rank`: sources, invariances, reasons, further figures."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import edgan
from edgan.errors import EdganError, UsageError
from edgan.metrics import Ranking
from edgan.synthetic import render_faces

SIZE = 16
SHORT: dict[str, Any] = {"size": SIZE, "seeds": 2, "epochs": 3}


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Rendered faces of 24 pixels, (96, 24, 24, 3) uint8."""
    return render_faces(96, 24)[0]


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (30, 24, 24, 3), dtype=np.uint8)


def save(pictures: np.ndarray, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{number:03d}.png")
    return folder


def core(ranking: Ranking) -> dict[str, Any]:
    """The whole result for each model, which must not depend on names."""
    return {
        name: (
            ranking.scores[name],
            ranking.intervals[name],
            ranking.curves[name],
            ranking.findings[name],
            *ranking.figures[name].values(),
        )
        for name in ranking.scores
    }


def test_folder_zip_npy_npz_array_and_tensor_hold_the_same_pictures(pictures: np.ndarray, tmp_path: Path) -> None:
    made = pictures[48:78]
    folder = save(made, tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    np.save(tmp_path / "made.npy", made)
    np.savez(tmp_path / "made.npz", images=made, other=np.zeros(3))
    floats = torch.from_numpy(made).permute(0, 3, 1, 2).float() / 127.5 - 1
    sources: dict[str, Any] = {
        "folder": folder,
        "zip": tmp_path / "made.zip",
        "npy": tmp_path / "made.npy",
        "npz": str(tmp_path / "made.npz"),
        "array": made,
        "tensor": floats,
    }
    ranking = edgan.rank(pictures[:48], sources, **SHORT)
    assert len(set(core(ranking).values())) == 1


def test_names_and_order_change_nothing(pictures: np.ndarray, noise: np.ndarray, tmp_path: Path) -> None:
    real, a, b = pictures[:48], save(pictures[48:80], tmp_path / "a"), save(noise, tmp_path / "b")
    how = {**SHORT, "also": "fid,kid", "features": lambda x: x[:, :, ::8, ::8].flatten(1)}
    first = core(edgan.rank(real, {"a": a, "b": b}, **how))
    renamed = Path(shutil.copytree(b, tmp_path / "0-first"))
    other = core(edgan.rank(real, {"the real images": renamed, "z": a}, **how))
    assert first["a"] == other["z"]
    assert first["b"] == other["the real images"]


def test_the_same_files_under_two_names_share_a_place(pictures: np.ndarray) -> None:
    ranking = edgan.rank(pictures[:48], {"one": pictures[48:72], "two": pictures[48:72], "c": pictures[72:]}, **SHORT)
    assert ranking.scores["one"] == pytest.approx(ranking.scores["two"], rel=1e-9)
    assert "one and two cannot be told apart" in " ".join(edgan.metrics.ranking.level_pairs(ranking))


def test_sizes_and_numbers_may_differ(pictures: np.ndarray) -> None:
    wide = np.concatenate([pictures[48:53], pictures[53:58]], axis=2)
    ranking = edgan.rank(pictures[:48], {"wide": wide, "large": pictures[60:90].repeat(3, 1).repeat(3, 2)}, **SHORT)
    assert ranking.findings["large"] == ()
    assert "resized to 16x16 with Lanczos" in ranking.protocol


def test_grey_among_colours_is_said(pictures: np.ndarray) -> None:
    ranking = edgan.rank(pictures[:48], {"grey": pictures[48:, :, :, 0], "colour": pictures[48:]}, **SHORT)
    assert [finding.kind for finding in ranking.findings["grey"]] == ["grey"]
    assert ranking.findings["colour"] == ()


def test_a_memoriser_noise_and_a_constant_rank_below_held_out_pictures_and_why_is_said(
    pictures: np.ndarray, noise: np.ndarray, tmp_path: Path
) -> None:
    models = {
        "noise": noise,
        "constant": np.full_like(noise, 90),
        "memoriser": pictures[np.arange(40) % 4],
        "held-out": pictures[56:],
    }
    report = tmp_path / "report.html"
    ranking = edgan.rank(pictures[:56], models, size=SIZE, seeds=3, epochs=16, report=report)
    order = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    assert order[:2] == ["held-out", "memoriser"]
    said = ranking.to_dict()["reasons"]
    for name, words in {
        "held-out": "Nothing stood out",
        "memoriser": "4 of 40 pictures are distinct",
        "noise": "looks like noise",
        "constant": "is constant",
    }.items():
        assert words in said[name]
        assert words in report.read_text()


def test_a_copier_above_a_held_out_set_is_warned_about(pictures: np.ndarray) -> None:
    ranking = edgan.rank(pictures[:48], {"copies": pictures[:48], "blur": pictures[48:] // 2 + 64}, **SHORT)
    assert ranking.scores["copies"] > ranking.scores["blur"]
    assert any("'copies' copies real pictures" in warning and "'blur'" in warning for warning in ranking.warnings)


def test_each_picture_carries_its_output_and_the_report_shows_the_extremes(
    pictures: np.ndarray, tmp_path: Path
) -> None:
    folder = save(pictures[48:], tmp_path / "made")
    ranking = edgan.rank(pictures[:48], {"made": folder}, report=tmp_path / "report.html", **SHORT)
    outputs = [value for value in ranking.outputs["made"] if value is not None]
    assert len(ranking.outputs["made"]) == len(ranking.files["made"]) == 48
    assert np.mean(outputs) == pytest.approx(ranking.areas["made"] / 2, abs=0.05)
    best = ranking.files["made"][int(np.argmax([value or 0 for value in ranking.outputs["made"]]))]
    page = (tmp_path / "report.html").read_text()
    assert page.index("Most convincing") < page.index(f'title="{best}"') < page.index("Least convincing")


def test_curves_come_with_intervals(pictures: np.ndarray) -> None:
    ranking = edgan.rank(pictures[:48], {"made": pictures[48:]}, **SHORT)
    band = ranking.curve_intervals["made"]
    assert len(band) == 3
    assert all(low < value < high for (low, high), value in zip(band, ranking.curves["made"], strict=True))


def test_a_discriminator_of_the_callers_own(pictures: np.ndarray) -> None:
    def small() -> nn.Module:
        return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 1))

    ranking = edgan.rank(pictures[:48], {"made": pictures[48:]}, discriminator=small, **SHORT)
    assert "the caller's discriminator" in ranking.protocol


def test_similarity_is_that_of_the_pairs_by_name(pictures: np.ndarray, noise: np.ndarray, tmp_path: Path) -> None:
    real = save(pictures[:30], tmp_path / "real")
    near = save(np.clip(pictures[:20].astype(int) + 2, 0, 255).astype(np.uint8), tmp_path / "near")
    (real / "007.png").rename(real / "unlike.png")
    ranking = edgan.rank(real, {"near": near, "noise": noise}, also=["similarity"], **{**SHORT, "size": 24})
    assert ranking.figures["near"]["pairs"] == 19
    assert ranking.figures["near"]["psnr"] == pytest.approx(20 * np.log10(255 / 2), abs=0.2)
    assert ranking.figures["near"]["ssim"] > 0.95
    assert ranking.figures["noise"] == {}
    assert any("No PSNR and SSIM for 'noise'" in warning for warning in ranking.warnings)
    assert "names of real ones" in ranking.protocols["psnr"]


def test_fid_and_kid_come_with_protocol_and_warn_of_too_few(pictures: np.ndarray, noise: np.ndarray) -> None:
    models = {"made": pictures[48:], "noise": noise}
    ranking = edgan.rank(
        pictures[:48], models, also="kid,fid", features=lambda x: x[:, :, ::8, ::8].flatten(1), **SHORT
    )
    assert ranking.figures["noise"]["fid"] > ranking.figures["made"]["fid"]
    assert ranking.figures["noise"]["kid"] > ranking.figures["made"]["kid"]
    assert all("the caller's network" in ranking.protocols[name] for name in ("fid", "kid"))
    assert not any("more pictures than its" in warning for warning in ranking.warnings)
    assert any("different numbers" in warning for warning in ranking.warnings)
    few = edgan.rank(pictures[:48], models, also="fid", features=lambda x: x.flatten(1)[:, :40], **SHORT)
    assert any("'noise' (30)" in warning for warning in few.warnings)


def test_class_folders_teach_the_network_their_classes(pictures: np.ndarray, tmp_path: Path) -> None:
    for name, part in {"light": pictures[:30] // 2 + 127, "dark": pictures[30:60] // 2}.items():
        save(part, tmp_path / "real" / name)
    ranking = edgan.rank(tmp_path / "real", {"made": pictures[60:]}, also="kid", **SHORT)
    assert "the 2 classes of the real images" in ranking.protocols["kid"]


def test_the_result_is_json(pictures: np.ndarray) -> None:
    ranking = json.loads(json.dumps(edgan.rank(pictures[:48], {"made": pictures[48:]}, **SHORT).to_dict()))
    assert {"scores", "findings", "reasons", "verdict", "figures", "warnings", "protocol"} <= ranking.keys()
    assert not {"outputs", "files"} & ranking.keys()


def floats(value: float) -> np.ndarray:
    return np.full((4, 3, 8, 8), value, np.float32)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (floats(np.nan), "4 of 4 pictures of 'made' hold NaN"),
        (floats(200.0), r"\[-1, 1\] \(got 200 to 200\)"),
        (np.zeros((4, 8, 8, 2), np.uint8), r"channels \(got 2 "),
        (np.zeros((4, 8), np.uint8), r"For vectors, use edgan\.metrics\.nrds"),
        (np.zeros((4, 8, 8, 3), np.int64), "got int64"),
        (np.zeros((1, 8, 8, 3), np.uint8), "'made' has only one"),
    ],
)
def test_an_array_that_cannot_be_ranked(made: np.ndarray, words: str, pictures: np.ndarray) -> None:
    with pytest.raises(UsageError, match=words):
        edgan.rank(pictures[:8], {"made": made}, **SHORT)


def test_an_array_without_pictures(pictures: np.ndarray) -> None:
    with pytest.raises(EdganError, match="'made' holds no picture"):
        edgan.rank(pictures[:8], {"made": pictures[:0]}, **SHORT)


def test_floats_in_another_range_are_refused_and_sums_are_clipped_with_a_note(pictures: np.ndarray) -> None:
    unit = pictures[:8].transpose(0, 3, 1, 2) / 255
    with pytest.raises(UsageError, match=r"'unit' have no value below 0, as if they were in \[0, 1\]"):
        edgan.rank(pictures[:8], {"unit": unit}, **SHORT)
    ranking = edgan.rank(pictures[:8], {"sum": 3 * unit - 1}, **SHORT)
    assert "'sum', from -0.87 to 2.00, were clipped" in " ".join(ranking.warnings)


def test_bright_floats_that_were_bytes_are_ranked(pictures: np.ndarray) -> None:
    bright = np.maximum(pictures[:8], 128)
    floats = bright.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    as_bytes, as_floats = (edgan.rank(pictures[:8], {"bright": made}, **SHORT) for made in (bright, floats))
    assert as_floats.areas == as_bytes.areas


@pytest.mark.parametrize("one", [np.zeros((32, 32, 3), np.uint8), np.zeros((3, 32, 32), np.float32)])
def test_one_picture_is_not_taken_for_many_grey_ones(one: np.ndarray, pictures: np.ndarray) -> None:
    with pytest.raises(UsageError, match="which is one picture"):
        edgan.rank(pictures[:8], {"made": one}, **SHORT)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 1}, "size must be at least 3"),
        ({"size": 8, "also": "ssim"}, "no additional metric"),
        ({"size": 8, "also": "ms-ssim"}, "size must be at least 11 for ms-ssim"),
        ({"seed": 2**63}, "seed must be from 0"),
        ({"seeds": 0}, "seeds must be at least 1"),
        ({"epochs": 1}, "epochs must be at least 2"),
        ({"protocol": "robst"}, "Did you mean 'robust'"),
        ({"device": "gpu"}, "Did you mean 'cuda'"),
        ({"features": "nothing"}, "There are no features 'nothing'"),
        ({"also": "fdi"}, "Did you mean 'fid'"),
        ({"report": "no/where.html"}, "report must be in a folder that exists"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_picture_is_read(
    options: dict[str, Any], words: str, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgan.api.ranking.read_pictures", lambda *_: pytest.fail("pictures were read"))
    with pytest.raises(UsageError, match=words):
        edgan.rank(pictures[:8], {"made": pictures[:8]}, **options)


def test_a_missing_set_is_refused_before_any_picture_is_read(
    pictures: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgan.api.ranking.read_pictures", lambda *_: pytest.fail("pictures were read"))
    with pytest.raises(EdganError, match="nowhere"):
        edgan.rank(pictures[:8], {"made": pictures[:8], "gone": tmp_path / "nowhere"})
    with pytest.raises(UsageError, match="'made' has only one picture"):
        edgan.rank(pictures[:8], {"made": pictures[:1]})


def test_similarity_of_pictures_too_small_for_ssim_is_psnr_alone(pictures: np.ndarray, tmp_path: Path) -> None:
    folder = save(pictures[:8], tmp_path / "real")
    ranking = edgan.rank(folder, {"same": folder}, also="similarity", **{**SHORT, "size": 8})
    assert "psnr" in ranking.protocols
    assert "ssim" not in ranking.protocols


def test_plain_real_pictures_have_no_distances_and_no_ratios(pictures: np.ndarray) -> None:
    plain = np.full_like(pictures[:12], 128)
    ranking = edgan.rank(plain, {"made": pictures[:12]}, also="fid,kid", **SHORT)
    assert ranking.figures == {"made": {}}
    assert any("FID and KID are left out" in warning for warning in ranking.warnings)
    assert "It has fine detail, and the real pictures have none." in ranking.to_dict()["reasons"]["made"]


def test_any_name_of_a_model_is_shown_as_it_is(pictures: np.ndarray, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    models = {"#0000ab": pictures[:8], "<b>{x}": pictures[8:16]}
    assert set(edgan.rank(pictures[16:24], models, report=report, **SHORT).scores) == set(models)
    assert "#0000ab" in report.read_text()
    assert "&lt;b&gt;{x}" in report.read_text()
