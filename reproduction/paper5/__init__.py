"""Paper 5's rows: UU-Nets Connecting Discriminator and Generator for Image to Image Translation."""

from reproduction.paper5 import courses, figures, steadiness

ROWS = (*figures.ROWS, *courses.ROWS, *steadiness.ROWS)
