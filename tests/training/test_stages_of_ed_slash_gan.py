"""The encoder-decoder first, in ED//GAN and a twin: its share of the steps, the generator's start, an exact resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from training_toys import PowerCutError, assert_same_run, cut_at, last, train_tiny

from edgan.config import configure
from edgan.methods import Shape

FIRST = 6
STAGED: dict[str, Any] = {
    "ed_first": FIRST,
    "ed_frozen": False,
    "generator_as_decoder": True,
    "network.norm": "none",
    "generator.norm": "none",
}


@pytest.mark.parametrize(("steps", "given", "expected"), [(2000, 0, 1500), (390, 0, 200), (60, 0, 0), (60, 7, 7)])
def test_a_share_of_the_steps_is_rounded_down_to_hundreds(steps: int, given: int, expected: int) -> None:
    changes = {"ed_first_share": 0.75, "ed_first": given}
    configuration = configure("ed-slash-gan", "small", changes, steps=steps)
    assert configuration.settings["ed_first"] == expected
    stages = configuration.build(Shape(32, 3)).plan.stages
    assert [stage.steps for stage in stages] == ([expected, None] if expected else [None])


def test_the_encoder_decoder_learns_on_in_the_last_stage_unless_it_is_frozen() -> None:
    for frozen in (True, False):
        build = configure("ed-slash-gan", "small", {"ed_first": 5, "ed_frozen": frozen}).build
        assert ("decoder" in build(Shape(32, 3)).plan.stages[-1].networks) is not frozen


@pytest.mark.parametrize("method", ["ed-slash-gan", "ed-plus-gan//"])
def test_the_generator_begins_the_last_stage_with_the_decoders_weights(
    method: str, faces: Path, tmp_path: Path
) -> None:
    still = {f"optimisers.{network}.lr": 1e-12 for network in ("encoder", "decoder", "generator")}
    train_tiny(faces, tmp_path / "run", FIRST + 1, method=method, set={**STAGED, **still})
    tensors = last(tmp_path / "run").tensors
    for group in ("networks", "ema"):
        for layer, same in (("fully_connected", True), ("output", False)):
            mine, theirs = (tensors[group][f"{network}/{layer}.weight"] for network in ("generator", "decoder"))
            assert torch.allclose(mine, theirs, atol=1e-6) is same


@pytest.mark.parametrize("cut", [FIRST - 1, FIRST, FIRST + 2])
def test_a_training_cut_around_the_change_of_stage_resumes_exactly(faces: Path, tmp_path: Path, cut: int) -> None:
    steps, options = FIRST + 4, {"set": {**STAGED, "checkpoint_every": 2}}
    train_tiny(faces, tmp_path / "whole", steps, **options)
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "cut", steps, watch=cut_at(cut), **options)
    train_tiny(faces, tmp_path / "cut", steps, resume=True, **options)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")


def test_a_frozen_generator_does_not_begin_as_the_decoder() -> None:
    changes = {"ed_first": 5, "generator_as_decoder": True, "frozen": "generator"}
    stages = configure("ed-slash-gan", "small", changes).build(Shape(32, 3)).plan.stages
    assert [stage.begins_as for stage in stages] == [(), ()]
