"""Importing the metrics imports nothing that only some of them need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torchmetrics", "sklearn", "scipy")


def test_metrics_import_no_library_that_only_some_of_them_need() -> None:
    script = f"import sys, edgan.metrics.registry; print([name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
