"""The command line in float64, with no batch norm in the discriminator of an aae prior and no report at the end.

    python doubled_training.py train ...

In float32 two orders of summation differ by 1e-7, and as soon as that moves one pre-activation over the kink of a
ReLU, the gradients of two correct trainings jump apart. In float64 no kink is near enough to be crossed within
thirty steps, so what is left of a difference is a defect. The batch norm of that one discriminator has no setting that
takes it away, and batch statistics are those of one process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from torch import nn

from edgan.cli import main
from edgan.data.batch import from_uint8
from edgan.methods import Method
from edgan.training.feed import draw_noise


def install(put: Callable[[str, Any], None]) -> None:
    """Put what computes in float64 into the places of what does not: `put("module.name", value)`."""
    build = Method.build
    put("edgan.methods.base.Method.build", lambda method: {name: net.double() for name, net in build(method).items()})
    for place in ("edgan.data.dataset.from_uint8", "edgan.training.evaluate.from_uint8"):
        put(place, lambda pixels: from_uint8(pixels).double())
    put("edgan.training.feed.draw_noise", lambda *key: draw_noise(*key).double())
    put("edgan.api.training.report_run", lambda *_: None)  # it reads the run back as float32
    put("edgan.nets.latent.nn.BatchNorm1d", lambda *_, **__: nn.Identity())


if __name__ == "__main__":
    from _pytest.monkeypatch import MonkeyPatch

    install(MonkeyPatch().setattr)
    main(sys.argv[1:])
