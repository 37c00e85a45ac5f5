"""Two processes of one job share an evaluation, a ranking and a folder, and find what one process finds."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shared_work
from PIL import Image
from training_toys import TINY, log_without_time

from edgan.api.evaluation import evaluate
from edgan.api.inversion import invert
from edgan.api.ranking import rank
from edgan.api.reconstruction import reconstruct
from edgan.api.training import train
from edgan.synthetic import write_folder
from forked_edgan import forked_ranks
from systems import forks

pytestmark = forks

FACES, PICTURES, SIZE = 60, 7, 32
ATTRIBUTES = ("Male", "No_Beard", "Young")
BROKEN = 3
OPTIONS: Mapping[str, Any] = {
    **{"size": SIZE, "batch": 4, "steps": 1},
    **{"device": "cpu", "precision": "float64", "preset": "small"},
}
TRAINING = {**TINY, "evaluate_every": 1}
DCGAN = {"discriminator.kind": "paper", "network.width": 4, "latent.size": 6, "evaluate_every": 1}
CALLS = ("train", "dcgan", "figures", "samples", "inversion", "rank", "reconstruct", "invert")
ALSO = "similarity,kid_features,fid_features"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faces with a few attributes."""
    folder = write_folder("faces", tmp_path_factory.mktemp("data") / "faces", FACES, SIZE)
    with (folder / "metadata.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (folder / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file_name", *ATTRIBUTES], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the processes of torchrun have too."""
    for name, value in shared_work.SMALL.items():
        monkeypatch.setattr(name, value)


@pytest.fixture(scope="module")
def photos(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures, one of them unreadable and of the second process."""
    folder = tmp_path_factory.mktemp("photos")
    for place, path in enumerate(sorted((data / "images").iterdir())[:PICTURES]):
        (folder / f"p{place}.png").write_bytes(b"broken" if place == BROKEN else path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real pictures and those of two models, as .npz files."""
    folder, noise = tmp_path_factory.mktemp("sets"), np.random.default_rng(0)
    real = write_folder("faces", folder / "drawn", 24, 16)
    pictures = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in sorted(real.rglob("*.png"))])
    np.savez(folder / "real.npz", pictures)
    for name, strength in (("near", 10), ("far", 60)):
        noisy = np.clip(pictures + noise.normal(0, strength, pictures.shape), 0, 255).astype(np.uint8)
        np.savez(folder / f"{name}.npz", noisy[:20])
    return folder


@pytest.fixture(scope="module")
def shared(data: Path, photos: Path, sets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder with what two processes wrote, and what they told."""
    out = tmp_path_factory.mktemp("two")
    run = str(out / "run")
    given = [word for name, value in OPTIONS.items() for word in (f"--{name}", str(value))]
    training, gan = ([w for n, v in set.items() for w in ("--set", f"{n}={v}")] for set in (TRAINING, DCGAN))
    fakes = [word for name in ("near", "far") for word in ("--fake", f"{name}={sets / name}.npz")]
    ranked = ["--real", str(sets / "real.npz"), *fakes, "--size", "16", "--also", ALSO]
    of_run = [run, "--data", str(data), "--split", "train", "--device", "cpu", "--json"]
    calls = {
        "train": ["ed-slash-gan", "--data", str(data), "--out", run, *given, *training],
        "dcgan": ["dcgan", "--data", str(data), "--out", str(out / "dcgan"), *given, *gan],
        "figures": of_run,
        "samples": [str(out / "dcgan"), *of_run[1:]],
        "inversion": [*of_run, "--metric", "inversion"],
        "rank": [*ranked, "--json", "--report", str(out / "rank.html")],
        "reconstruct": [run, str(photos), str(out / "pictures"), "--sheet", str(out / "sheet.png"), "--device", "cpu"],
        "invert": [run, str(photos), str(out / "inverted"), "--device", "cpu", "--json"],
        "last": [run, str(photos), str(out / "nothing"), "--device", "cpu"],
    }
    verbs = {"dcgan": "train", **dict.fromkeys(("figures", "samples", "inversion"), "evaluate"), "last": "reconstruct"}
    (out / "calls.json").write_text(json.dumps([[verbs.get(name, name), *words] for name, words in calls.items()]))
    ranks = forked_ranks(out, shared_work.work_together, [str(out / "calls.json")])
    told = "".join(rank.communicate()[1] for rank in ranks)
    assert [rank.returncode for rank in ranks] == [1, 1], told
    assert (out / "work-0.json").exists(), told
    return out, told


def said(shared: tuple[Path, str], name: str) -> str:
    """What the first process printed of a call; the second one printed nothing."""
    out, told = shared
    first, second = (out / f"{CALLS.index(name)}-{rank}.txt" for rank in (0, 1))
    assert first.exists(), told
    assert second.read_text() == ""
    return first.read_text()


def assert_equal(one: Any, two: Any, where: str = "") -> None:
    """Equal but for numbers, which are equal to 1e-6."""
    if isinstance(one, Mapping):
        assert list(one) == list(two), where
        for key in one:
            assert_equal(one[key], two[key], f"{where}.{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(two), where
        for place, (mine, others) in enumerate(zip(one, two, strict=True)):
            assert_equal(mine, others, f"{where}[{place}]")
    elif isinstance(one, float):
        assert two == pytest.approx(one, rel=1e-6, abs=1e-6), where
    else:
        assert one == two, where


@pytest.mark.parametrize(
    ("method", "settings", "expected"),
    [
        ("ed-slash-gan", TRAINING, {"kid_features_output", "psnr_output", "d_fake", "d_train", "psnr_base_train"}),
        ("dcgan", DCGAN, {"kid_features_output", "d_real", "spread"}),
    ],
)
def test_a_training_logs_the_held_out_figures_of_one_process(
    shared: tuple[Path, str], data: Path, tmp_path: Path, method: str, settings: Mapping[str, Any], expected: set[str]
) -> None:
    """With dcgan, KID is not one of pairs: torchmetrics measures it, in the main process and not together."""
    train(method, data, tmp_path / "run", set=settings, quiet=True, **OPTIONS)
    runs = tmp_path / "run", shared[0] / ("dcgan" if method == "dcgan" else "run")
    alone, together = (log_without_time(path)[-1]["held_out"] for path in runs)
    assert expected <= alone.keys()
    assert_equal(alone, together)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("figures", {"psnr_output", "energy_base", "residual_peak", "fid_features_output", "edit_error_Male"}),
        ("samples", {"energy_output", "kid_features_output", "fid_features_output"}),
        ("inversion", {"psnr", "ssim_std", "sample_ms_ssim"}),
    ],
)
def test_an_evaluation_finds_the_figures_of_one_process(
    shared: tuple[Path, str], data: Path, call: str, expected: set[str]
) -> None:
    together = json.loads(said(shared, call))
    metric = "inversion" if call == "inversion" else "figures"
    alone = evaluate(together["run"], data, split="train", metric=metric, device="cpu")
    assert expected <= alone["figures"].keys()
    assert_equal(json.loads(json.dumps(alone)), together)


