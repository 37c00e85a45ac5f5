"""Paper 3's rows: Recycling the Discriminator for Improving the Inference Mapping of GAN."""

from edgan.experiments.paper3 import arithmetic, editable, inverters, table1

ROWS = (*inverters.ROWS, table1.ROW, arithmetic.ROW, editable.ROW)
