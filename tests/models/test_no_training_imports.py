"""A loaded model needs nothing that only trains."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edgan.api.training import train
from edgan.synthetic import write_folder

PROGRAM = """
import json, sys, torch, edgan
model = edgan.load(sys.argv[1], "cpu")
edited = model.edit(torch.zeros(2, 3, 32, 32), {"Smiling": 1.0})
print(json.dumps({"shape": list(edited.shape), "modules": sorted(name for name in sys.modules if "edgan" in name)}))
"""
SETTINGS = {
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 8,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("no_training_imports")
    faces = write_folder("faces", folder / "faces", 40, 32)
    options = {"size": 32, "batch": 4, "steps": 1, "preset": "small", "device": "cpu", "set": SETTINGS}
    return train("ed-slash-gan", faces, folder / "run", report=False, **options).path


def test_loading_and_editing_imports_no_module_of_training_or_of_the_verbs_on_folders(run: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(run)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["shape"] == [2, 3, 32, 32]
    assert "edgan.models.loading" in result["modules"]
    packages = ("edgan.training", "edgan.api", "edgan.cli", "edgan.report")
    assert [name for name in result["modules"] if name.startswith(packages)] == []
