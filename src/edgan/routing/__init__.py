"""Which loss teaches which network: the table, its plan, and the one place that executes it."""

from edgan.routing.captured import CapturedSteps
from edgan.routing.condition import Balance, StepCondition
from edgan.routing.cut import Cut, scale_gradient
from edgan.routing.descent import descend
from edgan.routing.execute import Executor, StepResult
from edgan.routing.forward import Forward, Inputs
from edgan.routing.kept import Source, kept_taps
from edgan.routing.plan import Column, Pass, Plan
from edgan.routing.reading import NonFiniteLossError, read_losses
from edgan.routing.schedule import Linear, Piecewise, Route, parse_route, route_text, weight_at
from edgan.routing.stage import Phase, Stage
from edgan.routing.table import Row, Table, row, table_text
from edgan.routing.term import Tap, Term

__all__ = [
    "Balance",
    "CapturedSteps",
    "Column",
    "Cut",
    "Executor",
    "Forward",
    "Inputs",
    "Linear",
    "NonFiniteLossError",
    "Pass",
    "Phase",
    "Piecewise",
    "Plan",
    "Route",
    "Row",
    "Source",
    "Stage",
    "StepCondition",
    "StepResult",
    "Table",
    "Tap",
    "Term",
    "descend",
    "kept_taps",
    "parse_route",
    "read_losses",
    "route_text",
    "row",
    "scale_gradient",
    "table_text",
    "weight_at",
]
