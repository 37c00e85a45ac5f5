"""`edgan edit`: files in, files out, strips, and the mistakes a person can make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import Draw, call, done, refused
from PIL import Image

WORDS = (
    *("--size", "32", "--batch", "4", "--steps", "4", "--device", "cpu", "--preset", "small"),
    *("--set", "classifier_steps=2"),
    *("--set", "network.width=4", "--set", "network.hidden=8", "--set", "network.latent=4"),
    *("--set", "discriminator.stem=3", "--set", "discriminator.width=4", "--set", "discriminator.max_width=4"),
)
TWO = ("--set", "attributes=Smiling,Male")


@pytest.fixture(scope="module")
def editor(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CDNet of four steps with the controls Smiling and Male."""
    out = tmp_path_factory.mktemp("runs") / "cdnet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edgan.api.training.report_run", lambda *_: None)
        done(call("train", "cdnet", "--data", faces, "--out", out, *WORDS, *TWO))
    return out


def test_one_photo_of_another_size_is_edited_and_keeps_its_stem(editor: Path, draw: Draw, tmp_path: Path) -> None:
    photo = draw(tmp_path / "in", count=1, size=70) / "0.png"
    said = done(call("edit", editor, photo, tmp_path / "out", "--set", "Smiling=3.5", "--set", "Male=0"))
    assert said.out == f"1 image in {tmp_path / 'out'}\n"
    assert Image.open(tmp_path / "out" / "0.png").size == (32, 32)


def test_a_sweep_writes_one_labelled_strip_for_each_image(editor: Path, draw: Draw, tmp_path: Path) -> None:
    done(call("edit", editor, draw(tmp_path / "in", count=2), tmp_path / "out", "--sweep", "Smiling=-2:5:4"))
    strips = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in strips] == ["0.png", "1.png"]
    with Image.open(strips[0]) as strip:
        assert strip.width > 6 * 64  # input, reconstruction, four intensities, each enlarged to 64 pixels
        assert strip.height > 64


def test_json_lists_the_files(editor: Path, draw: Draw, tmp_path: Path) -> None:
    words = ("--set", "Male=1", "--json")
    written = json.loads(done(call("edit", editor, draw(tmp_path / "in", count=2), tmp_path / "out", *words)).out)
    assert [Path(path).name for path in written["files"]] == ["0.png", "1.png"]
    assert written["failed"] == {}


def test_an_intensity_outside_the_range_is_done_with_a_note(editor: Path, draw: Draw, tmp_path: Path) -> None:
    said = done(call("edit", editor, draw(tmp_path / "in"), tmp_path / "out", "--set", "Male=9"))
    assert "Male=9 lies outside the range [-2, 5]" in said.err
    said = done(call("edit", editor, tmp_path / "in", tmp_path / "strips", "--sweep", "Male=-3:5:2"))
    assert "Male=-3 lies outside" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "There is nothing to edit"),
        (("--set", "Smilling=1"), "Did you mean 'Smiling'?"),
        (("--set", "Smiling=much"), "--set must give a number for Smiling"),
        (("--set", "Smiling=3,Male=-1"), "Give each attribute separately"),
        (("--set", "Smiling=inf"), "a finite number"),
        (("--sweep", "Smile"), "--sweep must be NAME=LO:HI:N"),
        (("--sweep", "Smilling=0:1:2"), "Did you mean 'Smiling'?"),
        (("--sweep", "Smiling=0:1:2", "--set", "Smiling=1"), "--sweep cannot vary Smiling"),
    ],
)
def test_a_wrong_call_is_refused(editor: Path, draw: Draw, tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    refused(call("edit", editor, draw(tmp_path / "in"), tmp_path / "out", *words), 2, why)
    assert not (tmp_path / "out").exists()


def test_an_output_that_would_replace_an_input_is_refused(editor: Path, draw: Draw, tmp_path: Path) -> None:
    folder = draw(tmp_path / "in")
    refused(
        call("edit", editor, folder, folder, "--set", "Male=1"), 2, "OUT must be another folder", "is the input folder"
    )


def test_what_is_no_image_is_told_and_left_out(editor: Path, draw: Draw, tmp_path: Path) -> None:
    folder = draw(tmp_path / "in", count=1)
    (folder / "broken.png").write_bytes(b"nothing")
    said = done(call("edit", editor, folder, tmp_path / "out", "--set", "Male=1"))
    assert "left out broken" in said.err


def test_data_without_attributes_or_classes_is_refused_by_a_method_that_learns_them(draw: Draw, tmp_path: Path) -> None:
    plain = draw(tmp_path / "plain", count=8, size=32)
    refused(call("train", "cdnet", "--data", plain, "--out", tmp_path / "run", *WORDS), 2, "the data has neither")


def test_an_attribute_that_never_differs_is_refused_before_the_training(faces: Path, tmp_path: Path) -> None:
    table = (faces / "metadata.csv").read_text().splitlines()
    folder = tmp_path / "faces"
    (folder / "images").mkdir(parents=True)
    for path in (faces / "images").iterdir():
        (folder / "images" / path.name).write_bytes(path.read_bytes())
    lines = [f"{table[0]},Alive", *(f"{line},1" for line in table[1:])]
    (folder / "metadata.csv").write_text("\n".join(lines))
    words = (*WORDS, "--set", "attributes=Smiling,Male,Alive")
    said = call("train", "cdnet", "--data", folder, "--out", tmp_path / "run", *words)
    refused(said, 2, "all of them have Alive", "the setting attributes=Smiling,Male")
    assert not (tmp_path / "run").exists()


def test_a_run_without_controls_says_what_it_can(trained: Path, draw: Draw, tmp_path: Path) -> None:
    """The run of `trained` knows directions of the rendered faces' attributes; without them it cannot edit."""
    assert (trained / "directions.safetensors").exists()
    done(call("edit", trained, draw(tmp_path / "in"), tmp_path / "out", "--set", "Smiling=1"))
