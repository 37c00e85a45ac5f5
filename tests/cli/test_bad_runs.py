"""Runs that are not there, damaged, or asked to go on as something else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import pytest
from calling import Draw, call, done, refused, train

from edgan.errors import EdganError
from edgan.storage.run_folder import RunFolder


def damage(checkpoint: Path, name: str = "ema.safetensors") -> None:
    """Flip one bit in the middle of a file: unless given, of the averaged weights, which inference reads."""
    data = bytearray((checkpoint / name).read_bytes())
    data[len(data) // 2] ^= 1
    (checkpoint / name).write_bytes(data)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def verbs(run: Path, faces: Path, out: Path) -> list[tuple[str | Path, ...]]:
    return [("reconstruct", run, faces, out), ("sample", run, out), ("evaluate", run, "--data", faces)]


@pytest.mark.parametrize("verb", range(3))
class TestNoRun:
    """`reconstruct`, `sample` and `evaluate` refuse alike, and make no output folder."""

    def refuse(self, verb: int, run: Path, faces: Path, out: Path, *words: str) -> None:
        refused(call(*verbs(run, faces, out)[verb]), 1, *words)
        assert not out.exists()

    def test_a_folder_that_there_is_not(self, verb: int, faces: Path, tmp_path: Path) -> None:
        self.refuse(verb, tmp_path / "none", faces, tmp_path / "out", str(tmp_path / "none"), "no run")

    def test_a_folder_that_is_no_run(self, verb: int, faces: Path, tmp_path: Path) -> None:
        self.refuse(verb, faces, faces, tmp_path / "out", str(faces), "run.json is missing")

    def test_a_run_without_checkpoints(self, verb: int, run_copy: Path, faces: Path, tmp_path: Path) -> None:
        shutil.rmtree(run_copy / "checkpoints")
        self.refuse(verb, run_copy, faces, tmp_path / "out", str(run_copy), "no checkpoint")

    def test_a_run_with_every_checkpoint_damaged(self, verb: int, run_copy: Path, faces: Path, tmp_path: Path) -> None:
        for checkpoint in (run_copy / "checkpoints").iterdir():
            damage(checkpoint)
        self.refuse(verb, run_copy, faces, tmp_path / "out", "step-00000002", "step-00000003", "damaged")

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"configuration": {"size": "wide"}, "data": {}}'])
    def test_a_run_json_that_says_nothing(
        self, text: str, verb: int, run_copy: Path, faces: Path, tmp_path: Path
    ) -> None:
        (run_copy / "run.json").write_text(text)
        self.refuse(verb, run_copy, faces, tmp_path / "out", "run.json")


def test_the_folder_above_runs_names_them(trained: Path, faces: Path) -> None:
    refused(call("evaluate", trained.parent, "--data", faces), 1, str(trained.parent), trained.name)


def test_a_damaged_newest_checkpoint_is_told_and_the_one_before_is_used(
    run_copy: Path, faces: Path, tmp_path: Path
) -> None:
    damage(run_copy / "checkpoints" / "step-00000003")
    said = done(call("reconstruct", run_copy, faces, tmp_path / "out"))
    assert "step-00000003/ema.safetensors is damaged" in said.err
    assert "step-00000002, is used" in said.err


def test_resuming_past_a_damaged_newest_checkpoint_repairs_the_run(run_copy: Path, faces: Path, trained: Path) -> None:
    damage(run_copy / "checkpoints" / "step-00000003", "networks.safetensors")
    said = done(train(faces, run_copy, "--resume"))
    assert "step-00000003/networks.safetensors is damaged" in said.err
    weights = Path("checkpoints", "step-00000003", "networks.safetensors")
    assert (run_copy / weights).read_bytes() == (trained / weights).read_bytes()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--route", "adversarial.decoder=0.5"), ["route adversarial.decoder", "blank", "0.5"]),
        (("--set", "optimiser.lr=0.5"), ["optimiser.lr", "0.001", "0.5"]),
        (("--set", "latent.size=9"), ["latent.size", "8", "9"]),
        (("--seed", "5"), ["seed", "0", "5"]),
        (("--size", "64"), ["size", "32", "64"]),
        (("--preset", "paper"), ["preset", "quick", "paper"]),
        (("--steps", "1"), ["--steps must be at least 3 (got 1)"]),
    ],
)
def test_a_run_goes_on_as_it_was_begun(given: tuple[str, str], words: list[str], run_copy: Path, faces: Path) -> None:
    before = contents(run_copy)
    refused(train(faces, run_copy, "--resume", *given), 2, *words)
    assert contents(run_copy) == before


def test_a_run_goes_on_with_its_own_method(run_copy: Path, faces: Path) -> None:
    refused(train(faces, run_copy, "--resume", method="ed-plus-gan"), 2, "ed-slash-gan", "ed-plus-gan")


def test_a_run_goes_on_with_its_own_data(run_copy: Path, draw: Draw, tmp_path: Path) -> None:
    before = contents(run_copy)
    refused(train(draw(tmp_path / "others", count=9), run_copy, "--resume"), 2, str(tmp_path / "others"), "12", "9")
    assert contents(run_copy) == before


def test_a_run_goes_on_with_its_own_table(run_copy: Path, faces: Path) -> None:
    folder = RunFolder.open(run_copy)
    folder.write_run({**folder.read_run(), "digest": "of another version"})
    refused(train(faces, run_copy, "--resume"), 2, "table")


def sealed(run: Path, **sections: object) -> None:
    """Write run.json with other sections, as its own checksum would have it."""
    folder = RunFolder.open(run)
    folder.write_run({**folder.read_run(), **sections})


@pytest.mark.parametrize("where", ["training", "settings", "method"])
def test_a_run_of_a_newer_version_is_refused_by_its_version(where: str, run_copy: Path, faces: Path, tmp_path: Path):
    configuration = RunFolder.open(run_copy).read_run()["configuration"]
    newer = {
        "training": {**configuration, "warmup": 5},
        "settings": {**configuration, "settings": {**configuration["settings"], "wings": 2}},
        "method": {**configuration, "method": "tomorrows-gan"},
    }[where]
    sealed(run_copy, configuration=newer, made_with={"edgan": "9.1"})
    name = {"training": "warmup", "settings": "wings", "method": "tomorrows-gan"}[where]
    for words in verbs(run_copy, faces, tmp_path / "out"):
        refused(call(*words), 1, "run.json", name, "Use edgan 9.1")
    refused(train(faces, run_copy, "--resume"), 1, "run.json", name, "Use edgan 9.1")


def test_a_run_in_a_newer_format_is_refused_by_its_version(run_copy: Path, tmp_path: Path) -> None:
    stored = json.loads((run_copy / "run.json").read_text())
    (run_copy / "run.json").write_text(json.dumps({**stored, "format": 9, "edgan": "9.1"}))
    refused(call("sample", run_copy, tmp_path / "out"), 1, "written by edgan 9.1", "Update edgan")


def test_no_flipped_bit_of_run_json_goes_unnoticed(run_copy: Path) -> None:
    path = run_copy / "run.json"
    whole = path.read_bytes()
    values = json.loads(whole)
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        if not _is_white_space_only(data, values):
            with pytest.raises(EdganError, match=r"run\.json"):
                RunFolder.open(run_copy).read_run()


def _is_white_space_only(data: bytes, values: object) -> bool:
    """Whether a file still says the same."""
    try:
        return bool(json.loads(data) == values)
    except ValueError:
        return False


def test_a_run_json_without_checksum_is_read_and_its_damage_told(run_copy: Path, faces: Path, tmp_path: Path) -> None:
    """Runs of the first format have none."""
    stored = {**RunFolder.open(run_copy).read_run(), "format": 1}
    path = run_copy / "run.json"
    path.write_text(json.dumps(stored))
    done(call("reconstruct", run_copy, faces, tmp_path / "out"))
    whole, random = path.read_bytes(), Random(0)
    for number in range(150):
        data = bytearray(whole)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(data)
        said = call("reconstruct", run_copy, faces, tmp_path / f"out-{number}")
        assert said.status in (0, 1, 2)
        assert "defect" not in said.err, data


def test_directions_are_needed_by_edits_alone(run_copy: Path, faces: Path, tmp_path: Path) -> None:
    damage(run_copy, "directions.safetensors")
    done(call("reconstruct", run_copy, faces, tmp_path / "out"))
    refused(call("edit", run_copy, faces, tmp_path / "edits", "--set", "Smiling=1"), 1, "directions.safetensors")
    done(train(faces, run_copy, "--resume"))
    done(call("edit", run_copy, faces, tmp_path / "edits", "--set", "Smiling=1"))


def test_directions_of_an_earlier_step_do_not_edit(run_copy: Path, faces: Path, tmp_path: Path) -> None:
    before = (run_copy / "directions.safetensors").read_bytes()
    done(train(faces, run_copy, "--resume", "--steps", "5"))
    assert (run_copy / "directions.safetensors").read_bytes() != before
    done(call("edit", run_copy, faces, tmp_path / "edits", "--set", "Smiling=1"))
    (run_copy / "directions.safetensors").write_bytes(before)
    refused(call("edit", run_copy, faces, tmp_path / "more", "--set", "Smiling=1"), 1, "step 3", "step 5", "Resume")


def test_weights_that_do_not_fit_the_run_are_refused(run_copy: Path, faces: Path, tmp_path: Path) -> None:
    configuration = RunFolder.open(run_copy).read_run()["configuration"]
    configuration["settings"]["latent"]["size"] = 9
    sealed(run_copy, configuration=configuration)
    for words in (("reconstruct", run_copy, faces, tmp_path / "out"), ("evaluate", run_copy, "--data", faces)):
        refused(call(*words), 1, "do not fit the network", "Use the version")


def test_resume_takes_what_it_is_not_told_from_the_run(run_copy: Path, faces: Path) -> None:
    said = done(call("train", "ed-slash-gan", "--data", faces, "--out", run_copy, "--resume", "--steps", "4", "--json"))
    assert json.loads(said.out)["steps"] == 4
    assert (run_copy / "checkpoints" / "step-00000004").is_dir()


def test_resume_where_there_is_no_run_says_that_it_starts_one(faces: Path, tmp_path: Path) -> None:
    said = done(train(faces, tmp_path / "run", "--resume"))
    assert f"There is no run in {tmp_path / 'run'} yet, so this starts one." in said.err


class TestOut:
    """Places where no new run can be."""

    def test_a_file(self, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        refused(train(faces, tmp_path / "file"), 2, str(tmp_path / "file"), "--out")
        assert (tmp_path / "file").read_text() == "mine"

    def test_below_a_file(self, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        refused(train(faces, tmp_path / "file" / "run"), 1, str(tmp_path / "file"))

    def test_a_folder_that_holds_something(self, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "thesis.tex").write_text("mine")
        refused(train(faces, tmp_path), 2, str(tmp_path), "thesis.tex")
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]

    def test_a_run(self, faces: Path, run_copy: Path) -> None:
        before = contents(run_copy)
        refused(train(faces, run_copy), 2, str(run_copy), "Resume it")
        assert contents(run_copy) == before


class TestInput:
    """Wrong inputs and outputs of `reconstruct`."""

    def test_a_missing_path(self, trained: Path, tmp_path: Path) -> None:
        refused(call("reconstruct", trained, tmp_path / "none.png", tmp_path / "out"), 1, "none.png")
        assert not (tmp_path / "out").exists()

    def test_a_text_file_named_jpg(self, trained: Path, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("hello")
        refused(call("reconstruct", trained, tmp_path / "a.jpg", tmp_path / "out"), 1, "a.jpg", "not an image")
        assert not (tmp_path / "out").exists()

    def test_one_bad_image_among_good_ones_is_left_out_and_told(
        self, trained: Path, draw: Draw, tmp_path: Path
    ) -> None:
        (draw(tmp_path / "in", count=2) / "a.jpg").write_text("hello")
        said = done(call("reconstruct", trained, tmp_path / "in", tmp_path / "out"))
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.png", "1.png"]
        assert "left out a" in said.err

    def test_the_inputs_are_never_replaced(self, trained: Path, draw: Draw, tmp_path: Path) -> None:
        before = contents(draw(tmp_path / "in", count=2))
        refused(call("reconstruct", trained, tmp_path / "in", tmp_path / "in"), 2, "is the input folder")
        refused(call("reconstruct", trained, tmp_path / "in", tmp_path / "in" / "out"), 2, "lies inside")
        refused(call("reconstruct", trained, tmp_path / "in" / "1.png", tmp_path / "in"), 2, "1.png", "replace")
        assert contents(tmp_path / "in") == before

    def test_an_output_that_is_a_file(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        refused(call("reconstruct", trained, faces, tmp_path / "out"), 1, str(tmp_path / "out"))
        assert (tmp_path / "out").read_text() == "mine"

    def test_an_unknown_picture(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        said = call("reconstruct", trained, faces, tmp_path / "out", "--what", "outptu")
        refused(said, 2, "'outptu'", "'output'")

    def test_an_unknown_part(self, trained: Path, faces: Path) -> None:
        refused(call("evaluate", trained, "--data", faces, "--split", "tst"), 2, "'tst'", "'test'")

    def test_a_model_without_a_prior_cannot_sample(self, trained: Path, tmp_path: Path) -> None:
        refused(call("sample", trained, tmp_path / "out"), 2, "cannot sample", "latent.prior=vae")

    def test_no_images_to_sample(self, trained: Path, tmp_path: Path) -> None:
        refused(call("sample", trained, tmp_path / "out", "--count", "0"), 2, "--count")

    def test_too_few_images_to_evaluate(self, trained: Path, draw: Draw, tmp_path: Path) -> None:
        refused(call("evaluate", trained, "--data", draw(tmp_path / "one", count=1)), 1, "test")
