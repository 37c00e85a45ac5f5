"""Translation from pairs to pictures: training, the verb, figures and wrong calls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from calling import call, done, refused
from PIL import Image

from edgan.api import pictures
from edgan.storage.run_folder import RunFolder

TINY = (
    *("--preset", "small", "--size", "32", "--steps", "3", "--device", "cpu"),
    *("--set", "network.width=4", "--set", "network.max_width=8", "--set", "checkpoint_every=1"),
    *("--set", "discriminator.width=4", "--set", "discriminator.max_width=8"),
)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered facades with their label maps."""
    folder = tmp_path_factory.mktemp("sets") / "facades"
    done(call("data", "synth", "facades", folder, "--size", "32", "--count", "12"))
    return folder


@pytest.fixture(scope="module")
def translator(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of three steps of the twin."""
    out = tmp_path_factory.mktemp("runs") / "pix2pix"
    done(call("train", "pix2pix//", "--data", pairs, "--out", out, *TINY))
    return out


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_a_translator_is_judged_against_the_photo(translator: Path, pairs: Path) -> None:
    result = json.loads(done(call("evaluate", translator, "--data", pairs, "--json")).out)
    assert {"psnr_output", "ssim_output", "rmse_output"} <= result["figures"].keys()
    assert result["method"] == "pix2pix//"


def test_pairs_are_translated_from_their_source_side(translator: Path, pairs: Path, tmp_path: Path) -> None:
    said = done(call("translate", translator, pairs, tmp_path / "pairs"))
    assert "the source of each is translated" in said.err
    assert len(list((tmp_path / "pairs").iterdir())) == 12


def test_source_pictures_are_translated_as_they_are(translator: Path, pairs: Path, tmp_path: Path) -> None:
    first = sorted(pairs.rglob("*.png"))[0]
    Image.open(first).crop((32, 0, 64, 32)).save(tmp_path / "one.png")
    done(call("translate", translator, tmp_path / "one.png", tmp_path / "out"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["one.png"]


def test_variants_differ_and_come_again_with_their_seed(translator: Path, pairs: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        done(call("translate", translator, pairs, tmp_path / out, "--variants", "2"))
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 24
    assert all((pixels(tmp_path / "a" / name) == pixels(tmp_path / "b" / name)).all() for name in files)
    assert files[0].endswith("-1.png")
    assert (pixels(tmp_path / "a" / files[0]) != pixels(tmp_path / "a" / files[1])).any()


def test_a_pictures_noise_does_not_depend_on_how_its_folder_is_cut_up(
    translator: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Image.open(sorted(pairs.rglob("*.png"))[0]).crop((32, 0, 64, 32))
    (tmp_path / "same").mkdir()
    for number in range(5):
        source.save(tmp_path / "same" / f"{number}.png")
    (tmp_path / "same" / "2.png").write_bytes(b"no picture")
    for out, count in (("one", 1), ("many", 64)):
        monkeypatch.setattr(pictures, "chunk_of", lambda _pixels, _device, count=count: count)
        call("translate", translator, tmp_path / "same", tmp_path / out)
    drawn = {name: [pixels(tmp_path / out / f"{name}.png") for out in ("one", "many")] for name in "0134"}
    assert all(np.abs(single.astype(int) - chunked).max() <= 1 for single, chunked in drawn.values())
    assert (drawn["0"][0] != drawn["1"][0]).any(), "equal sources have noise of their own"


def test_a_source_one_pixel_wide_is_translated_whole_and_cut(translator: Path, tmp_path: Path) -> None:
    Image.new("RGB", (1, 40), (0, 0, 250)).save(tmp_path / "line.png")
    done(call("translate", translator, tmp_path / "line.png", tmp_path / "cut"))
    done(call("translate", translator, tmp_path / "line.png", tmp_path / "whole", "--tiles"))
    assert pixels(tmp_path / "cut" / "line.png").shape == (32, 32, 3)
    assert pixels(tmp_path / "whole" / "line.png").shape == (40, 1, 3)


def test_base_residual_and_output_come_in_folders(translator: Path, pairs: Path, tmp_path: Path) -> None:
    done(call("translate", translator, pairs, tmp_path, "--what", "all"))
    assert {path.name for path in tmp_path.iterdir()} == {"base", "residual", "output"}


def test_a_translator_without_noise_draws_no_variants(pairs: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done(call("train", "pix2pix", "--data", pairs, "--out", run, *TINY, "--set", "network.dropout=0"))
    said = call("translate", run, pairs, tmp_path / "out", "--variants", "2")
    refused(said, 2, "pix2pix", "no noise to vary", "--variants")
    refused(call("translate", run, pairs, tmp_path / "out", "--variants", "0"), 2, "--variants", "0")


def test_a_model_without_pairs_cannot_translate(trained: Path, pairs: Path, tmp_path: Path) -> None:
    refused(call("translate", trained, pairs, tmp_path / "out"), 2, "cannot translate", "reconstruct")


def test_a_training_with_jitter_and_flip_resumes_bit_for_bit(pairs: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    done(call("train", "pix2pix", "--data", pairs, "--out", once, *TINY))
    done(call("train", "pix2pix", "--data", pairs, "--out", twice, *TINY, "--steps", "2"))
    done(call("train", "pix2pix", "--data", pairs, "--out", twice, "--steps", "3", "--resume"))
    newest = [sorted(RunFolder(out).checkpoints.iterdir())[-1] / "networks.safetensors" for out in (once, twice)]
    assert newest[0].read_bytes() == newest[1].read_bytes()
    augment = json.loads((once / "run.json").read_text())["configuration"]["augment"]
    assert augment == {"enlarge": 286 / 256, "flip": True}


def test_a_batch_of_one_is_enough_for_pix2pix_alone(pairs: Path, tmp_path: Path) -> None:
    done(call("train", "pix2pix", "--data", pairs, "--out", tmp_path / "run", *TINY, "--batch", "1"))
    said = call("train", "caae", "--data", pairs, "--out", tmp_path / "other", "--batch", "1")
    refused(said, 2, "--batch must be at least 2 for caae", "(got 1)")


def test_pairs_are_needed_and_the_layouts_are_named(faces: Path, tmp_path: Path) -> None:
    said = call("train", "pix2pix", "--data", faces, "--out", tmp_path / "run", "--size", "32")
    refused(said, 2, "pix2pix learns from pairs", "docs/data.md")
    assert not (tmp_path / "run").exists()


def test_a_size_that_the_network_does_not_support_is_refused(pairs: Path, tmp_path: Path) -> None:
    said = call("train", "pix2pix", "--data", pairs, "--out", tmp_path / "run", "--size", "48")
    refused(said, 2, "32, 64, 128, 256, 512 (got 48)")


@pytest.mark.parametrize("method", ["caae", "caae//"])
def test_caae_trains_on_faces_with_ages_in_their_names(method: str, faces: Path, tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    for place, path in enumerate(sorted(faces.rglob("*.png"))):
        shutil.copy(path, tmp_path / "faces" / f"{7 * place}_{place % 2}_0_2017010{place % 10}000000.png")
    words = (*TINY, "--batch", "4", "--set", "latent.size=20", "--set", "discriminator.fully_connected=8")
    done(call("train", method, "--data", tmp_path / "faces", "--out", tmp_path / "run", *words))
    result = json.loads(done(call("evaluate", tmp_path / "run", "--data", tmp_path / "faces", "--json")).out)
    assert result["figures"]["psnr_output"] > 0


def test_caae_needs_age_and_gender_and_says_who_has_them(faces: Path, tmp_path: Path) -> None:
    said = call("train", "caae", "--data", faces, "--out", tmp_path / "run", "--size", "32")
    refused(said, 2, "no Age", "UTKFace", "metadata.csv")
