"""Sheets, enlarged pictures, animations and walks, as every verb writes them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from api_toys import TINY
from PIL import Image

import edgan
from edgan.api import Run
from edgan.errors import EdganError, UsageError
from edgan.methods import Latent
from edgan.models.latents import closed_walk, draw_latents


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as file:
        return np.asarray(file.convert("RGB"))


def frames(path: Path) -> int:
    with Image.open(path) as file:
        return int(getattr(file, "n_frames", 1))


def holds(page: np.ndarray, picture: np.ndarray) -> bool:
    """Whether a page shows a picture of 32 pixels, four times as large, anywhere."""
    wanted = picture.repeat(4, 0).repeat(4, 1)
    first = (page[: 1 - len(wanted), : 1 - len(wanted)] == wanted[0, 0]).all(2)
    return any((page[y : y + len(wanted), x : x + len(wanted)] == wanted).all() for y, x in np.argwhere(first))


def test_a_sheet_shows_input_base_residual_and_output_whatever_is_written(
    run: Run, faces: Path, tmp_path: Path
) -> None:
    written = edgan.reconstruct(run.path, faces, tmp_path / "out", what="all", sheet=tmp_path / "sheet.png", quiet=True)
    assert written.shown == [tmp_path / "sheet.png"]
    page = pixels(tmp_path / "sheet.png")
    for part in ("base", "residual", "output"):
        assert holds(page, pixels(tmp_path / "out" / part / "000003.png"))
    assert holds(page, pixels(next(faces.rglob("000003.png"))))


def test_a_sheet_of_edits_and_a_sheet_as_jpeg(run: Run, faces: Path, tmp_path: Path) -> None:
    edgan.edit(run.path, faces, tmp_path / "out", set={"Smiling": 1}, sheet=tmp_path / "new" / "edits.png", quiet=True)
    assert holds(pixels(tmp_path / "new" / "edits.png"), pixels(tmp_path / "out" / "000011.png"))
    written = edgan.reconstruct(run.path, faces, tmp_path / "out2", sheet=tmp_path / "sheet.JPG", quiet=True)
    with Image.open(written.shown[0]) as file:
        assert file.format == "JPEG"


def test_a_sheet_says_how_many_it_leaves_out(
    run: Run, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("edgan.models.contact_sheet.MOST_ROWS", 5)
    edgan.reconstruct(run.path, faces, tmp_path / "out", sheet=tmp_path / "sheet.png")
    assert "The sheet shows the first 5 of 12 images; 7 are left out of it." in capsys.readouterr().err
    page = pixels(tmp_path / "sheet.png")
    assert holds(page, pixels(tmp_path / "out" / "000004.png"))
    assert not holds(page, pixels(tmp_path / "out" / "000005.png"))


def test_enlarged_pictures_have_sharp_pixels(run: Run, faces: Path, tmp_path: Path) -> None:
    edgan.reconstruct(run.path, faces, tmp_path / "small", quiet=True)
    edgan.reconstruct(run.path, faces, tmp_path / "large", enlarge=3, quiet=True)
    small, large = (pixels(tmp_path / name / "000000.png") for name in ("small", "large"))
    assert large.shape == (96, 96, 3)
    assert (large == small.repeat(3, 0).repeat(3, 1)).all()
    edgan.sample(run.path, tmp_path / "samples", count=2, enlarge=2, quiet=True)
    assert pixels(tmp_path / "samples" / "000001.png").shape == (64, 64, 3)


def test_a_sweep_is_animated_forth_and_back(run: Run, faces: Path, tmp_path: Path) -> None:
    files = {form: tmp_path / f"sweep.{form}" for form in ("gif", "webp")}
    written = edgan.edit(run.path, faces, tmp_path / "out", sweep="Smiling=-2:2:4", quiet=True, **files)
    assert written.shown == list(files.values())
    assert [frames(path) for path in written.shown] == [6, 6]


@pytest.mark.parametrize("prior", ["normal", "symmetric-uniform"])
def test_a_walk_passes_every_stop_and_comes_back(prior: str) -> None:
    latent = Latent(50, prior=prior)
    stops = draw_latents(latent, 4, 0)
    walk = closed_walk(latent, stops, 6)
    assert walk.shape == (24, 50)
    torch.testing.assert_close(walk[::6], stops)
    strides = (walk - walk.roll(-1, 0)).norm(dim=1).view(4, 6)
    assert (strides.amax(1) / strides.amin(1)).max() < 1.5, "no leg jumps, the last one included"


def test_a_walk_is_written_as_pictures_sheet_and_animation(run: Run, tmp_path: Path) -> None:
    asked = {"sheet": tmp_path / "walk.png", "gif": tmp_path / "walk.gif"}
    written = edgan.sample(run.path, tmp_path / "out", count=3, walk=4, seed=5, quiet=True, **asked)
    assert [path.name for path in written.files] == [f"{number:06d}.png" for number in range(12)]
    assert written.shown == list(asked.values())
    assert frames(tmp_path / "walk.gif") == 12
    samples = edgan.sample(run.path, tmp_path / "samples", count=3, seed=5, quiet=True).files
    differences = [np.abs(pixels(samples[k]).astype(int) - pixels(written.files[4 * k])).max() for k in range(3)]
    assert max(differences) <= 1
    assert all(holds(pixels(tmp_path / "walk.png"), pixels(path)) for path in written.files)


def test_paths_between_samples_are_animated_together(run: Run, tmp_path: Path) -> None:
    asked = {"sheet": tmp_path / "paths.png", "webp": tmp_path / "paths.webp"}
    written = edgan.sample(run.path, tmp_path / "out", count=2, interpolate=5, quiet=True, **asked)
    assert written.shown == list(asked.values())
    assert frames(tmp_path / "paths.webp") == 8


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"sheet": "sheet.bmp"}, r"sheet must end in \.png or \.jpg"),
        ({"sheet": "out/000000.png"}, "a picture is written there"),
        ({"sheet": "faces/sheet.png"}, "sheet must be another file.*input folder"),
        ({"enlarge": 0}, "enlarge must be 1 to 16"),
        ({"enlarge": 17}, "enlarge must be 1 to 16"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_written(
    run: Run, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(faces, "faces")
    with pytest.raises(UsageError, match=why):
        edgan.reconstruct(run.path, "faces", "out", quiet=True, **arguments)  # type: ignore[arg-type]
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"gif": "a.gif"}, "gif needs a walk or an interpolation"),
        ({"walk": 1}, "walk must be 0 or at least 2"),
        ({"walk": 3, "count": 1}, "count must be at least 2 for a walk"),
        ({"walk": 3, "interpolate": 3}, "walk cannot be combined"),
    ],
)
def test_a_wrong_walk_is_refused(run: Run, tmp_path: Path, arguments: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        edgan.sample(run.path, tmp_path / "out", quiet=True, **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_an_edit_without_a_sweep_is_no_animation(run: Run, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gif needs a sweep"):
        edgan.edit(run.path, faces, tmp_path / "out", set={"Smiling": 1}, gif=tmp_path / "a.gif")


def test_a_timelapse_shows_a_trainings_previews(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)
    settings = {**TINY, "preview_every": 1}
    run = edgan.train(
        "ed-slash-gan", faces, tmp_path / "run", size=32, steps=4, batch=4, device="cpu", set=settings, quiet=True
    )
    (file,) = edgan.timelapse(run.path, gif=tmp_path / "run.gif")
    with Image.open(file) as animation:
        assert animation.n_frames == 4
        preview = pixels(run.path / "previews" / "step-00000001.png")
        assert animation.width > preview.shape[1], "the names of the rows stand left of it"
    with pytest.raises(UsageError, match="Ask for a GIF"):
        edgan.timelapse(run.path)
    for path in sorted((run.path / "previews").iterdir())[1:]:
        path.unlink()
    with pytest.raises(EdganError, match="has 1 preview, and a timelapse needs at least 2"):
        edgan.timelapse(run.path, gif=tmp_path / "run.gif")
