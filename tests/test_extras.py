"""Optional packages never replace the build of torch that is there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from edgan.extras import NEED_TORCHVISION, install_command

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def reached(requirements: list[str]) -> Iterator[tuple[str, Requirement]]:
    """Each requirement of these packages and of what they need, as far as it is installed: (who asks, requirement)."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [("edgan", Requirement(text)) for text in requirements]
    while todo:
        asking, wanted = todo.pop()
        yield asking, wanted
        name, extras = canonicalize_name(wanted.name), ["", *wanted.extras]
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append((name, need))


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
    assert install_command("studio") == f"pip install 'edgan[studio]' {command}"
    assert install_command("inception") == f"pip install 'torch-fidelity>=0.3' {command}"


@pytest.mark.parametrize("extra", EXTRAS)
def test_no_extra_reaches_torchvision_or_cuda(extra):
    wanted = {canonicalize_name(need.name) for _, need in reached(EXTRAS[extra])}
    assert not wanted & {"torchvision", "torchaudio", "torch-fidelity", "timm", "lpips"}
    assert not [name for name in wanted if name.startswith(("nvidia-", "cuda-"))]


def test_only_the_package_itself_and_torchmetrics_ask_for_torch_and_neither_for_one_version():
    everything = [*PROJECT["dependencies"], *(need for needs in EXTRAS.values() for need in needs)]
    asked = {asking: need.specifier for asking, need in reached(everything) if need.name == "torch"}
    assert set(asked) <= {"edgan", "torchmetrics"}
    assert all(specifier.contains(metadata.version("torch")) for specifier in asked.values())
    assert not [part for specifier in asked.values() for part in specifier if part.operator in ("==", "<", "<=", "~=")]


def test_what_needs_torchvision_is_no_extra():
    assert not set(NEED_TORCHVISION) & set(EXTRAS)
