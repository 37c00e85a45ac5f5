"""The verbs in Python. The command line has the same verbs with the same names, defaults and errors.

A verb's module is imported when the verb is first used: `edgan methods` does not wait for what `edgan evaluate` needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgan.api.editing import edit
    from edgan.api.evaluation import evaluate
    from edgan.api.explanation import Explanation, explain
    from edgan.api.exporting import ExportedFile, export
    from edgan.api.inversion import Inverted, invert
    from edgan.api.machine import doctor
    from edgan.api.model_zoo import Card, zoo
    from edgan.api.preview_animation import timelapse
    from edgan.api.ranking import rank
    from edgan.api.reconstruction import reconstruct
    from edgan.api.run import Run
    from edgan.api.sampling import sample
    from edgan.api.sharing import pull, push
    from edgan.api.training import train
    from edgan.api.translation import translate
    from edgan.api.writing import Written
    from edgan.methods.method_list import methods
    from edgan.models.loading import load

_MODULES = {
    "Card": "edgan.api.model_zoo",
    "Explanation": "edgan.api.explanation",
    "ExportedFile": "edgan.api.exporting",
    "Inverted": "edgan.api.inversion",
    "Run": "edgan.api.run",
    "Written": "edgan.api.writing",
    "doctor": "edgan.api.machine",
    "edit": "edgan.api.editing",
    "evaluate": "edgan.api.evaluation",
    "explain": "edgan.api.explanation",
    "export": "edgan.api.exporting",
    "invert": "edgan.api.inversion",
    "load": "edgan.models.loading",
    "methods": "edgan.methods.method_list",
    "pull": "edgan.api.sharing",
    "push": "edgan.api.sharing",
    "rank": "edgan.api.ranking",
    "reconstruct": "edgan.api.reconstruction",
    "sample": "edgan.api.sampling",
    "timelapse": "edgan.api.preview_animation",
    "train": "edgan.api.training",
    "translate": "edgan.api.translation",
    "zoo": "edgan.api.model_zoo",
}

__all__ = [
    "Card",
    "Explanation",
    "ExportedFile",
    "Inverted",
    "Run",
    "Written",
    "doctor",
    "edit",
    "evaluate",
    "explain",
    "export",
    "invert",
    "load",
    "methods",
    "pull",
    "push",
    "rank",
    "reconstruct",
    "sample",
    "timelapse",
    "train",
    "translate",
    "zoo",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'edgan.api' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
