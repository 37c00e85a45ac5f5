"""Reports: a self-contained HTML file with what was trained, the results, and the commands to repeat it."""

from edgan.report.page import write_report
from edgan.report.view import RunView

__all__ = ["RunView", "write_report"]
