"""ONNX Runtime Web as it ships with the package, for pages that compute in the browser without a network."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from edgan.errors import EdganError

FOLDER = Path(__file__).parent / "web"
MANIFEST = "onnxruntime-web.json"
SCRIPT, WASM, LICENCE = "ort.wasm.bundle.min.mjs.gz", "ort-wasm-simd-threaded.wasm.gz", "LICENSE.gz"
PAGES = 2**14
"""Of 64 KiB each: what the runtime's memory may grow to."""
_EXPORTS = re.compile(r"export\{([^}]*)\};?\s*(//# sourceMappingURL=.*)?\s*$")


@dataclass(frozen=True)
class WebRuntime:
    """The runtime.

    Attributes:
        version: of onnxruntime-web.
        script: JavaScript, the body of a function that returns {InferenceSession, Tensor, env, ...}.
        wasm: the WebAssembly, gzip-compressed.
        licence: its text.
    """

    version: str
    script: str
    wasm: bytes
    licence: str


def web_runtime() -> WebRuntime:
    """The runtime, with checksums compared.

    Raises:
        EdganError: a file is missing or damaged.
    """
    try:
        manifest = json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))
        files = {name: (FOLDER / name).read_bytes() for name in (SCRIPT, WASM, LICENCE)}
    except (OSError, ValueError) as error:
        raise EdganError(f"ONNX Runtime Web cannot be read in {FOLDER}: {error}. Install edgan again.") from error
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != manifest["sha256"][name]:
            raise EdganError(f"{FOLDER / name} is damaged: its checksum (sha256) differs. Install edgan again.")
    script = as_function_body(gzip.decompress(files[SCRIPT]).decode())
    return WebRuntime(manifest["version"], script, files[WASM], gzip.decompress(files[LICENCE]).decode())


def as_function_body(module: str) -> str:
    """The text of the bundle as the body of a function that returns what the module exports.

    A page that is one file has no address to import from. The bundle asks for its own address to find its parts there:
    with an empty one it uses the parts that it holds. Where it makes an address of a part, before it sees that it has
    the part, any base will do.

    The memory may grow to 1 GiB in place of 4: Safari on a phone sets all of it aside, and refuses 4.

    Raises:
        EdganError: the bundle does not end with its exports.
    """
    found = _EXPORTS.search(module)
    if found is None:
        raise EdganError("The bundle of ONNX Runtime Web does not end with its exports: another version was packed.")
    named = (part.split(" as ") for part in found[1].split(","))
    returned = ",".join(f"{theirs.strip()}:{ours.strip()}" for ours, theirs in named)
    body = module[: found.start()].replace(",import.meta.url)", ',"file:///")').replace("import.meta.url", '""')
    body = body.replace("maximum:65536,shared", f"maximum:{PAGES},shared")
    return f"{body}return {{{returned}}};"
