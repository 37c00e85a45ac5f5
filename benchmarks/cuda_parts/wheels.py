"""Downloads the few packages that a machine with torch and the usual scientific ones still lacks."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cuda_parts.record import ROOT
from edgan.errors import EdganError

THERE = (
    *("torch", "numpy", "scipy", "Pillow", "safetensors", "torchmetrics", "scikit-learn", "matplotlib"),
    *("jinja2", "markupsafe", "typer", "rich", "threadpoolctl"),
)
"""What the machine has, besides what these need; docs/gpu.md asks for it."""
OF_PYDANTIC = ("pydantic_core", "annotated-types", "typing-inspection")
"""pip is told to follow no dependencies, so those of pydantic are named."""
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
PYTHON = "3.12"


def lacking(project: Path = ROOT / "pyproject.toml") -> list[str]:
    """The packages that edgan needs and the machine does not have."""
    needed = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    names = [re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in needed]
    return [name for name in names if name not in THERE] + list(OF_PYDANTIC)


def pinned(names: Sequence[str] | None = None, constraints: Path = ROOT / "constraints.txt") -> list[str]:
    """Each package with the version that the tests run with: ["pydantic==2.14.3", ...].

    Args:
        names: those that the machine lacks, unless given.
        constraints: the file of versions.

    Raises:
        EdganError: a package is not in the file.
    """
    lines = [line.strip() for line in constraints.read_text(encoding="utf-8").splitlines()]
    versions = {_normal(line.partition("==")[0]): line for line in lines if "==" in line}
    names = [_normal(name) for name in (lacking() if names is None else names)]
    missing = [name for name in names if name not in versions]
    if missing:
        raise EdganError(
            f"{constraints} has no version of {missing[0]}. Add it, so that the machine gets what is tested."
        )
    return [versions[name] for name in names]


def _normal(name: str) -> str:
    """A package's name as PyPI compares names: tomli_w is tomli-w."""
    return re.sub(r"[-_.]+", "-", name).lower()


def download(target: Path) -> list[Path]:
    """Put the wheels for Python 3.12 on x86-64 Linux into a folder.

    Args:
        target: the folder; made where it is missing.

    Returns:
        The wheels there.

    Raises:
        EdganError: pip could not get them.
    """
    target.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp"]
    command += [word for platform in PLATFORMS for word in ("--platform", platform)]
    done = subprocess.run([*command, "--dest", str(target), *pinned()], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise EdganError(f"pip could not download the wheels: {said[-1] if said else 'it said nothing'}")
    return sorted(target.glob("*.whl"))
