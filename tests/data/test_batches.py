"""Batches: values, memory order, the tensors that come along."""

import numpy as np
import pytest
import torch

from edgan.data import Batch, from_uint8, open_dataset
from edgan.errors import UsageError


@pytest.fixture
def data(tmp_path, paint):
    for number in range(6):
        paint(tmp_path / f"{number}.png", value=51 * number)
    rows = "".join(f"{n}.png,{n / 10},{'ab'[n % 2]}\n" for n in range(6))
    (tmp_path / "metadata.csv").write_text("file_name,A,label\n" + rows)
    return open_dataset(tmp_path, size=8)


def test_pixels_0_and_255_are_minus_one_and_one(data):
    batch = data.batch([5, 0])
    assert batch.image.dtype == torch.float32
    assert (batch.image[0] == 1).all()
    assert (batch.image[1] == -1).all()


def test_images_are_channels_first_in_channels_last_memory(data):
    image = data.batch([0, 1, 2]).image
    assert image.shape == (3, 3, 8, 8)
    assert image.is_contiguous(memory_format=torch.channels_last)


def test_from_uint8_keeps_rows_columns_and_channels_apart():
    pixels = torch.arange(2 * 3 * 4 * 3, dtype=torch.uint8).reshape(2, 3, 4, 3)
    assert torch.equal(from_uint8(pixels)[1, 2, 0], pixels[1, 0, :, 2] / 127.5 - 1)


def test_a_batch_carries_index_attributes_and_label_in_the_order_asked_for(data):
    batch = data.batch(np.array([4, 1]))
    assert batch.index.tolist() == [4, 1]
    assert batch.attributes.tolist() == [[pytest.approx(0.4)], [pytest.approx(0.1)]]
    assert batch.label.tolist() == [0, 1]
    assert batch.source is None


def test_narrow_takes_views_of_every_tensor(data):
    batch = data.batch([0, 1, 2, 3])
    middle = batch.narrow(1, 3)
    assert len(middle) == 2
    assert middle.index.tolist() == [1, 2]
    assert middle.image.data_ptr() == batch.image[1].data_ptr()


def test_to_moves_every_tensor(data):
    batch = data.batch([0, 1]).to("meta")
    assert isinstance(batch, Batch)
    assert {t.device.type for t in (batch.image, batch.index, batch.attributes, batch.label)} == {"meta"}


def test_the_splits_hold_every_image_once(data):
    together = np.concatenate([data.indices(split) for split in ("train", "val", "test")])
    assert sorted(together) == list(range(6))


def test_a_position_outside_the_set_and_an_unknown_split_are_refused(data):
    with pytest.raises(UsageError, match=r"between 0 and 5 \(got 6 to 6\).*holds 6 images"):
        data.batch([6])
    with pytest.raises(UsageError, match="Did you mean 'train'"):
        data.indices("trian")
