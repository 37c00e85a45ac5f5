"""`push` and `pull`: a run on the Hugging Face Hub, with a model card."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from edgan.api.model_card import model_card
from edgan.api.run import Run
from edgan.errors import EdganError, UsageError
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration
from edgan.storage import checkpoint as checkpoints
from edgan.storage.checkpoint import Snapshot
from edgan.storage.chosen_checkpoint import BEST, chosen_checkpoint
from edgan.storage.durable import reason, remedy
from edgan.storage.hub import CARD, PREFIX, HubName, client, explained, hub_api
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import flat_networks

PREVIEW = "preview.png"
OTHER = "other"
_LICENCE = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}", re.ASCII)


def push(
    run: str | Path,
    name: str,
    *,
    license: str = OTHER,
    private: bool = False,
    whole: bool = False,
    preview: bool = False,
    checkpoint: str | int = BEST,
) -> str:
    """Put a run on the Hugging Face Hub, in one commit, with a model card as its README.

    Uploaded are run.json, the weights that inference needs as the run's one checkpoint, and what edits and notes on
    photos read. No picture is uploaded unless `preview` asks for it, and of the data's folder only the name.

    Args:
        run: the run's folder, or "zoo:NAME".
        name: "user/name" of the repository, made where it is missing. One that holds a run is replaced.
        license: of the weights, as the hub spells it: "apache-2.0", "cc-by-4.0", ... "other": the card says that none
            was stated.
        private: make the repository private, where it is made.
        whole: upload what resuming needs too: every network, the optimisers, the log, and the newest checkpoint.
        preview: upload the newest preview of the training. It shows training or held-out pictures.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.

    Returns:
        The repository's address.

    Raises:
        UsageError: a wrong name, licence or checkpoint, or a repository that holds something else.
        EdganError: no run, no token, no network, or the hub refuses.
    """
    if not _LICENCE.fullmatch(license):
        raise UsageError(f"must be a name such as 'apache-2.0' or 'cc-by-4.0' (got {license!r}).", parameter="license")
    target, folder = HubName.parse(name), RunFolder.open(run)
    if target.revision is not None:
        raise UsageError(f"cannot have a revision (got {name!r}).", parameter="name")
    model = load(run, "cpu", checkpoint)
    shown = _newest_preview(folder) if preview else None
    if client().get_token() is None:
        raise EdganError(
            f"You are not logged in, so nothing can be uploaded to {target}. Run `hf auth login`, or set HF_TOKEN."
        )
    with tempfile.TemporaryDirectory(prefix="edgan-push-") as place:
        made = RunFolder.create(Path(place) / "run")
        if whole:
            _copy_whole(folder, made, checkpoint)
        else:
            _copy_inference(folder, made, model)
        if shown is not None:
            shutil.copyfile(shown, made.path / PREVIEW)
        card = model_card(folder, model, target.repo, license, whole=whole, preview=None if shown is None else PREVIEW)
        (made.path / CARD).write_text(card, encoding="utf-8")
        return _upload(made.path, target, private)


def pull(name: str, out: str | Path) -> Run:
    """Fetch a run from the Hugging Face Hub into a folder.

    Args:
        name: "user/name", or with "@revision": a branch, a tag or a commit.
        out: a new or empty folder.

    Raises:
        UsageError: a wrong name, or a folder that holds something.
        EdganError: no such repository, no run in it, a damaged or too large one, or no network.
    """
    parsed, made = HubName.parse(name), RunFolder(out)
    made.refuse_taken()
    source = RunFolder.open(str(parsed))
    contents = source.read_run()
    configuration = stored_configuration(contents, source)
    found = chosen_checkpoint(source.checkpoints)
    if found is None or found[2]:
        raise EdganError(f"{parsed} is not pulled: {' '.join(found[2]) if found else 'it holds no checkpoint.'}")
    made = RunFolder.create(out)
    try:
        for file in sorted(path for path in source.path.rglob("*") if path.is_file()):
            if file != source.run_json:
                copied = made.path / file.relative_to(source.path)
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copied)
    except OSError as error:
        raise EdganError(f"{made.path} could not be written: {reason(error)}. {remedy(error, made.path)}") from error
    made.write_run(contents)  # last: a folder without run.json is no run
    return Run(made.path, configuration)


def _newest_preview(folder: RunFolder) -> Path:
    previews = sorted(folder.previews.glob("step-*.png"))
    if not previews:
        raise UsageError(f"cannot be given: {folder.path} has no previews.", parameter="preview")
    return previews[-1]


def _described(folder: RunFolder) -> dict[str, Any]:
    """What run.json says, without the places of this machine: of a path only its last name stays."""
    contents = folder.read_run()
    contents["data"] = {**contents["data"], "path": Path(contents["data"].get("path", "")).name}
    configuration = dict(contents["configuration"])
    settings = {
        key: {**value, "run": Path(value["run"]).name} if isinstance(value, dict) and "run" in value else value
        for key, value in configuration["settings"].items()
    }
    return {**contents, "configuration": {**configuration, "settings": settings}}


def _copy_extras(folder: RunFolder, made: RunFolder) -> None:
    """Directions of attributes, and statistics of the training pictures, where there are any."""
    for file in folder.path.glob("*.safetensors"):
        shutil.copyfile(file, made.path / file.name)


def _copy_inference(folder: RunFolder, made: RunFolder, model: Model) -> None:
    """A run of one checkpoint with nothing in it but what inference reads."""
    contents, used = _described(folder), model.checkpoint
    assert used is not None
    group = "ema" if stored_configuration(contents, folder).ema else "networks"
    state = {} if used.best_by is None else {"score": used.best_by}
    snapshot = Snapshot(used.step, {group: flat_networks(model.networks)}, state)
    checkpoints.save(made.checkpoints, snapshot, best=used.best_by is not None)
    _copy_extras(folder, made)
    made.write_run(contents)


def _copy_whole(folder: RunFolder, made: RunFolder, which: str | int) -> None:
    """A run that can be resumed: the chosen checkpoint and the newest, with everything that training keeps."""
    for wanted in (which, "newest"):
        found = chosen_checkpoint(folder.checkpoints, wanted)
        assert found is not None
        snapshot, best, _ = found
        checkpoints.save(made.checkpoints, snapshot, best=best)
    if folder.log.exists():
        shutil.copyfile(folder.log, made.log)
    _copy_extras(folder, made)
    made.write_run(_described(folder))


def _upload(folder: Path, name: HubName, private: bool) -> str:
    """One commit with the folder's files, which removes the checkpoints that the repository had before."""
    hub, api = client(), hub_api()
    files = {str(path.relative_to(folder).as_posix()): path for path in sorted(folder.rglob("*")) if path.is_file()}
    with explained(name):
        address = api.create_repo(name.repo, private=private, exist_ok=True)
        there = set(api.list_repo_files(name.repo))
        _refuse_other(name, there)
        stale = [file for file in there - files.keys() if file.startswith("checkpoints/") or file == PREVIEW]
        operations = [hub.CommitOperationDelete(path_in_repo=file) for file in sorted(stale)]
        operations += [hub.CommitOperationAdd(path_in_repo=file, path_or_fileobj=path) for file, path in files.items()]
        api.create_commit(name.repo, operations, commit_message="A run of edgan")
    return str(address)


def _refuse_other(name: HubName, there: set[str]) -> None:
    """Refuse a repository that holds files, but no run."""
    others = sorted(there - {".gitattributes", ".gitignore", CARD, "LICENSE"})
    if others and "run.json" not in there:
        raise UsageError(
            f"must be a new repository, or one that holds a run ({PREFIX}{name.repo} holds {others[0]}).",
            parameter="name",
        )
