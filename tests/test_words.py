"""Numbers and their nouns in messages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PIL import Image

import edgan
from edgan.data import check_folder, open_dataset
from edgan.errors import EdganError, counted, listed, none_can

SOURCE = Path(edgan.__file__).parent


def test_a_number_agrees_with_its_noun():
    assert [counted(count, "image") for count in (0, 1, 2, 2000)] == ["0 images", "1 image", "2 images", "2,000 images"]
    assert counted(2, "class", "classes") == "2 classes"


def test_a_long_list_ends_in_a_number():
    assert listed("abc", 3) == "a, b, c"
    assert listed("abcde", 3, "; ") == "a; b; c and 2 more"


def test_the_only_image_is_not_one_of_none():
    assert none_can(1, "image", "here", "used") == "The only image in here cannot be used"
    assert none_can(3, "image", "here", "used") == "None of the 3 images in here can be used"


@pytest.mark.parametrize("read", [check_folder, lambda path: open_dataset(path, size=16)])
def test_a_folder_with_one_damaged_image_is_named_as_such(read, tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    with pytest.raises(EdganError, match=r"The only image in .* cannot be decoded"):
        read(tmp_path)


def test_no_message_can_end_in_four_dots():
    looked_at, wrong = 0, []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                looked_at += 1
                wrong += [f"{path.name}:{node.lineno}"] if re.search(r"[.]{4}(?![.])", ast.unparse(node)) else []
    assert looked_at > 500
    assert wrong == []
