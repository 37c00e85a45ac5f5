"""CDNet's preset `quick` as it was until 27 November 2026, when D judged edited pictures in place of reconstructions.

`zoo:faces` was trained so, and the benchmarks that start from it or were measured beside it keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JUDGED_EDITS: Mapping[str, Any] = {
    "edits.judged": True,
    "edits.recognised": 0.05,
    "feature_weight": 0.4,
    "adversarial_weight": 0.04,
}
"""What it changes in today's `quick`."""
