"""Files and names as they lie on people's disks: pipes, strange bytes in names, suffixes, folders without rights."""

import contextlib
import os
import socket

import pytest

from edgan.data import check_folder, images_in, load_image, open_dataset
from edgan.data.inputs import unique_stems
from edgan.data.tree import Tree
from edgan.errors import EdganError
from edgan.synthetic import write_folder
from privileges import permissions_apply
from systems import posix_files


@pytest.fixture
def photos(tmp_path, paint):
    for number in range(4):
        paint(tmp_path / "set" / f"{number}.png")
    return tmp_path / "set"


@posix_files
def test_pipes_sockets_and_devices_are_left_out_and_not_waited_for(photos, monkeypatch):
    os.mkfifo(photos / "pipe.png")
    (photos / "zero.png").symlink_to("/dev/zero")
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(photos)  # the path of a socket is short
    listener.bind("socket.png")
    listener.close()
    monkeypatch.setenv("EDGAN_LINKS", "follow")
    data = open_dataset(photos, size=8)
    assert len(data) == 4
    assert dict(data.skipped) == {
        "pipe.png": "it is a named pipe",
        "socket.png": "it is a socket",
        "zero.png": "it is a device",
    }


@posix_files
@pytest.mark.parametrize("read", [Tree, images_in, lambda path: load_image(path, 8)])
def test_a_pipe_or_device_in_place_of_the_input_is_told(read, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path, kind in ((tmp_path / "pipe.png", "a named pipe"), ("/dev/zero", "a device")):
        with pytest.raises(EdganError, match=kind):
            read(path)


@posix_files
def test_a_name_that_is_not_utf8_is_read_as_latin_1(photos):
    os.rename(photos / "0.png", os.fsencode(photos) + b"/fa\xe7ade.png")
    data = open_dataset(photos, size=8)
    assert data.names == ["1.png", "2.png", "3.png", "fa\u00e7ade.png"]
    assert data.skipped == []


def test_both_unicode_forms_of_a_name_are_two_images(photos, paint):
    for name in ("\u00e9.png", "e\u0301.png"):
        paint(photos / name)
    data = open_dataset(photos, size=8)
    assert data.names[-2:] == ["\u00e9.png", "\u00e9~2.png"]
    assert (data.images[-1] != data.images[-2]).any()


def test_a_table_in_composed_form_names_files_in_decomposed_form(photos, paint):
    paint(photos / "e\u0301.png")
    rows = "".join(f"{number}.png,{number % 2}\n" for number in range(4))
    (photos / "metadata.csv").write_text(f"file_name,Smiling\n{rows}\u00e9.png,1\n", encoding="utf-8")
    assert len(open_dataset(photos, size=8)) == 5


@pytest.mark.parametrize(
    "names",
    [
        ["a/b_c.png", "a_b/c.png", "a_b_c.png"],
        ["x.png", "X.png", "x.jpg"],
        ["\u00e9.png", "e\u0301.png"],
        ["a/x.png", "a_x.png", "b/x.png", "a_x_png.png"],
        ["/x.png", "../x.png", "b/x.png"],
    ],
)
def test_stems_differ_on_every_file_system(names):
    stems = unique_stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert not any("/" in stem or stem.startswith("..") for stem in stems)


def test_pictures_that_are_not_looked_at_are_counted_by_suffix(photos, paint, monkeypatch):
    monkeypatch.setattr("edgan.data.heic.is_available", lambda: False)
    (photos / "a.HEIC").write_bytes(bytes(40))
    (photos / "b.heic").write_bytes(bytes(40))
    (photos / "c.cr2").write_bytes(bytes(40))
    paint(photos / "d.png").rename(photos / "downloaded")
    (photos / "notes").write_text("words")
    (note,) = (warning for warning in check_folder(photos).warnings if "not looked at" in warning)
    assert "4 pictures" in note
    assert all(part in note for part in ("2 .heic", "1 .cr2", "1 without a suffix"))


def test_files_that_are_no_pictures_are_counted_by_suffix_too(photos):
    for name in ("a.mp4", "b.MP4", "sub/c.pdf", "LICENSE"):
        (photos / name).parent.mkdir(exist_ok=True)
        (photos / name).write_bytes(b"words, and no picture")
    (photos / "metadata.csv").write_text("file_name,Smiling\n" + "".join(f"{p.name},1\n" for p in photos.glob("*.png")))
    (note,) = (warning for warning in check_folder(photos).warnings if "not read" in warning)
    assert note == "Other files are not read: 2 .mp4, 1 without a suffix, 1 .pdf."


def test_a_single_picture_that_is_not_read_is_told_as_such(tmp_path, paint, monkeypatch):
    monkeypatch.setattr("edgan.data.heic.is_available", lambda: False)
    (tmp_path / "me.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(EdganError, match="a format that is not read"):
        images_in(tmp_path / "me.heic")
    paint(tmp_path / "me.png").rename(tmp_path / "me")
    with pytest.raises(EdganError, match="does not end like one"):
        images_in(tmp_path / "me")


@posix_files
def test_a_folder_without_rights_is_left_out(photos):
    (photos / "private").mkdir(mode=0)
    with permissions_apply() if os.geteuid() == 0 else contextlib.nullcontext():
        skipped = open_dataset(photos, size=8).skipped
    assert skipped == [("private", "the folder cannot be listed: Permission denied")]


def test_an_unknown_home_is_no_traceback():
    with pytest.raises(EdganError, match="nothing at"):
        Tree("~nobody-of-this-name/photos")


@pytest.mark.parametrize("kind", ["faces", "facades"])
def test_a_rendered_set_has_no_files_that_are_not_read(kind, tmp_path):
    assert not [
        warning for warning in check_folder(write_folder(kind, tmp_path / kind, 3, 32)).warnings if "read" in warning
    ]
