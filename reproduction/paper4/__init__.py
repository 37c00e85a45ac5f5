"""Paper 4's rows: GRIT, GAN Residuals for Paired Image-to-Image Translation."""

from reproduction.paper4 import objectives, weights

ROWS = (*objectives.ROWS, weights.ROW)
