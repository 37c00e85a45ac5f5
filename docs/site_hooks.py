"""Hooks of the site (`make docs`): files of the repository outside docs/ that pages link to are copied into it.

A page names them as a reader of the repository needs it, ../PATH. On the site they lie in repository/PATH.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

LINK = re.compile(r"(?<=\]\()\.\./([\w./-]+)(?=\))")
PLACE = "repository"


def on_files(files: Files, *, config: Any) -> Files:
    """Add the files that the pages at the top of docs/ link to."""
    docs = Path(config.docs_dir)
    for page in sorted(docs.glob("*.md")):
        for name in LINK.findall(page.read_text(encoding="utf-8")):
            path = docs.parent / name
            if path.is_file() and files.get_file_from_path(f"{PLACE}/{name}") is None:
                files.append(File.generated(config, f"{PLACE}/{name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Lead the links of a page at the top of docs/ to the copies."""
    return markdown if "/" in page.file.src_uri else LINK.sub(rf"{PLACE}/\1", markdown)
