"""The materials of a facade's elements: brick, stone, plaster, glass, wood, iron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgan.synthetic.canvas import Field, bump, flat_noise, hue, mix, stream

Colour = tuple[float, float, float]
BRICKS = ((0.6, 0.3, 0.22), (0.5, 0.24, 0.18), (0.66, 0.42, 0.3), (0.72, 0.6, 0.45), (0.42, 0.25, 0.22))
STONES = ((0.7, 0.66, 0.58), (0.6, 0.58, 0.55), (0.76, 0.7, 0.58), (0.55, 0.5, 0.44))


@dataclass(frozen=True)
class Palette:
    """A building's colours, the random values that its elements share, and the grain of the whole picture, (R, R)."""

    wall: Colour
    trim: Colour
    frame: Colour
    wood: Colour
    shutter: Colour
    sky: Colour
    kind: int
    fine: Field
    middle: Field
    broad: Field
    rng: np.random.Generator


@dataclass(frozen=True)
class Element:
    """An element being painted.

    Attributes:
        view: its view of the picture, (3, h, w).
        fine, middle: its grain, (h, w).
        across, down: coordinates in [0, 1], (1, w) and (h, 1).
        pixels: its width and height as shares of the picture's side.
    """

    view: Field
    fine: Field
    middle: Field
    across: Field
    down: Field
    pixels: tuple[float, float]


def choose_palette(key: tuple[int, int], size: int) -> Palette:
    """The building that the key (material seed, index) stands for."""
    rng = stream(*key, 61)
    kind = int(rng.integers(0, 4))
    wall = {
        0: BRICKS[int(rng.integers(0, len(BRICKS)))],
        1: STONES[int(rng.integers(0, len(STONES)))],
        2: hue(float(rng.uniform(0.03, 0.17)), float(rng.uniform(0.15, 0.5)), float(rng.uniform(0.6, 0.9))),
        3: hue(float(rng.uniform(0, 1)), float(rng.uniform(0.08, 0.28)), float(rng.uniform(0.55, 0.85))),
    }[kind]
    light = mix((0.9, 0.88, 0.82), wall, float(rng.uniform(0.05, 0.5)))
    frames: tuple[Colour, ...] = ((0.92, 0.91, 0.88), (0.3, 0.19, 0.12), (0.2, 0.26, 0.22), (0.6, 0.58, 0.55))
    return Palette(
        wall=wall,
        trim=light,
        frame=frames[int(rng.choice(4, p=(0.5, 0.2, 0.15, 0.15)))],
        wood=hue(float(rng.uniform(0.02, 0.1)), 0.6, float(rng.uniform(0.25, 0.5))),
        shutter=hue(float(rng.uniform(0, 1)), float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.3, 0.65))),
        sky=mix((0.5, 0.68, 0.9), (0.82, 0.84, 0.86), float(rng.uniform())),
        kind=kind,
        fine=flat_noise(stream(*key, 62), 128, size),
        middle=flat_noise(stream(*key, 63), 44, size),
        broad=flat_noise(stream(*key, 64), 9, size),
        rng=stream(*key, 65),
    )


def _fill(e: Element, colour: Colour, tone: Field) -> None:
    for channel in range(3):
        e.view[channel] = colour[channel] * tone


def _paint_background(e: Element, p: Palette) -> None:
    """Sky above, the pavement below, a neighbour in the haze at the sides."""
    clouds = np.clip(0.5 + 0.35 * p.broad + 0.12 * p.middle, 0, 1)
    haze = np.clip(1 - e.down * 1.5, 0, 1)
    neighbour = mix(p.wall, (0.55, 0.55, 0.58), 0.6)
    tone = 0.75 + 0.09 * p.middle + 0.07 * p.fine
    rows = np.clip((e.down - 0.16) * 40, 0, 1)
    street = np.clip((e.down - 0.93) * 60, 0, 1)
    for channel in range(3):
        sky = p.sky[channel] + (0.95 - p.sky[channel]) * clouds * (0.4 + 0.6 * (1 - haze))
        wall = neighbour[channel] * tone
        ground = (0.4, 0.39, 0.38)[channel] * (1 + 0.14 * p.fine + 0.06 * p.middle)
        mixed = sky + (wall - sky) * rows
        e.view[channel] = mixed + (ground - mixed) * street


def _courses(e: Element, p: Palette, height: float, length: float, joint: float) -> tuple[Field, Field]:
    """Running bond: how much of each point is joint, and a random tone for each stone, about -1 to 1."""
    width_all, height_all = e.pixels
    row = e.down * (height_all / height)
    shift = 0.5 * (np.floor(row) % 2)
    column = e.across * (width_all / length) + shift
    knots = p.rng.standard_normal((64, 64), dtype=np.float32)
    tone = knots[np.floor(row).astype(int) % 64, np.floor(column).astype(int) % 64]
    # Distances to the joints, in shares of the picture's side.
    to_row = np.abs(row - np.round(row)) * height
    to_column = np.abs(column - np.round(column)) * length
    return np.clip(1.2 - np.minimum(to_row, to_column) / joint, 0, 1), tone


