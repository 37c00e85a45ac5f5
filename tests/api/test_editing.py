"""The verb edit in Python: what it changes, what it leaves, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

import edgan
from edgan.api.editing import parse_sweep
from edgan.errors import UsageError
from edgan.methods import Edit
from edgan.models.editing import EditControls, write_changes
from edgan.synthetic import write_folder

NAMES = "Eyeglasses,Smiling,Male"
NETWORK = {"network.width": 4, "network.hidden": "8", "network.latent": 5, "batch": 8}
GAME = {"discriminator.stem": 3, "discriminator.width": 4, "discriminator.max_width": 4, "discriminator.hidden": 4}
CONDITIONAL = {"network.width": 4, "network.discriminator": 4, "network.connection": 16, "latent.size": 5, "batch": 8}
METHODS = {
    "cdnet": {**NETWORK, **GAME, "classifier_steps": 2},
    "cdnet//": {**NETWORK, **GAME, "classifier_steps": 2},
    "ae-xcov": NETWORK,
    "icgan": {**NETWORK, **GAME, "gan_steps": 2},
    "vae-gan": {**NETWORK, **GAME},
    "editable-gan": CONDITIONAL,
    "modified-cgan": CONDITIONAL,
    "ed-plus-gan": {"network.width": 4, "network.max_width": 4, "discriminator.width": 4, "batch": 8},
}
Trained = Callable[[str], Path]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 40, 32)


@pytest.fixture(scope="module")
def trained(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run of four steps of a method, on three attributes of rendered faces."""
    runs: dict[str, Path] = {}

    def train(method: str) -> Path:
        if method not in runs:
            out = tmp_path_factory.mktemp("runs") / "run"
            settings = {**METHODS[method], "attributes": NAMES}
            edgan.train(method, faces, out, size=32, steps=4, preset="small", device="cpu", set=settings, report=False)
            runs[method] = out
        return runs[method]

    return train


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Squares, bars and dots in folders of their names."""
    folder = tmp_path_factory.mktemp("sets") / "shapes"
    for number, name in enumerate(("bars", "dots", "squares")):
        (folder / name).mkdir(parents=True)
        for index in range(12):
            picture = Image.new("L", (16, 16), 20 * index)
            picture.paste(255 - 60 * number, (2, 2, 6 + 3 * number, 14 - 3 * number))
            picture.save(folder / name / f"{index}.png")
    return folder


def images() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_edited_by_one_call(trained: Trained, method: str) -> None:
    model = edgan.load(trained(method))
    single = model.edit(images(), {"Eyeglasses": 3.5})
    both = model.edit(images(), {"Eyeglasses": 3.5, "Smiling": -1})
    assert single.shape == (3, 3, 32, 32)
    assert not torch.equal(single, model.reconstruct(images()).output)
    assert not torch.equal(single, both)
    torch.testing.assert_close(model.edit(images(), {"Smiling": -1, "Eyeglasses": 3.5}), both)


def test_setting_an_attribute_to_what_it_is_changes_nothing(trained: Trained) -> None:
    """CDNet's own soft target, written back, gives the reconstruction."""
    model = edgan.load(trained("cdnet"))
    with torch.no_grad():
        target = model.networks["attribute_encoder"].eval()(images()).sigmoid()
    for index, picture in enumerate(images()):
        changes = dict(zip(model.controls.names, target[index].tolist(), strict=True))
        edited = model.edit(picture[None], changes)
        torch.testing.assert_close(edited, model.reconstruct(picture[None]).output, atol=1e-5, rtol=1e-5)


def test_nothing_added_by_arithmetic_changes_nothing(trained: Trained) -> None:
    model = edgan.load(trained("vae-gan"))
    assert model.controls.neutral == 0
    torch.testing.assert_close(model.edit(images(), {"Male": 0}), model.reconstruct(images()).output)


def test_a_direction_is_the_difference_of_the_mean_latents(trained: Trained, faces: Path) -> None:
    model = edgan.load(trained("vae-gan"))
    data = edgan.data.open_dataset(faces, size=32, attributes=["Eyeglasses", "Smiling", "Male"])
    batch = data.batch(data.indices("train"))
    z, has = model.encode(batch.image), batch.attributes[:, 1] == 1
    expected = z[has].mean(0) - z[~has].mean(0)
    torch.testing.assert_close(model.directions.vectors["Smiling"], expected, atol=1e-5, rtol=1e-4)


def test_classes_are_edited_by_the_same_call(classes: Path, tmp_path: Path) -> None:
    for method in ("cdnet", "vae-gan", "editable-gan"):
        settings = {**METHODS[method], "batch": 6}
        run = edgan.train(
            method,
            classes,
            tmp_path / method,
            size=16,
            steps=4,
            preset="small",
            device="cpu",
            set=settings,
            report=False,
        )
        model = run.load()
        assert model.controls.names == ("bars", "dots", "squares")
        grey = torch.zeros(2, 1, 16, 16)
        edited = [model.edit(grey, {name: 1.0}) for name in model.controls.names]
        kept = [torch.allclose(image, model.reconstruct(grey).output, atol=1e-5) for image in edited]
        assert kept.count(True) == 1  # the class that it has
        with pytest.raises(UsageError, match="An image has one class: bars and dots cannot be set at once"):
            model.edit(grey, {"bars": 1, "dots": 1})


