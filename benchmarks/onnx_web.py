"""Fetch ONNX Runtime Web for exported pages.

    python -m benchmarks.onnx_web [--version 1.23.2]

Takes the package onnxruntime-web from npm, checks it against the checksum that the registry states, and writes what an
exported page needs to src/edgan/exporting/web/: the single-file JavaScript bundle and the WebAssembly of the CPU (no
WebGPU), gzip-compressed, with the licence, the notices of third parties and onnxruntime-web.json, which holds version
and checksums. The licence and the notices come with the Python package onnxruntime.

Since 1.23 the bundle holds the code around the WebAssembly, which a page without a network needs; later versions are
larger. A page's test tells whether a version works: tests/exporting/test_page_in_browser.py.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from edgan.errors import EdganError
from edgan.exporting.web_runtime import FOLDER, MANIFEST
from edgan.storage.durable import write_bytes_atomic, write_json_atomic

PACKAGE = "onnxruntime-web"
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
NOTICES = ("LICENSE", "ThirdPartyNotices.txt")


def fetch(version: str, folder: Path) -> Path:
    """The package's archive, checked against the registry's checksum.

    Raises:
        EdganError: npm is missing or fails, or the archive is not the one that the registry describes.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise EdganError("This needs the command npm.")
    packed = subprocess.run([npm, "pack", f"{PACKAGE}@{version}", "--json"], cwd=folder, capture_output=True, text=True)
    if packed.returncode:
        raise EdganError(f"npm could not fetch {PACKAGE} {version}: {packed.stderr.strip()}")
    archive = folder / str(json.loads(packed.stdout)[0]["filename"])
    stated = subprocess.run(
        [npm, "view", f"{PACKAGE}@{version}", "dist.integrity"], capture_output=True, text=True, check=True
    ).stdout.strip()
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != stated:
        raise EdganError(f"{archive.name} has the checksum {found}, and the registry states {stated}.")
    return archive


def vendor(version: str) -> dict[str, object]:
    """Write the files; what onnxruntime-web.json then says."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as place:
        archive = fetch(version, Path(place))
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        with tarfile.open(archive) as packed:
            for name in FILES:
                member = packed.extractfile(f"package/dist/{name}")
                assert member is not None
                contents[name] = member.read()
    installed = importlib.metadata.distribution("onnxruntime")
    for name in NOTICES:
        contents[name] = Path(str(installed.locate_file(f"onnxruntime/{name}"))).read_bytes()
    for name, data in contents.items():
        write_bytes_atomic(FOLDER / f"{name}.gz", gzip.compress(data, 9, mtime=0))
    manifest: dict[str, object] = {
        "package": PACKAGE,
        "version": version,
        "integrity": integrity,
        "licence": "MIT",
        "sha256": {f"{name}.gz": hashlib.sha256((FOLDER / f"{name}.gz").read_bytes()).hexdigest() for name in contents},
    }
    write_json_atomic(FOLDER / MANIFEST, manifest)
    return manifest


def main() -> None:
    """Fetch and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onnx_web", description=__doc__)
    parser.add_argument("--version", default="1.23.2")
    manifest = vendor(parser.parse_args().version)
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{PACKAGE} {manifest['version']} in {FOLDER}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
