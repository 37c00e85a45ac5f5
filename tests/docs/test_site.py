"""`make docs`: the site builds without a dead link, begins with the gallery, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra docs is not installed")
pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|img|link)\b[^>]*?(?:src|href)=\"(https?:[^\"]*)\"[^>]*>")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site") / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place


def test_every_page_is_built(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix("")
        assert (site / ("index.html" if name.name == "index" else name / "index.html")).is_file(), page
    assert not list(site.rglob("*.py"))


def test_the_gallery_is_first(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    entries = re.findall(r'<a href="([^"]*)" class="md-nav__link', text)
    assert next(entry for entry in entries if entry not in (".", "#", "./")) == "gallery/"


def test_the_reference_holds_the_verbs_with_their_arguments(site: Path) -> None:
    text = (site / "reference" / "index.html").read_text(encoding="utf-8")
    for name in ("edgan.train", "edgan.edit", "edgan.Model", "edgan.UsageError", "edgan.metrics.nrds"):
        assert f'id="{name}"' in text, name
    assert "a contact sheet with a row for each input" in text


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = LOADED.findall(page.read_text(encoding="utf-8"))
        assert not [address for address in loaded if "canonical" not in address], page
