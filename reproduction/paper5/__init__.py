"""Paper 5's rows: UU-Nets Connecting Discriminator and Generator for Image to Image Translation."""

from reproduction.paper5 import kl_course, links, loss_curves, stability, table1

ROWS = (*table1.ROWS, *loss_curves.ROWS, *stability.ROWS, *links.ROWS, kl_course.ROW)
