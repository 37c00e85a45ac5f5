"""A hub in memory, a token, a cache of the test's own, and a trained run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_stand_in import TOKEN, StandIn
from huggingface_hub import constants

import edgan
from edgan.api import Run
from edgan.storage.hub import hub_folder
from edgan.synthetic import write_folder

TINY = {
    "discriminator.kind": "paper",
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 8,
    "latent.prior": "vae",
    "checkpoint_every": 2,
    "preview_every": 2,
    "attributes": "Smiling,Male",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A hub that this process, and those that it starts, use; with a token that may write."""
    stand_in = StandIn()
    monkeypatch.setenv("HF_ENDPOINT", stand_in.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    hub_folder.cache_clear()
    yield stand_in
    stand_in.close()
    hub_folder.cache_clear()


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "my-faces", 16, 32)


@pytest.fixture(scope="session")
def run(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of three steps that samples, reconstructs, and edits along directions."""
    options = {"size": 32, "steps": 4, "batch": 4, "device": "cpu", "preset": "small", "quiet": True}
    return edgan.train("ed-slash-gan", faces, tmp_path_factory.mktemp("runs") / "run", set=TINY, **options)