def _paint_wall(e: Element, p: Palette) -> None:
    """Brick, stone blocks, plaster or painted stucco."""
    grain = 0.05 * e.fine + 0.05 * e.middle
    if p.kind == 0:
        joint, tone = _courses(e, p, 0.024, 0.058, 0.0055)
        body = 1 + 0.15 * tone + grain
        for channel in range(3):
            brick = p.wall[channel] * body
            e.view[channel] = brick + ((0.72, 0.69, 0.64)[channel] * (0.85 + grain) - brick) * joint * 0.75
    elif p.kind == 1:
        joint, tone = _courses(e, p, 0.062, 0.12, 0.006)
        _fill(e, p.wall, (1 + 0.075 * tone + 1.5 * grain) * (1 - 0.4 * joint))
    elif p.kind == 2:
        _fill(e, p.wall, 1 + 0.04 * e.fine + 0.075 * e.middle)
    else:
        _fill(e, p.wall, 1 + 0.1 * e.fine + 0.03 * e.middle)


def _paint_trim(e: Element, p: Palette) -> None:
    """Dressed stone around an opening, lighter to the upper left."""
    bevel = 0.12 * bump((e.across / 0.1) ** 2) + 0.1 * bump((e.down / 0.08) ** 2)
    _fill(
        e,
        p.trim,
        0.9 + bevel - 0.16 * bump(((e.across - 1) / 0.08) ** 2) + 0.05 * e.fine + 0.03 * e.middle,
    )


def _paint_band(e: Element, p: Palette) -> None:
    """A profile that juts out: bright where it faces the sky, dark beneath, with a row of dentils when it is deep."""
    tone = 1.08 - 0.42 * e.down + 0.045 * e.fine + 0.04 * e.middle
    if e.pixels[1] > 0.03:
        teeth = (np.sin(e.across * np.float32(e.pixels[0] * 200)) > 0.1) * (e.down > 0.52) * (e.down < 0.85)
        tone = tone - 0.24 * teeth
    _fill(e, p.trim, tone)


def _paint_deco(e: Element, p: Palette) -> None:
    """A carved panel: a swag and a boss with rough light and shade."""
    arch = e.down - 0.35 - 0.5 * (1 - (2 * e.across - 1) ** 2) * 0.8
    relief = 0.3 * np.sin(e.across * 22) * bump((arch / 0.2) ** 2)
    boss = 0.3 * bump(((e.across - 0.5) / 0.09) ** 2 + ((e.down - 0.45) / 0.3) ** 2)
    _fill(e, p.trim, 0.88 + relief + boss + 0.1 * e.fine + 0.05 * e.middle - 0.2 * (e.down > 0.88))


def _paint_pillar(e: Element, p: Palette) -> None:
    """A pilaster: a half-round shaft with flutes."""
    tone = 0.72 + 0.36 * np.sin(np.pi * np.clip(e.across * 0.9 + 0.2, 0, 1)) + 0.06 * np.cos(e.across * 19)
    _fill(e, p.trim, tone + 0.04 * e.fine + 0.03 * e.middle)


def _glass(e: Element, p: Palette, dark: float) -> None:
    """A pane: dark inside, with the sky and a leaning reflection, and in some a curtain or a lamp behind it."""
    lean = p.rng.uniform(size=6)
    curve = e.across * float(lean[0] * 2 - 1) + e.down
    sky = np.clip(0.75 - curve + 0.22 * e.middle, 0, 1) * float(0.25 + 0.55 * lean[1])
    curtain = bump(((np.abs(e.across - 0.5) - 0.5) / float(0.1 + 0.18 * lean[2])) ** 2) * (float(lean[3]) < 0.5)
    folds = 0.75 + 0.2 * np.sin(e.across * 44 + 5 * float(lean[2]))
    warm = float(lean[4] < 0.12)
    for channel in range(3):
        inside = (0.1, 0.11, 0.13)[channel] * dark + (0.65, 0.48, 0.22)[channel] * warm * (0.6 + 0.4 * e.down)
        pane = inside + (p.sky[channel] - inside) * sky + 0.02 * e.fine
        e.view[channel] = pane + ((0.82, 0.8, 0.75)[channel] * folds - pane) * curtain * 0.7


