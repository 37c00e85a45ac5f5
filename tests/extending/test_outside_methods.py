"""Methods from outside: registering, entry points, EDGAN_METHODS, and runs whose method is not there."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import edgan
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES, Shape
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder

OPTIONS: dict[str, Any] = {"size": 32, "steps": 2, "batch": 4, "preset": "small", "device": "cpu", "quiet": True}
TINY = {"network.width": 4, "network.max_width": 8, "discriminator.kind": "paper", "discriminator.width": 4}
TOY = """
from dataclasses import replace
import edgan
PAGE = replace(edgan.method("dcgan"), name="{name}", summary="a toy", module=__name__)
"""


def brightness(output: Tensor, image: Tensor) -> Tensor:
    return (output - image).mean((1, 2, 3)).abs()


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 12, 32)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers is forgotten afterwards."""
    before, modules = dict(PAGES), set(sys.modules)
    yield
    PAGES.clear()
    PAGES.update(before)
    for name in set(sys.modules) - modules:
        if name.startswith("toy_"):
            del sys.modules[name]


def package(folder: Path, module: str, code: str, entry: str) -> None:
    """An installed package, as an installer leaves it: a module, and a .dist-info with an entry point."""
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[edgan.methods]\n{entry}\n")
    importlib.invalidate_caches()


def test_the_method_of_an_installed_package_is_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faces: Path
) -> None:
    package(tmp_path, "toy_package", TOY.format(name="toy-gan"), "toy-gan = toy_package:PAGE")
    monkeypatch.syspath_prepend(tmp_path)
    assert "toy_package" not in sys.modules
    run = edgan.train("toy-gan", faces, tmp_path / "run", **OPTIONS)
    assert json.loads(run.path.joinpath("run.json").read_text())["method_from"]["module"] == "toy_package"
    assert "toy-gan" in {method["name"] for method in edgan.methods()}
    del PAGES["toy-gan"]  # as in another process
    assert edgan.load(run.path).method.name == "toy-gan"
    assert edgan.method("toy-gan").module == "toy_package"


def test_the_command_line_finds_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "toy_package", TOY.format(name="toy-gan"), "toy-gan = toy_package:PAGE")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(edgan.__file__).parents[1]}")
    done = subprocess.run([sys.executable, "-m", "edgan", "methods"], capture_output=True, text=True, check=True)
    assert "toy-gan\n    a toy" in done.stdout


@pytest.mark.parametrize(
    ("code", "entry", "words"),
    [
        ("raise RuntimeError('broken')", "toy-gan = toy_broken:PAGE", "RuntimeError: broken. Install that package"),
        ("", "toy-gan = toy_broken:PAGE", "AttributeError"),
        ("PAGE = 1", "toy-gan = toy_broken:PAGE", "must lead to a Page of that name, but .* holds a int"),
        (TOY.format(name="other"), "toy-gan = toy_broken:PAGE", "holds the page 'other'"),
    ],
)
def test_a_broken_package_is_named_and_stops_only_its_own_method(
    code: str, entry: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "toy_broken", code, entry)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EdganError, match=rf"toy_broken.*{words}"):
        edgan.method("toy-gan")
    with pytest.warns(UserWarning, match=words):
        assert len(edgan.methods()) >= 22
    assert edgan.method("dcgan").name == "dcgan"


def test_a_module_that_the_environment_names_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toy_module.py").write_text(TOY.format(name="toy-gan") + "edgan.register(PAGE)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="no method 'toy-gan'"):
        edgan.method("toy-gan")
    monkeypatch.setenv("EDGAN_METHODS", "toy_module")
    assert edgan.method("toy-gan").summary == "a toy"
    monkeypatch.setenv("EDGAN_METHODS", "toy_module, nowhere")
    with pytest.raises(EdganError, match="The module nowhere, which the environment variable EDGAN_METHODS names"):
        edgan.methods()