CLASSES = EditControls(("0", "1", "2"), "multiclass", 0, 1)
ATTRIBUTES = EditControls(("a", "b"), "multilabel", -2, 5, None, {"b": 100.0})


def test_case_1_swaps_the_target_with_the_maximum() -> None:
    target = torch.tensor([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1]])
    swapped = torch.tensor([[0.1, 0.2, 0.7], [0.1, 0.3, 0.6]])
    torch.testing.assert_close(write_changes(target, CLASSES, {"2": 1.0}), swapped)
    torch.testing.assert_close(write_changes(target, CLASSES, {"2": 0.5})[0], torch.tensor([0.1, 0.45, 0.45]))
    assert write_changes(target, CLASSES, {"1": 1.0})[0].tolist() == target[0].tolist()


def test_case_2_writes_intensities_in_a_persons_units() -> None:
    target = torch.tensor([[0.1, 0.7]])
    assert write_changes(target, ATTRIBUTES, {"a": -1.5, "b": 60}).tolist() == [[-1.5, pytest.approx(0.6)]]
    assert target.tolist() == torch.tensor([[0.1, 0.7]]).tolist()


def test_an_intensity_outside_the_stated_range_is_noted_and_done() -> None:
    assert ATTRIBUTES.notes({"a": 5, "b": 500}) == []
    (note,) = ATTRIBUTES.notes({"a": 5, "b": 501})
    assert "b=501 lies outside the range [-200, 500]" in note


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "There is nothing to edit"),
        ({"Eyeglases": 1}, "no attribute 'Eyeglases' to edit. Did you mean 'Eyeglasses'"),
        ({"Smiling": float("nan")}, "a finite number"),
        ({"Smiling": 1e300}, "a finite number within"),
    ],
)
def test_what_cannot_be_edited_is_refused(trained: Trained, changes: dict[str, float], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        edgan.load(trained("cdnet")).edit(images(), changes)


def test_a_method_that_is_told_the_attributes_wants_them_all() -> None:
    controls = EditControls.of(Edit("attributes", ("age", "male"), units={"age": 100}), None)
    with pytest.raises(UsageError, match="set male too"):
        controls.all_given({"age": 60})
    torch.testing.assert_close(controls.all_given({"age": 60, "male": 1}), torch.tensor([[0.6, 1.0]]))


def test_a_sweep_has_both_its_ends() -> None:
    assert parse_sweep("Eyeglasses=-2:5:8").values == (-2, -1, 0, 1, 2, 3, 4, 5)
    assert parse_sweep("a=b=0:1:2").name == "a=b"


@pytest.mark.parametrize("text", ["Eyeglasses", "Eyeglasses=1", "Eyeglasses=0:1", "=0:1:3", "A=0:x:3", "A=0:1:1.5"])
def test_a_sweep_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="sweep must be NAME=LO:HI:N"):
        parse_sweep(text)


@pytest.mark.parametrize("count", [1, 101])
def test_a_sweep_has_2_to_100_pictures(count: int) -> None:
    with pytest.raises(UsageError, match="2 to 100"):
        parse_sweep(f"A=0:1:{count}")


def test_a_face_is_aged_by_a_method_that_is_told_its_traits(tmp_path: Path) -> None:
    """CAAE sees neither age nor gender: both are set, in years and as a share, and a photo is all it takes."""
    folder = tmp_path / "faces"
    folder.mkdir()
    noise = torch.randint(0, 256, (12, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    for index, picture in enumerate(noise):
        Image.fromarray(picture.numpy()).save(folder / f"{10 + 5 * index}_{index % 2}_0_20170101000000000.jpg")
    width = {"network.width": 4, "network.max_width": 4, "discriminator.width": 4, "discriminator.fully_connected": 4}
    run = edgan.train(
        "caae",
        folder,
        tmp_path / "run",
        size=32,
        steps=2,
        batch=4,
        preset="small",
        device="cpu",
        set=width,
        report=False,
    )
    model = run.load()
    assert model.controls.notes({"Age": 116}) == []
    assert "outside the range [0, 116]" in model.controls.notes({"Age": 120})[0]
    with pytest.raises(UsageError, match="set Male too"):
        model.edit(images(), {"Age": 60})
    young, old = (model.edit(images(), {"Age": age, "Male": 1}) for age in (5, 80))
    assert not torch.equal(young, old)
    aged = torch.tensor([[80 / 116, 1.0]]).expand(3, 2)
    order = [("Age", "Male").index(name) for name in model.shape.attributes if name in ("Age", "Male")]
    if model.shape.attributes == ("Age", "Male"):
        torch.testing.assert_close(model.reconstruct(images(), attributes=aged[:, order]).output, old)
    edited = edgan.edit(run.path, folder, tmp_path / "out", set={"Male": 0}, sweep="Age=10:80:3")
    assert len(edited.files) == 12
