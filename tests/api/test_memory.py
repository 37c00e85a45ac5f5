"""Verbs stream: the images that are alive at once do not grow with the number of pictures."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import edgan
from edgan.api import Run
from edgan.api import inversion as inversion_verb
from edgan.api import sampling as sampling_verb
from edgan.models.model import Model
from edgan.synthetic import write_folder

CHUNK = 4


class Alive:
    """Counts images while they are referenced, and remembers the most at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def add(self, images: Tensor) -> Tensor:
        count = len(images)
        self.now += count
        self.most = max(self.most, self.now)
        weakref.finalize(images, self._drop, count)
        return images

    def _drop(self, count: int) -> None:
        self.now -= count


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Alive:
    """Counts the images that models draw, with chunks of four."""
    counter, decode = Alive(), Model.decode
    monkeypatch.setattr(inversion_verb, "CHUNK", CHUNK)
    monkeypatch.setattr(sampling_verb, "CHUNK", CHUNK)

    def counted(model: Model, z: Tensor, **fields: Any) -> Tensor:
        return counter.add(decode(model, z, **fields))

    monkeypatch.setattr(Model, "decode", counted)
    gc.collect()
    return counter


def most(alive: Alive) -> int:
    """The most images at once since the last call."""
    reached, alive.most = alive.most, 0
    assert reached >= CHUNK
    return reached


def test_sample_holds_as_many_images_for_few_as_for_many(run: Run, tmp_path: Path, alive: Alive) -> None:
    reached = []
    for count in (2 * CHUNK, 16 * CHUNK):
        assert len(edgan.sample(run.path, tmp_path / str(count), count=count).files) == count
        reached.append(most(alive))
    assert reached[0] == reached[1]


def test_invert_holds_as_many_images_for_few_as_for_many(run: Run, tmp_path: Path, alive: Alive) -> None:
    reached = []
    for count in (2 * CHUNK, 16 * CHUNK):
        folder = write_folder("faces", tmp_path / f"faces-{count}", count, 32)
        written = edgan.invert(run.path, folder, tmp_path / str(count), how="encoder")
        assert len(written.files) == count + 1
        reached.append(most(alive))
    assert reached[0] == reached[1]


def test_samples_do_not_depend_on_the_chunk(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = edgan.sample(run.path, tmp_path / "whole", count=9, seed=3)
    monkeypatch.setattr(sampling_verb, "CHUNK", CHUNK)
    chunked = edgan.sample(run.path, tmp_path / "chunked", count=9, seed=3)
    assert [path.read_bytes() for path in chunked.files] == [path.read_bytes() for path in whole.files]
    assert torch.equal(run.load().sample(9, 3), run.load().sample(9, 3))
