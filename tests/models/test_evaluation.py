"""What a model scores on held-out images, by a model that adds a known residual to the images themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from edgan.data import open_dataset
from edgan.errors import EdganError
from edgan.methods import Shape
from edgan.models.evaluation import evaluation, similarity, variation
from edgan.models.reconstruction import Reconstruction
from edgan.synthetic import write_folder

COUNT = 20


class Darkener:
    """Stands for a trained model: its base is the image, and its residual takes off .1 everywhere."""

    def __init__(self, size: int) -> None:
        self.shape = Shape(size, 3)
        self.method = SimpleNamespace(plan=SimpleNamespace(tap={"residual": None}))

    def can(self, _capability: str) -> bool:
        return False

    def redraw(self, fields: Mapping[str, Tensor], first: int = 0) -> Reconstruction:
        residual = torch.full_like(fields["image"], -0.1)
        return Reconstruction(fields["image"], residual, fields["image"] + residual)


def evaluated(
    folder: Path, size: int, split: str = "train", count: int = COUNT
) -> tuple[int, dict[str, float], dict[str, str]]:
    model: Any = Darkener(size)
    return evaluation(model, open_dataset(write_folder("faces", folder, count, size), size=size), split)


def test_every_figure_has_its_protocol(tmp_path: Path) -> None:
    count, figures, protocols = evaluated(tmp_path / "faces", 32)
    assert 0 < count <= COUNT
    assert figures["rmse_base"] == 0
    assert 0 < figures["rmse_output"] <= 0.1
    assert {name.removesuffix("_base").removesuffix("_output") for name in figures} == set(protocols)
    assert {"psnr_output", "ssim_output", "ms-ssim-2_output", "energy_output"} <= set(figures)


def test_a_periodic_peak_is_not_searched_in_images_too_small_for_it(tmp_path: Path) -> None:
    _, figures, protocols = evaluated(tmp_path / "faces", 16)
    assert "psnr_output" in figures
    assert "residual_peak" not in figures
    assert "residual_peak" not in protocols


def test_an_empty_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="no images in its test split"):
        evaluated(tmp_path / "faces", 32, "test", count=1)


def test_similarity_judges_pictures_as_they_are_saved() -> None:
    images = torch.full((2, 3, 16, 16), -1.0)
    images[..., ::2] = 1.0
    made = Reconstruction(images, 0.5 * images, 1.5 * images)
    assert similarity(made, images)["rmse_output"] == 0


def test_variation_is_of_the_residual_and_of_the_outputs() -> None:
    images = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    residual = torch.full_like(images, 0.3)
    figures = variation(Reconstruction(images, residual, images + residual), images)
    assert {name: figures[name] for name in ("residual", "variety", "spread")} == {
        "residual": pytest.approx(0.3),
        "variety": pytest.approx(0, abs=1e-6),
        "spread": pytest.approx(1, rel=1e-5),
    }


class Counter(Darkener):
    """Counts the images that are redrawn at once, and where each chunk begins."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.counts: list[int] = []
        self.begun: list[int] = []

    def redraw(self, fields: Mapping[str, Tensor], first: int = 0) -> Reconstruction:
        self.counts.append(len(fields["image"]))
        self.begun.append(first)
        return super().redraw(fields, first)


def test_figures_do_not_depend_on_the_chunk_and_chunks_do_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = open_dataset(write_folder("faces", tmp_path / "faces", COUNT, 32), size=32)
    whole, chunked = Counter(32), Counter(32)
    _, expected, protocols = evaluation(whole, dataset, "train")  # type: ignore[arg-type]
    monkeypatch.setattr("edgan.models.evaluation.CHUNK", 7)
    count, figures, same = evaluation(chunked, dataset, "train")  # type: ignore[arg-type]
    assert whole.counts == [count]
    assert chunked.counts == [7] * (count // 7) + [count % 7] * (count % 7 > 0)
    assert chunked.begun == list(range(0, count, 7))
    assert same == protocols
    assert figures == pytest.approx(expected, rel=1e-6)
    assert "residual_peak" in figures


def test_ratios_to_plain_images_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for index in range(4):
        Image.new("RGB", (16, 16), (128, 128, 128)).save(tmp_path / "plain" / f"{index}.png")
    _, figures, protocols = evaluation(Darkener(16), open_dataset(tmp_path / "plain", size=16), "train")  # type: ignore[arg-type]
    assert "psnr_output" in figures
    assert not {"energy_base", "energy_output"} & set(figures)
    assert "energy" not in protocols