def test_a_ranking_is_that_of_one_process_and_one_process_writes_the_report(
    shared: tuple[Path, str], sets: Path
) -> None:
    fakes = {name: sets / f"{name}.npz" for name in ("near", "far")}
    alone = rank(sets / "real.npz", fakes, size=16, also=ALSO, quiet=True)
    assert alone.scores["near"] > alone.scores["far"]
    assert_equal(json.loads(json.dumps(alone.to_dict())), json.loads(said(shared, "rank")))
    assert "ranked" in (shared[0] / "rank.html").read_text()


def test_no_process_does_the_work_of_another(shared: tuple[Path, str]) -> None:
    first, second = (json.loads((shared[0] / f"work-{rank}.json").read_text()) for rank in (0, 1))
    images = sum(json.loads(said(shared, name))["images"] for name in ("figures", "samples"))
    assert sorted((first["_run"], second["_run"])) == [2, 3]
    assert first["add_pictures"] + second["add_pictures"] == images
    chunk = shared_work.SMALL["edgan.models.evaluation.CHUNK"]
    assert abs(first["add_pictures"] - second["add_pictures"]) <= 2 * chunk


def test_two_processes_write_the_pictures_and_the_sheet_of_one(
    shared: tuple[Path, str], photos: Path, tmp_path: Path
) -> None:
    out, told = shared
    alone = reconstruct(out / "run", photos, tmp_path / "one", sheet=tmp_path / "sheet.png", device="cpu", quiet=True)
    assert said(shared, "reconstruct").startswith(f"{PICTURES - 1} images in {out / 'pictures'}; also ")
    assert told.count(f"edgan: left out p{BROKEN}") == 1
    together = {path.name: np.asarray(Image.open(path)).astype(int) for path in (out / "pictures").iterdir()}
    assert together.keys() == {path.name for path in alone.files}
    # Batches of other sizes round otherwise.
    assert max(np.abs(together[path.name] - np.asarray(Image.open(path))).max() for path in alone.files) <= 1
    sheets = [np.asarray(Image.open(folder / "sheet.png")).astype(int) for folder in (tmp_path, out)]
    assert sheets[0].shape == sheets[1].shape


def test_the_latents_of_each_process_are_in_a_file_of_its_own(
    shared: tuple[Path, str], photos: Path, tmp_path: Path
) -> None:
    out = shared[0]
    alone = invert(out / "run", photos, tmp_path / "one", device="cpu", quiet=True)
    together = json.loads(said(shared, "invert"))
    assert together["psnr"] == pytest.approx(alone.psnr, rel=1e-5, abs=1e-6)
    assert together["ssim"] == pytest.approx(alone.ssim, rel=1e-5, abs=1e-6)
    assert len(together["files"]) == PICTURES - 1 + 2
    readable = [place for place in range(PICTURES) if place != BROKEN]
    latents = np.load(tmp_path / "one" / "latents.npy")
    for number in (1, 2):
        own = [row for row, place in enumerate(readable) if place % 2 == number - 1]
        np.testing.assert_allclose(np.load(out / "inverted" / f"latents-{number}-of-2.npy"), latents[own], atol=1e-5)


def test_a_process_that_fails_tells_its_own_error_and_ends_the_other(shared: tuple[Path, str]) -> None:
    out, told = shared
    assert told.count(f"edgan: error: {shared_work.MESSAGE}") == 1
    assert "lost each other while gathering results" in told
    assert len(list((out / "nothing").glob("*.png"))) <= (PICTURES + 1) // 2
