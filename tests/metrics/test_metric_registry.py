"""The registry of metrics: what is in it is measured by `evaluate`, by `rank` on request, and during training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import Tensor

import edgan
from edgan.errors import UsageError
from edgan.metrics import registry
from edgan.metrics.metric import Metric, PairMetric, ResidualMetric, SetMetric
from edgan.synthetic import write_folder

SIZE, COUNT = 32, 12
TINY = {
    "discriminator.kind": "paper",
    "discriminator.augment": "never",
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 4,
}


def largest_error(pictures: Tensor, originals: Tensor) -> Tensor:
    return (pictures - originals).abs().flatten(1).amax(1)


TOY = PairMetric(
    name="largest_error",
    title="Largest error",
    better="lower",
    protocol="largest absolute difference of two pixels, mean over images",
    measure=largest_error,
)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> PairMetric:
    """A metric registered as its line in the registry would."""
    monkeypatch.setattr(registry, "METRICS", (*registry.METRICS, TOY))
    return TOY


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", COUNT, SIZE)


def test_a_registered_metric_is_measured_by_evaluate_and_during_training(
    toy: PairMetric, faces: Path, tmp_path: Path
) -> None:
    run = edgan.train(
        "ed-slash-gan", data=faces, out=tmp_path / "run", size=SIZE, steps=1, batch=4, device="cpu", set=TINY
    )
    logged = next(line["held_out"] for line in run.log() if "held_out" in line)
    assert 0 < logged["largest_error_output"] <= 2
    result = edgan.evaluate(run.path, faces, split="train")
    assert 0 < result["figures"]["largest_error_base"] <= 2
    assert result["protocol"]["largest_error"] == toy.protocol
    assert toy.title in (run.path / "report.html").read_text()


def test_a_registered_metric_is_measured_by_rank_on_request(toy: PairMetric, tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 200, (COUNT, 16, 16, 3), dtype=np.uint8)
    for name, values in {"real": pictures, "shifted": pictures + 51}.items():
        (tmp_path / name).mkdir()
        for index, pixels in enumerate(values):
            Image.fromarray(pixels).save(tmp_path / name / f"{index}.png")
    ranking = edgan.rank(
        tmp_path / "real", {"shifted": tmp_path / "shifted"}, size=16, seeds=1, epochs=2, also="largest_error"
    )
    assert ranking.figures["shifted"]["largest_error"] == pytest.approx(0.4, abs=1e-5)
    assert ranking.protocols["largest_error"].startswith(toy.protocol)


def test_a_metric_that_is_not_registered_cannot_be_requested() -> None:
    real = np.zeros((4, 16, 16, 3), np.uint8)
    with pytest.raises(UsageError, match="no additional metric 'largest_error'"):
        edgan.rank(real, {"same": real}, size=16, also="largest_error")


@pytest.mark.parametrize("metric", registry.METRICS, ids=lambda metric: metric.name)
def test_every_metric_says_what_it_is(metric: Metric) -> None:
    assert metric.title
    assert metric.protocol
    assert metric.needs
    assert metric.uses
    assert metric.form.format(0.5)


def test_names_are_unique() -> None:
    names = [metric.name for metric in registry.METRICS]
    assert len(names) == len(set(names)) > 10


def test_a_metric_of_sets_that_evaluate_measures_needs_a_running_form() -> None:
    options = {"name": "n", "title": "t", "better": "lower", "protocol": "p", "measure": lambda *_: 0.0}
    for kind in (SetMetric, ResidualMetric):
        with pytest.raises(ValueError, match="n needs a running form"):
            kind(**options)
        assert kind(**options, uses=("training",)).running is None
