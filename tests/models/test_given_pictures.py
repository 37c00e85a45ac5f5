"""What a model's verbs take: pictures in every form, cropped and resized by the same code as folders of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from edgan.api.folder_pipeline import Folder, read_chunks
from edgan.data import images_in, sources_in
from edgan.data.crops import SQUARE, Crop, parse_crop
from edgan.errors import EdganError, UsageError
from edgan.methods import Shape, find
from edgan.models.model import Model

SIZE = 32
SMALL: dict[str, Any] = {"network": {"width": 4, "max_width": 8}}


def model_of(name: str = "ed-slash-gan", crop: Crop = SQUARE, **shape: Any) -> Model:
    """An untrained model."""
    data = Shape(**{"size": SIZE, "channels": 3, **shape})
    method = find(name).bind({} if name == "dcgan" else SMALL, data)
    torch.manual_seed(0)
    networks = {network: method.networks[network]() for network in method.inference}
    return Model(method, networks, data, torch.device("cpu"), crop=crop)


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A photo of 50 x 70 px with smooth colours."""
    rows, columns = np.mgrid[0:70, 0:50]
    return Image.fromarray(np.stack([3 * rows, 5 * columns, rows + columns], -1).astype(np.uint8))


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def of_folder(path: Path, model: Model) -> Tensor:
    """The picture at a path as the verbs on folders read it."""
    folder = Folder(path, images_in(path, model.crop), model.size, model.channels)
    return next(read_chunks(folder, 8, ahead=False)).images


@pytest.mark.parametrize("crop", ["square", "40", "4:44,6:46"])
def test_every_form_of_a_picture_is_cropped_and_resized_as_in_a_folder(
    crop: str, photo: Image.Image, tmp_path: Path
) -> None:
    model, path = model_of(crop=parse_crop(crop)), tmp_path / "photo.png"
    path.write_bytes(saved(photo))
    expected = of_folder(path, model)
    array = np.asarray(photo)
    with Image.open(path) as opened:
        forms = [photo, opened, path, str(path), path.read_bytes(), array, array[None], [photo], (path,), [array]]
        for form in forms:
            assert torch.equal(model.images_of(form), expected)
    assert expected.shape == (1, 3, SIZE, SIZE)


def test_a_list_may_mix_forms_and_sizes(model: Model, photo: Image.Image) -> None:
    wide = photo.resize((90, 40))
    both = model.images_of([photo, np.asarray(wide)])
    assert torch.equal(both, torch.cat([model.images_of(photo), model.images_of(wide)]))


def test_exif_rotation_is_applied_as_for_files(model: Model, photo: Image.Image, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(saved(photo, "JPEG", exif=exif))
    expected = of_folder(path, model)
    with Image.open(path) as opened:
        assert torch.equal(model.images_of(opened), expected)
        assert opened.size == photo.size
    assert not torch.equal(expected, model.images_of(photo))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "CMYK", "LA", "I;16"])
def test_every_mode_of_pillow_is_taken(mode: str, model: Model, photo: Image.Image) -> None:
    converted = photo.convert("L").convert("I").convert("I;16") if mode == "I;16" else photo.convert(mode)
    before = converted.tobytes()
    assert model.images_of(converted).shape == (1, 3, SIZE, SIZE)
    assert converted.tobytes() == before


def test_grey_arrays_have_no_channels_or_one(model: Model) -> None:
    grey = np.arange(40 * 44, dtype=np.uint8).reshape(40, 44)
    expected = model.images_of(Image.fromarray(grey))
    for form in (grey, grey[..., None], grey[None, ..., None]):
        assert torch.equal(model.images_of(form), expected)
    assert torch.equal(model.images_of(np.stack([grey, grey])), expected.expand(2, -1, -1, -1))


def test_tensors_are_taken_as_they_are(model: Model) -> None:
    images = torch.linspace(-1, 1, 2 * 3 * SIZE * SIZE).view(2, 3, SIZE, SIZE)
    assert model.images_of(images) is images
    assert torch.equal(model.images_of(list(images)), images)
    with pytest.raises(UsageError, match=r"\(N, 3, 32, 32\), not \(2, 3, 64, 64\)"):
        model.reconstruct(torch.zeros(2, 3, 64, 64))


