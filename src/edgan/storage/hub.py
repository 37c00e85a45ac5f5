"""Runs on the Hugging Face Hub: `hub:USER/NAME` stands for a run's folder wherever a run is read.

What comes from there is a stranger's. Only files that a run has are fetched, none of which can hold code, after their
number and sizes were checked; and what run.json names is never imported.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from edgan._version import __version__
from edgan.data.files import MAX_FILE_BYTES
from edgan.errors import EdganError, UsageError
from edgan.extras import install_command

PREFIX = "hub:"
CARD = "README.md"
MAX_TEXT_BYTES = 2**26
MAX_TOTAL_BYTES = 2**33
MAX_FILES = 100
LOG_IN = "Log in with `hf auth login`, or set HF_TOKEN"
_NAME = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", re.ASCII)
_FILES = re.compile(
    r"run\.json|README\.md|log\.jsonl|preview\.png|\w+\.safetensors"
    r"|checkpoints/step-\d{8,12}/(?:manifest\.json|state\.json|\w+\.safetensors)",
    re.ASCII,
)
_TRANSPORT = ("httpx", "httpcore", "requests", "urllib3", "socket", "ssl")
"""Packages whose errors mean that nothing was heard from the hub, in the versions of huggingface_hub that there are."""


class UnreachableError(EdganError):
    """The hub does not answer."""


@dataclass(frozen=True)
class HubName:
    """A repository of a run.

    Attributes:
        repo: "user/name".
        revision: a branch, a tag or a commit; None: the main branch.
    """

    repo: str
    revision: str | None = None

    @classmethod
    def parse(cls, name: str | os.PathLike[str], parameter: str = "name") -> HubName:
        """Read "user/name", "user/name@revision", or either with "hub:" in front.

        Raises:
            UsageError: it is not of that form.
        """
        text = os.fspath(name).replace(os.sep, "/").removeprefix(PREFIX)
        match = _NAME.fullmatch(text)
        if match is None or ".." in text:
            raise UsageError(f"must be USER/NAME or USER/NAME@REVISION (got {text!r}).", parameter=parameter)
        return cls(match[1], match[2])

    def __str__(self) -> str:
        return f"{PREFIX}{self.repo}" + (f"@{self.revision}" if self.revision else "")


def is_hub_name(path: str | os.PathLike[str]) -> bool:
    """Whether a path is written as a name on the hub, "hub:user/name"."""
    return os.fspath(path).startswith(PREFIX)


def client() -> Any:
    """The module huggingface_hub.

    Raises:
        EdganError: it is not installed.
    """
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
        import huggingface_hub.file_download
    except ImportError as error:
        raise EdganError(f"Sharing needs the package huggingface_hub: {install_command('hub')}") from error
    return huggingface_hub


def hub_api() -> Any:
    """A connection to the hub, or to the server that HF_ENDPOINT names."""
    return client().HfApi(endpoint=os.environ.get("HF_ENDPOINT"), library_name="edgan", library_version=__version__)


@lru_cache(maxsize=64)
def hub_folder(path: str) -> Path:
    """The folder with a run's files, fetched into the cache of huggingface_hub where they are not there yet.

    A process sees the version that it saw first. Where the hub cannot be reached, a copy in the cache is used.

    Args:
        path: "hub:user/name", or with "@revision".

    Raises:
        UsageError: it is no name of a repository.
        EdganError: there is no such repository, no run in it, it is too large, or it cannot be fetched.
    """
    name = HubName.parse(path, "run")
    try:
        with explained(name):
            info = hub_api().model_info(name.repo, revision=name.revision, files_metadata=True)
        wanted = checked_files(name, {file.rfilename: file.size for file in info.siblings or ()})
        with explained(name):
            fetched = client().snapshot_download(
                name.repo, revision=info.sha, allow_patterns=wanted, endpoint=os.environ.get("HF_ENDPOINT")
            )
        return Path(fetched)
    except UnreachableError as error:
        kept = _kept(name)
        if kept is None:
            raise
        warnings.warn(f"{error} The copy of {name} in the cache is used.", stacklevel=2)
        return kept


def checked_files(name: HubName, sizes: dict[str, int | None]) -> list[str]:
    """The files of a run among those of a repository.

    Args:
        name: of the repository, for messages.
        sizes: in bytes, by path.

    Raises:
        EdganError: there is no run, or its files are too many or too large.
    """
    wanted = {file: size for file, size in sizes.items() if _FILES.fullmatch(file)}
    if "run.json" not in wanted or not any(file.startswith("checkpoints/") for file in wanted):
        what = "run.json is missing" if "run.json" not in wanted else "it has no checkpoint"
        raise EdganError(f"{name} is not a run of edgan: {what}.")
    if len(wanted) > MAX_FILES:
        raise EdganError(f"{name} is not fetched: it has {len(wanted)} files of a run, and {MAX_FILES} is the limit.")
    for file, size in wanted.items():
        most = MAX_FILE_BYTES if file.endswith(".safetensors") else MAX_TEXT_BYTES
        if size is None or size > most:
            raise EdganError(f"{name} is not fetched: {file} has {_bytes(size)}, and {_bytes(most)} is the limit.")
    total = sum(size or 0 for size in wanted.values())
    if total > MAX_TOTAL_BYTES:
        raise EdganError(f"{name} is not fetched: it has {_bytes(total)}, and {_bytes(MAX_TOTAL_BYTES)} is the limit.")
    return sorted(wanted)


def _bytes(size: int | None) -> str:
    return "an unknown size" if size is None else f"{size:,} bytes"


def _kept(name: HubName) -> Path | None:
    """The newest copy of a repository in the cache that has a run.json; that of the commit, where one is named."""
    hub = client()
    folder = Path(hub.constants.HF_HUB_CACHE) / hub.file_download.repo_folder_name(repo_id=name.repo, repo_type="model")
    copies = [path.parent for path in (folder / "snapshots").glob("*/run.json")]
    if name.revision is not None:
        copies = [path for path in copies if path.name == name.revision]
    return max(copies, key=lambda path: path.stat().st_mtime, default=None)


@contextmanager
def explained(name: HubName) -> Iterator[None]:
    """Turn the errors of huggingface_hub into sentences.

    Raises:
        UsageError: the hub does not accept the name.
        UnreachableError: the hub does not answer.
        EdganError: it refuses.
    """
    errors = client().errors
    try:
        yield
    except errors.HFValidationError as error:
        raise UsageError(f"The hub does not accept the name {name.repo!r}: {error}") from error
    except errors.GatedRepoError as error:
        raise EdganError(f"Access to {name} must be asked for on its page. {LOG_IN}.") from error
    except errors.RepositoryNotFoundError as error:
        raise EdganError(f"There is no repository {name}, or it is private. {LOG_IN} if it is yours.") from error
    except errors.RevisionNotFoundError as error:
        raise EdganError(f"{name.repo} has no revision {name.revision!r}.") from error
    except errors.HfHubHTTPError as error:
        raise _refused(name, error) from error
    except EdganError:
        raise
    except Exception as error:
        cause = error.__cause__
        if isinstance(cause, errors.HfHubHTTPError):
            raise _refused(name, cause) from error
        if _is_transport(error) or isinstance(error, errors.LocalEntryNotFoundError):
            raise UnreachableError(f"The hub cannot be reached for {name} ({type(error).__name__}).") from error
        raise


def _is_transport(error: BaseException) -> bool:
    return isinstance(error, ConnectionError | TimeoutError) or type(error).__module__.startswith(_TRANSPORT)


def _refused(name: HubName, error: Any) -> EdganError:
    """The hub answered with an error."""
    status = getattr(error.response, "status_code", 0)
    if status in (401, 403):
        return EdganError(f"The hub does not allow this for {name} (status {status}). {LOG_IN} with a token that may.")
    said = getattr(error, "server_message", None) or f"status {status}"
    return EdganError(f"The hub refused {name}: {said}. Try again later.")
