"""The directions of a latent belong to one step of one run, and only edits need them."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch

from edgan.errors import EdganError
from edgan.models.directions import FILE, Directions

VECTORS = {"Smiling": torch.linspace(-1, 1, 8), "Male": torch.arange(8.0)}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Directions("multilabel", VECTORS).save(tmp_path, 30)
    return tmp_path


def test_they_are_read_as_they_were_written(saved: Path) -> None:
    loaded = Directions.load(saved, 30)
    assert loaded is not None
    assert loaded.kind == "multilabel"
    assert loaded.vectors.keys() == VECTORS.keys()
    assert all(torch.equal(loaded.vectors[name], VECTORS[name]) for name in VECTORS)


def test_a_run_without_any_has_none(tmp_path: Path) -> None:
    assert Directions.load(tmp_path, 30) is None


@pytest.mark.parametrize("step", [20, 40])
def test_those_of_another_step_are_refused(saved: Path, step: int) -> None:
    with pytest.raises(EdganError, match=rf"belongs to the weights of step 30, not of step {step}.*Resume"):
        Directions.load(saved, step)


def test_no_flipped_bit_goes_unnoticed(saved: Path) -> None:
    whole = (saved / FILE).read_bytes()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        (saved / FILE).write_bytes(data)
        with pytest.raises(EdganError, match=FILE):
            Directions.load(saved, 30)


def test_those_of_an_earlier_version_are_refused_with_a_remedy(tmp_path: Path) -> None:
    safetensors.torch.save_file({f"multilabel/{name}": vector for name, vector in VECTORS.items()}, tmp_path / FILE)
    with pytest.raises(EdganError, match=r"does not say to which step it belongs\. Resume"):
        Directions.load(tmp_path, 30)
