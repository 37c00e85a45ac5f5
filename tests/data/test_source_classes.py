"""One-hot sources, swapped sides, and pairs one pixel wide."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from edgan.data import check_folder, open_dataset, sources_in
from edgan.data.build import PALETTE
from edgan.data.classes import one_hot, paint
from edgan.errors import EdganError, UsageError
from edgan.methods import Shape


@pytest.fixture
def camvid(tmp_path):
    maps = np.random.default_rng(0).integers(0, 5, (4, 16, 16), dtype=np.uint8)
    for number, indices in enumerate(maps):
        for folder, pixels in (("images", PALETTE[indices]), ("labels", indices)):
            (tmp_path / "train" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "train" / folder / f"{number}.png")
    return tmp_path


def test_each_pixel_is_one_in_the_plane_of_its_class_and_minus_one_elsewhere(camvid):
    data = open_dataset(camvid, size=16, source_classes=5)
    source = data.batch([2]).source
    assert source.shape == (1, 5, 16, 16)
    assert source.unique().tolist() == [-1.0, 1.0]
    assert torch.equal(source.argmax(1)[0], torch.from_numpy(data.source_index[2].astype(np.int64)))
    assert (source.sum(1) == 1 - 4).all()


def test_the_shape_of_such_data_has_a_channel_for_each_class(camvid):
    shape = Shape.of(open_dataset(camvid, size=16, source_classes=7))
    assert (shape.source_channels, shape.source_classes) == (7, 7)
    assert Shape.of(open_dataset(camvid, size=16)).source_channels == 3


def test_planes_are_painted_as_the_data_set_paints_its_maps(camvid):
    painted = paint(open_dataset(camvid, size=16, source_classes=5).batch([1]).source)
    assert torch.allclose(painted, open_dataset(camvid, size=16).batch([1]).source)
    pictures = torch.rand(1, 3, 4, 4)
    assert paint(pictures) is pictures


def test_a_class_beyond_those_that_are_given_is_refused_with_its_file(camvid):
    with pytest.raises(UsageError, match=r"0 to 2, but 4 of 4 .*train/images/\d\.png .* holds class 4\..*classes=5"):
        open_dataset(camvid, size=16, source_classes=3)


def test_classes_of_colours_are_refused(tmp_path, paint):
    for name in ("A/1", "A/2", "B/1", "B/2"):
        paint(tmp_path / f"{name}.png")
    with pytest.raises(UsageError, match="has none"):
        open_dataset(tmp_path, size=8, source_classes=3)


def test_a_label_map_alone_is_read_as_its_pairs_would_be(camvid):
    data = open_dataset(camvid, size=16)
    label = camvid / "train" / "labels" / "1.png"
    ((_, load),), layout = sources_in(label, maps=True)
    assert layout is None
    assert np.array_equal(load(16, 3), data.source[1])
    ((_, load),), _ = sources_in(label, classes=5)
    planes = torch.from_numpy(load(16, 5)[None]).permute(0, 3, 1, 2) / 127.5 - 1
    assert torch.equal(planes, one_hot(torch.from_numpy(data.source_index[[1]]), 5))
    with pytest.raises(EdganError, match="holds class 4, and this model knows 0 to 3"):
        sources_in(label, classes=4)[0][0][1](16, 4)


def test_the_source_side_of_pairs_becomes_planes_too(camvid):
    sources, layout = sources_in(camvid, classes=5)
    assert layout == "images-labels"
    assert sources[0][1](16, 5).shape == (16, 16, 5)


def pairs_of(folder, image, source, count=6):
    for number in range(count):
        for side, pixels in (("A", image(number)), ("B", source(number))):
            (folder / side).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / side / f"{number}.png")


def noisy(seed):
    return np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def flat(seed):
    return np.full((32, 32, 3), 20 * seed, dtype=np.uint8)


def test_swapped_sides_are_reported(tmp_path):
    pairs_of(tmp_path / "wrong", flat, noisy)
    pairs_of(tmp_path / "right", noisy, flat)
    assert open_dataset(tmp_path / "wrong", size=32).sides_look_swapped()
    assert not open_dataset(tmp_path / "right", size=32).sides_look_swapped()
    assert any("sides are swapped" in warning for warning in check_folder(tmp_path / "wrong").warnings)
    assert not any("swapped" in warning for warning in check_folder(tmp_path / "right").warnings)


def test_photos_on_both_sides_are_not_taken_for_swapped(tmp_path):
    pairs_of(tmp_path, noisy, lambda seed: noisy(seed + 100))
    assert not open_dataset(tmp_path, size=32).sides_look_swapped()


def test_a_single_pair_one_pixel_wide_is_a_pair(tmp_path):
    pairs_of(tmp_path, lambda _: noisy(0)[:, :1], lambda _: flat(1)[:, :1], count=1)
    data = open_dataset(tmp_path, size=16)
    assert len(data) == 1
    assert data.batch([0]).source.shape == (1, 3, 16, 16)
    assert any("one side is more than twice the other" in warning for warning in check_folder(tmp_path).warnings)
