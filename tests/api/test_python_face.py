"""`import edgan`: the verbs and the trained model, as the command line has them."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from api_toys import TINY
from torch import Tensor

import edgan
from edgan import api
from edgan.api import Run
from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError


@pytest.fixture
def images(faces: Path) -> Tensor:
    """Five faces, (5, 3, 32, 32) in [-1, 1]."""
    return open_dataset(faces, size=32).batch(range(5)).image


def test_train_gives_the_run_with_its_log(run: Run) -> None:
    assert run.configuration.steps == 3
    assert run.log()[-1]["step"] == 3


def test_reconstruct_gives_base_residual_and_their_sum(run: Run, images: Tensor) -> None:
    base, residual, output = edgan.load(run.path).reconstruct(images)
    assert base.shape == residual.shape == output.shape == images.shape
    assert base.abs().max() <= 1
    assert torch.equal(output, base + residual)
    assert residual.abs().max() > 0


def test_the_run_and_load_give_the_same_model(run: Run, images: Tensor) -> None:
    assert torch.equal(run.load().reconstruct(images).output, edgan.load(str(run.path)).reconstruct(images).output)


def test_a_coupled_model_has_no_residual(faces: Path, tmp_path: Path, images: Tensor) -> None:
    trained = edgan.train("ed-plus-gan", faces, tmp_path / "run", size=32, steps=1, batch=4, device="cpu", set=TINY)
    base, residual, output = trained.load().reconstruct(images)
    assert torch.equal(output, base)
    assert not residual.any()


def test_encode_gives_the_latents(run: Run, images: Tensor) -> None:
    assert edgan.load(run.path).encode(images).shape == (5, 8)


def test_sample_is_a_function_of_its_seed(run: Run) -> None:
    model = edgan.load(run.path)
    assert model.sample(3).shape == (3, 3, 32, 32)
    assert torch.equal(model.sample(3, seed=1), model.sample(3, seed=1))
    assert not torch.equal(model.sample(3, seed=1), model.sample(3, seed=2))


def test_a_model_does_not_change_with_what_it_has_seen(run: Run, images: Tensor) -> None:
    model = edgan.load(run.path)
    alone = model.reconstruct(images[:1]).output
    model.reconstruct(images)
    torch.testing.assert_close(model.reconstruct(images).output[:1], alone)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (torch.zeros(1, 3, 64, 64), r"\(N, 3, 32, 32\), not \(1, 3, 64, 64\)"),
        (torch.zeros(3, 32, 32), r"\(N, 3, 32, 32\)"),
        (torch.zeros(0, 3, 32, 32), "image is empty"),
        (torch.full((1, 3, 32, 32), 255.0), r"\[-1, 1\]"),
        (torch.full((1, 3, 32, 32), float("nan")), "NaN"),
        (torch.linspace(0, 1, 3 * 32 * 32).view(1, 3, 32, 32), r"as if they were in \[0, 1\]"),
    ],
)
def test_images_of_another_shape_or_range_are_refused(wrong: Tensor, words: str, run: Run) -> None:
    with pytest.raises(UsageError, match=words):
        edgan.load(run.path).reconstruct(wrong)


def test_the_verbs_on_files_give_what_they_wrote(run: Run, faces: Path, tmp_path: Path) -> None:
    written = edgan.reconstruct(run.path, faces, tmp_path / "out")
    assert [path.name for path in written.files] == [f"{index:06d}.png" for index in range(12)]
    assert len(edgan.sample(run.path, tmp_path / "new").files) == 16


def test_evaluate_gives_figures_and_protocols(run: Run, faces: Path) -> None:
    result = edgan.evaluate(run.path, faces, split="train")
    assert result["images"] == 10
    assert np.isfinite(list(result["figures"].values())).all()


def test_rank_takes_folders_and_arrays(faces: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    result = edgan.rank(faces, {"itself": faces, "noise": noise}, size=16, seeds=1, epochs=2)
    assert set(result.scores) == {"itself", "noise"}


def test_explain_takes_settings_and_routes(faces: Path) -> None:
    result = edgan.explain("ed-slash-gan", size=32, set=TINY, route={"adversarial.decoder": 0.5}).as_dict()
    routes = {row["term"]: row["routes"] for row in result["table"]["rows"]}
    assert routes["adversarial"] == {"decoder": 0.5, "generator": 1.0}


def test_errors_are_those_of_the_command_line(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'optimiser\.lr'"):
        edgan.train("ed-slash-gan", faces, tmp_path / "run", set={"optimizer.lr": 1})
    with pytest.raises(EdganError, match="no run at"):
        edgan.load(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_training_writes_nothing_but_its_run(
    run: Run, capsys: pytest.CaptureFixture[str], faces: Path, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        options = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "set": TINY, "quiet": True}
        edgan.train("ed-slash-gan", faces, tmp_path / "run", **options)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("module", ["edgan", "edgan.cli.app"])
def test_what_help_needs_loads_no_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_explain_promises_to_keep_nothing_of_images_that_vary() -> None:
    settings = {**TINY, "ed_first": 10, "ed_frozen": True}
    still = edgan.explain("ed-slash-gan", size=32, set=settings).as_dict()
    varying = edgan.explain("ed-slash-gan", size=32, set={**settings, "augment.flip": True}).as_dict()
    assert still["plan"][1]["kept_per_image"] == ["z", "base"]
    assert varying["plan"][1]["kept_per_image"] == []


def test_methods_loads_only_what_the_list_needs() -> None:
    heavy = ("PIL", "rich", "safetensors", "scipy", "sklearn", "torchmetrics")
    own = ("edgan.config", "edgan.data", "edgan.metrics", "edgan.report", "edgan.training")
    code = f"import sys; from edgan import api; api.methods(); print(*sorted(set(sys.modules) & {{*{heavy + own}}}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_method_lists_what_its_default_settings_can_do_and_what_more_takes() -> None:
    listed = {method["name"]: method for method in api.methods()}
    assert listed["ed-slash-gan"]["capabilities"] == ["reconstruct", "encode"]
    assert "latent.prior" in listed["ed-slash-gan"]["with_other_settings"]["sample"]
    assert "sample" in listed["dcgan"]["capabilities"]
    assert "data with attributes" in listed["vae-gan"]["with_other_settings"]["edit"]


def test_the_list_of_methods_is_callable_whatever_was_imported_before() -> None:
    code = "import edgan; a = edgan.methods(); import edgan.methods; edgan.load; print(a == edgan.methods() != [])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True"]
