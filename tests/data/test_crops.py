"""Which part of a picture is used: by data sets, by the verbs of a run, and kept with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgan
from edgan.api.origins import with_origin
from edgan.config import configure
from edgan.data import images_in, load_image, open_dataset
from edgan.data.crops import SQUARE, parse_crop
from edgan.data.sources import sources_in
from edgan.errors import EdganError, UsageError

CELEBA = (178, 218)
TINY = {
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 4,
}


def picture(size: tuple[int, int] = CELEBA, seed: int = 0) -> Image.Image:
    """A picture whose rows and columns can be told from its colours."""
    width, height = size
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    return Image.fromarray(np.stack([columns, rows, (columns + rows + seed) % 256], -1).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("aligned")
    for index in range(12):
        picture(seed=20 * index).save(place / f"{index:02}.png")
    return place


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("square", (0, 20, 178, 198)),
        ("108", (35, 55, 143, 163)),
        ("celeba-128", (25, 50, 153, 178)),
        ("celeba-148", (15, 40, 163, 188)),
        ("50:178,25:153", (25, 50, 153, 178)),
        ("50:178, 25:153", (25, 50, 153, 178)),
    ],
)
def test_the_box_of_an_aligned_celeba_picture(text, box):
    assert parse_crop(text).of(CELEBA) == box


def test_the_pixels_are_those_of_the_box():
    cut = np.asarray(parse_crop("celeba-128").fit(picture(), 128))
    assert cut.shape == (128, 128, 3)
    assert tuple(cut[0, 0, :2]) == (25, 50)
    assert tuple(cut[-1, -1, :2]) == (152, 177)


def test_the_usual_crop_is_pillows_largest_centred_square():
    whole = picture()
    expected = whole.resize((64, 64), Image.Resampling.LANCZOS, box=(0, 20, 178, 198))
    assert np.array_equal(np.asarray(SQUARE.fit(whole, 64)), np.asarray(expected))


def test_the_blurred_crop_is_that_of_the_authors_code():
    """Gaussian blur of deviation sqrt(148 / 64) / 2, then bicubic without antialiasing, by scikit-image."""
    filters, transform = pytest.importorskip("skimage.filters"), pytest.importorskip("skimage.transform")
    whole = Image.fromarray(np.random.default_rng(0).integers(0, 256, (218, 178, 3), dtype=np.uint8))
    box = np.asarray(whole)[40:188, 15:163] / 255
    blurred = filters.gaussian(box, sigma=(148 / 64) ** 0.5 / 2, channel_axis=-1)
    theirs = transform.resize(blurred, (64, 64), order=3, anti_aliasing=False) * 255

    def error(crop: str) -> float:
        ours = np.asarray(parse_crop(crop).fit(whole, 64)).astype(float)
        return float(np.abs(ours - theirs)[2:-2, 2:-2].mean())

    assert error("celeba-148") < 0.5 * error("40:188,15:163")
    assert error("celeba-148") < 4  # of 256 levels, on noise: scikit-image's bicubic is a spline


@pytest.mark.parametrize("text", ["", "circle", "0", "50:178", "178:50,25:153", "50:178,25:152", "-3", "1:2,3:4,5:6"])
def test_another_text_is_refused(text):
    with pytest.raises(UsageError, match="crop must be"):
        parse_crop(text)
    with pytest.raises(UsageError, match="crop"):
        configure("dcgan", changes={"crop": text})


def test_a_number_is_a_text_too():
    assert configure("dcgan", changes={"crop": 108}).crop == "108"


def test_each_crop_has_pixels_and_a_key_of_its_own(folder):
    sets = {crop: open_dataset(folder, size=32, crop=crop) for crop in ("square", "celeba-128", "celeba-148", "108")}
    assert len({data.key for data in sets.values()}) == 4
    assert open_dataset(folder, size=32).key == sets["square"].key
    for crop, data in sets.items():
        expected = load_image(folder / data.names[0], 32, crop=parse_crop(crop))
        assert np.array_equal(data.images[0], expected)


def test_both_images_of_a_pair_are_cropped_alike(tmp_path):
    for side in "AB":
        (tmp_path / side).mkdir()
        for index in range(4):
            picture(seed=index).save(tmp_path / side / f"{index}.png")
    data = open_dataset(tmp_path, size=128, crop="celeba-128")
    assert data.source is not None
    assert np.array_equal(data.images, data.source)
    (_, load), *_ = sources_in(tmp_path, crop=parse_crop("celeba-128"))[0]
    assert np.array_equal(load(128, 3), data.source[0])


def test_a_picture_that_is_too_small_for_it_is_left_out_with_the_reason(tmp_path, folder):
    for index in range(4):
        picture(seed=index).save(tmp_path / f"{index}.png")
    picture((100, 100)).save(tmp_path / "small.png")
    data = open_dataset(tmp_path, size=32, crop="50:178,25:153")
    assert [name for name, _ in data.skipped] == ["small.png"]
    assert "100x100 pixels, and the crop 50:178,25:153 does not fit" in data.skipped[0][1]
    loaders = dict(images_in(tmp_path, parse_crop("50:178,25:153")))
    with pytest.raises(EdganError, match=r"small\.png cannot be used: it has 100x100"):
        loaders["small"](32, 3)


def test_the_box_of_celeba_is_halved_in_pictures_of_half_the_size():
    assert parse_crop("celeba-148").of((89, 109)) == (8, 20, 82, 94)
    assert parse_crop("celeba-128").of((89, 109)) == (12, 25, 76, 89)


@pytest.mark.parametrize("crop", ["celeba-128", "celeba-148"])
def test_of_other_pictures_celebas_crop_takes_the_central_square_and_says_so(tmp_path, crop):
    for index in range(4):
        picture((190, 100), index).save(tmp_path / f"{index}.png")
    square, data = open_dataset(tmp_path, size=32), open_dataset(tmp_path, size=32, crop=crop)
    assert np.array_equal(data.images, square.images)
    again = open_dataset(tmp_path, size=32, crop=crop)  # from the cache
    for notes in (data.notes, again.notes):
        assert notes == (
            f"The crop {crop} is for CelebA's aligned pictures (178x218 pixels, or 89x109). 4 of 4 pictures have "
            "another shape, so the central square is used there.",
        )
    picture(seed=5).save(tmp_path / "5.png")
    assert "4 of 5 pictures" in open_dataset(tmp_path, size=32, crop=crop).notes[0]
    assert open_dataset(tmp_path, size=32).notes == ()


PAPER_CROPS = {
    "celeba-148": ("cdnet", "cdnet//", "ae-xcov", "icgan", "vae-gan"),
    "celeba-128": (
        "dcgan",
        "lsgan",
        "dfm",
        "rfgan",
        "wgan-gp",
        "vae",
        "ali",
        "connection",
        "encoder",
        "vgg-connection",
    ),
    "square": ("ed-slash-gan", "ed-plus-gan", "caae", "pix2pix", "grit", "uu-net", "editable-gan"),
}


@pytest.mark.parametrize(("crop", "method"), [(crop, name) for crop, names in PAPER_CROPS.items() for name in names])
def test_the_preset_paper_takes_its_papers_crop(crop, method):
    assert configure(method, "paper").crop == crop
    assert configure(method, "small").crop == "square"


def test_a_run_that_inverts_a_gan_reads_pictures_as_the_gan_did(folder, tmp_path):
    options = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "quiet": True, "report": False, "preset": "small"}
    small = {"network.width": 4, "latent.size": 4, "crop": "celeba-128"}
    gan = edgan.train("dcgan", folder, tmp_path / "gan", set=small, **options)
    inverse = edgan.train("connection", folder, tmp_path / "inverse", set={"gan": gan.path, "hidden": 8}, **options)
    assert inverse.configuration.crop == "celeba-128"
    assert with_origin("connection", {"gan": gan.path, "crop": "square"}, 32)[0]["crop"] == "square"


def test_a_run_keeps_its_crop_and_every_verb_applies_it(folder, tmp_path):
    options = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "quiet": True, "report": False}
    run = edgan.train("ed-slash-gan", folder, tmp_path / "run", set={**TINY, "crop": "celeba-128"}, **options)
    model = run.load("cpu")
    assert model.crop == parse_crop("celeba-128")
    edgan.reconstruct(run.path, folder, tmp_path / "whole", quiet=True)
    cut = tmp_path / "cut"
    cut.mkdir()
    for path in folder.iterdir():
        Image.open(path).crop((25, 50, 153, 178)).save(cut / path.name)
    square = edgan.train("ed-slash-gan", cut, tmp_path / "square", set=TINY, **options)
    edgan.reconstruct(square.path, cut, tmp_path / "of-cut", quiet=True)
    for path in sorted((tmp_path / "whole").iterdir()):
        assert path.read_bytes() == (tmp_path / "of-cut" / path.name).read_bytes()
    figures = [
        edgan.evaluate(where.path, data, split="train")["figures"] for where, data in ((run, folder), (square, cut))
    ]
    assert figures[0] == figures[1]
    with pytest.raises(UsageError, match="crop was celeba-128 and would be square"):
        edgan.train("ed-slash-gan", folder, run.path, resume=True, set={"crop": "square"}, quiet=True)
