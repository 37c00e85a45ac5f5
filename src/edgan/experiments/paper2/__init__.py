"""Paper 2's rows: Toward a Controllable Disentanglement Network."""

from edgan.experiments.paper2 import digits, faces, rendered

ROWS = (*faces.ROWS, digits.ROW, rendered.ROW)
