"""Pictures unlike a run's training pictures are told from others of the same set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from edgan.data import open_dataset
from edgan.errors import EdganError
from edgan.models import picture_statistics
from edgan.models.picture_statistics import FILE, LEAST, PictureStatistics, descriptions, keep_statistics, statistics_of
from edgan.nets import pretrained
from edgan.synthetic import write_folder

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=pretrained.MISSING)
SIDE = 48


def images_of(kind: str, folder: Path, count: int, seed: int) -> Tensor:
    data = open_dataset(write_folder(kind, folder / f"{kind}-{seed}", count, SIDE, seed), size=SIDE)
    return data.batch(np.arange(len(data))).image


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


@pytest.fixture(scope="module")
def statistics(folder: Path) -> PictureStatistics:
    """Of rendered faces."""
    data = open_dataset(write_folder("faces", folder / "training", 150, SIDE, 0), size=SIDE)
    made = statistics_of(data, sources=False)
    assert made is not None
    return made


def test_unseen_pictures_of_the_same_set_are_hardly_ever_called_unlike(statistics, folder) -> None:
    assert statistics.unlike(images_of("faces", folder, 150, 77)).float().mean() < 0.04


def test_pictures_of_other_kinds_are_called_unlike(statistics, folder) -> None:
    drawn = torch.Generator().manual_seed(0)
    assert statistics.unlike(images_of("facades", folder, 20, 3)).float().mean() > 0.9
    assert statistics.unlike(torch.rand(20, 3, SIDE, SIDE, generator=drawn) * 2 - 1).float().mean() > 0.9
    assert statistics.unlike(torch.zeros(4, 3, SIDE, SIDE)).all()


def test_each_picture_is_judged_for_itself(statistics, folder) -> None:
    faces, other = images_of("faces", folder, 10, 5), torch.zeros(1, 3, SIDE, SIDE)
    together = statistics.unlike(torch.cat([faces, other]))
    assert torch.equal(together, torch.cat([statistics.unlike(faces), statistics.unlike(other)]))


def test_they_are_kept_with_a_checksum(statistics, tmp_path) -> None:
    statistics.save(tmp_path)
    loaded = PictureStatistics.load(tmp_path)
    assert loaded is not None
    assert loaded.limit == pytest.approx(statistics.limit, rel=1e-5)
    probe = torch.zeros(1, 3, SIDE, SIDE)
    assert torch.allclose(loaded.distances(descriptions(probe)), statistics.distances(descriptions(probe)))
    assert (tmp_path / FILE).stat().st_size < 60_000
    damaged = bytearray((tmp_path / FILE).read_bytes())
    damaged[-1] ^= 1
    (tmp_path / FILE).write_bytes(damaged)
    with pytest.raises(EdganError, match=r"pictures\.safetensors is damaged: its checksum"):
        PictureStatistics.load(tmp_path)


@pytest.mark.parametrize(("side", "channels"), [(28, 1), (64, 3), (130, 3)])
def test_pictures_of_any_size_are_described(side, channels) -> None:
    assert descriptions(torch.zeros(2, channels, side, side)).shape == (2, 152)


def test_a_set_of_few_pictures_has_none(tmp_path) -> None:
    data = open_dataset(write_folder("faces", tmp_path / "few", LEAST, 32), size=32)
    assert len(data.indices("train")) < LEAST
    assert statistics_of(data, sources=False) is None
    keep_statistics(tmp_path, data, sources=False)
    assert PictureStatistics.load(tmp_path) is None


def test_without_the_pretrained_features_there_are_none(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(picture_statistics, "is_available", lambda: False)
    data = open_dataset(write_folder("faces", tmp_path / "set", 60, 32), size=32)
    assert statistics_of(data, sources=False) is None


def test_they_leave_the_callers_random_numbers_alone(tmp_path) -> None:
    data = open_dataset(write_folder("faces", tmp_path / "set", 60, 32), size=32)
    before = torch.get_rng_state()
    assert statistics_of(data, sources=False) is not None
    assert torch.equal(before, torch.get_rng_state())
