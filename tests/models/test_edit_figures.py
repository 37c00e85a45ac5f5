"""What `evaluate` measures of edits: pictures whose attributes are light halves, and a painter that lights them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from edgan.data import Dataset, open_dataset
from edgan.models.edit_figures import edit_figures
from edgan.models.editing import EditControls

NAMES = ("left", "top")
SPLITS = {"train": 240, "val": 10, "test": 30}


def lit(image: Tensor, name: str, by: float) -> Tensor:
    """Pictures with a half made lighter."""
    made = image.clone()
    half = made[:, :, :8] if name == "top" else made[:, :, :, :8]
    half += by
    return made


class Painter:
    """Stands for a trained model: an edit lights a half as far as its intensity says, times how well it listens."""

    def __init__(
        self, controls: EditControls | None, listens: float = 1.0, fields: tuple[str, ...] = ("image",)
    ) -> None:
        self.controls, self.listens = controls, listens
        self.method = SimpleNamespace(fields=fields)
        self.asked: list[dict[str, float]] = []

    def can(self, capability: str) -> bool:
        return capability in ("edit", "encode")

    def edit(self, images: Tensor, changes: Mapping[str, float]) -> Tensor:
        self.asked.append(dict(changes))
        for name, value in changes.items():
            images = lit(images, name, 0.25 * self.listens * value)
        return images

    def encode(self, images: Tensor) -> Tensor:
        """The right lower quarter, which no edit touches."""
        return images[:, :, 8:, 8:].flatten(1)

    def encode_made(self, images: Tensor) -> Tensor:
        return self.encode(images)


def attributes(high: float = 5.0, **units: float) -> EditControls:
    return EditControls(NAMES, "multilabel", -2.0, high, units=units)


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Noise of 16 px, with light halves, and a metadata.csv that tells of them."""
    folder = tmp_path_factory.mktemp("halves")
    rng = np.random.default_rng(0)
    rows = []
    for split, count in SPLITS.items():
        (folder / split).mkdir()
        for index in range(count):
            has = rng.random(2) < 0.5
            picture = rng.integers(0, 100, (16, 16)) + 0.0
            picture[:, :8] += 60 * has[0]
            picture[:8] += 60 * has[1]
            name = f"{split}/{index}.png"
            Image.fromarray(picture.astype(np.uint8)).save(folder / name)
            rows.append([name, *has.astype(int)])
    with (folder / "metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["file_name", *NAMES], *rows])
    return open_dataset(folder, size=16)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same halves as classes, each in a folder of its name."""
    folder = tmp_path_factory.mktemp("kinds")
    rng = np.random.default_rng(1)
    for split, count in SPLITS.items():
        for name in NAMES:
            (folder / split / name).mkdir(parents=True)
            for index in range(count // 2):
                picture = torch.from_numpy(rng.integers(0, 100, (1, 1, 16, 16)) + 0.0)
                Image.fromarray(lit(picture, name, 60)[0, 0].numpy().astype(np.uint8)).save(
                    folder / split / name / f"{index}.png"
                )
    return open_dataset(folder, size=16)


def figures(model: Painter, dataset: Dataset) -> dict[str, float]:
    return edit_figures(model, dataset, "test")[0]  # type: ignore[arg-type]


def test_an_edit_that_shows_is_seen_and_one_that_does_nothing_is_missed(halves: Dataset) -> None:
    assert figures(Painter(attributes()), halves)["edit_error_top"] < 0.1
    assert figures(Painter(attributes(), listens=0.0), halves)["edit_error_top"] > 0.8


def test_each_attribute_has_its_error_and_how_far_the_latent_moves(halves: Dataset) -> None:
    measured, protocol = edit_figures(Painter(attributes()), halves, "test")  # type: ignore[arg-type]
    assert set(measured) == {f"edit_{what}_{name}" for what in ("error", "identity") for name in NAMES}
    assert measured["edit_identity_top"] == 0
    assert {"edit_error", "edit_identity"} == set(protocol)


def test_what_the_latent_reveals_is_probed_where_there_are_enough_images(halves: Dataset) -> None:
    class Revealing(Painter):
        def encode(self, images: Tensor) -> Tensor:
            """The right upper quarter, which the top half lights."""
            return images[:, :, :8, 8:].flatten(1)

    measured, protocol = edit_figures(Revealing(attributes()), halves, "train")  # type: ignore[arg-type]
    assert measured["latent_auc_top"] > 0.9
    assert abs(measured["latent_auc_left"] - 0.5) < 0.35
    assert "latent_auc" in protocol
    of_few = set(figures(Revealing(attributes()), halves))
    assert of_few == {f"edit_{what}_{name}" for what in ("error", "identity") for name in NAMES}


def test_only_images_without_the_attribute_are_edited(halves: Dataset) -> None:
    seen: list[int] = []

    class Counter(Painter):
        def edit(self, images: Tensor, changes: Mapping[str, float]) -> Tensor:
            seen.append(len(images))
            return super().edit(images, changes)

    figures(Counter(attributes()), halves)
    assert halves.attributes is not None
    without = halves.attributes[halves.indices("test")] < 0.5
    assert seen == without.sum(0).tolist()


def test_the_intensity_ends_at_the_top_of_the_stated_range_and_is_in_a_persons_units(halves: Dataset) -> None:
    wide, narrow = Painter(attributes()), Painter(attributes(high=1.0, left=116.0))
    figures(wide, halves)
    figures(narrow, halves)
    assert wide.asked == [{"left": 3.0}, {"top": 3.0}]
    assert narrow.asked == [{"left": 116.0}, {"top": 1.0}]


def test_classes_are_asked_for_on_the_images_of_the_others(kinds: Dataset) -> None:
    class Swapper(Painter):
        """Puts the light where the class has it, and takes it from where the other has it."""

        def edit(self, images: Tensor, changes: Mapping[str, float]) -> Tensor:
            (name,) = changes
            other = NAMES[1 - NAMES.index(name)]
            return lit(lit(images, other, -60 / 127.5), name, 60 / 127.5)

    controls = EditControls(NAMES, "multiclass", 0.0, 1.0)
    assert figures(Swapper(controls), kinds) == {"edit_error": pytest.approx(0, abs=0.1)}
    assert figures(Painter(controls, listens=0.0), kinds)["edit_error"] > 0.9


@pytest.mark.parametrize(
    "model",
    [
        Painter(None),
        Painter(attributes(), fields=("image", "attributes")),
        Painter(EditControls(("hat",), "multilabel", 0.0, 1.0)),
        Painter(EditControls(("7", "8"), "multiclass", 0.0, 1.0)),
    ],
    ids=["no controls", "reads the attributes", "other attributes", "classes that the data lacks"],
)
def test_data_that_lacks_what_the_model_edits_gives_no_figures(model: Painter, halves: Dataset) -> None:
    assert edit_figures(model, halves, "test") == ({}, {})  # type: ignore[arg-type]
