"""CDNet goes on bit for bit: dropout, gates, a decaying rate, soft targets kept once an image, two stages."""

from __future__ import annotations

import pytest
from training_toys import assert_same_run

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


class PowerCutError(Exception):
    """Ends a training at once."""


@pytest.mark.parametrize("preset", ["small", "paper"])
def test_a_resumed_cdnet_ends_as_the_uninterrupted_one(faces, tmp_path, preset):
    def cut(step):
        def watch(progress):
            if progress.step == step:
                raise PowerCutError

        return watch

    options = {"size": 32, "batch": 4, "steps": STEPS, "device": "cpu", "set": SETTINGS, "preset": preset}
    train("cdnet", faces, tmp_path / "whole", **options)
    for step in (4, 10):
        with pytest.raises(PowerCutError):
            train("cdnet", faces, tmp_path / "cut", resume=True, watch=cut(step), **options)
    # As a person goes on: nothing is said again.
    train("cdnet", faces, tmp_path / "cut", resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")
