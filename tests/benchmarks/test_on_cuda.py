"""The GPU quarter hour, rehearsed on the CPU: every part runs, and none takes another one with it."""

from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_sets import ATTRIBUTES, COUNT, DIGITS, FACADES, write_sets

import edgan
from benchmarks import on_cuda
from benchmarks.cuda_parts import correctness, graphs, real, record, registry, show, steps, training
from benchmarks.cuda_parts.job import Job, Need, NotRunError, Outcome, Part, once
from benchmarks.cuda_parts.pack import pack
from benchmarks.cuda_parts.record import ROOT
from benchmarks.cuda_parts.rendered import rendered
from benchmarks.cuda_parts.schedule import Call, run
from benchmarks.cuda_parts.training import Recipe
from benchmarks.cuda_parts.unpack import unpack
from benchmarks.cuda_parts.wheels import THERE, lacking, pinned
from edgan.config import configure
from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES

CPU = torch.device("cpu")
REHEARSED = ("rfgan", "pix2pix", "connection", "vgg-connection", "ae-xcov")
"""A method of each kind: stages, pairs, another run's networks, foreign weights, attributes."""
TIMED = ("vae", "vgg-connection")
"""What the step tables rehearse: a method, and one that cannot run here."""

Make = Callable[..., Call]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of toy sets as they are kept."""
    return write_sets(tmp_path_factory.mktemp("kept") / "sets")


@pytest.fixture(scope="module")
def packs(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs for all parts that the rehearsal runs."""
    target = tmp_path_factory.mktemp("packs")
    pack(registry.chosen([], registry.all_parts(), toy=True), sets, target)
    return target


@pytest.fixture
def call(tmp_path: Path) -> Make:
    """`call(seconds=9)`: a toy call on the CPU with folders of its own."""

    def make(seconds: float = 1000.0, **changes: object) -> Call:
        usual = Call(CPU, seconds, tmp_path / "results", tmp_path / "out", tmp_path / "scratch", toy=True)
        return dataclasses.replace(usual, **{"say": lambda _: None, **changes})

    return make


def part(name: str, seconds: float = 1.0, work: Callable[[Job], Outcome] | None = None) -> Part:
    """A part that does next to nothing."""
    return Part(name, "a part", seconds, work or (lambda _: Outcome({"value": 1.5}, {"steps": 2})))


def result(folder: Path, name: str) -> dict:
    """What a part wrote."""
    return json.loads((folder / f"cuda-{name}.json").read_text())


# The whole


@pytest.mark.timeout(1800)
def test_every_part_runs_at_toy_size(packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correctness, "PAGES", {name: PAGES[name] for name in REHEARSED})
    monkeypatch.setattr(steps, "PAGES", {name: PAGES[name] for name in TIMED})
    monkeypatch.setattr(graphs, "TOY_STEPS", 2)
    monkeypatch.setattr("edgan.metrics.distributions.features.STEPS", 5)
    places = ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--data", str(packs)]
    assert on_cuda.main(["--device", "cpu", "--toy", "--seconds", "3600", *places]) == 0
    names = [each.name for each in registry.chosen([], registry.all_parts(), toy=True)]
    done = {name: result(tmp_path / "results", name) for name in names}
    assert [name for name, value in done.items() if not value["whole"] or value.get("error")] == []
    assert all(value["commit"] and value["torch"] == torch.__version__ for value in done.values())
    for table in ("correctness", "steps-default", "steps-paper"):
        assert done[table]["figures"]["failed"] == []
        assert "not_run" in done[table]["figures"]["methods"]["vgg-connection"]
    for value in done["correctness"]["figures"]["methods"].values():
        assert value.get("device_against_cpu", {"weights": 0})["weights"] == 0, "the device was the CPU itself"
    for name in [each for each in names if each.startswith(("show", "celeba", "utkface", "facades"))]:
        assert list((tmp_path / "out" / name).glob("*.png")), f"{name} has no sheet"
    assert edgan.load(tmp_path / "out" / "show-cdnet-digits" / "cdnet", "cpu").can("edit")
    assert {path.suffix for path in (tmp_path / "results").iterdir()} == {".json"}, "figures alone go to results/"


