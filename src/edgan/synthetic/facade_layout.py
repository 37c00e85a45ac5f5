"""The layout of a facade: boxes of the twelve classes of the CMP facade data base, in painting order."""

from __future__ import annotations

from dataclasses import dataclass

from edgan.synthetic.canvas import stream

FACADE_CLASSES = (
    "background",
    "facade",
    "window",
    "door",
    "cornice",
    "sill",
    "balcony",
    "blind",
    "deco",
    "molding",
    "pillar",
    "shop",
)
FACADE_PALETTE = (
    (0, 0, 170),
    (0, 0, 255),
    (0, 85, 255),
    (0, 170, 255),
    (0, 255, 255),
    (85, 255, 170),
    (170, 255, 85),
    (255, 255, 0),
    (255, 170, 0),
    (255, 85, 0),
    (255, 0, 0),
    (170, 0, 0),
)


@dataclass(frozen=True)
class Box:
    """An element of the facade: its class and its edges, as shares of the picture's side from the top left."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Style:
    """What the elements of one facade share."""

    left: float
    right: float
    roof: float
    street: float
    floors: int
    columns: int
    window_width: float
    window_height: float
    molding: bool
    sills: bool
    blinds: bool
    balconies: float
    deco: bool
    pillars: bool
    bands: bool
    shop: bool
    door: int
    odd: int


def _choose_style(seed: int, index: int) -> Style:
    rng = stream(seed, index, 51)

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    columns = int(rng.integers(3, 7))
    return Style(
        left=between(0, 0.09) if between(0, 1) < 0.6 else 0.0,
        right=1 - (between(0, 0.09) if between(0, 1) < 0.6 else 0.0),
        roof=between(0.04, 0.17),
        street=between(0.93, 0.98),
        floors=int(rng.integers(3, 6)),
        columns=columns,
        window_width=between(0.42, 0.62),
        window_height=between(0.5, 0.68),
        molding=between(0, 1) < 0.55,
        sills=between(0, 1) < 0.8,
        blinds=between(0, 1) < 0.35,
        balconies=between(0, 0.6) if between(0, 1) < 0.6 else 0.0,
        deco=between(0, 1) < 0.4,
        pillars=between(0, 1) < 0.35,
        bands=between(0, 1) < 0.6,
        shop=between(0, 1) < 0.55,
        door=int(rng.integers(0, columns)),
        odd=int(rng.integers(2**31)),
    )


def lay_out(seed: int, index: int) -> list[Box]:
    """The boxes of facade `index` of the set `seed`, later boxes over earlier ones: a pure function of the two."""
    s = _choose_style(seed, index)
    rng = stream(s.odd, 52)
    width, height = s.right - s.left, s.street - s.roof
    ground = height / s.floors * float(rng.uniform(1.05, 1.25))
    storey = (height - ground) / (s.floors - 1)
    bay = width / s.columns
    boxes = [Box("background", 0, 0, 1, 1), Box("facade", s.left, s.roof, s.right, s.street)]
    ground_top = s.street - ground
    if s.pillars:
        thick = bay * 0.13
        edges = [s.left + bay * k for k in range(s.columns + 1)]
        boxes += [
            Box("pillar", max(s.left, x - thick / 2), s.roof + 0.02, min(s.right, x + thick / 2), ground_top)
            for x in edges
        ]
    if s.bands:
        levels = [s.roof + storey * k for k in range(1, s.floors - 1)]
        boxes += [Box("cornice", s.left, y - 0.009, s.right, y + 0.009) for y in levels]
    rows_with_balconies = [float(rng.uniform()) < s.balconies for _ in range(s.floors - 1)]
    for row in range(s.floors - 1):
        for column in range(s.columns):
            balcony = rows_with_balconies[row] and float(rng.uniform()) < 0.7
            closed = float(rng.uniform()) < 0.15
            cell = (s.left + bay * column, s.roof + storey * row, bay, storey)
            boxes += _lay_window(s, cell, balcony, closed)
    boxes += _lay_ground(s, bay, ground_top, float(rng.uniform(0.7, 0.85)))
    boxes.append(Box("cornice", s.left, ground_top - 0.013, s.right, ground_top + 0.013))
    boxes.append(Box("cornice", max(0, s.left - 0.012), s.roof - 0.012, min(1, s.right + 0.012), s.roof + 0.026))
    return boxes


def _lay_window(s: Style, cell: tuple[float, float, float, float], balcony: bool, closed: bool) -> list[Box]:
    """A window with its surroundings, within its cell (left, top, width, height)."""
    x, y, bay, storey = cell
    wide, tall = bay * s.window_width * (0.8 if s.blinds else 1), storey * s.window_height
    left, top = x + (bay - wide) / 2, y + (storey - tall) * 0.55
    right, bottom = left + wide, top + tall
    frame = bay * 0.07
    boxes = []
    if s.molding:
        boxes.append(Box("molding", left - frame, top - frame, right + frame, bottom))
    if s.deco:
        boxes.append(Box("deco", left - frame, top - frame - storey * 0.085, right + frame, top - frame * 0.6))
    boxes.append(Box("window", left, top, right, bottom))
    if s.blinds:
        leaf = wide * 0.3
        boxes += [Box("blind", left - leaf, top, left, bottom), Box("blind", right, top, right + leaf, bottom)]
    elif closed:
        boxes.append(Box("blind", left, top, right, top + tall * 0.45))
    if s.sills:
        boxes.append(Box("sill", left - frame * 1.3, bottom, right + frame * 1.3, bottom + storey * 0.05))
    if balcony:
        boxes.append(Box("balcony", left - bay * 0.13, bottom - tall * 0.4, right + bay * 0.13, bottom + storey * 0.06))
    return boxes


def _lay_ground(s: Style, bay: float, top: float, door_height: float) -> list[Box]:
    """The ground floor: a door, and shops or windows in the other bays."""
    boxes = []
    ground = s.street - top
    for column in range(s.columns):
        x = s.left + bay * column
        if column == s.door:
            half = min(bay * 0.34, 0.075)
            middle = x + bay / 2
            door = (middle - half, s.street - ground * door_height, middle + half, s.street)
            boxes.append(Box("molding", door[0] - bay * 0.06, door[1] - bay * 0.06, door[2] + bay * 0.06, s.street))
            boxes.append(Box("door", *door))
        elif s.shop:
            boxes.append(Box("shop", x + bay * 0.06, top + ground * 0.17, x + bay * 0.94, s.street - ground * 0.04))
        else:
            boxes += _lay_window(s, (x, top, bay, ground), False, False)
    return boxes
