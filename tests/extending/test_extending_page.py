"""The two examples of docs/extending.md, as modules that a program imports."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch.nn import functional as F

import edgan
from edgan.methods import PAGES
from edgan.synthetic import write_folder

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
TINY = {"network.width": 4, "network.max_width": 8, "discriminator.kind": "paper", "discriminator.width": 4}


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 12, 32)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], ModuleType]]:
    """`module(name, code)`: an imported module with this code; what it registers is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before, made = dict(PAGES), []

    def imported(name: str, code: str) -> ModuleType:
        (tmp_path / f"{name}.py").write_text(code)
        made.append(name)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield imported
    PAGES.clear()
    PAGES.update(before)
    for name in made:
        sys.modules.pop(name, None)


def test_a_term_is_added_in_five_lines_and_is_in_table_digest_and_run(
    module: Callable[[str, str], ModuleType], faces: Path, tmp_path: Path
) -> None:
    page = module("colours", BLOCKS[0]).PAGE
    plain, extended = edgan.explain("ed-slash-gan", size=32, set=TINY), edgan.explain(page, size=32, set=TINY)
    table = extended.as_dict()["table"]
    assert table["rows"][:-1] == plain.as_dict()["table"]["rows"]
    assert table["rows"][-1]["routes"] == {"generator": 10.0}
    assert table["rows"][-1]["loss"] == "colour(output, image)"
    assert table["digest"] != plain.as_dict()["table"]["digest"]
    assert "colour" in str(extended)
    run = edgan.train(page, faces, tmp_path / "run", size=32, steps=2, batch=4, preset="small", set=TINY, quiet=True)
    assert run.configuration.method == "ed-slash-gan+colour"
    assert "colour" in str(run.log()[-1])
    again = edgan.train(
        page, faces, tmp_path / "run", size=32, steps=3, batch=4, preset="small", set=TINY, resume=True, quiet=True
    )
    assert again.step == 3


def test_the_added_term_teaches_its_network_and_no_other(
    module: Callable[[str, str], ModuleType], faces: Path, tmp_path: Path
) -> None:
    page = module("colours", BLOCKS[0]).PAGE
    options = {"size": 32, "steps": 1, "batch": 4, "preset": "small", "set": TINY, "quiet": True, "device": "cpu"}
    with_it = edgan.train(page, faces, tmp_path / "with", **options).load()
    without = edgan.train("ed-slash-gan", faces, tmp_path / "without", **options).load()
    for name in without.networks:
        pairs = zip(with_it.networks[name].parameters(), without.networks[name].parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs) == (name != "generator")


def test_a_page_of_ones_own_has_every_verb_and_a_twin(
    module: Callable[[str, str], ModuleType], faces: Path, tmp_path: Path
) -> None:
    page = module("sharp", BLOCKS[1]).PAGE
    assert "sharp-ae" in {method["name"] for method in edgan.methods()}
    options = {"size": 32, "steps": 3, "batch": 4, "set": {"width": 4}, "quiet": True}
    run = edgan.train(page, faces, tmp_path / "run", **options)
    picture = edgan.reconstruct(run.path, faces, tmp_path / "out", quiet=True)
    assert len(picture.files) == 12
    assert edgan.load(run.path).can("edit")  # along the directions of the set's attributes
    base, residual, output = (
        edgan.train("sharp-ae//", faces, tmp_path / "twin", **options).load().reconstruct(torch.zeros(1, 3, 32, 32))
    )
    assert torch.equal(output, base + residual)
    assert residual.any()


def test_the_examples_gradient_is_that_of_plain_torch(module: Callable[[str, str], ModuleType]) -> None:
    colours = module("colours", BLOCKS[0])
    output, image = torch.rand(2, 3, 8, 8, requires_grad=True), torch.rand(2, 3, 8, 8)
    expected = F.l1_loss(output.mean((2, 3)), image.mean((2, 3)))
    assert torch.allclose(colours.colour(output, image).mean(), expected)
