"""Paper 3's rows: Recycling the Discriminator for Improving the Inference Mapping of GAN."""

from reproduction.paper3 import (
    agreement,
    arithmetic,
    attacks,
    editable,
    inverters,
    kept_details,
    refinement,
    table1,
    vgg,
)

ROWS = (
    *inverters.ROWS,
    refinement.ROW,
    vgg.ROW,
    *table1.ROWS,
    agreement.ROW,
    *attacks.ROWS,
    arithmetic.ROW,
    editable.ROW,
    *kept_details.ROWS,
)
