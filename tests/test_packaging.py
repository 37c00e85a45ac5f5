"""What the package says of itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import edgan

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_citation_is_of_this_version_and_licence() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^([a-z-]+): (.+)$", citation, re.MULTILINE))
    assert entries["version"] == edgan.__version__
    assert entries["license"] == PROJECT["project"]["license"]
    assert f"name: {PROJECT['project']['authors'][0]['name']}" in citation


def test_every_direct_requirement_is_pinned_for_the_tests() -> None:
    groups = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    wanted = {canonicalize_name(Requirement(need).name) for group in groups for need in group}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(line.split("==")[0]) for line in lines if "==" in line}
    assert wanted - pinned == set()
