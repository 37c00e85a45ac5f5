"""The papers' figures, drawn again in the same arrangement with models of edgan: `python -m reproduction figures`.

Pictures of real data may not be shown, so all inputs are rendered, and no model was trained on them.
"""

from reproduction.figures.drawing import draw_all, page
from reproduction.figures.paper1 import FIGURES as PAPER1
from reproduction.figures.paper2 import FIGURES as PAPER2
from reproduction.figures.paper3 import FIGURES as PAPER3
from reproduction.figures.paper4 import FIGURES as PAPER4
from reproduction.figures.paper5 import FIGURES as PAPER5
from reproduction.figures.twins import FIGURES as TWINS

FIGURES = (*PAPER1, *TWINS, *PAPER2, *PAPER3, *PAPER4, *PAPER5)

__all__ = ["FIGURES", "draw_all", "page"]
