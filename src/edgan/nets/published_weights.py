"""Weights that others published: downloaded only where a person asks for it, and never used without their checksum."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from edgan.errors import EdganError

ASKED = "EDGAN_DOWNLOAD"
"""The environment variable that allows downloads, where it is "1"."""


@dataclass(frozen=True)
class PublishedWeights:
    """A file of weights.

    Attributes:
        title: whose weights they are: "VGG16's weights".
        name: of the file, in torch's folder of checkpoints (TORCH_HOME/hub/checkpoints).
        url: where it is published.
        sha256: of the whole file.
        megabytes: its size.
    """

    title: str
    name: str
    url: str
    sha256: str
    megabytes: int

    def path(self) -> Path:
        """The file, whose checksum is right; downloaded once if `EDGAN_DOWNLOAD=1` allows it.

        Raises:
            EdganError: it is not there, cannot be downloaded, or is not the published file.
        """
        path = Path(torch.hub.get_dir()) / "checkpoints" / self.name
        if not path.is_file():
            self._download(path)
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EdganError(f"{path} cannot be read: {error.strerror or error}.") from error
        if found != self.sha256:
            raise EdganError(
                f"{path} is not the published file: its checksum (sha256) begins with {found[:12]} and not with "
                f"{self.sha256[:12]}. Remove it and download it again."
            )
        return path

    def tensors(self) -> Mapping[str, Tensor]:
        """Its tensors by name. Nothing in the file is run.

        Raises:
            EdganError: as `path`.
        """
        tensors: Mapping[str, Tensor] = torch.load(self.path(), map_location="cpu", weights_only=True)
        return tensors

    def _download(self, path: Path) -> None:
        by_hand = f"Or download {self.url} and put it into {path.parent}."
        if os.environ.get(ASKED) != "1":
            raise EdganError(
                f"{self.title} ({self.megabytes} MB) are not on this machine, and edgan downloads nothing unless "
                f"asked. Set the environment variable {ASKED}=1 to download them once. {by_hand}"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(self.url, str(path), hash_prefix=self.sha256, progress=False)
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise EdganError(f"{self.title} could not be downloaded: {reason}. {by_hand}") from error


VGG16 = PublishedWeights(
    "VGG16's weights",
    "vgg16-397923af.pth",
    "https://download.pytorch.org/models/vgg16-397923af.pth",
    "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    528,
)
INCEPTION = PublishedWeights(
    "Inception's weights",
    "weights-inception-2015-12-05-6726825d.pth",
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
    "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    91,
)
