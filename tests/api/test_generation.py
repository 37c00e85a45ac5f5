"""Methods that only sample, from training to files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import edgan
from edgan.api import Run
from edgan.errors import UsageError
from edgan.methods import Latent
from edgan.models.latents import between_latents, draw_latents

SMALL = {"network.width": 4, "latent.size": 6}


@pytest.fixture(scope="module")
def gan(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "gan"
    return edgan.train("dcgan", data=faces, out=out, size=32, preset="small", steps=3, batch=4, device="cpu", set=SMALL)


def test_a_trained_gan_has_previews_figures_and_a_report(gan: Run) -> None:
    held = next(line["held_out"] for line in gan.log() if "held_out" in line)
    assert {"energy_output", "spread", "d_real", "d_fake"} <= held.keys()
    assert (gan.path / "report.html").stat().st_size > 1000
    assert list((gan.path / "previews").glob("*.png"))


def test_samples_are_written_and_equal_for_equal_seeds(gan: Run, tmp_path: Path) -> None:
    written = edgan.sample(gan.path, tmp_path / "a", count=3, seed=1)
    again = edgan.sample(gan.path, tmp_path / "b", count=3, seed=1)
    assert [f.name for f in written.files] == ["000000.png", "000001.png", "000002.png"]
    pictures = [[np.asarray(Image.open(f)) for f in result.files] for result in (written, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*pictures, strict=True))
    assert pictures[0][0].shape == (32, 32, 3)


def test_a_gan_cannot_reconstruct(gan: Run) -> None:
    with pytest.raises(UsageError, match="dcgan cannot reconstruct; it can sample"):
        gan.load().reconstruct(torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize("name", ["rfgan", "wgan-gp", "ali"])
def test_the_others_train_and_sample(name: str, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)
    own = {"rfgan": {"autoencoder.steps": 2}, "ali": {"discriminator.joint": 8}}.get(name, {})
    run = edgan.train(
        name,
        data=faces,
        out=tmp_path / "run",
        size=32,
        steps=4,
        batch=4,
        preset="small",
        device="cpu",
        set={**SMALL, **own},
    )
    assert run.load().sample(2).shape == (2, 3, 32, 32)


def test_a_sheet_of_ways_between_samples(gan: Run, tmp_path: Path) -> None:
    (sheet,) = edgan.sample(gan.path, tmp_path, count=3, interpolate=5).files
    assert sheet.name == "interpolation.png"
    assert Image.open(sheet).size == (5 * 34 - 2, 3 * 34 - 2)


@pytest.mark.parametrize("prior", ["normal", "symmetric-uniform"])
def test_a_way_has_its_ends_and_no_shortcut_through_the_origin(prior: str) -> None:
    latent = Latent(200, prior=prior)
    first, last = draw_latents(latent, 6, 0).chunk(2)
    way = between_latents(latent, first, last, 5)
    torch.testing.assert_close(way[:, 0], first)
    torch.testing.assert_close(way[:, -1], last)
    middle, ends = way[:, 2].norm(dim=1), first.norm(dim=1)
    assert bool((middle > 0.9 * ends).all()) == (prior == "normal")


def test_a_way_of_one_image_is_refused(gan: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="interpolate must be 0 or at least 2"):
        edgan.sample(gan.path, tmp_path, interpolate=1)
