"""Drawn facades: the map decides the layout, a random stream of its own decides the materials."""

import numpy as np
import pytest
from PIL import Image

from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.synthetic import FACADE_CLASSES, FACADE_PALETTE, colour_labels, render_facades, write_folder


def test_a_facade_does_not_depend_on_what_is_drawn_with_it():
    photos, labels = render_facades(4, 48, seed=2)
    photo, label = render_facades(1, 48, seed=2, start=3)
    assert np.array_equal(photos[3], photo[0])
    assert np.array_equal(labels[3], label[0])


def test_one_label_map_is_drawn_in_many_materials():
    photos, labels = render_facades(4, 64, seed=0)
    others, same = render_facades(4, 64, seed=0, material_seed=1)
    assert np.array_equal(labels, same)
    for photo, other in zip(photos.astype(float), others.astype(float), strict=True):
        assert np.abs(photo - other).mean() > 15


def test_different_seeds_give_different_layouts():
    _, labels = render_facades(2, 64, seed=0)
    _, others = render_facades(1, 64, seed=1)
    assert (labels[0] != labels[1]).mean() > 0.1
    assert (labels[0] != others[0]).mean() > 0.1


def test_photographs_and_labels_have_the_size_and_type_asked_for():
    photos, labels = render_facades(2, 40)
    assert photos.shape == (2, 40, 40, 3)
    assert labels.shape == (2, 40, 40)
    assert photos.dtype == labels.dtype == np.uint8
    assert labels.max() < len(FACADE_CLASSES)


def test_every_class_occurs():
    _, labels = render_facades(40, 64)
    assert set(np.unique(labels)) == set(range(len(FACADE_CLASSES)))


def test_edges_of_the_photograph_follow_the_map():
    photos, labels = render_facades(6, 128, seed=4)
    step = np.abs(np.diff(photos.astype(float).mean(axis=3), axis=2))
    border = np.diff(labels.astype(int), axis=2) != 0
    assert step[border].mean() > 2 * step[~border].mean()


def test_the_wall_has_texture_that_the_map_does_not_tell():
    photos, labels = render_facades(6, 64, seed=4)
    for photo, label in zip(photos.astype(float), labels, strict=True):
        wall = label == FACADE_CLASSES.index("facade")
        detail = np.abs(np.diff(photo.mean(axis=2), axis=1))[wall[:, 1:] & wall[:, :-1]]
        assert detail.mean() > 2.5


def test_label_colours_can_be_read_back():
    assert len(set(FACADE_PALETTE)) == len(FACADE_CLASSES)
    labels = np.arange(len(FACADE_CLASSES), dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(colour_labels(labels).reshape(-1, 3), np.asarray(FACADE_PALETTE))


def test_a_size_that_shows_nothing_is_refused():
    with pytest.raises(UsageError, match="16"):
        render_facades(1, 15)


def test_a_written_folder_has_the_photograph_on_the_left_and_the_map_on_the_right(tmp_path):
    folder = write_folder("facades", tmp_path / "set", 10, 32, seed=6)
    assert {split: len(list((folder / split).iterdir())) for split in ("train", "val", "test")} == {
        "train": 8,
        "val": 1,
        "test": 1,
    }
    photos, labels = render_facades(10, 32, seed=6)
    pair = np.asarray(Image.open(folder / "test" / "000009.png"))
    assert np.array_equal(pair[:, :32], photos[9])
    assert np.array_equal(pair[:, 32:], colour_labels(labels[9:])[0])


def test_a_written_folder_opens_as_pairs_with_the_photograph_as_the_image(tmp_path):
    folder = write_folder("facades", tmp_path / "set", 10, 32, seed=6)
    data = open_dataset(folder, size=32, cache=tmp_path / "cache")
    photos, labels = render_facades(10, 32, seed=6)
    order = [int(name.split("/")[-1].removesuffix(".png")) for name in data.names]
    assert [len(data.indices(split)) for split in ("train", "val", "test")] == [8, 1, 1]
    assert np.array_equal(data.images, photos[order])
    assert np.array_equal(data.source, colour_labels(labels[order]))
