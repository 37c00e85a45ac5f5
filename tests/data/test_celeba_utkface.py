"""The two face sets as published, in small."""

import zipfile

import numpy as np
import pytest
from annotation_checks import noted_and_refused_if_asked_for
from PIL import Image

from edgan.data import open_dataset
from edgan.errors import EdganError


@pytest.fixture
def celeba(tmp_path, paint):
    rows = []
    for number in range(1, 7):
        paint(tmp_path / "img_align_celeba" / f"{number:06d}.jpg", size=(18, 22))
        rows.append(f"{number:06d}.jpg  {1 if number % 2 else -1}  -1")
    (tmp_path / "list_attr_celeba.txt").write_text("\n".join(["6", "Male Smiling ", *rows]) + "\n")
    splits = "".join(f"{n:06d}.jpg {split}\n" for n, split in zip(range(1, 7), "000112", strict=True))
    (tmp_path / "list_eval_partition.txt").write_text(splits)
    return tmp_path


def test_celeba_has_its_published_attributes_and_splits(celeba):
    data = open_dataset(celeba, size=8)
    assert data.kind == "celeba"
    assert data.attribute_names == ("Male", "Smiling")
    assert data.attributes.tolist() == [[1, 0], [0, 0]] * 3
    assert data.split.tolist() == ["train"] * 3 + ["val"] * 2 + ["test"]


def test_celeba_without_a_listed_image_goes_on_with_the_others(celeba):
    (celeba / "img_align_celeba" / "000002.jpg").unlink()
    data = open_dataset(celeba, size=8)
    assert len(data) == 5
    assert data.skipped == [("000002.jpg", "listed in list_attr_celeba.txt, but missing")]
    assert data.attributes[:, 0].tolist() == [1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [("1 7", r"line 8, column 'Smiling': '7' is not 1 or -1"), ("1", "line 8: 1 values for 2 attributes")],
)
def test_a_wrong_celeba_row_is_named(celeba, cells, sentence):
    path = celeba / "list_attr_celeba.txt"
    path.write_text("\n".join([*path.read_text().splitlines()[:-1], f"000006.jpg {cells}"]))
    noted_and_refused_if_asked_for(celeba, "celeba", sentence)


def test_a_split_that_is_not_0_1_or_2_is_named(celeba):
    with (celeba / "list_eval_partition.txt").open("a") as file:
        file.write("000006.jpg 3\n")
    data = open_dataset(celeba, size=8)
    assert data.attribute_names == ("Male", "Smiling")
    assert any("the split of 000006.jpg is '3'; it must be 0, 1 or 2" in note for note in data.notes)


def test_utkface_names_become_attributes(tmp_path, paint):
    for name in ("58_0_2_20170101120000000", "116_1_4_20170101120000001", "5_1_0_20170101120000002"):
        paint(tmp_path / f"{name}.jpg.chip.jpg")
    paint(tmp_path / "61_1_20170109142408075.jpg")  # the published set holds three such names
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "utkface"
    assert data.attribute_names == ("Age", "Male", "White", "Black", "Asian", "Indian", "Others")
    attributes = dict(zip(data.names, data.attributes.tolist(), strict=True))
    assert attributes["58_0_2_20170101120000000.jpg.chip.jpg"] == [0.5, 1, 0, 0, 1, 0, 0]
    assert attributes["116_1_4_20170101120000001.jpg.chip.jpg"] == [1, 0, 0, 0, 0, 0, 1]
    assert data.skipped[0][0] == "61_1_20170109142408075.jpg"
    assert np.all((data.attributes >= 0) & (data.attributes <= 1))


def test_celeba_as_kaggle_ships_it(tmp_path, paint):
    for number in range(1, 5):
        paint(tmp_path / "img_align_celeba" / "img_align_celeba" / f"{number:06d}.jpg")
    lines = [f"{number:06d}.jpg,{1 if number % 2 else -1},-1" for number in range(1, 5)]
    (tmp_path / "list_attr_celeba.csv").write_text("\n".join(["image_id,Male,Smiling", *lines]))
    lines = [f"{number:06d}.jpg,{split}" for number, split in zip(range(1, 5), "0012", strict=True)]
    (tmp_path / "list_eval_partition.csv").write_text("\n".join(["image_id,partition", *lines]))
    data = open_dataset(tmp_path, size=8)
    assert data.attribute_names == ("Male", "Smiling")
    assert data.attributes.tolist() == [[1, 0], [0, 0]] * 2
    assert data.split.tolist() == ["train", "train", "val", "test"]


def test_celebamask_hq_is_read_without_its_masks(tmp_path, paint):
    for number in range(4):
        paint(tmp_path / "CelebA-HQ-img" / f"{number}.jpg")
        paint(tmp_path / "CelebAMask-HQ-mask-anno" / "0" / f"{number:05d}_hair.png")
    rows = [f"{number}.jpg  {1 if number % 2 else -1} -1" for number in range(4)]
    (tmp_path / "CelebAMask-HQ-attribute-anno.txt").write_text("\n".join(["4", "Male Smiling", *rows]))
    data = open_dataset(tmp_path, size=8)
    assert data.names == [f"CelebA-HQ-img/{number}.jpg" for number in range(4)]
    assert data.attributes[:, 0].tolist() == [0, 1, 0, 1]


def test_celebas_lists_of_jpg_fit_images_in_png(celeba):
    for path in sorted((celeba / "img_align_celeba").iterdir()):
        Image.open(path).save(path.with_suffix(".png"))
        path.unlink()
    data = open_dataset(celeba, size=8)
    assert data.names[0] == "img_align_celeba/000001.png"
    assert data.attributes.tolist() == [[1, 0], [0, 0]] * 3


def test_a_list_that_names_the_column_of_files_is_read(celeba):
    path = celeba / "list_attr_celeba.txt"
    path.write_text(path.read_text().replace("Male", "image_id Male", 1))
    data = open_dataset(celeba, size=8)
    assert data.attribute_names == ("Male", "Smiling")
    assert any("'image_id'" in note for note in data.notes)


def test_images_still_in_their_zip_are_said_to_be_there(celeba):
    archive = celeba / "img_align_celeba.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((celeba / "img_align_celeba").iterdir()):
            file.write(path, path.name)
            path.unlink()
    with pytest.raises(
        EdganError, match=r"holds no images. img_align_celeba.zip in .* is not opened.* unpack it there"
    ):
        open_dataset(celeba, size=8)
