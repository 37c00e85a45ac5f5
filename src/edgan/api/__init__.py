"""The public face in Python: the command line is the same verbs with the same names, defaults and errors."""

from edgan.api.editing import edit
from edgan.api.explaining import Explanation, explain, methods
from edgan.api.files import Written, reconstruct, sample, translate
from edgan.api.inverting import Inverted, invert
from edgan.api.machine import doctor
from edgan.api.ranking import rank
from edgan.api.run import Run
from edgan.api.scoring import evaluate
from edgan.api.training import train
from edgan.models.loading import load

__all__ = [
    "Explanation",
    "Inverted",
    "Run",
    "Written",
    "doctor",
    "edit",
    "evaluate",
    "explain",
    "invert",
    "load",
    "methods",
    "rank",
    "reconstruct",
    "sample",
    "train",
    "translate",
]
