"""Paper 4's rows: GRIT, GAN Residuals for Paired Image-to-Image Translation."""

from edgan.experiments.paper4 import objectives, weights

ROWS = (*objectives.ROWS, weights.ROW)
