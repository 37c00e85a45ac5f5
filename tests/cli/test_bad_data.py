"""Unusable data ends in a sentence and leaves nothing behind; a bad file among good ones is left out."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from calling import Draw, call, done, refused, train
from PIL import Image


def nothing_left(out: Path) -> None:
    assert not out.exists(), sorted(out.iterdir())


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A PNG of 20,000 x 20,000 black pixels, in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 20_000
    packer, row = zlib.compressobj(1), bytes(side + 1)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def write_truncated(path: Path) -> None:
    """The first half of a JPEG."""
    Image.effect_noise((64, 64), 60).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "bad"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("verb", ["train", "check"])
class TestNothingUsable:
    """`train` and `data check` refuse alike a set of which nothing can be used."""

    @staticmethod
    def refuse(verb: str, data: Path, *words: str) -> None:
        out = data.parent / "run"
        refused(train(data, out) if verb == "train" else call("data", "check", data), 1, *words)
        nothing_left(out)

    def test_a_missing_path(self, verb: str, bad: Path) -> None:
        self.refuse(verb, bad / "none", str(bad / "none"), "nothing at")

    def test_an_empty_folder(self, verb: str, bad: Path) -> None:
        self.refuse(verb, bad, str(bad), "empty")

    def test_a_text_file_named_jpg(self, verb: str, bad: Path) -> None:
        (bad / "a.jpg").write_text("hello")
        self.refuse(verb, bad, str(bad), "a.jpg", "not an image")

    def test_a_decompression_bomb(self, verb: str, bad: Path, bomb: bytes) -> None:
        (bad / "bomb.png").write_bytes(bomb)
        self.refuse(verb, bad, "bomb.png", "too large")

    def test_a_zip_cut_short(self, verb: str, bad: Path) -> None:
        (bad / "set.zip").write_bytes(b"PK\x03\x04 and no more")
        self.refuse(verb, bad / "set.zip", "set.zip", "truncated")


@pytest.mark.parametrize("verb", ["train", "check"])
class TestAnnotations:
    """Lists and tables that cannot be used are named, and do not keep `train` and `data check` from the images."""

    @staticmethod
    def named(verb: str, data: Path, *words: str) -> None:
        said = done(train(data, data.parent / "run") if verb == "train" else call("data", "check", data))
        assert all(word in said.out + said.err for word in words), said

    def test_an_attribute_file_without_the_names_column(self, verb: str, bad: Path, draw: Draw) -> None:
        (draw(bad) / "metadata.csv").write_text("image,Smiling\n0.png,1\n")
        self.named(verb, bad, "metadata.csv", "file_name", "image, Smiling")

    def test_an_attribute_that_is_no_number(self, verb: str, bad: Path, draw: Draw) -> None:
        rows = [f"{index}.png,{index % 2}\n" for index in range(5)]
        (draw(bad) / "metadata.csv").write_text("".join(["file_name,Smiling\n", *rows, "5.png,yes\n"]))
        self.named(verb, bad, "metadata.csv, line 7", "'Smiling'", "'yes'")

    def test_pairs_without_a_single_partner(self, verb: str, bad: Path, draw: Draw) -> None:
        draw(bad / "A", count=4)
        for path in draw(bad / "B", count=4).iterdir():
            path.rename(path.with_name(f"b{path.name}"))
        self.named(verb, bad, "A/0.png", "B/b0.png", "same name")


def test_too_few_images_are_not_answered_with_a_batch_that_is_refused(bad: Path, draw: Draw, tmp_path: Path) -> None:
    said = train(draw(bad, count=3), tmp_path / "run", "--batch", "2")
    refused(said, 2, "1 training image", "at least 2", "add images")
    nothing_left(tmp_path / "run")


def test_a_run_inside_its_data_goes_on(bad: Path, draw: Draw) -> None:
    draw(bad)
    done(train(bad, bad / "run"))
    done(train(bad, bad / "run", "--resume", "--steps", "4"))


def test_a_method_that_needs_attributes_says_why_there_are_none(bad: Path, draw: Draw, tmp_path: Path) -> None:
    (draw(bad) / "metadata.csv").write_text("image,Smiling\n0.png,1\n")
    said = call("train", "caae", "--data", bad, "--out", tmp_path / "run", "--size", "32", "--batch", "4")
    refused(said, 2, "caae learns from attributes")
    assert "metadata.csv has no column 'file_name'" in said.err
    nothing_left(tmp_path / "run")


def test_bad_files_among_good_ones_are_left_out_and_told(bad: Path, draw: Draw, bomb: bytes, tmp_path: Path) -> None:
    draw(bad)
    (bad / "vast.png").write_bytes(bomb)
    (bad / "text.jpg").write_text("hello")
    write_truncated(bad / "cut.jpg")
    said = done(train(bad, tmp_path / "run"))
    assert all(name in said.err for name in ("text.jpg", "cut.jpg", "vast.png"))
    assert (tmp_path / "run" / "checkpoints" / "step-00000003").is_dir()


def test_data_check_lists_every_file_that_is_left_out(bad: Path, draw: Draw) -> None:
    draw(bad)
    (bad / "text.jpg").write_text("hello")
    write_truncated(bad / "cut.jpg")
    said = done(call("data", "check", bad))
    assert "left out text.jpg: not an image" in said.out
    assert "left out cut.jpg: the image is damaged" in said.out


def test_a_pair_without_a_partner_is_told(bad: Path, draw: Draw) -> None:
    draw(bad / "A", count=3)
    draw(bad / "B", count=2)
    assert "left out A/2.png: B/ has no file with this stem" in done(call("data", "check", bad)).out


def test_an_unknown_attribute_has_a_near_miss(faces: Path) -> None:
    refused(call("data", "check", faces, "--attributes", "Eyeglases"), 2, "'Eyeglases'", "'Eyeglasses'")


def test_a_column_without_a_value_is_named(bad: Path, draw: Draw) -> None:
    (draw(bad) / "metadata.csv").write_text("file_name,Smiling,Young\n" + "".join(f"{i}.png,1\n" for i in range(6)))
    refused(call("data", "check", bad, "--attributes", "Young"), 1, "metadata.csv", "'Young'", "every cell is blank")


def test_too_few_images_for_a_batch(faces: Path, tmp_path: Path) -> None:
    refused(
        train(faces, tmp_path / "run", "--batch", "32"),
        2,
        str(faces),
        "--batch must be at most 10",
        "training images",
        "32",
    )
    nothing_left(tmp_path / "run")


def test_images_of_one_pixel_can_be_trained_on(bad: Path, draw: Draw, tmp_path: Path) -> None:
    done(train(draw(bad, size=1), tmp_path / "run"))


def test_control_characters_of_names_do_not_reach_the_terminal(bad: Path, draw: Draw, tmp_path: Path) -> None:
    draw(bad)
    (bad / "\x1b[31mred\nline.jpg").write_text("hello")
    checked, trained = done(call("data", "check", bad)), done(train(bad, tmp_path / "run"))
    assert "\x1b" not in checked.out + checked.err + trained.out + trained.err
    assert r"left out \x1b[31mred\nline.jpg: not an image" in checked.out