UNIT = np.linspace(0, 1, 3 * SIZE * SIZE, dtype=np.float32).reshape(SIZE, SIZE, 3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            UNIT,
            r"^images cannot be floats in \[0, 1\]. Convert them to bytes, \(255 \* x\).round\(\).astype\('uint8'\)",
        ),
        ([UNIT.astype(np.float64)], r"cannot be floats in \[0, 1\].*2 \* x - 1 as a tensor"),
        (2 * UNIT - 1, "cannot be a numpy array of floats, whose range is not known"),
        (torch.from_numpy(UNIT).permute(2, 0, 1)[None], r"as if they were in \[0, 1\]"),
        (np.zeros((1, 3, SIZE, SIZE), np.uint8), r"the channels come last"),
        (np.zeros((SIZE, SIZE, 2, 2, 2), np.uint8), "must have the shape"),
        (np.zeros((SIZE, SIZE, 3), np.int64), r"must be uint8 where it is a numpy array \(got int64\)"),
        (torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8), r"permute\(0, 2, 3, 1\)"),
        ([], "^images is empty"),
        ([[Image.new("RGB", (40, 40))]], "must hold single pictures"),
        ([np.zeros((2, SIZE, SIZE, 3), np.uint8)], "must hold single pictures"),
        ([torch.zeros(3, SIZE, SIZE), torch.zeros(3, 8, 8)], "tensors of one shape"),
        ({"image": 1}, r"\(got dict\)"),
        (None, r"\(got NoneType\)"),
        (b"no picture", "The image cannot be used: not an image"),
        ("nowhere.png", "nowhere.png cannot be read"),
    ],
)
def test_other_things_are_refused_with_a_sentence(wrong: Any, words: str, model: Model) -> None:
    with pytest.raises(EdganError, match=words):
        model.reconstruct(wrong)


def test_a_folder_is_refused_with_the_verb_that_reads_folders(model: Model, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder.*edgan\.reconstruct\(run, folder, out\)"):
        model.reconstruct(tmp_path)


def test_the_bad_picture_of_a_list_is_named_by_its_place(model: Model, photo: Image.Image) -> None:
    with pytest.raises(EdganError, match="Picture 2 of 2: The image cannot be used"):
        model.encode([photo, b"damaged"])


def test_verbs_return_tensors_or_pillow_images(model: Model, photo: Image.Image) -> None:
    made, pictures = model.reconstruct(photo), model.reconstruct(photo, as_pil=True)
    assert made.output.shape == (1, 3, SIZE, SIZE)
    for tensors, images in zip(made, pictures, strict=True):
        expected = ((tensors[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
        assert np.array_equal(np.asarray(images[0]), expected)
    gan = model_of("dcgan")
    (drawn,) = gan.sample(as_pil=True)
    assert (drawn.mode, drawn.size) == ("RGB", (SIZE, SIZE))


def test_sources_of_class_maps_are_read_as_in_a_folder(tmp_path: Path) -> None:
    shape = {"source_channels": 5, "source_classes": 5}
    model, path = model_of("pix2pix", **shape), tmp_path / "map.png"
    indices = np.arange(48 * 48).reshape(48, 48).astype(np.uint8) % 5
    Image.fromarray(indices).save(path)
    ((_, loader),), _ = sources_in(path, classes=5)
    expected = torch.from_numpy(loader(SIZE, 5)).permute(2, 0, 1)[None].float() / 127.5 - 1
    for form in (path, indices, Image.fromarray(indices), path.read_bytes()):
        assert torch.allclose(model.sources_of(form), expected)
    assert model.translate(indices).output.shape == (1, 3, SIZE, SIZE)
    with pytest.raises(EdganError, match="it holds class 9, and this model knows 0 to 4"):
        model.translate(np.full((48, 48), 9, np.uint8))


def test_a_style_may_be_a_picture(photo: Image.Image) -> None:
    model = model_of("grit", source_channels=3)
    styles = model.encode(photo)
    by_picture, by_latent = (model.translate([photo, photo], style=style).output for style in (photo, styles))
    assert torch.equal(by_picture, by_latent)
