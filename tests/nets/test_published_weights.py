"""Published weights: downloaded only where asked for, checked, and read without running anything."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest
import torch

from edgan.errors import EdganError
from edgan.nets.published_weights import PublishedWeights


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torch's folder of checkpoints."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("EDGAN_DOWNLOAD", raising=False)
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def published(folder: Path, content: object = None) -> PublishedWeights:
    """Weights that are published in a folder."""
    source = folder / "published.pth"
    torch.save({"weight": torch.ones(3)} if content is None else content, source)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return PublishedWeights("These weights", "weights.pth", source.as_uri(), digest, 1)


@pytest.mark.parametrize("value", [None, "", "0"])
def test_nothing_is_downloaded_unless_asked(value, home, tmp_path, monkeypatch):
    if value is not None:
        monkeypatch.setenv("EDGAN_DOWNLOAD", value)
    with pytest.raises(EdganError, match=r"These weights \(1 MB\).*unless asked.*EDGAN_DOWNLOAD=1.*put it into"):
        published(tmp_path).tensors()
    assert list(home.iterdir()) == []


def test_what_is_asked_for_is_downloaded_once(home, tmp_path, monkeypatch):
    weights = published(tmp_path)
    monkeypatch.setenv("EDGAN_DOWNLOAD", "1")
    assert torch.equal(weights.tensors()["weight"], torch.ones(3))
    (tmp_path / "published.pth").unlink()
    monkeypatch.delenv("EDGAN_DOWNLOAD")
    assert torch.equal(weights.tensors()["weight"], torch.ones(3))


def test_another_file_under_its_name_is_refused(home, tmp_path):
    weights = published(tmp_path)
    torch.save({"weight": torch.zeros(3)}, home / "weights.pth")
    with pytest.raises(EdganError, match="is not the published file"):
        weights.tensors()


def test_a_damaged_download_is_refused_and_not_kept(home, tmp_path, monkeypatch):
    weights = published(tmp_path)
    torch.save({"weight": torch.zeros(3)}, tmp_path / "published.pth")
    monkeypatch.setenv("EDGAN_DOWNLOAD", "1")
    with pytest.raises(EdganError, match="could not be downloaded"):
        weights.tensors()
    assert not (home / "weights.pth").exists()


def test_a_download_that_fails_says_how_to_do_it_by_hand(home, tmp_path, monkeypatch):
    weights = published(tmp_path)
    (tmp_path / "published.pth").unlink()
    monkeypatch.setenv("EDGAN_DOWNLOAD", "1")
    with pytest.raises(EdganError, match=r"could not be downloaded.*put it into"):
        weights.tensors()


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("bomb"),))


def test_nothing_in_the_file_is_run(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = published(tmp_path, Bomb())
    (home / "weights.pth").write_bytes((tmp_path / "published.pth").read_bytes())
    with pytest.raises(pickle.UnpicklingError):
        weights.tensors()
    assert not (tmp_path / "bomb").exists()
