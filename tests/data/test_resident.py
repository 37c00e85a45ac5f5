"""A set that lies on a device gives the batches that reading gives, bit for bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from edgan.data import Dataset, open_dataset
from edgan.data.resident import ResidentData, resident
from edgan.synthetic import write_folder

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> dict[str, Dataset]:
    folder = tmp_path_factory.mktemp("sets")
    faces = open_dataset(write_folder("faces", folder / "faces", 12, 32), size=32)
    pairs = open_dataset(write_folder("facades", folder / "facades", 8, 32), size=32)
    index = np.random.default_rng(0).integers(0, 5, (len(pairs), 32, 32), dtype=np.uint8)
    classes = dataclasses.replace(pairs, source_index=index, source_classes=5)
    labelled = dataclasses.replace(faces, label=np.arange(12, dtype=np.int64) % 3, label_names=("a", "b", "c"))
    return {"faces": faces, "pairs": pairs, "classes": classes, "labelled": labelled}


@pytest.mark.parametrize("name", ["faces", "pairs", "classes", "labelled"])
def test_its_batches_are_those_that_reading_gives(sets, name):
    where = np.array([5, 0, 5, 3])
    here, read = ResidentData(sets[name], CPU).batch(where), sets[name].batch(where)
    for field in dataclasses.fields(read):
        mine, theirs = getattr(here, field.name), getattr(read, field.name)
        assert (mine is None) is (theirs is None)
        if mine is not None:
            assert torch.equal(mine, theirs)
            assert mine.stride() == theirs.stride()


def test_a_cpu_needs_none_and_a_gpu_takes_what_fits_into_a_quarter_of_its_free_memory(sets, monkeypatch):
    made: list[torch.device] = []
    monkeypatch.setattr("edgan.data.resident.ResidentData", lambda _, device: made.append(device))
    size = sum(getattr(sets["faces"], name).nbytes for name in sets["faces"].stored)
    assert resident(sets["faces"], CPU) is None
    for free in (4 * size - 1, 4 * size):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda _, free=free: (free, 2 * free))
        resident(sets["faces"], torch.device("cuda"))
    assert made == [torch.device("cuda")]
