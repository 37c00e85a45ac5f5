"""The command that installs an extra keeps the build of torch that is there."""

from __future__ import annotations

from importlib import metadata

import pytest

from edgan.extras import install_command


@pytest.mark.parametrize(
    ("version", "command"),
    [
        ("2.10.0+cpu", "'torch==2.10.0+cpu' --extra-index-url https://download.pytorch.org/whl/cpu"),
        ("2.10.0+cu128", "'torch==2.10.0+cu128' --extra-index-url https://download.pytorch.org/whl/cu128"),
        ("2.10.0", "'torch==2.10.0'"),
    ],
)
def test_torch_is_pinned_to_its_build_and_its_index(version, command, monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda _: version)
    assert install_command("inception") == f"pip install 'edgan[inception]' {command}"