def test_a_run_never_makes_edgan_import_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faces: Path
) -> None:
    """The run of a stranger: the module lies on the path, and importing it would leave a file behind."""
    page = replace(edgan.method("dcgan"), name="toy-gan", module="toy_stranger")
    run = edgan.train(page, faces, tmp_path / "run", **OPTIONS)
    del PAGES["toy-gan"]
    (tmp_path / "toy_stranger.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    verbs = (lambda: edgan.load(run.path), lambda: edgan.sample(run.path, tmp_path / "out", quiet=True))
    for verb in verbs:
        with pytest.raises(EdganError, match="defined in the module toy_stranger, which is not imported") as caught:
            verb()
        assert "set EDGAN_METHODS=toy_stranger" in str(caught.value)
    assert not (tmp_path / "executed").exists()
    edgan.register(page)  # as the module would
    assert edgan.load(run.path).sample().shape == (1, 3, 32, 32)


def test_a_method_of_a_notebook_says_that_it_was_one(tmp_path: Path, faces: Path) -> None:
    page = replace(edgan.method("dcgan"), name="toy-gan", module="__main__")
    run = edgan.train(page, faces, tmp_path / "run", **OPTIONS)
    del PAGES["toy-gan"]
    with pytest.raises(EdganError, match=r"defined in a script or a notebook\. Call edgan\.register"):
        edgan.load(run.path)


@pytest.mark.parametrize("method", ["ed-slash-gan", "ed-plus-gan//"])
def test_a_run_with_an_added_term_is_used_without_it_but_not_resumed(method: str, tmp_path: Path, faces: Path) -> None:
    page = edgan.method(method).with_term("brightness", brightness, {"encoder": 0.5})
    options = {**OPTIONS, "route": {"brightness.decoder": 0.1}, "set": TINY}
    run = edgan.train(page, faces, tmp_path / "run", **options)
    contents = RunFolder.open(run.path).read_run()
    assert contents["method_from"] == {"module": __name__, "base": method}
    expected = edgan.load(run.path).reconstruct(torch.zeros(1, 3, 32, 32))
    del PAGES[page.name]
    model = edgan.load(run.path)
    assert torch.equal(model.reconstruct(torch.zeros(1, 3, 32, 32)).output, expected.output)
    assert model.method.name == method
    assert edgan.evaluate(run.path, faces, split="train")["method"] == method
    with pytest.raises(UsageError, match="no method"):
        edgan.train(page.name, faces, run.path, resume=True, **OPTIONS)
    with pytest.raises(UsageError, match="another table of losses"):
        edgan.train(method, faces, run.path, resume=True, **{**OPTIONS, "steps": 3})


def test_terms_and_twins_may_be_combined() -> None:
    page = edgan.method("ed-plus-gan").with_term("brightness", brightness, {"encoder": 0.5})
    edgan.register(page)
    twin = edgan.method("ed-plus-gan+brightness//")
    assert twin.base == "ed-plus-gan//"
    twice = page.with_term("more", brightness, {"decoder": 0.5})
    assert (twice.name, twice.base) == ("ed-plus-gan+brightness+more", "ed-plus-gan")
    names = [term.name for term in twin.bind({}, Shape(32, 3)).plan.table.terms]
    assert "brightness_base" in names or "brightness" in names


def test_a_term_where_phases_have_terms_of_their_own_says_in_which_it_teaches() -> None:
    page, shape = edgan.method("uu-net"), Shape(32, 3, source_channels=3)
    with pytest.raises(UsageError, match="phases must be given, since each of the phases 'discriminate' and"):
        page.with_term("brightness", brightness, {"decoder": 1.0}).bind({}, shape)
    chosen = page.with_term("brightness", brightness, {"decoder": 1.0}, phases=["translate"]).bind({}, shape)
    taught = {phase.name: phase.terms for stage in chosen.plan.stages for phase in stage.phases}
    assert "brightness" in (taught["translate"] or ())
    assert "brightness" not in (taught["discriminate"] or ())


@pytest.mark.parametrize(
    ("name", "cells", "options", "words"),
    [
        ("reconstruction", {"encoder": 1.0}, {}, "has a term 'reconstruction' already"),
        ("mine", {"genrator": 1.0}, {}, "no network 'genrator'. Did you mean 'generator'"),
        ("mine", {"encoder": 1.0}, {"taps": ("outptu",)}, "no tap 'outptu'. Did you mean 'output'"),
        ("mine", {"encoder": 1.0}, {"phases": ["nothing"]}, "no phase 'nothing'"),
    ],
)
def test_a_wrong_term_is_a_usage_error(
    name: str, cells: dict[str, Any], options: dict[str, Any], words: str, faces: Path, tmp_path: Path
) -> None:
    page = edgan.method("ed-slash-gan").with_term(name, brightness, cells, **options)
    with pytest.raises(UsageError, match=words):
        edgan.train(page, faces, tmp_path / "run", **OPTIONS)
    assert not (tmp_path / "run").exists()


def test_a_cell_that_no_gradient_reaches_is_refused() -> None:
    page = edgan.method("ed-slash-gan").with_term("brightness", brightness, {"discriminator": 1.0})
    with pytest.raises(UsageError, match=r"brightness\.discriminator, but no gradient"):
        edgan.explain(page, size=32, set=TINY)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "dcgan"}, "'dcgan' is one of edgan's own methods"),
        ({"name": "mine//"}, "cannot end with //"),
        ({"name": "my method"}, "is made of letters"),
        ({"name": "mine", "presets": {}}, "has no presets"),
    ],
)
def test_a_page_that_cannot_be_registered_is_refused(change: dict[str, Any], words: str) -> None:
    page = replace(edgan.method("dcgan"), summary="another", **change)
    with pytest.raises(UsageError, match=words):
        edgan.register(page)
    with pytest.raises(UsageError, match="must be pages of methods"):
        edgan.register("dcgan")  # type: ignore[arg-type]


def test_a_page_may_be_registered_again_under_its_name() -> None:
    first, second = (replace(edgan.method("dcgan"), name="mine", module="mine", summary=text) for text in ("a", "b"))
    edgan.register(first)
    edgan.register(second)
    assert edgan.method("mine").summary == "b"


def test_a_twins_page_may_be_trained_as_it_is(faces: Path, tmp_path: Path) -> None:
    run = edgan.train(edgan.method("ed-plus-gan//"), faces, tmp_path / "run", set=TINY, **OPTIONS)
    assert run.configuration.method == "ed-plus-gan//"
