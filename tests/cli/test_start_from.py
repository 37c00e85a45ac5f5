"""`--from` on the command line: a training and an explanation that start from another run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call, done, refused

from edgan.api.reporting import report_run
from edgan.api.run import Run
from edgan.data import open_dataset
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder

TINY = (
    *("--preset", "small", "--size", "32", "--steps", "2", "--batch", "4", "--device", "cpu"),
    *("--set", "network.width=4", "--set", "network.max_width=8"),
    *("--set", "discriminator.width=4", "--set", "discriminator.max_width=8"),
)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("data") / "faces", 24, 32)


def test_a_training_starts_from_a_run_and_its_report_says_so(faces: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    done(call("train", "ed-plus-gan", "--data", faces, "--out", old, *TINY))
    options = ("--preset", "small", "--steps", "2", "--batch", "4", "--device", "cpu", "--set", "frozen=encoder")
    said = done(call("train", "ed-slash-gan", "--data", faces, "--out", new, "--from", old, *options)).err
    assert f"Started from {old} (ed-plus-gan, step 2)" in said
    assert "New: generator (" in said
    run = Run(new, stored_configuration(RunFolder.open(new).read_run(), RunFolder.open(new)))
    report = report_run(run, open_dataset(faces, size=32)).read_text()
    assert f"started from {old} (ed-plus-gan, step 2)" in report
    assert f"--from {old}" in report
    assert "frozen=encoder" in report
    words = ("explain", "ed-slash-gan", "--from", old, "--preset", "small", "--set", "frozen=encoder,decoder")
    assert f"starts from {old} (ed-plus-gan, step 2)" in done(call(*words)).out
    explained = json.loads(done(call(*words, "--json")).out)
    assert explained["started_from"]["run"] == str(old)
    assert all(not {"encoder", "decoder"} & row["routes"].keys() for row in explained["table"]["rows"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "zoo:face"), "The zoo has no model 'face'"),
        (("--from", "zoo:faces", "--resume"), "--from cannot be given when resuming"),
        (("--from", "zoo:facades"), "--from cannot be zoo:facades: ed-slash-gan has no layer of the same name and"),
    ],
)
def test_what_cannot_be_started_from_is_a_wrong_call(
    words: tuple[str, ...], told: str, faces: Path, tmp_path: Path
) -> None:
    refused(call("train", "ed-slash-gan", "--data", faces, "--out", tmp_path / "run", *TINY, *words), 2, told)
