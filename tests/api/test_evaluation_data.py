"""`evaluate` on data that lacks what a run was trained with: figures without it, or a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import edgan
from edgan.errors import UsageError
from edgan.synthetic import write_folder

SMALL = {"size": 32, "preset": "small", "steps": 1, "batch": 4, "device": "cpu", "report": False}


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 24, 32)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    for number in range(12):
        Image.effect_noise((40, 32), 20 + number).convert("RGB").save(folder / f"{number}.png")
    return folder


def attributes(folder: Path, names: str) -> Path:
    """24 noisy images with attributes."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = names.split(",")
    rows = [f"{n}.png," + ",".join(str(n >> place & 1) for place in range(len(columns))) for n in range(24)]
    (folder / "metadata.csv").write_text("\n".join([f"file_name,{names}", *rows]))
    for number in range(24):
        Image.effect_noise((32, 32), 20 + number).convert("RGB").save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize("method", ["ed-slash-gan", "vae", "ali"])
def test_without_attributes_the_figures_of_edits_are_left_out(
    method: str, faces: Path, plain: Path, tmp_path: Path
) -> None:
    edgan.train(method, faces, tmp_path / "run", **SMALL)
    assert "psnr_output" in edgan.evaluate(tmp_path / "run", plain, device="cpu")["figures"]


def test_a_translator_is_told_that_it_needs_pairs(plain: Path, tmp_path: Path) -> None:
    facades = write_folder("facades", tmp_path / "facades", 8, 32)
    edgan.train("pix2pix", facades, tmp_path / "run", **SMALL)
    with pytest.raises(UsageError, match=r"pix2pix needs pairs of images, and .* has none"):
        edgan.evaluate(tmp_path / "run", plain, device="cpu")


def test_caae_needs_only_the_attributes_that_it_reads(tmp_path: Path) -> None:
    edgan.train("caae", attributes(tmp_path / "full", "Eyeglasses,Age,Male"), tmp_path / "run", **SMALL)
    figures = edgan.evaluate(tmp_path / "run", attributes(tmp_path / "own", "Age,Male"), device="cpu")["figures"]
    assert "psnr_output" in figures
    with pytest.raises(UsageError, match="has no attribute 'Male'"):
        edgan.evaluate(tmp_path / "run", attributes(tmp_path / "less", "Age,Smiling"), device="cpu")
