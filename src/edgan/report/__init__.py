"""Reports: one self-contained HTML file that shows what was trained, what came out, and how to do it again."""

from edgan.report.page import write_report
from edgan.report.view import RunView

__all__ = ["RunView", "write_report"]
