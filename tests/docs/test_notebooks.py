"""The notebooks run from the first cell to the last, at toy size, and are kept without outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
TINY = {"network.width": 8, "discriminator.kind": "paper", "discriminator.width": 4}
TOYS: dict[str, dict[str, Any]] = {
    "faces": {"SIZE": 32, "STEPS": 2, "PRESET": "small", "SETTINGS": {**TINY, "batch": 4, "latent.size": 4}},
    "pairs": {"SIZE": 32, "STEPS": 2, "PRESET": "small", "SETTINGS": {"batch": 4}, "METHOD": "pix2pix"},
}
SHEETS = {"faces": ["reconstructed.png", "edited.png"], "pairs": ["translated.png", "by-zoo.png"]}


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def test_each_notebook_is_known_here() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(TOYS)


@pytest.mark.parametrize("name", TOYS)
def test_outputs_are_stripped(name: str) -> None:
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert len(cells) > 4
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("name", TOYS)
def test_it_runs_at_toy_size(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = read(name)
    (values,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    toys = [f"{key} = {value!r}" for key, value in TOYS[name].items()]
    values.source = "\n".join([values.source, *toys, "from edgan.synthetic import write_folder"])
    kind = "faces" if name == "faces" else "facades"
    values.source += f'\nwrite_folder("{kind}", FOLDER, count=12, size=SIZE)'
    nbclient.NotebookClient(
        notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    for sheet in SHEETS[name]:
        assert (tmp_path / sheet).stat().st_size > 1000
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in shown) >= 2
    assert not [output for output in shown if output.output_type == "error"]
