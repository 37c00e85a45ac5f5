"""How a training ends before its last step."""

from __future__ import annotations

from edgan.errors import EdganError


class InterruptedTrainingError(EdganError):
    """A signal stopped the training. Everything up to the last complete step is saved."""

    everywhere = True
    on_request = True


class DivergedTrainingError(EdganError):
    """A loss or a weight is still not finite after all rollbacks."""

    everywhere = True
