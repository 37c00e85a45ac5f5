"""Images as people have them: odd metadata, odd numbers, and files that would take all memory."""

import io
import logging
import struct
import subprocess
import sys
import threading
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from edgan.data import check_folder, load_image, open_dataset, turns
from edgan.data.decode import UndecodableError, picture

NOISE = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(bits: int, colour: int, rows: np.ndarray, clear: bytes) -> bytes:
    """A PNG of one kind of pixel, written by hand: Pillow writes no transparency for all of them."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    side = len(rows)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, colour, 0, 0, 0))
    packed = b"".join(b"\0" + row.tobytes() for row in rows)
    body = chunk(b"tRNS", clear) + chunk(b"IDAT", zlib.compress(packed)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def ifd(*entries: bytes) -> bytes:
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


ORIENT = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)


@pytest.mark.parametrize(
    "entry",
    [
        struct.pack("<HHII", 0x11A, 5, 1, 60000),  # beyond the end
        struct.pack("<HHII", 0x10F, 2, 4_000_000, 900),  # far too long
        struct.pack("<HHII", 0x11A, 10, 1, 8),
        struct.pack("<HHII", 0x8769, 4, 1, 2**31),
        b"\xff" * 12,
    ],
)
def test_one_bad_exif_entry_costs_neither_the_picture_nor_its_orientation(entry, recwarn):
    data = encoded(Image.new("RGB", (12, 6), (200, 10, 10)), "JPEG", exif=ifd(ORIENT, entry))
    assert picture(data).size == (6, 12)
    assert not recwarn.list


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_orientation_turns_as_pillow_turns_it(orientation, kind):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(NOISE[:8]), kind, exif=exif)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert np.array_equal(np.asarray(picture(data)), np.asarray(turned.convert("RGB")))


@pytest.mark.parametrize("where", ["text", "compressed", "profile"])
def test_a_png_with_long_metadata_keeps_its_pixels(where):
    info, options = PngImagePlugin.PngInfo(), {}
    if where == "profile":
        options["icc_profile"] = bytes(3 * 2**20)
    else:
        info.add_text("Comment", "x" * 3 * 2**20, zip=where == "compressed")
    data = encoded(Image.fromarray(NOISE), pnginfo=info, **options)
    assert np.array_equal(load_image(data, 16), NOISE)


@pytest.mark.parametrize(
    ("bits", "rows", "clear", "white"),
    [
        (1, np.array([[0b10000000], [0]], np.uint8), 0, [[False, True], [True, True]]),
        (2, np.array([[0b01100000], [0b01010000]], np.uint8), 1, [[True, False], [True, True]]),
        (4, np.array([[0x79], [0x77]], np.uint8), 7, [[True, False], [True, True]]),
        (8, np.array([[9, 7], [7, 7]], np.uint8), 7, [[False, True], [True, True]]),
        (16, np.array([[300, 301], [300, 300]], ">u2"), 300, [[True, False], [True, True]]),
    ],
)
def test_the_transparent_grey_of_every_depth_is_white(bits, rows, clear, white):
    pixels = load_image(png(bits, 0, rows, struct.pack(">H", clear)), 2, channels=1)[..., 0]
    shown = pixels == 255
    assert shown[np.array(white)].all()
    if bits > 1:
        assert not shown[~np.array(white)].any()


def test_the_transparent_colour_of_16_bits_is_white():
    rows = np.array([[[2570, 514, 770], [1, 2, 3]]] * 2, ">u2")
    pixels = load_image(png(16, 2, rows, struct.pack(">HHH", 2570, 514, 770)), 2)
    assert pixels[0].tolist() == [[255, 255, 255], [0, 0, 0]]


@pytest.mark.parametrize("values", [np.arange(4) * 10**6, np.arange(4) - 1024])
def test_whole_numbers_of_an_unknown_range_are_refused_and_not_clipped(values):
    data = encoded(Image.fromarray(values.reshape(2, 2).astype(np.int32)), "TIFF")
    with pytest.raises(UndecodableError, match=f"from {values.min()} to {values.max()}"):
        picture(data)


def test_data_check_says_that_12_bits_come_out_dark(tmp_path):
    for number in range(3):
        Image.fromarray(NOISE[..., number].astype(np.uint16) * 16).save(tmp_path / f"{number}.png")
    assert any("no value above 4095" in warning for warning in check_folder(tmp_path).warnings)
    Image.fromarray(NOISE[..., 0].astype(np.uint16) * 257).save(tmp_path / "9.png")
    assert not any("4095" in warning for warning in check_folder(tmp_path).warnings)


def test_what_pillow_logs_reaches_nobody(capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own would take it
    data = bytearray(encoded(Image.fromarray(NOISE), "TIFF"))
    entry = data.index(struct.pack("<HHI", 277, 3, 1))  # samples per pixel
    data[entry + 8] = 200
    with pytest.raises(UndecodableError):
        picture(bytes(data))
    assert capsys.readouterr().err == ""


def test_pillows_warnings_reach_nobody_from_any_thread(tmp_path, recwarn):
    bomb = encoded(Image.new("1", (12000, 9000)))
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(bomb)
        corrupt = ifd(ORIENT, struct.pack("<HHII", 0x10F, 2, 4_000_000, 900))
        Image.fromarray(NOISE).save(tmp_path / f"{number}.jpg", exif=corrupt)
    assert len(open_dataset(tmp_path, size=8).skipped) == 12
    assert not [warning for warning in recwarn.list if "PIL" in warning.filename]


def test_large_images_take_turns_and_small_ones_do_not():
    inside, most, lock = [0], [0], threading.Lock()
    barrier = threading.Barrier(4)

    def decode(count, wait):
        with turns.turn():
            turns.charge(count)
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            if wait:
                barrier.wait(timeout=30)
            with lock:
                inside[0] -= 1

    for count, wait, expected in ((turns.SMALL // 2, True, 4), (turns.SMALL + 1, False, 1)):
        most[0] = 0
        threads = [threading.Thread(target=decode, args=(count, wait)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most[0] == expected


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux")
def test_threads_of_palette_bombs_stay_within_a_bound(tmp_path):
    image = Image.new("P", (9459, 9459))
    image.putpalette([0, 0, 0] * 256)
    image.save(tmp_path / "0.png", transparency=bytes(256), compress_level=1)
    data = (tmp_path / "0.png").read_bytes()
    assert len(data) < 10**6
    script = (
        "import resource, sys, numpy\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from edgan.data import load_image\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with ThreadPoolExecutor(3) as pool: list(pool.map(lambda _: load_image(sys.argv[1], 8), range(3)))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path / "0.png")], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 700 * 2**10  # one image at 5 bytes a pixel, and not three at 17
