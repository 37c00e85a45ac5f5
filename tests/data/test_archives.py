"""A .zip from anybody: its names lead nowhere else, and a damaged member is one file left out."""

import io
import stat
import zipfile

import numpy as np
import pytest
from PIL import Image

from edgan.data import check_folder, images_in, open_dataset, tree
from edgan.data.archive import member_name
from edgan.data.tree import Tree
from edgan.errors import EdganError


def png(value=0, side=8):
    stream = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), value, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def pack(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, compression
            archive.writestr(info, data)
    return path


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("/etc/x.png", "etc/x.png"),
        ("//server/x.png", "server/x.png"),
        ("C:\\Users\\x.png", "Users/x.png"),
        ("c:/x.png", "x.png"),
        ("../../x.png", "x.png"),
        ("a/../../x.png", "a/x.png"),
        ("..\\..\\x.png", "x.png"),
        ("./a/./x.png", "a/x.png"),
        ("a\\b\\x.png", "a/b/x.png"),
        ("a//x.png", "a/x.png"),
        ("e\u0301.png", "\u00e9.png"),
        ("..", ""),
        ("/", ""),
    ],
)
def test_a_members_name_is_relative_and_leads_nowhere_else(name, safe):
    assert member_name(name) == safe


def test_stems_of_hostile_members_stay_below_the_output_folder(tmp_path):
    names = ["/evil/x.png", "../../x.png", "..\\x.png", "C:\\x.png", "b/x.png", "b/y.png"]
    archive = pack(tmp_path / "a.zip", [(name, png(place)) for place, name in enumerate(names)])
    stems = [stem for stem, _ in images_in(archive)]
    assert len(stems) == len(set(stems)) == 4
    assert all("/" not in stem and "\\" not in stem and stem not in ("", "..") for stem in stems)
    assert sorted(name for name, _ in Tree(archive).left_out) == ["x.png", "x.png"]


def test_backslashes_are_folders(tmp_path):
    members = [(f"set\\{'cat' if i % 2 else 'dog'}\\{i}.png", png(i)) for i in range(8)]
    report = check_folder(pack(tmp_path / "a.zip", members))
    assert (report.kind, report.labels) == ("class-folders", {"cat": 4, "dog": 4})


def test_links_and_equal_names_are_left_out_and_listed(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i in range(3):
            archive.writestr(f"{i}.png", png(i))
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "0.png")
        archive.writestr("./2.png", png(99))
    data = open_dataset(tmp_path / "a.zip", size=8)
    assert data.names == ["0.png", "1.png", "2.png"]
    assert (data.images[2] == 99).all()
    assert dict(data.skipped) == {
        "link.png": "it is a symbolic link",
        "2.png": "a later file in the .zip has the same name",
    }


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_in_any_compression_is_one_file_left_out(tmp_path, compression):
    path = pack(tmp_path / "a.zip", [(f"{i}.png", png(i, 64)) for i in range(3)], compression)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("1.png")
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len("1.png")
    for place in range(start, start + info.compress_size):
        data[place] ^= 0x55
    path.write_bytes(data)
    opened = open_dataset(path, size=8)
    assert opened.names == ["0.png", "2.png"]
    assert [name for name, _ in opened.skipped] == ["1.png"]


def test_every_cut_and_every_flipped_byte_of_a_zip_is_read_or_told(tmp_path):
    whole = pack(tmp_path / "a.zip", [(f"{i}.png", png(i)) for i in range(2)], zipfile.ZIP_DEFLATED).read_bytes()
    random = np.random.default_rng(0)
    told = read = 0
    for trial in range(200):
        data = bytearray(whole)
        for place in random.integers(0, len(data), 1 + trial % 4):
            data[place] ^= int(random.integers(1, 256))
        (tmp_path / "b.zip").write_bytes(data if trial % 3 else data[: random.integers(len(data))])
        try:
            for _, load in images_in(tmp_path / "b.zip"):
                load(8, 3)
            read += 1
        except EdganError:
            told += 1
    assert told + read == 200
    assert told > 20


def test_a_name_that_is_not_utf8_though_it_says_so_is_told(tmp_path):
    path = pack(tmp_path / "a.zip", [("\u00e9.png", png())])
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xfe"))
    with pytest.raises(EdganError, match=r"a\.zip cannot be opened"):
        Tree(path)


def test_a_member_larger_than_any_picture_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MAX_IMAGE_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.png", png())
        archive.writestr("bomb.png", bytes(2**20 + 1))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(OSError, match="files above 1 MiB are refused"):
        Tree(tmp_path / "a.zip").read("bomb.png")
