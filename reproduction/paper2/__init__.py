"""Paper 2's rows: Toward a Controllable Disentanglement Network."""

from reproduction.paper2 import digits, editing, independence, reconstruction, rendered, step_time

ROWS = (*reconstruction.ROWS, digits.ROW, *editing.ROWS, independence.ROW, step_time.ROW, rendered.ROW)
