"""Checkpoints of a run that a crash cannot spoil.

CHECKPOINTS/step-00001000/{networks,ema,optimisers}.safetensors + state.json + manifest.json. The folder is written
under a temporary name, every file is synced, the manifest (sha256 and size of each file) is written last, and a rename
completes it. Its own manifest says whether it was the best when it was saved; of several such, the latest counts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from edgan._version import __version__
from edgan.errors import EdganError
from edgan.storage import durable
from edgan.storage.packing import unpack

GROUPS = ("networks", "ema", "optimisers")
FORMAT = 1
FIRST = "step-00000000"
"""The checkpoint of a run before its first step."""
_STATE = "state.json"
_FILES = (*(f"{group}.safetensors" for group in GROUPS), _STATE)
_REPLACED = ".replaced-"
_REMOVED = ".removed-"
_NAME = re.compile(rf"(?:{re.escape(_REPLACED)})?step-(\d{{8,}})")


@dataclass(frozen=True)
class Snapshot:
    """Everything a run needs to continue.

    Attributes:
        step: number of steps done.
        tensors: "networks", "ema" and "optimisers", each a mapping from a flat name to a tensor of any shape and dtype;
            a missing group counts as empty. Stored bit for bit; on the CPU and contiguous when loaded.
        state: JSON: position, counters, table. Tuples are read back as lists.
    """

    step: int
    tensors: Mapping[str, Mapping[str, Tensor]]
    state: dict[str, Any]


def save(folder: Path, snapshot: Snapshot, *, best: bool = False, keep: int = 2) -> Path:
    """Add a checkpoint to a folder, then remove old ones: all but the last `keep` and the best.

    Args:
        folder: the checkpoints' folder; made if missing. Only one process may write in it at a time.
        snapshot: what to save; it replaces a checkpoint of the same step.
        best: whether this is the best checkpoint so far.
        keep: number of latest checkpoints to keep, this one included; at least 1.

    Returns:
        The checkpoint's folder, synced to the disk.

    Raises:
        EdganError: it could not be written. All earlier checkpoints are unchanged.
        ValueError: an unknown tensor group, or keep < 1.
        TypeError: the state is not JSON.
    """
    if unknown := set(snapshot.tensors) - set(GROUPS):
        raise ValueError(f"A snapshot's tensor groups are {', '.join(GROUPS)} (got {', '.join(sorted(unknown))}).")
    if keep < 1:
        raise ValueError(f"keep must be at least 1 (got {keep}).")
    final = folder / f"step-{snapshot.step:08d}"
    aside = folder / (durable.ASIDE + final.name)
    state = json.dumps(snapshot.state).encode()
    try:
        durable.make_folder(folder)
        _tidy(folder)
        try:
            _write(aside, snapshot, state, best)
            _put_in_place(aside, final)
        finally:
            durable.remove_folder(aside)
        durable.sync_folder(folder)
    except OSError as error:
        raise EdganError(
            f"The checkpoint of step {snapshot.step} could not be written in {folder}: {durable.reason(error)}. "
            f"Earlier checkpoints are unchanged. {durable.remedy(error, folder)} Then resume the run."
        ) from error
    _prune(folder, final, keep)
    return final


def load(path: Path, groups: Collection[str] = GROUPS) -> Snapshot:
    """Read one checkpoint and check every file read against the manifest.

    Args:
        path: the checkpoint's folder, `.../step-00001000`.
        groups: the tensor groups to read; the others are empty, and their files may be damaged or missing.

    Returns:
        The snapshot as it was saved; tensors on the CPU.

    Raises:
        EdganError: a file is missing, damaged or written by a newer edgan; the message names it.
    """
    if not path.is_dir():
        raise EdganError(f"There is no checkpoint at {path}.")
    manifest = _read_manifest(path)
    contents = {}
    for name in (*(f"{group}.safetensors" for group in groups), _STATE):
        data = _read(path / name)
        size, expected = manifest["files"][name]["size"], manifest["files"][name]["sha256"]
        if len(data) != size:
            raise EdganError(f"{path / name} is damaged: it has {len(data)} bytes of {size}.")
        if hashlib.sha256(data).hexdigest() != expected:
            raise EdganError(f"{path / name} is damaged: its checksum (sha256) differs from the manifest's.")
        contents[name] = data
    try:
        # Here, so that nothing that reads a model which ships sees arrays in eight bits.
        read = {group: unpack(safetensors.torch.load(contents[f"{group}.safetensors"])) for group in groups}
        tensors = {group: read.get(group, {}) for group in GROUPS}
        return Snapshot(manifest["step"], tensors, json.loads(contents[_STATE]))
    except (SafetensorError, ValueError) as error:
        raise EdganError(f"The checkpoint {path} is undamaged but cannot be read: {error}.") from error


def newest(folder: Path, groups: Collection[str] = GROUPS) -> tuple[Snapshot, list[str]] | None:
    """The newest checkpoint of a folder whose requested files are undamaged.

    Args:
        folder: the checkpoints' folder; it may be missing.
        groups: the tensor groups to read, as for `load`.

    Returns:
        The snapshot and a sentence for each newer, damaged checkpoint; None if there is no checkpoint at all.

    Raises:
        EdganError: there are checkpoints and every one is damaged.
    """
    reports: list[str] = []
    for path in reversed(list_checkpoints(folder)):
        try:
            snapshot = load(path, groups)
        except EdganError as error:
            reports.append(str(error))
            continue
        if reports:
            reports[-1] += f" The previous one, {path.name}, is used."
        return snapshot, reports
    if reports:
        raise EdganError(
            f"Every checkpoint in {folder} is damaged. Start a new run in another folder. " + " ".join(reports)
        )
    return None


def list_checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a folder, oldest step first, damaged ones included; empty if the folder is missing.

    Raises:
        EdganError: the folder cannot be read.
    """
    if not folder.is_dir():
        return []
    try:
        paths = {path.name: path for path in folder.iterdir() if _NAME.fullmatch(path.name)}
    except OSError as error:
        raise EdganError(f"The checkpoints in {folder} cannot be read: {durable.reason(error)}.") from error
    # A crash between the two renames that replace a checkpoint leaves the old one under a temporary name. It counts.
    standing = [path for name, path in paths.items() if path.name == _own(name) or _own(name) not in paths]
    return sorted(standing, key=step_of)


