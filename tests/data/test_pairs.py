"""Pairs: in one file, as A/ and B/, as images/ and labels/."""

import numpy as np
import pytest
from annotation_checks import noted_and_refused_if_asked_for
from PIL import Image

from edgan.data import check_folder, open_dataset
from edgan.data.build import PALETTE
from edgan.errors import UsageError


def halves(path, left, right, side=8):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (2 * side, side), left)
    image.paste(right, (side, 0, 2 * side, side))
    image.save(path)


@pytest.fixture
def facades(tmp_path):
    for split in ("train", "val", "test"):
        for number in range(3):
            halves(tmp_path / split / f"{number}.png", (200, 10, 10), (0, 0, 250))
    return tmp_path


def test_side_by_side_has_the_image_left_and_its_source_right(facades):
    data = open_dataset(facades, size=8)
    assert data.kind == "side-by-side"
    assert (data.images[0] == [200, 10, 10]).all()
    assert (data.source[0] == [0, 0, 250]).all()
    assert [len(data.indices(split)) for split in ("train", "val", "test")] == [3, 3, 3]


def test_one_image_of_another_shape_is_left_out(facades, paint):
    paint(facades / "test" / "square.png", size=(8, 8))
    paint(facades / "preview.png", size=(8, 8))
    data = open_dataset(facades, size=8)
    assert data.kind == "images"  # two of eleven are too many to be strays
    (facades / "preview.png").unlink()
    data = open_dataset(facades, size=8)
    assert data.kind == "side-by-side"
    assert data.skipped == [("test/square.png", "not exactly twice as wide as high, as the other pairs are")]


def test_side_by_side_without_splits_is_opened_when_asked_for(tmp_path):
    for number in range(3):
        halves(tmp_path / f"{number}.png", (1, 2, 3), (4, 5, 6))
    assert open_dataset(tmp_path, size=8).kind == "images"
    assert (open_dataset(tmp_path, size=8, layout="side-by-side").source[0] == [4, 5, 6]).all()


def test_a_and_b_are_matched_by_stem(tmp_path, paint):
    for number in range(3):
        paint(tmp_path / "A" / f"{number}.jpg", value=50)
        paint(tmp_path / "B" / f"{number}.png", value=90)
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "a-b"
    assert (data.images[:] == 50).all()
    assert (data.source[:] == 90).all()


def test_splits_may_lie_inside_a_and_b(tmp_path, paint):
    for split in ("train", "test"):
        for number in range(3):
            for side in "AB":
                paint(tmp_path / side / split / f"{number}.png")
    data = open_dataset(tmp_path, size=8)
    assert [data.names[i] for i in data.indices("test")] == [f"A/test/{n}.png" for n in range(3)]


def test_a_file_without_partner_is_left_out(tmp_path, paint):
    for name in ("A/1", "A/2", "A/lonely", "B/1", "B/2", "B/other"):
        paint(tmp_path / f"{name}.png")
    data = open_dataset(tmp_path, size=8)
    assert data.names == ["A/1.png", "A/2.png"]
    assert data.skipped == [
        ("A/lonely.png", "B/ has no file with this stem"),
        ("B/other.png", "A/ has no file with this stem"),
    ]


def test_a_and_b_without_any_common_stem_are_refused(tmp_path, paint):
    paint(tmp_path / "A" / "1_photo.png")
    paint(tmp_path / "B" / "1_map.png")
    sentence = r"A/1_photo\.png on one side, B/1_map\.png on the other"
    data = noted_and_refused_if_asked_for(tmp_path, "a-b", sentence)
    assert data.source is None
    assert data.label is None


def test_a_pair_of_different_sizes_is_left_out(tmp_path, paint):
    for name, size in (("A/1", (8, 8)), ("B/1", (8, 8)), ("A/2", (8, 8)), ("B/2", (9, 8))):
        paint(tmp_path / f"{name}.png", size=size)
    data = open_dataset(tmp_path, size=8)
    assert data.skipped == [("A/2.png", "the image is 8x8 but its source is 9x8")]


def test_a_pair_one_pixel_wide_is_a_pair(tmp_path, paint):
    for name, value in (("A/1", 50), ("B/1", 90)):
        paint(tmp_path / f"{name}.png", size=(1, 40), value=value)
    data = open_dataset(tmp_path, size=8)
    assert (data.images[0] == 50).all()
    assert (data.source[0] == 90).all()


