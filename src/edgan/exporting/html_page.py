"""A page in one file: the model, the runtime that computes it and the panel that shows it; it needs no network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from edgan._version import __version__
from edgan.errors import EdganError
from edgan.exporting.page_content import PageContent
from edgan.exporting.scripts import joined
from edgan.exporting.web_runtime import web_runtime

PAGE = Path(__file__).parent / "page"
STUDIO = Path(__file__).parents[1] / "studio" / "page"
"""The studio's page, whose controls, canvas and colours the exported page shares."""
STYLES = (STUDIO / "studio.css", STUDIO / "panels.css", PAGE / "page.css")
START = "app.js"


def html_page(
    content: PageContent,
    graphs: Mapping[str, bytes],
    *,
    name: str,
    title: str,
    summary: str,
    facts: Sequence[tuple[str, Sequence[str]]],
    examples: Sequence[tuple[str, np.ndarray]],
) -> bytes:
    """The file.

    Args:
        content: the panel and what it must know.
        graphs: ONNX files by the names of `content.graphs`.
        name: begins the names of pictures that a person saves.
        title, summary: at the top.
        facts: (name, lines), folded at the bottom.
        examples: (name, (S, S, 3) uint8): pictures to try the model on.

    Raises:
        EdganError: the package's copy of the runtime is damaged.
    """
    runtime = web_runtime()
    shown = [{"name": label, "src": _png(pixels)} for label, pixels in examples]
    script = f"const ort = (() => {{{runtime.script}}})();\n{_script()}"
    if "</script" in script.lower() or "\r" in script:
        raise EdganError("The page's script holds text that would end it.")
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    blocks = [("runtime", base64.b64encode(runtime.wasm).decode())]
    blocks += [
        (f"graph-{key}", base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()) for key, data in graphs.items()
    ]
    template = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True).from_string(
        (PAGE / "page.html").read_text(encoding="utf-8")
    )
    about = json.dumps({**content.about, "name": name, "examples": shown}).replace("<", "\\u003c")
    return template.render(
        policy=_policy(script, style),
        edgan=__version__,
        runtime=runtime.version,
        licence=runtime.licence,
        title=title,
        summary=summary,
        facts=facts,
        style=Markup(style),
        about=Markup(about),
        blocks=blocks,
        script=Markup(script),
    ).encode()


def _script() -> str:
    """The panels' script, with the studio's modules that they import."""
    files = {path.name: path for folder in (STUDIO, PAGE) for path in folder.glob("*.js")}
    return joined({name: path.read_text(encoding="utf-8") for name, path in files.items()}, START)


def _policy(script: str, style: str) -> str:
    """What the page may do: run its own script and WebAssembly, use its own style, show its own pictures."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}' 'wasm-unsafe-eval'",
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _png(pixels: np.ndarray) -> str:
    """A picture as a data address."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
