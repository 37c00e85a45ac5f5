"""CDNet goes on bit for bit: dropout, step conditions, a decaying rate, soft targets kept once an image, two stages."""

from __future__ import annotations

import pytest
from training_toys import PowerCutError, assert_same_run, cut_at

from edgan.api.training import train

STEPS = 14
SETTINGS = {
    "attributes": "Smiling,Male,Eyeglasses",
    "network.width": 4,
    "network.hidden": "8,6",
    "network.latent": 5,
    "discriminator.stem": 3,
    "discriminator.width": 4,
    "discriminator.max_width": 4,
    "discriminator.hidden": 4,
    "classifier_steps": 5,
    "decorrelation.over": 4,
    "optimiser.decay_at": "3,6",
    "checkpoint_every": 3,
    "evaluate_every": 10,
    "preview_every": 30,
    "log_every": 1,
}


@pytest.mark.parametrize("preset", ["small", "paper"])
def test_a_resumed_cdnet_ends_as_the_uninterrupted_one(faces, tmp_path, preset):
    options = {"size": 32, "batch": 4, "steps": STEPS, "device": "cpu", "set": SETTINGS, "preset": preset}
    train("cdnet", faces, tmp_path / "whole", **options)
    for step in (4, 10):
        with pytest.raises(PowerCutError):
            train("cdnet", faces, tmp_path / "cut", resume=True, watch=cut_at(step), **options)
    # As a person resumes: no option is repeated.
    train("cdnet", faces, tmp_path / "cut", resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")
