"""docs/gallery.md against what its trainings noted: every picture is there, with its command, steps and time."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from edgan.methods.registry import all_pages

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "gallery.md").read_text()
NOTED = json.loads((ROOT / "results" / "gallery.json").read_text())


@pytest.mark.parametrize("method", NOTED)
def test_a_trained_models_section_has_its_picture_command_and_time(method):
    section = re.search(rf"!\[[^\]]*\]\(images/gallery-{method}\.png\).*?(?=\n#+ |\Z)", TEXT, re.DOTALL)
    assert section is not None, f"docs/gallery.md shows no gallery-{method}.png"
    assert (ROOT / "docs" / "images" / f"gallery-{method}.png").is_file()
    assert f"\n    {NOTED[method]['command']}\n" in section.group()
    assert f"{NOTED[method]['processor_seconds']:,} processor-seconds" in section.group()


def test_every_method_is_shown_or_said_why_not():
    shown = re.findall(r"edgan train (\S+)", TEXT)
    missing = [page.name for page in all_pages() if f"`{page.name}`" not in TEXT and page.name not in shown]
    assert not missing, f"docs/gallery.md does not mention {missing}"
