"""Paper 3's rows: Recycling the Discriminator for Improving the Inference Mapping of GAN."""

from edgan.experiments.paper3 import agreement, arithmetic, attacks, editable, inverters, table1, vgg

ROWS = (*inverters.ROWS, vgg.ROW, *table1.ROWS, agreement.ROW, attacks.ROW, arithmetic.ROW, editable.ROW)
