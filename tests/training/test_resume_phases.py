"""UU-Net's halves step in two phases: both optimiser states are saved and resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_toys import PowerCutError, assert_same_run, cut_at, last

from edgan.api.training import train
from edgan.errors import EdganError
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder

STEPS = 8
OPTIONS = {
    "preset": "small",
    "size": 32,
    "batch": 2,
    "steps": STEPS,
    "device": "cpu",
    "set": {
        "network.width": 4,
        "network.max_width": 8,
        "discriminator.width": 4,
        "discriminator.max_width": 8,
        "checkpoint_every": 3,
        "evaluate_every": 10,
        "preview_every": 30,
        "log_every": 1,
    },
}
NAMES = {"discriminate.encoder", "discriminate.decoder", "translate.encoder", "translate.decoder", "discriminator"}


@pytest.fixture(scope="module")
def facades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("facades", tmp_path_factory.mktemp("data") / "facades", 12, 32)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop-norm"])
def test_a_resumed_uu_net_ends_as_the_uninterrupted_one(facades, tmp_path, optimiser):
    """`rmsprop-norm` is what the linked halves have in D's phase in the preset quick."""
    names = {f"optimisers.discriminate.{half}.name": optimiser for half in ("encoder", "decoder")}
    options = {**OPTIONS, "set": {**OPTIONS["set"], **names}}
    train("uu-net", facades, tmp_path / "whole", **options)
    with pytest.raises(PowerCutError):
        train("uu-net", facades, tmp_path / "cut", watch=cut_at(5), **options)
    train("uu-net", facades, tmp_path / "cut", resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")
    saved = last(tmp_path / "cut").tensors["optimisers"]
    assert {name.partition("/")[0] for name in saved if "/" in name} == NAMES


def test_a_checkpoint_without_a_state_for_each_phase_is_refused_with_a_sentence(facades, tmp_path):
    """As versions wrote it that kept one optimiser for each network."""
    with pytest.raises(PowerCutError):
        train("uu-net", facades, tmp_path / "run", watch=cut_at(4), **OPTIONS)
    folder = RunFolder(tmp_path / "run").checkpoints
    saved = last(tmp_path / "run")
    kept = {name.removeprefix("translate."): rest for name, rest in saved.state["optimisers"].items()}
    checkpoint.save(folder, checkpoint.Snapshot(saved.step, saved.tensors, {**saved.state, "optimisers": kept}))
    with pytest.raises(EdganError, match=r"no state for the optimiser 'translate\.encoder'.*start a new run"):
        train("uu-net", facades, tmp_path / "run", resume=True)
