"""Samples of a method that takes attributes as input: the given ones, or drawn as often as in training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import edgan
from edgan.api import Run
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.methods import Shape
from edgan.models.latents import draw_conditions

NAMES = ["Smiling", "Male"]
SMALL = {"network.width": 4, "network.discriminator": 4, "network.connection": 16, "latent.size": 5}
KEPT = {"size": 32, "preset": "small", "steps": 2, "batch": 4, "device": "cpu", "report": False}


@pytest.fixture(scope="module")
def conditional(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "conditional"
    return edgan.train("modified-cgan", faces, out, set={**SMALL, "attributes": ",".join(NAMES)}, **KEPT)


def test_a_run_knows_how_often_its_images_had_each_attribute(conditional: Run, faces: Path) -> None:
    data = open_dataset(faces, size=32, attributes=NAMES)
    often = data.attributes[data.indices("train")].mean(0)
    np.testing.assert_allclose(json.loads((conditional.path / "run.json").read_text())["data"]["frequencies"], often)
    np.testing.assert_allclose(conditional.load().shape.frequencies, often)


def test_attributes_are_drawn_as_often_as_in_training(conditional: Run) -> None:
    method = conditional.load().method
    drawn = draw_conditions(method, Shape(32, 3, attributes=("a", "b"), frequencies=(0.1, 0.8)), 4000, 0)["attributes"]
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean(0).tolist() == pytest.approx([0.1, 0.8], abs=0.03)


def test_a_sample_depends_on_the_given_attributes_and_equal_seeds_are_equal(conditional: Run) -> None:
    model = conditional.load()
    with_all, without = (model.sample(3, seed=1, attributes=torch.full((3, 2), value)) for value in (1.0, 0.0))
    assert not torch.equal(with_all, without)
    assert torch.equal(model.sample(3, seed=1), model.sample(3, seed=1))
    assert not torch.equal(model.sample(3, seed=1), model.sample(3, seed=2))


def test_the_verb_samples_and_a_path_keeps_its_attributes(conditional: Run, tmp_path: Path) -> None:
    written = edgan.sample(conditional.path, tmp_path / "samples", count=3, seed=1)
    model = conditional.load()
    first = np.asarray(Image.open(written.files[0]), float) / 127.5 - 1
    np.testing.assert_allclose(first, model.sample(3, seed=1)[0].permute(1, 2, 0), atol=0.01)
    (sheet,) = edgan.sample(conditional.path, tmp_path / "way", count=1, interpolate=4).files
    assert Image.open(sheet).size == (4 * 34 - 2, 32)


def test_it_cannot_be_inverted_because_it_encodes_images_itself(conditional: Run, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="generates from a latent together with attributes"):
        edgan.invert(conditional.path, faces, tmp_path / "out")
    with pytest.raises(UsageError, match="generates from a latent and attributes"):
        edgan.train("connection", faces, tmp_path / "run", set={"gan": str(conditional.path)}, **KEPT)
