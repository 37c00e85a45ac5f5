"""edgan: image models that join an encoder-decoder with a GAN. Which loss teaches which network is a table.

run = edgan.train("ed-slash-gan", data="faces/", out="runs/faces", size=64, steps=1500)
model = edgan.load("runs/faces")
base, residual, output = model.reconstruct("photo.jpg")  # (1, 3, 64, 64) in [-1, 1]
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from edgan._version import __version__
from edgan.errors import EdganError, UsageError

if TYPE_CHECKING:
    from edgan import losses as losses
    from edgan import metrics as metrics
    from edgan.api import (
        doctor,
        edit,
        evaluate,
        explain,
        export,
        invert,
        load,
        methods,
        pull,
        push,
        rank,
        reconstruct,
        sample,
        timelapse,
        train,
        translate,
        zoo,
    )
    from edgan.api.run import Run
    from edgan.api.writing import Written
    from edgan.methods import Page, register
    from edgan.methods import find as method
    from edgan.models.model import Model
    from edgan.models.reconstruction import Reconstruction

__all__ = [
    "EdganError",
    "Model",
    "Page",
    "Reconstruction",
    "Run",
    "UsageError",
    "Written",
    "__version__",
    "doctor",
    "edit",
    "evaluate",
    "explain",
    "export",
    "invert",
    "load",
    "losses",
    "method",
    "methods",
    "metrics",
    "pull",
    "push",
    "rank",
    "reconstruct",
    "register",
    "sample",
    "timelapse",
    "train",
    "translate",
    "zoo",
]

_PLACES = {
    "Model": ("edgan.models.model", "Model"),
    "Page": ("edgan.methods", "Page"),
    "Reconstruction": ("edgan.models.reconstruction", "Reconstruction"),
    "load": ("edgan.models.loading", "load"),
    "method": ("edgan.methods", "find"),
    "register": ("edgan.methods", "register"),
}
"""Names that do not come from `edgan.api`: a loaded model does not need the code that trains."""


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `edgan --help` does not wait for torch.
    if name in ("losses", "methods", "metrics"):
        return importlib.import_module(f"edgan.{name}")
    if name in __all__:
        module, inner = _PLACES.get(name, ("edgan.api", name))
        return getattr(importlib.import_module(module), inner)
    raise AttributeError(f"module 'edgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