def _paint_window(e: Element, p: Palette) -> None:
    """Glass behind a frame with a mullion and a transom, recessed: shaded along its top and left."""
    _glass(e, p, 1.0)
    wide, tall = e.pixels
    thick = 0.0085
    to_edge_x = np.minimum(e.across, 1 - e.across) * wide
    to_edge_y = np.minimum(e.down, 1 - e.down) * tall
    mullion = np.abs(e.across - 0.5) * wide
    transom = np.abs(e.down - 0.34) * tall
    frame = (to_edge_x < thick) | (to_edge_y < thick) | (mullion < thick * 0.6) | (transom < thick * 0.6)
    for channel in range(3):
        np.copyto(e.view[channel], p.frame[channel] * (0.92 + 0.05 * e.fine), where=frame)
    shade = 1 - 0.5 * np.clip(1 - e.down * tall / 0.016, 0, 1)
    e.view[...] *= shade * (1 - 0.4 * np.clip(1 - e.across * wide / 0.01, 0, 1))


def _paint_door(e: Element, p: Palette) -> None:
    """Two leaves of wood with panels, a light above, and a handle."""
    grain = np.sin(e.across * 70 + 2 * e.middle) * 0.05 + 0.07 * e.fine
    panel_x = np.abs(np.abs(e.across - 0.5) - 0.25)
    panel_y = np.abs((e.down * 3) % 1 - 0.5)
    edge = (np.abs(panel_x - 0.15) < 0.035) | (np.abs(panel_y - 0.36) < 0.06)
    tone = 1 + grain - 0.3 * edge - 0.6 * (np.abs(e.across - 0.5) < 0.02)
    _fill(e, p.wood, tone)
    fanlight = (e.down > 0.04) & (e.down < 0.2) & (np.abs(e.across - 0.5) < 0.42)
    for channel in range(3):
        np.copyto(e.view[channel], p.sky[channel] * (0.55 + 0.1 * e.middle), where=fanlight)
    knob = bump(((e.across - 0.58) / 0.04) ** 2 + ((e.down - 0.6) / 0.03) ** 2)
    e.view[...] += (0.6 - e.view) * knob
    e.view[...] *= 1 - 0.5 * np.clip(1 - e.down / 0.06, 0, 1)


def _paint_blind(e: Element, p: Palette) -> None:
    """Louvres or a roller blind: level slats."""
    slats = np.sin(e.down * np.float32(e.pixels[1] * 420)) * 0.16
    rim = (np.minimum(e.across, 1 - e.across) * e.pixels[0] < 0.006) * 0.12
    _fill(e, p.shutter, 0.95 + slats + rim + 0.06 * e.fine + 0.05 * e.middle)


def _paint_balcony(e: Element, p: Palette) -> None:
    """Iron bars before what is behind them, a rail above, a slab below."""
    bars = np.sin(e.across * np.float32(e.pixels[0] * 330)) > 0.25
    e.view[...] *= 0.72
    iron = (bars & (e.down < 0.84)) | (e.down < 0.1) | (np.abs(e.down - 0.76) < 0.04)
    for channel in range(3):
        np.copyto(e.view[channel], 0.13 + 0.03 * e.fine, where=iron)
        slab = p.trim[channel] * (0.92 - 0.5 * (e.down - 0.84) / 0.16 + 0.05 * e.fine)
        np.copyto(e.view[channel], slab, where=e.down >= 0.84)


def _paint_shop(e: Element, p: Palette) -> None:
    """A wide pane with goods behind it, under a painted board with lettering or a striped awning."""
    _glass(e, p, 1.4)
    values = p.rng.uniform(size=4)
    board = hue(float(values[0]), 0.65, float(0.25 + 0.45 * values[1]))
    goods = np.clip(e.fine * 0.5 + e.middle * 0.6, -1, 1) * (e.down > 0.55) * (e.down < 0.86)
    for channel, weight in enumerate((0.3, 0.22, 0.15)):
        e.view[channel] += weight * np.abs(goods)
    sign = e.down < 0.24
    striped = float(values[2]) < 0.4
    letters = (np.abs(e.down - 0.12) < 0.055) & (np.abs(e.across - 0.5) < 0.38) & (e.fine > 0.1)
    stripes = np.sin(e.across * np.float32(e.pixels[0] * 260)) > 0
    bright = np.where(stripes, 0.92, -1.0) if striped else np.where(letters, 0.93, -1.0)
    for channel in range(3):
        face = np.where(bright > 0, bright, board[channel]) * (1 - 0.25 * e.down / 0.24) + 0.03 * e.fine
        np.copyto(e.view[channel], face, where=sign)
        base = p.wood[channel] * (0.8 + 0.1 * e.fine)
        np.copyto(e.view[channel], base, where=(e.down > 0.88) | (np.abs(e.across - 0.5) > 0.485))
    e.view[...] *= 1 - 0.45 * ((e.down > 0.24) & (e.down < 0.3))


PAINTERS: dict[str, Callable[[Element, Palette], None]] = {
    "background": _paint_background,
    "facade": _paint_wall,
    "window": _paint_window,
    "door": _paint_door,
    "cornice": _paint_band,
    "sill": _paint_band,
    "balcony": _paint_balcony,
    "blind": _paint_blind,
    "deco": _paint_deco,
    "molding": _paint_trim,
    "pillar": _paint_pillar,
    "shop": _paint_shop,
}
