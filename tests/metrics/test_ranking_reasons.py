"""When the discriminator rejects a model's pictures: from where its curve stays below that of the real ones."""

from __future__ import annotations

import pytest

from edgan.metrics.ranking import rejected_from


@pytest.mark.parametrize(
    ("curve", "real_curve", "epoch"),
    [
        ((0.49, 0.60, 0.40, 0.10), (0.48, 0.55, 0.70, 0.90), 3),
        ((0.49, 0.30, 0.10), (0.48, 0.70, 0.90), 2),
        ((0.49, 0.30, 0.10), (0.51, 0.70, 0.90), 1),
        ((0.49, 0.30, 0.60), (0.51, 0.70, 0.60), None),
        ((0.60, 0.55), (0.70, 0.80), 1),
    ],
)
def test_pictures_are_rejected_from_where_their_curve_stays_below(
    curve: tuple[float, ...], real_curve: tuple[float, ...], epoch: int | None
) -> None:
    assert rejected_from(curve, real_curve) == epoch
