"""Inversion runs: from a trained GAN to the latents of image files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import edgan
from edgan.api import Run
from edgan.errors import EdganError, UsageError
from edgan.models.inverting import invert_images
from edgan.models.loading import load
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder

GAN = {"network.width": 4, "latent.size": 6}
KEPT = {"steps": 3, "batch": 4, "device": "cpu"}


@pytest.fixture(scope="module", autouse=True)
def no_report() -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr("edgan.api.training.report_run", lambda *_: None)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def gan(faces: Path, runs: Path) -> Run:
    """Trained just long enough that its images differ from latent to latent."""
    return edgan.train("dcgan", data=faces, out=runs / "gan", size=32, preset="small", set=GAN, **{**KEPT, "steps": 40})


@pytest.fixture(scope="module")
def vae(faces: Path, runs: Path) -> Run:
    return edgan.train("vae", data=faces, out=runs / "vae", size=32, set=GAN, **KEPT)


@pytest.fixture(scope="module")
def connection(gan: Run, faces: Path, runs: Path) -> Run:
    settings = {"gan": str(gan.path), "hidden": 8}
    return edgan.train("connection", data=faces, out=runs / "connection", set=settings, **KEPT)


@pytest.fixture(scope="module")
def encoder(gan: Run, faces: Path, runs: Path) -> Run:
    settings = {"gan": str(gan.path), "width": 4}
    return edgan.train("encoder", data=faces, out=runs / "encoder", set=settings, **KEPT)


def weights(run: Run) -> dict[str, torch.Tensor]:
    newest = checkpoint.newest(RunFolder.open(run.path).checkpoints)
    assert newest is not None
    return newest[0].tensors["networks"]


def test_the_gans_networks_are_in_the_run_bit_for_bit(gan: Run, connection: Run) -> None:
    ours, theirs = weights(connection), weights(gan)
    assert {name.partition("/")[0] for name in ours} == {"generator", "discriminator", "connection"}
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())


def test_the_run_needs_the_gans_folder_no_more(gan: Run, connection: Run, faces: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    gan.path.rename(away)
    try:
        out = Path(shutil.copytree(connection.path, tmp_path / "connection"))
        assert load(out).encode(torch.zeros(2, 3, 32, 32)).shape == (2, 6)
        again = edgan.train("connection", data=faces, out=out, resume=True, steps=4, device="cpu")
        assert again.configuration.steps == 4
    finally:
        away.rename(gan.path)


def test_its_size_is_the_gans(connection: Run) -> None:
    assert connection.configuration.size == 32


@pytest.mark.parametrize("name", ["connection", "encoder"])
def test_a_run_inverts_files(name: str, faces: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(name)
    inverted = edgan.invert(run.path, faces, tmp_path / "out")
    latents = np.load(tmp_path / "out" / "latents.npy")
    assert latents.shape == (12, 6)
    assert latents.dtype == np.float32
    assert inverted.how == name
    assert len(list((tmp_path / "out").glob("*.png"))) == 12


@pytest.mark.parametrize(("name", "how"), [("connection", "hybrid"), ("encoder", "optimise")])
def test_optimisation_only_comes_nearer(name: str, how: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(name).load()
    images = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    plain, refined = (invert_images(model, images, way, steps=10) for way in (name, how))
    errors = [(result.images - images).square().mean() for result in (plain, refined)]
    assert errors[1] < errors[0]
    assert refined.latents.abs().max() <= 1


def test_a_gan_alone_is_optimised_from_the_priors_mean(gan: Run) -> None:
    model, images = gan.load(), torch.zeros(2, 3, 32, 32)
    start = (model.decode(torch.zeros(2, 6)) - images).square().mean()
    assert (invert_images(model, images, steps=5).images - images).square().mean() < start


def test_a_vae_is_inverted_by_its_encoder(vae: Run) -> None:
    images = torch.zeros(2, 3, 32, 32)
    result = invert_images(vae.load(), images)
    torch.testing.assert_close(result.latents, vae.load().encode(images))


def test_a_run_without_a_discriminator_gives_no_connection(vae: Run, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\(vae\) cannot be inverted: it has no discriminator"):
        edgan.train("connection", data=faces, out=tmp_path / "run", set={"gan": str(vae.path)}, **KEPT)
    assert not (tmp_path / "run").exists()


def test_connection_without_a_gan_is_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="set must give gan=RUN"):
        edgan.train("connection", data=faces, out=tmp_path / "run", **KEPT)


def test_data_of_another_size_is_refused(gan: Run, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="draws images of 32 px with 3 channels, and this data has 64 px"):
        edgan.train("connection", data=faces, out=tmp_path / "run", size=64, set={"gan": str(gan.path)}, **KEPT)


def test_a_run_that_is_none_is_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="There is no run at"):
        edgan.train("connection", data=faces, out=tmp_path / "run", set={"gan": str(tmp_path / "no")}, **KEPT)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("optimise", "cannot be inverted by 'optimise', which needs a network 'encoder'"),
        ("hybird", "Did you mean 'hybrid'"),
    ],
)
def test_a_way_that_a_run_cannot_go_is_refused(how: str, said: str, connection: Run) -> None:
    with pytest.raises(UsageError, match=said):
        invert_images(connection.load(), torch.zeros(1, 3, 32, 32), how)


@pytest.mark.parametrize("shape", [(1, 3, 28, 28), (1, 1, 32, 32), (3, 32, 32)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...], connection: Run) -> None:
    with pytest.raises(UsageError, match=r"takes images of shape \(N, 3, 32, 32\)"):
        invert_images(connection.load(), torch.zeros(shape))


def test_a_latent_of_the_wrong_width_is_refused(connection: Run) -> None:
    model = connection.load()
    with pytest.raises(UsageError, match=r"a latent of shape \(N, 6\); a latent of shape \(2, 5\) was given"):
        model.decode(torch.zeros(2, 5))
    with pytest.raises(UsageError, match=r"start must have shape \(1, 6\) for these images \(got \(1, 7\)\)"):
        invert_images(model, torch.zeros(1, 3, 32, 32), "hybrid", start=torch.zeros(1, 7))


def test_evaluate_by_inversion_scores_held_out_images_and_samples(connection: Run, faces: Path) -> None:
    result = edgan.evaluate(connection.path, faces, split="train", metric="inversion")
    assert {"psnr", "psnr_std", "ssim", "ssim_std", "sample_ms_ssim", "sample_ms_ssim_real"} == result["figures"].keys()
    assert "held-out images" in result["protocol"]["inversion"]


def test_evaluate_refuses_an_unknown_split_before_it_loads_anything(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"split cannot be 'tset'\. Did you mean 'test'"):
        edgan.evaluate(tmp_path / "no run", tmp_path / "no data", split="tset")


def test_evaluate_knows_its_metrics(connection: Run, faces: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'inversion'"):
        edgan.evaluate(connection.path, faces, metric="inversoin")


def test_an_inverted_gan_is_edited_by_latent_arithmetic(gan: Run, faces: Path, tmp_path: Path) -> None:
    settings = {"gan": str(gan.path), "hidden": 8, "attributes": "Smiling,Male"}
    run = edgan.train("connection", data=faces, out=tmp_path / "run", set=settings, **KEPT)
    model = run.load()
    assert (model.controls.names, model.controls.neutral) == (("Male", "Smiling"), 0)
    images = torch.zeros(2, 3, 32, 32)
    moved = model.encode(images) + 2 * model.directions.vectors["Smiling"]
    torch.testing.assert_close(model.edit(images, {"Smiling": 2}), model.decode(moved))
    assert edgan.edit(run.path, faces, tmp_path / "out", set={"Smiling": 2}).files
