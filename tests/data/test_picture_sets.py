"""Sets of pictures from arrays and their files: what is no set of pictures is told in a sentence."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edgan.data.pictures import read_pictures
from edgan.errors import EdganError, UsageError

GOOD = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 3), dtype=np.uint8)


def told(source) -> str:
    with pytest.raises(EdganError) as caught:
        read_pictures("mine", source, 8)
    return str(caught.value)


def test_floats_from_0_to_1_are_refused_and_not_taken_for_minus_one_to_one():
    unit = GOOD.transpose(0, 3, 1, 2) / 255
    assert "no value below 0" in told(unit)
    assert np.array_equal(read_pictures("mine", 2 * unit - 1, 8).values, GOOD)


def test_one_picture_is_told_as_such_and_not_read_as_narrow_ones():
    assert "is one picture" in told(GOOD[0])
    assert len(read_pictures("mine", GOOD[0][..., None], 8)) == 8


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.bool_, np.complex64, "U3", "M8[s]", object])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 0, 4), (2, 4, 4, 3), (2, 3, 4, 4, 1)])
def test_an_array_of_another_kind_or_shape_is_told(kind, shape, tmp_path):
    array = np.zeros(shape, dtype=kind)
    assert told(array)
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    np.savez(tmp_path / "a.npz", array)
    assert told(tmp_path / "a.npy")
    assert told(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "odd",
    [
        [],
        [1, 2],
        [[1], [1, 2]],
        None,
        {},
        object(),
        torch.zeros(2, 3, 4, 4).to_sparse(),
        torch.zeros(2, 3, 4, device="meta"),
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_what_is_no_array_is_a_wrong_call(odd):
    with pytest.raises(UsageError):
        read_pictures("mine", odd, 8)


def test_bfloat16_is_read():
    pictures = torch.linspace(-1, 1, 2 * 3 * 8 * 8).view(2, 3, 8, 8).bfloat16()
    assert len(read_pictures("mine", pictures, 8)) == 2


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_damaged_file_is_read_or_told_with_its_name(name, tmp_path):
    path = tmp_path / name
    (np.save if name.endswith("y") else np.savez_compressed)(path, GOOD)
    whole, random, answers = path.read_bytes(), np.random.default_rng(0), []
    for trial in range(150):
        data = bytearray(whole)
        for place in random.integers(0, 140, 1 + trial % 3):
            data[place] = random.integers(256)
        path.write_bytes(data if trial % 5 else data[: random.integers(len(data))])
        try:
            read_pictures("mine", path, 8)
        except UsageError as error:  # it holds an array, though not of pictures
            answers.append("mine" in str(error))
        except EdganError as error:
            answers.append(str(path) in str(error) or "mine" in str(error))
    assert len(answers) > 20
    assert all(answers)


def test_an_array_that_claims_terabytes_is_told(tmp_path: Path):
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (100000000, 1000, 1000, 3), }\n"
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    assert str(path) in told(path)
