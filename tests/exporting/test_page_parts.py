"""What a page is made of: the copy of ONNX Runtime Web, the joined scripts, and the directions of a sampler."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
import torch
from small_models import small_model

from edgan.errors import EdganError, UsageError
from edgan.exporting import web_runtime as web
from edgan.exporting.page_content import page_content, telling_directions
from edgan.exporting.scripts import joined


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the runtime's files, in place of the package's."""
    folder = Path(shutil.copytree(web.FOLDER, tmp_path / "web"))
    monkeypatch.setattr(web, "FOLDER", folder)
    return folder


def test_the_runtime_is_whole_and_carries_its_licence() -> None:
    runtime = web.web_runtime()
    manifest = json.loads((web.FOLDER / web.MANIFEST).read_text())
    assert runtime.version == manifest["version"]
    assert gzip.decompress(runtime.wasm)[:4] == b"\0asm"
    assert "MIT License" in runtime.licence
    assert "Microsoft" in runtime.licence
    assert set(manifest["sha256"]) == {path.name for path in web.FOLDER.glob("*.gz")}
    assert sum(path.stat().st_size for path in web.FOLDER.iterdir()) < 3_300_000


def test_the_runtimes_script_returns_its_names_and_knows_no_address() -> None:
    script = web.web_runtime().script
    assert script.endswith("};")
    assert all(f"{name}:" in script[-400:] for name in ("InferenceSession", "Tensor", "env"))
    assert "import.meta" not in script
    assert script.count("maximum:16384,shared") == 1


def test_a_damaged_runtime_is_refused(copy: Path) -> None:
    data = bytearray((copy / web.WASM).read_bytes())
    data[1000] ^= 1
    (copy / web.WASM).write_bytes(data)
    with pytest.raises(EdganError, match=r"wasm\.gz is damaged: its checksum"):
        web.web_runtime()


def test_a_missing_runtime_is_refused(copy: Path) -> None:
    (copy / web.SCRIPT).unlink()
    with pytest.raises(EdganError, match="ONNX Runtime Web cannot be read"):
        web.web_runtime()


def test_modules_are_joined_in_the_order_in_which_they_need_each_other() -> None:
    modules = {
        "a.js": 'import {two} from "./b.js";\nimport {one} from "./c.js";\none(two);',
        "b.js": 'import {one} from "./c.js";\nexport const two = one(1);',
        "c.js": "export function one(x) { return x; }",
    }
    script = joined(modules, "a.js")
    assert [script.index(f"modules[{name!r}] = (") for name in ("c.js", "b.js", "a.js")] == sorted(
        script.index(f"modules[{name!r}] = (") for name in modules
    )
    assert "const {one} = modules['c.js'];" in script
    assert "export" not in script


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import {x} from "./gone.js";', "gone.js is missing"),
        ('import {x} from "./a.js";', "a.js imports itself"),
        ('import * as all from "./a.js";', "a.js imports or exports in a way"),
    ],
)
def test_modules_that_cannot_be_joined_are_named(text: str, message: str) -> None:
    with pytest.raises(EdganError, match=message):
        joined({"a.js": text}, "a.js")


def test_directions_are_those_along_which_pictures_change_most() -> None:
    model = small_model("dcgan")
    directions = telling_directions(model)
    z = torch.zeros(1, 12)
    moved = [
        float((model.decode(z + 0.5 * step) - model.decode(z - 0.5 * step)).square().mean()) for step in directions
    ]
    others = torch.nn.functional.normalize(torch.randn(64, 12, generator=torch.Generator().manual_seed(0)), dim=1)
    usual = [float((model.decode(z + 0.5 * step) - model.decode(z - 0.5 * step)).square().mean()) for step in others]
    assert directions.shape == (8, 12)
    torch.testing.assert_close(directions @ directions.T, torch.eye(8), atol=1e-4, rtol=0)
    assert moved[0] > sum(usual) / len(usual)
    assert moved[0] > moved[-1]


@pytest.mark.parametrize(
    ("name", "panel", "graphs"),
    [
        ("cdnet", "edit", {"encode", "redraw"}),
        ("caae", "edit", {"encode", "redraw"}),
        ("ed-slash-gan", "edit", {"encode", "decode"}),
        ("wgan-gp", "sample", {"decode"}),
        ("grit", "translate", {"translate", "encode"}),
        ("pix2pix", "translate", {"translate"}),
    ],
)
def test_a_page_has_the_panel_for_what_a_model_does(name: str, panel: str, graphs: set[str]) -> None:
    content = page_content(small_model(name), [])
    assert content.about["panel"] == panel
    assert {graph.name for graph in content.graphs} == set(content.about["graphs"]) == graphs
    assert json.dumps(content.about)


def test_a_model_that_a_page_cannot_show_is_refused() -> None:
    model = small_model("dcgan")
    model.can = lambda _: False  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="a page has no panel"):
        page_content(model, [])