@pytest.mark.parametrize("recipe", [show.CDNET_FACES, show.GRIT, real.QUICK_CDNET, real.QUICK_GRIT])
@pytest.mark.parametrize("toy", [False, True])
def test_a_recipe_whose_part_is_not_rehearsed_is_a_training_that_its_method_takes(recipe: Recipe, toy: bool) -> None:
    job = Job(part("a"), CPU, toy, None, Path("out"), Path("scratch"), time.monotonic())
    call = recipe.call(job, recipe.steps)
    given = {name: call[name] for name in ("size", "batch", "steps")}
    for settings in (call["set"], {**call["set"], **recipe.probe}):
        configuration = configure(recipe.method, call["preset"], settings, **given)
        assert configuration.size == (32 if toy else recipe.size)


def test_parts_together_run_in_processes_of_their_own(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    places = ["--results", str(tmp_path), "--out", str(tmp_path)]
    call = ["--device", "cpu", "--toy", *places, "--together", "--parts", "celeba-cdnet", "facades-grit"]
    assert on_cuda.main(call) == 0
    heard = capfd.readouterr().out
    assert "celeba-cdnet: not run" in heard
    assert "facades-grit: not run" in heard


def test_a_result_names_the_parts_that_ran_beside_it(call: Make) -> None:
    place = call(beside=("b",))
    run([part("a")], place)
    assert result(place.results, "a")["beside"] == ["b"]


# The schedule


def test_a_part_whose_result_is_there_is_skipped_unless_asked_for_again(call: Make) -> None:
    times: list[float] = []

    def work(_: Job) -> Outcome:
        times.append(time.monotonic())
        return Outcome({}, {})

    assert run([part("a", work=work)], call()) == {"a": "done"}
    assert run([part("a", work=work)], call()) == {"a": "skipped"}
    assert run([part("a", work=work)], call(again=True)) == {"a": "done"}
    assert len(times) == 2


def test_a_failing_part_is_recorded_and_the_next_one_runs(call: Make) -> None:
    def fail(job: Job) -> Outcome:
        job.keep({"first": 1})
        raise EdganError("The disk is full. Make room.")

    place = call()
    assert run([part("a", work=fail), part("b")], place) == {"a": "failed", "b": "done"}
    recorded = result(place.results, "a")
    assert recorded["error"] == "The disk is full. Make room."
    assert "in fail" in recorded["traceback"]
    assert recorded["figures"] == {"first": 1}, "what was found before stays"
    assert run([part("a")], place) == {"a": "done"}, "a failed part is tried again"


def test_a_part_that_would_take_longer_than_what_is_left_is_not_begun(call: Make) -> None:
    place = call(seconds=60.0, toy=False)
    assert run([part("long", 61.0), part("short", 5.0)], place) == {"long": "no time", "short": "done"}
    assert not (place.results / "cuda-long.json").exists()


def test_a_rehearsal_stops_no_part_that_takes_longer_than_expected(call: Make) -> None:
    left: list[float] = []

    def work(job: Job) -> Outcome:
        left.append(job.left)
        return Outcome({}, {})

    run([part("a", 8.0, work)], call(seconds=1000.0))
    run([part("a", 8.0, work)], call(seconds=1000.0, toy=False, again=True))
    assert left[0] > 900
    assert left[1] <= 8


def test_an_unfinished_table_goes_on_where_it_stopped(call: Make) -> None:
    def work(job: Job) -> Outcome:
        rows = {**job.before, f"row {len(job.before)}": 1}
        return Outcome(rows, {}, whole=len(rows) == 2)

    place = call()
    assert run([part("a", work=work)], place) == {"a": "unfinished"}
    assert run([part("a", work=work)], place) == {"a": "done"}
    assert result(place.results, "a")["figures"] == {"row 0": 1, "row 1": 1}


def test_a_part_without_its_set_leaves_no_result_and_says_how_to_pack_it(call: Make) -> None:
    heard: list[str] = []
    place = call(say=heard.append)
    needing = dataclasses.replace(part("a", work=lambda job: Outcome({"at": str(job.folder("mnist"))}, {})))
    needing = dataclasses.replace(needing, needs=(Need("mnist", 28),))
    assert run([needing], place) == {"a": "not run"}
    assert "pack --from" in heard[-1]
    assert not place.results.exists()


def test_one_failing_method_does_not_stop_the_others(call: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def compare(_: Job, name: str) -> dict:
        if name == "cdnet":
            raise ValueError("no such kernel")
        raise NotRunError("no weights")

    monkeypatch.setattr(correctness, "compare", compare)
    monkeypatch.setattr(correctness, "PAGES", {"cdnet": PAGES["cdnet"], "encoder": PAGES["encoder"]})
    place = call()
    assert run([part("a", 60.0, correctness.correctness)], place) == {"a": "done"}
    figures = result(place.results, "a")["figures"]
    assert figures["failed"] == ["cdnet"]
    assert figures["methods"]["cdnet"]["error"] == "ValueError: no such kernel"
    assert "compare" in figures["methods"]["cdnet"]["traceback"]
    assert figures["methods"]["encoder"] == {"not_run": "no weights"}


def test_a_training_whose_time_is_over_saves_its_last_step(tmp_path: Path) -> None:
    faces = rendered("faces", 40, 32, tmp_path)
    job = Job(part("a"), CPU, True, None, tmp_path / "out", tmp_path, time.monotonic())
    trained = training.train(job, Recipe("vae", 32, 9), faces, "vae", until=time.monotonic())
    assert trained.figures["stopped_by"] == "time"
    assert trained.figures["steps"] == 1
    assert edgan.load(trained.path, "cpu").method.name == "vae"
    kept = training.keep_weights(trained.path, tmp_path / "kept", limit=100)
    assert kept.startswith("not kept")
    assert not (tmp_path / "kept").exists()


def test_a_training_whose_rate_falls_to_zero_has_as_many_steps_as_there_is_time_for(tmp_path: Path) -> None:
    faces = rendered("faces", 40, 32, tmp_path)
    job = Job(part("a"), CPU, True, None, tmp_path / "out", tmp_path, time.monotonic())
    trained = training.train(
        job, Recipe("vae", 32, 9, settings={"optimiser.linear_from": 0.5}), faces, "vae", until=time.monotonic()
    )
    assert trained.figures["steps_asked"] == training.TOY_STEPS


def test_a_training_without_time_for_its_fewest_steps_is_not_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(training, "PROBED", 2)
    faces = rendered("faces", 40, 32, tmp_path)
    job = Job(part("a"), CPU, False, None, tmp_path / "out", tmp_path, time.monotonic())
    recipe = Recipe("vae", 32, 900, "small", 4, {"optimiser.linear_from": 0.5})
    with pytest.raises(NotRunError, match="needs at least 300 steps"):
        training.train(job, recipe, faces, "vae", until=time.monotonic())


def test_no_part_runs_on_a_machine_without_cuda_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    assert on_cuda.main(["--parts", "correctness"]) == 2
    assert "--device cpu --toy" in capsys.readouterr().err


def test_an_unknown_part_is_refused_with_the_near_miss() -> None:
    with pytest.raises(UsageError, match="steps-paper"):
        registry.chosen(["step-paper"], registry.all_parts())


# What is carried along


def test_packed_celeba_opens_with_its_attributes_and_splits(sets: Path, packs: Path, tmp_path: Path) -> None:
    assert unpack(packs / "celeba.npz", tmp_path / "celeba") == 64
    dataset = open_dataset(tmp_path / "celeba", size=64)
    assert dataset.attribute_names == ATTRIBUTES
    assert [int((dataset.split == name).sum()) for name in ("train", "val", "test")] == [48, 6, 6]
    with np.load(sets / "celeba.npz") as kept:
        order = [int(Path(name).stem) - 1 for name in dataset.names]
        np.testing.assert_array_equal(dataset.attributes, kept["attr"][order])


def test_packed_utkface_keeps_what_its_names_say(packs: Path, tmp_path: Path) -> None:
    unpack(packs / "utkface.npz", tmp_path / "utkface")
    dataset = open_dataset(tmp_path / "utkface", size=128)
    assert (len(dataset), dataset.kind, dataset.attribute_names[:2]) == (COUNT, "utkface", ("Age", "Male"))


def test_packed_facades_open_as_pairs_with_their_splits(sets: Path, tmp_path: Path) -> None:
    small = dataclasses.replace(part("a"), needs=(Need("facades", 32),))
    pack([small], sets, tmp_path / "packs")
    unpack(tmp_path / "packs" / "facades.npz", tmp_path / "facades")
    dataset = open_dataset(tmp_path / "facades", size=32)
    assert dataset.source is not None
    assert {name: int((dataset.split == name).sum()) for name in FACADES} == FACADES


def test_packed_digits_open_as_the_published_files_do(sets: Path, packs: Path, tmp_path: Path) -> None:
    assert unpack(packs / "mnist.npz", tmp_path / "mnist") == 28
    dataset = open_dataset(tmp_path / "mnist", size=28)
    assert (dataset.kind, dataset.channels, len(dataset)) == ("idx", 1, sum(DIGITS.values()))
    with np.load(sets / "mnist_test.npz") as kept:
        test = dataset.images[dataset.split == "test"][..., 0]
        assert sorted(map(bytes, test)) == sorted(map(bytes, kept["images"]))


def test_packs_beyond_the_limit_are_refused_and_removed(sets: Path, tmp_path: Path) -> None:
    parts = registry.chosen(["celeba-cdnet", "utkface-ed-slash-gan"], registry.all_parts())
    with pytest.raises(UsageError, match=r"more than the 1 MB of one call.*largest is utkface"):
        pack(parts, sets, tmp_path / "packs", beside=500_000, limit=1.0)
    assert list((tmp_path / "packs").glob("*.npz")) == []


def test_every_package_that_the_machine_lacks_has_its_version() -> None:
    assert all("==" in line for line in pinned())
    assert len(pinned()) == len(lacking())


def test_every_package_that_a_part_imports_is_there_or_carried_along() -> None:
    code = "import sys, benchmarks.on_cuda as o; o.all_parts(); print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ours = [path for path in map(source_of, names) if path is not None]
    known = {name.lower().replace("_", "-") for name in [*THERE, *lacking()]}
    packages = packages_distributions()
    imported = {name: packages[name][0].lower().replace("_", "-") for path in ours for name in imports_of(path)}
    assert imported["platformdirs"] == "platformdirs"
    assert set(imported.values()) <= known


def source_of(module: str) -> Path | None:
    """The file of a module of this project."""
    top = module.partition(".")[0]
    places = {"edgan": ROOT / "src", "benchmarks": ROOT, "reproduction": ROOT}
    if top not in places:
        return None
    path = places[top] / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports_of(path: Path) -> set[str]:
    """The packages, not of Python and not of the project, that a file imports when it is imported."""
    tops = set()
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.Import):
            tops |= {alias.name.partition(".")[0] for alias in line.names}
        if isinstance(line, ast.ImportFrom) and line.module:
            tops.add(line.module.partition(".")[0])
    return tops - set(sys.stdlib_module_names) - {"edgan", "benchmarks", "reproduction"}


def test_a_rendered_set_drawn_by_several_processes_is_one_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.cuda_parts.rendered.LEAST", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    dataset = open_dataset(rendered("faces", 9, 16, tmp_path), size=16)
    assert len(dataset) == 9
    assert "Smiling" in dataset.attribute_names
    assert len({image.tobytes() for image in dataset.images}) == 9


def test_a_folder_that_could_not_be_made_is_tried_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        folder.mkdir()
        raise EdganError("no")

    with pytest.raises(EdganError):
        once(tmp_path / "a", fail)
    assert once(tmp_path / "a", Path.mkdir).is_dir()


def test_a_traceback_names_no_folder_of_the_machine() -> None:
    try:
        torch.zeros(2).view(3)
        raise AssertionError
    except RuntimeError:
        text = record.trace()
    assert 'File "tests/benchmarks/test_on_cuda.py"' in text
    assert str(record.ROOT) not in text
    assert "site-packages/" not in text
