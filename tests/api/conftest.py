"""Small faces and a run trained from Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_toys import TINY

import edgan
from edgan.api import Run
from edgan.synthetic import write_folder


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 drawn faces of 32 x 32 pixels."""
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 12, 32)


@pytest.fixture(scope="session")
def run(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of three steps whose latent has a prior."""
    out = tmp_path_factory.mktemp("runs") / "faces"
    settings = {**TINY, "latent.prior": "vae"}
    return edgan.train("ed-slash-gan", data=faces, out=out, size=32, steps=3, batch=4, device="cpu", set=settings)
