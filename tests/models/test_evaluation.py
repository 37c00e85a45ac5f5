"""What a model scores on held-out images, by a model that adds a known residual to the images themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from edgan.data import open_dataset
from edgan.errors import EdganError
from edgan.methods import Shape
from edgan.models.evaluation import evaluation, similarity, variation
from edgan.models.model import Reconstruction
from edgan.synthetic import write_folder

COUNT = 20


class Darkener:
    """Stands for a trained model: its base is the image, and its residual takes off .1 everywhere."""

    def __init__(self, size: int) -> None:
        self.shape = Shape(size, 3)
        self.method = SimpleNamespace(plan=SimpleNamespace(tap={"residual": None}))

    def can(self, _capability: str) -> bool:
        return False

    def redraw(self, fields: Mapping[str, Tensor]) -> Reconstruction:
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
    assert figures == {
        "residual": pytest.approx(0.3),
        "variety": pytest.approx(0, abs=1e-6),
        "spread": pytest.approx(1, rel=1e-5),
    }
