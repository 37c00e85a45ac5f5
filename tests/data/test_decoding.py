"""The decoding rules of docs/data.md, each held by an image that breaks without it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from edgan.data import load_image
from edgan.data.decode import UndecodableError, index_map, picture
from edgan.errors import EdganError, UsageError


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_exif_rotation_is_applied():
    image = Image.new("RGB", (8, 8))
    image.paste((255, 0, 0), (0, 0, 8, 4))  # red above
    exif = Image.Exif()
    exif[0x0112] = 3  # the camera was upside down
    pixels = load_image(encoded(image, "PNG", exif=exif), 8)
    assert pixels[7, 0].tolist() == [255, 0, 0]
    assert pixels[0, 0].tolist() == [0, 0, 0]


def test_transparency_is_laid_over_white():
    pixels = load_image(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0))), 4)
    assert (pixels == 255).all()


def test_a_transparent_palette_entry_is_laid_over_white():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert load_image(encoded(image, transparency=1), 4)[0, 0].tolist() == [255, 255, 255]
    assert load_image(encoded(image), 4)[0, 0].tolist() == [10, 20, 30]


def test_sixteen_bits_become_eight_by_division_by_257():
    image = Image.fromarray(np.full((4, 4), 257 * 200, dtype=np.uint16))
    assert (load_image(encoded(image), 4, channels=1) == 200).all()


def test_cmyk_becomes_rgb():
    pixels = load_image(encoded(Image.new("CMYK", (4, 4), (0, 0, 0, 0)), "JPEG"), 4)
    assert pixels.shape == (4, 4, 3)
    assert pixels.min() > 250


def test_grey_in_three_channels_is_the_same_value_three_times():
    pixels = load_image(encoded(Image.new("L", (4, 4), 77)), 4, channels=3)
    assert (pixels == 77).all()


def test_the_largest_centred_square_is_kept():
    image = Image.new("RGB", (12, 4), (0, 0, 255))
    image.paste((0, 255, 0), (4, 0, 8, 4))
    assert (load_image(encoded(image), 4) == [0, 255, 0]).all()


def test_shrinking_is_antialiased():
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    pixels = load_image(encoded(Image.fromarray(board.astype(np.uint8))), 8, channels=1).astype(int)
    assert abs(pixels - 127).max() <= 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"these are words, not pixels", "not an image"),
        (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:-600], "damaged"),
        (encoded(Image.effect_noise((64, 64), 50), "PNG")[:-600], "damaged"),
        (encoded(Image.new("F", (4, 4), 0.5), "TIFF"), "floating-point"),
    ],
)
def test_what_cannot_be_decoded_says_why(data, reason):
    with pytest.raises(UndecodableError, match=reason):
        picture(data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_000, 20_000])
def test_a_decompression_bomb_is_refused_by_its_header(side):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(UndecodableError, match="too large"):
        picture(bomb)


def test_an_index_map_keeps_a_palettes_indices():
    image = Image.new("P", (4, 4), 7)
    image.putpalette([9] * 768)
    assert (np.asarray(index_map(encoded(image))) == 7).all()


def test_an_index_map_in_colour_is_refused():
    with pytest.raises(UndecodableError, match="one channel"):
        index_map(encoded(Image.new("RGB", (4, 4))))


@pytest.mark.parametrize("size", [0, -4, 2.5, True])
def test_a_size_that_is_not_a_positive_whole_number_is_a_wrong_call(size):
    with pytest.raises(UsageError, match="positive whole number"):
        load_image(encoded(Image.new("L", (4, 4))), size)


def test_a_path_that_is_not_there_is_named():
    with pytest.raises(EdganError, match=r"nowhere\.png"):
        load_image("nowhere.png", 8)


@pytest.mark.parametrize("kind", ["EPS", "ICO", "TGA", "PCX", "SGI", "ICNS", "PSD", "DDS", "JPEG2000"])
def test_only_formats_of_the_list_are_decoded_whatever_the_name(kind, monkeypatch):
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was started"))
    data = b"8BPS" + bytes(60) if kind == "PSD" else encoded(Image.effect_noise((32, 32), 50).convert("RGB"), kind)
    Image.init()  # another library may have loaded every plugin of Pillow
    with pytest.raises(UndecodableError, match="not an image in a format that is read"):
        picture(data)
