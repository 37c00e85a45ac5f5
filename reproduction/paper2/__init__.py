"""Paper 2's rows: Toward a Controllable Disentanglement Network."""

from reproduction.paper2 import digits, editing, independence, pace, reconstructing, rendered

ROWS = (*reconstructing.ROWS, digits.ROW, *editing.ROWS, independence.ROW, pace.ROW, rendered.ROW)
