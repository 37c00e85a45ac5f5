"""Drawn faces: the same bytes from the same factors, every factor plain to see, none touching what is not its own."""

import csv
import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image

from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError
from edgan.synthetic import (
    FACE_ATTRIBUTES,
    FACE_FACTORS,
    FaceFactors,
    attributes_of,
    factor_values,
    render_face,
    render_faces,
    sample_face,
    write_folder,
)

SIZE = 64
# Rows and columns of a 64-pixel face where an attribute shows, for the central poses the tests draw.
EYES = np.s_[26:42, 12:52]
FOREHEAD = np.s_[16:36, 12:52]
MOUTH = np.s_[41:54, 18:46]
JAW = np.s_[38:60, 14:50]
HEAD = np.s_[3:60, 6:58]
HAIR = np.s_[3:26, 8:56]


def face(index: int, **changes: object) -> FaceFactors:
    """A face looking straight at the viewer, with short dark hair off its forehead, and the changes asked for."""
    plain = {
        "yaw": 0.0,
        "tilt": 0.0,
        "bangs": False,
        "eyeglasses": False,
        "beard": "none",
        "smile": 0.2,
        "age": 0.2,
        "wave": 0.2,
        "hair_colour": "brown",
        "hair_length": 0.1,
        "male": True,
    }
    return replace(sample_face(0, index), **{**plain, **changes})


def difference(a: FaceFactors, b: FaceFactors) -> np.ndarray:
    """Absolute difference of two faces, (64, 64) in grey levels of 255."""
    return np.abs(render_face(a, SIZE).astype(float) - render_face(b, SIZE)).mean(axis=2)


def test_a_face_does_not_depend_on_what_is_drawn_with_it():
    together, factors = render_faces(5, 32, seed=3)
    alone, alone_factors = render_faces(1, 32, seed=3, start=4)
    assert np.array_equal(together[4], alone[0])
    assert factors[4] == alone_factors[0] == sample_face(3, 4)


def test_seeds_and_indices_give_different_faces():
    a, _ = render_faces(2, 32, seed=0)
    b, _ = render_faces(1, 32, seed=1)
    assert np.abs(a[0].astype(float) - a[1]).mean() > 10
    assert np.abs(a[0].astype(float) - b[0]).mean() > 10


def test_images_are_bytes_of_the_size_asked_for():
    images, factors = render_faces(2, 40)
    assert images.dtype == np.uint8
    assert images.shape == (2, 40, 40, 3)
    assert len(factors) == 2


def test_the_same_face_is_drawn_at_every_size():
    large = render_face(sample_face(0, 1), 128).reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.abs(large - render_face(sample_face(0, 1), 64)).mean() < 5


@pytest.mark.parametrize(
    ("factor", "off", "on", "region", "least"),
    [
        ("eyeglasses", False, True, EYES, 10),
        ("male", False, True, HEAD, 3),
        ("bangs", False, True, FOREHEAD, 5),
        ("smile", 0.1, 0.9, MOUTH, 6),
        ("age", 0.1, 0.9, HEAD, 2),
        ("wave", 0.1, 0.9, HAIR, 6),
        ("beard", "none", "shadow", JAW, 4.5),
        ("beard", "none", "goatee", JAW, 3),
        ("beard", "none", "mustache", MOUTH, 3.5),
        ("beard", "none", "full", JAW, 8),
        ("hair_colour", "brown", "black", HAIR, 9),
        ("hair_colour", "brown", "blond", HAIR, 30),
        ("hair_colour", "brown", "gray", HAIR, 25),
        ("yaw", -20.0, 20.0, HEAD, 6),
        ("light", -50.0, 50.0, HEAD, 10),
    ],
)
def test_every_factor_is_plain_to_see(factor, off, on, region, least):
    for index in range(8):
        changed = difference(face(index, **{factor: off}), face(index, **{factor: on}))
        assert changed[region].mean() > least


@pytest.mark.parametrize(
    ("factor", "on", "region"),
    [
        ("eyeglasses", True, EYES),
        ("smile", 0.9, HEAD),
        ("beard", "full", HEAD),
        ("age", 0.9, HEAD),
        ("bangs", True, HEAD),
    ],
)
def test_a_factor_leaves_what_is_not_its_own_as_it_was(factor, on, region):
    for index in (0, 1, 2, 3):
        changed = difference(face(index), face(index, **{factor: on}))
        changed[region] = 0
        assert changed.max() < 12
        assert changed.mean() < 0.1


def test_the_grain_is_decided_by_its_seed_alone():
    f = face(0, scene=0.1)
    a, b = render_face(f, SIZE).astype(float), render_face(replace(f, texture=f.texture + 1), SIZE).astype(float)
    head = (a - b)[24:56, 20:44]
    smooth = head.reshape(4, 8, 3, 8, 3).mean(axis=(1, 3))
    assert np.abs(head).mean() > 3
    assert np.abs(smooth).mean() < 0.5 * np.abs(head).mean()


def test_attributes_are_those_of_the_factors():
    values = attributes_of(face(0, beard="full", smile=0.8, age=0.7, hair_colour="gray", eyeglasses=True))
    assert tuple(values) == FACE_ATTRIBUTES
    held = {name for name, value in values.items() if value}
    assert held == {"Eyeglasses", "Gray_Hair", "Male", "Mustache", "Smiling"}