@pytest.fixture
def camvid(tmp_path):
    maps = np.random.default_rng(0).integers(0, 12, (4, 24, 32), dtype=np.uint8)
    for number, indices in enumerate(maps):
        for folder in ("images", "labels"):
            (tmp_path / "train" / folder).mkdir(parents=True, exist_ok=True)
        Image.fromarray(PALETTE[indices]).save(tmp_path / "train" / "images" / f"{number}.png")
        Image.fromarray(indices).save(tmp_path / "train" / "labels" / f"{number}.png")
    return tmp_path


def test_index_maps_become_colours_and_stay_available_as_indices(camvid):
    data = open_dataset(camvid, size=24)
    assert data.kind == "images-labels"
    assert data.source_index.shape == (4, 24, 24)
    assert np.array_equal(data.source, PALETTE[data.source_index])
    assert np.array_equal(data.source, data.images)  # cut alike: the images were painted from the maps


def test_shrinking_an_index_map_invents_no_class(camvid):
    data = open_dataset(camvid, size=7)
    assert data.source_index.max() < 12
    assert len(np.unique(PALETTE, axis=0)) == 256


def test_a_batch_of_pairs_carries_the_source(camvid):
    batch = open_dataset(camvid, size=8).batch([2, 0])
    assert batch.source.shape == (2, 3, 8, 8)
    assert -1 <= batch.source.min() < batch.source.max() <= 1


@pytest.mark.parametrize(
    ("first", "second", "kind"), [("a", "b", "a-b"), ("Images", "Labels", "images-labels"), ("trainA", "trainB", "a-b")]
)
def test_other_spellings_of_the_folders_are_pairs_where_stems_match(tmp_path, paint, first, second, kind):
    for number in range(4):
        paint(tmp_path / first / f"{number}.png", value=50)
        paint(tmp_path / second / f"{number}.png", value=90)
    data = open_dataset(tmp_path, size=8)
    assert data.kind == kind
    assert (data.images[0] == 50).all()
    assert (data.source[0] == 90).all()


def test_cyclegans_folders_give_splits(tmp_path, paint):
    for folder in ("trainA", "trainB", "testA", "testB"):
        for number in range(3):
            paint(tmp_path / folder / f"{number}.png")
    data = open_dataset(tmp_path, size=8)
    assert [len(data.indices(split)) for split in ("train", "test")] == [2, 3]
    assert data.names[0] == "testA/0.png"


def test_unpaired_sets_are_images_and_no_classes(tmp_path, paint):
    for number in range(6):
        paint(tmp_path / "trainA" / f"horse{number}.png")
        paint(tmp_path / "trainB" / f"zebra{number}.png")
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "images"
    assert any("trainA/ and trainB/ are pairs where their files have the same stems" in note for note in data.notes)


def test_a_stray_image_does_not_undo_pairs(tmp_path, paint):
    for number in range(8):
        paint(tmp_path / "A" / "train" / f"{number}.png")
        paint(tmp_path / "B" / "train" / f"{number}.png")
    paint(tmp_path / "preview.png")
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "a-b"
    assert data.skipped == [("preview.png", "neither in A/ nor in B/")]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (("input/{}.png", "target/{}.png"), "If the folders input/ and target/ hold pairs, rename"),
        (("{}.png",), "ask for the layout side-by-side"),
    ],
)
def test_layouts_that_are_nearly_pairs_say_what_to_do(tmp_path, paint, files, sentence):
    for number in range(4):
        for file in files:
            paint(tmp_path / file.format(number), size=(16, 8))
    assert any(sentence in note for note in open_dataset(tmp_path, size=8).notes)


def test_direction_exchanges_the_sides(facades, tmp_path, paint):
    data = open_dataset(facades, size=8, direction="AtoB")
    assert (data.images[0] == [0, 0, 250]).all()
    assert (data.source[0] == [200, 10, 10]).all()
    assert data.key != open_dataset(facades, size=8).key


def test_direction_exchanges_folders_too(tmp_path, paint):
    for number in range(4):
        paint(tmp_path / "A" / f"{number}.png", value=50)
        paint(tmp_path / "B" / f"{number}.png", value=90)
    assert (open_dataset(tmp_path, size=8).images == 50).all()
    assert (open_dataset(tmp_path, size=8, direction="AtoB").images == 90).all()
    assert (open_dataset(tmp_path, size=8, direction="AtoB").source == 50).all()


def test_index_maps_are_never_images(camvid):
    with pytest.raises(UsageError, match="Class-index maps can be the sources of pairs and not their images"):
        open_dataset(camvid, size=8, direction="AtoB")


def test_data_check_says_which_side_is_which(facades):
    sides = check_folder(facades).sides
    assert sides == {"image": "left half, 100% flat", "source": "right half, 100% flat"}
    assert check_folder(facades, direction="AtoB").sides["image"].startswith("right half")