def best(folder: Path, groups: Collection[str] = GROUPS) -> Path | None:
    """The latest checkpoint that was saved as the best and has its files, or None.

    Args:
        folder: the checkpoints' folder; it may be missing.
        groups: the tensor groups whose files it must have.

    Raises:
        EdganError: the folder cannot be read.
    """
    return _latest_best(list_checkpoints(folder), groups)


def _latest_best(paths: list[Path], groups: Collection[str] = GROUPS) -> Path | None:
    whole = ((path, _manifest(path, groups)) for path in reversed(paths))
    return next((path for path, manifest in whole if manifest and manifest["best"]), None)


def step_of(path: Path) -> int:
    """The step in a checkpoint's name; -1 for another name, say of a copy."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else -1


def _own(name: str) -> str:
    return name.removeprefix(_REPLACED)


def _write(aside: Path, snapshot: Snapshot, state: bytes, best: bool) -> None:
    durable.make_folder(aside)
    files = {}
    for name in _FILES:
        data = state if name == _STATE else _serialise(snapshot.tensors.get(name.split(".")[0], {}))
        durable.write_file(aside / name, data)
        files[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = {"format": FORMAT, "edgan": __version__, "step": snapshot.step, "best": best, "files": files}
    # Its own checksum: without it, a flipped bit in the manifest would blame an undamaged file.
    manifest["sha256"] = durable.checksum(manifest)
    durable.write_file(aside / "manifest.json", json.dumps(manifest, indent=2).encode())
    durable.sync_folder(aside)


def _serialise(tensors: Mapping[str, Tensor]) -> bytes:
    """Safetensors stores contiguous tensors that share no memory, so a tied weight is written under all its names."""
    plain: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        value = tensor.detach().cpu().contiguous()
        storage = value.untyped_storage().data_ptr()
        plain[name] = value.clone() if storage in seen else value
        seen.add(storage)
    return safetensors.torch.save(plain)


def _put_in_place(aside: Path, final: Path) -> None:
    if not final.exists():
        durable.rename(aside, final)
        return
    replaced = final.with_name(_REPLACED + final.name)
    durable.rename(final, replaced)
    try:
        durable.rename(aside, final)
    except OSError:
        durable.rename(replaced, final)
        raise


def _tidy(folder: Path) -> None:
    """Remove what crashed saves left behind, and restore the name of a checkpoint that was being replaced."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(_REPLACED) and not (folder / _own(path.name)).exists():
            durable.rename(path, folder / _own(path.name))
        elif path.name.startswith((durable.ASIDE, _REMOVED, _REPLACED)):
            durable.remove_folder(path)


def _prune(folder: Path, saved: Path, keep: int) -> None:
    """Remove checkpoints older than the last `keep` undamaged ones. Checkpoints of later steps stay."""
    earlier = [path for path in list_checkpoints(folder) if step_of(path) <= step_of(saved)]
    sound = [path for path in earlier if path == saved or _manifest(path)]
    kept = {saved, _latest_best(earlier), *sound[-keep:]}
    for path in earlier:
        if path not in kept:
            gone = path.with_name(_REMOVED + path.name)
            # The new checkpoint is safe. A superfluous old one is no reason to stop, and the next save tries again.
            with contextlib.suppress(OSError):
                durable.rename(path, gone)  # renamed first, so that a crash leaves no partial checkpoint
                durable.remove_folder(gone)
    durable.remove_folder(saved.with_name(_REPLACED + saved.name))


def _manifest(path: Path, groups: Collection[str] = GROUPS) -> dict[str, Any] | None:
    """The manifest of a checkpoint whose files all have their full length (contents unread), or None."""
    try:
        manifest = _read_manifest(path)
        sizes = {name: (path / name).stat().st_size for name in (*(f"{group}.safetensors" for group in groups), _STATE)}
    except (EdganError, OSError):
        return None
    return manifest if all(manifest["files"][name]["size"] == sizes[name] for name in sizes) else None


def _read_manifest(path: Path) -> dict[str, Any]:
    where = path / "manifest.json"
    try:
        manifest = json.loads(_read(where))
        if manifest["format"] > FORMAT:
            raise EdganError(
                f"{path} was written by edgan {manifest['edgan']}, which is newer than this one. Update edgan."
            )
        whole = manifest.pop("sha256") == durable.checksum(manifest) and step_of(path) in (manifest["step"], -1)
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise EdganError(f"{where} is damaged: it is not the manifest of a checkpoint.")
    return manifest


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise EdganError(f"The checkpoint {path.parent} is incomplete: {path.name} is missing.") from error
    except OSError as error:
        raise EdganError(f"{path} cannot be read: {durable.reason(error)}.") from error