def test_every_attribute_is_sometimes_there_and_sometimes_not_and_one_hair_colour_always():
    table = np.array([list(attributes_of(sample_face(0, i)).values()) for i in range(400)])
    assert (table.mean(axis=0) > 0.03).all()
    assert (table.mean(axis=0) < 0.97).all()
    colours = [FACE_ATTRIBUTES.index(f"{name}_Hair") for name in ("Black", "Blond", "Brown", "Gray")]
    assert (table[:, colours].sum(axis=1) == 1).all()


def test_editable_attributes_are_drawn_independently():
    names = ("Eyeglasses", "Smiling", "Male", "Young", "Bangs", "Wavy_Hair")
    table = np.array([[attributes_of(sample_face(0, i))[name] for name in names] for i in range(1000)])
    correlation = np.corrcoef(table.T) - np.eye(len(names))
    assert np.abs(correlation).max() < 0.13  # four standard errors of 1000 draws


def test_a_set_may_be_drawn_in_which_no_attribute_goes_with_another():
    names = ("Male", "No_Beard", "Young", "Gray_Hair", "Blond_Hair", "Eyeglasses")

    def correlations(independent):
        faces = [sample_face(0, i, independent) for i in range(1000)]
        table = np.array([[*(attributes_of(f)[name] for name in names), f.hair_length] for f in faces], float)
        both = np.abs(np.corrcoef(table.T))
        both[names.index("Gray_Hair"), names.index("Blond_Hair")] = 0  # two colours of one hair exclude each other
        return np.triu(both, 1)

    assert correlations(True).max() < 0.13
    assert (correlations(False) > 0.3).sum() == 4  # sex, beard and hair length with each other, age with gray hair


def test_impossible_requests_are_refused_with_the_reason():
    with pytest.raises(UsageError, match="16"):
        render_faces(1, 8)
    with pytest.raises(UsageError, match="count"):
        render_faces(-1, 32)
    with pytest.raises(UsageError, match="goatee"):
        replace(sample_face(0, 0), beard="goatie")
    with pytest.raises(UsageError, match="smile"):
        replace(sample_face(0, 0), smile=1.5)


def test_a_written_folder_holds_the_faces_their_attributes_and_their_factors(tmp_path):
    seen = []
    folder = write_folder(
        "faces", tmp_path / "set", 3, 32, seed=5, progress=lambda done, total: seen.append((done, total))
    )
    with open(folder / "metadata.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (folder / "factors.jsonl").read_text().splitlines()]
    images, factors = render_faces(3, 32, seed=5)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    for image, f, row, line in zip(images, factors, rows, lines, strict=True):
        assert np.array_equal(np.asarray(Image.open(folder / row["file_name"])), image)
        assert {name: int(row[name]) for name in FACE_ATTRIBUTES} == attributes_of(f)
        assert line == {"file_name": row["file_name"], **asdict(f)}


def test_a_written_folder_opens_as_a_data_set_with_its_attributes(tmp_path):
    folder = write_folder("faces", tmp_path / "set", 4, 32, seed=5)
    data = open_dataset(folder, size=32, cache=tmp_path / "cache")
    images, factors = render_faces(4, 32, seed=5)
    assert data.attribute_names == FACE_ATTRIBUTES
    assert data.skipped == []
    assert np.array_equal(data.images, images)
    assert np.array_equal(data.attributes, [list(attributes_of(f).values()) for f in factors])


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(EdganError, match="not an empty folder"):
        write_folder("faces", tmp_path, 1, 32)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_patterns_are_drawn_on_request_and_change_no_other_factor():
    smooth, woven = sample_face(3, 7), sample_face(3, 7, patterned=True)
    assert asdict(replace(woven, scene=smooth.scene, patterned=False)) == asdict(smooth)
    assert {face.scene_kind for face in (sample_face(0, i) for i in range(40))} == {0, 1}

    def detail(patterned: bool) -> float:
        images, _ = render_faces(12, 64, patterned=patterned)
        corners = images[:, :12].astype(float)
        return float(np.abs(np.diff(corners, axis=2)).mean())

    assert detail(True) > 1.5 * detail(False)


def test_factors_as_numbers_leave_out_the_grain_and_nothing_else():
    face = replace(
        sample_face(0, 0), hair_colour="gray", beard="goatee", yaw=-12.5, male=True, scene=0.6, clothes_hue=0.25
    )
    values = dict(zip(FACE_FACTORS, factor_values([face])[0].tolist(), strict=True))
    assert {name.partition(":")[0] for name in FACE_FACTORS} == set(asdict(face)) - {"texture", "patterned"}
    assert (values["yaw"], values["male"], values["age"]) == (-12.5, 1.0, pytest.approx(face.age))
    levels = {name for name, value in values.items() if ":" in name and value == 1}
    assert levels == {"hair_colour:gray", "beard:goatee", "scene:leaves", "clothes_hue:sin"}
    assert values["clothes_hue:cos"] == pytest.approx(0, abs=1e-6)


def test_a_written_set_is_independent_where_that_is_asked_of_faces(tmp_path):
    folder = write_folder("faces", tmp_path / "set", 12, 32, independent=True)
    lines = [json.loads(line) for line in (folder / "factors.jsonl").read_text().splitlines()]
    assert any(line["beard"] != "none" for line in lines if not line["male"])
    with pytest.raises(UsageError, match="independent applies to faces only"):
        write_folder("facades", tmp_path / "other", 1, 32, independent=True)
    with pytest.raises(UsageError, match="applies to faces only"):
        write_folder("facades", tmp_path / "other", 1, 32, patterned=True)


def test_an_unknown_kind_is_refused_with_the_near_miss(tmp_path):
    with pytest.raises(UsageError, match="'faces'"):
        write_folder("face", tmp_path / "set", 1, 32)
