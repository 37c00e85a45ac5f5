"""The hair of a face: where it lies, how its strands run, how they catch the light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgan.synthetic.canvas import OVERSAMPLING, Field, bump, flat_noise, mix, soft, stream, warped_noise
from edgan.synthetic.factors import FaceFactors
from edgan.synthetic.head import Head, light_direction

COLOURS = {
    "black": ((0.05, 0.045, 0.05), (0.12, 0.1, 0.1)),
    "brown": ((0.22, 0.13, 0.08), (0.42, 0.27, 0.16)),
    "blond": ((0.68, 0.52, 0.3), (0.9, 0.77, 0.53)),
    "gray": ((0.42, 0.43, 0.45), (0.68, 0.69, 0.71)),
}


@dataclass(frozen=True)
class Hair:
    """Hair ready to be painted: its `colour` (3, R, R) and masks (R, R) of where it shows `behind` the neck, in `front`
    of the face, and where its `shadow` falls on the skin.
    """

    colour: Field
    behind: Field
    front: Field
    shadow: Field


def hair_colour(f: FaceFactors) -> tuple[float, float, float]:
    """The middle tone of the hair."""
    low, high = COLOURS[f.hair_colour]
    return mix(low, high, f.hair_shade)


def _strands(f: FaceFactors, head: Head, x: Field, y: Field) -> Field:
    """Light and dark along each strand (about -1 to 1); strands fan out from the parting and fall beside the face."""
    rng = stream(f.texture, 21)
    crown_u = 0.24 * f.parting * head.width
    up = np.minimum(y - 0.02, 0)
    rho = np.sqrt((x / head.width) ** 2 + (up / head.height) ** 2)
    fan = np.arctan2(x - crown_u, 0.55 - np.minimum(y, 0.3))
    comb = 0.35 + 0.65 * min(1.0, f.hair_length * 2)
    lift = 0.28 * bump((fan / 0.3) ** 2)
    across = (rho - lift) * comb + fan * (1 - comb) * 1.6
    along = y + 0.6 * fan
    sway = f.wave
    phase = warped_noise(rng.standard_normal((16, 16), dtype=np.float32), y * 3 + 8, x * 4 + 8)
    across = across + sway * 0.075 * np.sin(y * 15 + 2.2 * phase + 3 * np.sign(x)) + 0.03 * phase
    knots = rng.standard_normal((16, 128), dtype=np.float32)
    fine = warped_noise(knots, along * (2.5 + 3 * sway), across * 62 + 40)
    broad = warped_noise(knots[::-1], along * (1.5 + 4 * sway), across * 17 + 9)
    return 0.62 * fine + 0.55 * broad


def style_hair(f: FaceFactors, head: Head) -> Hair:
    """Where the hair lies and its colour at every point."""
    x, y = head.x, head.y
    strand = _strands(f, head, x, y)
    tips = flat_noise(stream(f.texture, 22), 26, head.u.shape[0] // OVERSAMPLING)
    volume = 0.06 + 0.14 * f.hair_volume + (0.06 + 0.16 * f.hair_volume) * f.wave + 0.04 * min(f.hair_length, 0.6)
    a, b = head.width * (1.0 + volume * 0.85), head.height * (1.02 + volume)
    xs = x + 0.1 * head.turn
    flare = 1 + 0.16 * np.clip(y, 0, 1.2)
    rho = np.sqrt((xs / (a * flare)) ** 2 + (np.minimum(y + 0.02, 0) / b) ** 2)
    bulge = (0.012 + 0.03 * f.wave) * (strand * 0.5 + tips * 0.3)
    end = 0.02 + 1.05 * f.hair_length
    outline = np.minimum((1 - rho) * head.width + bulge, (end - y) * 0.8 + 0.06 * strand + 0.012 * tips)
    whole = soft(outline, 0.022)
    rise = -0.36 - 0.05 * f.hair_volume + 0.04 * (1 - f.male)
    apart = np.abs(head.u - 0.24 * f.parting * head.width)
    line = rise + 0.95 * apart**1.9 / max(head.width, 0.3)
    if f.bangs:
        line = -0.205 + 0.35 * head.u**2
    side = head.width * (0.985 - 0.16 * min(1.0, max(0.0, (f.hair_length - 0.25) * 2.5)))
    below_line = head.v - line + (0.03 if f.bangs else 0.014) * strand
    open_face = np.minimum(below_line, side - np.abs(head.u) + 0.012 * strand)
    low = np.clip((y - 0.28) * 6, 0, 1)
    open_neck = head.width * (0.8 + 0.05 * f.hair_length) - np.abs(xs) + 0.02 * strand - 0.12 * np.clip(y - 0.4, 0, 1)
    opening = soft(open_face * (1 - low) + np.maximum(open_face, open_neck) * low, 0.02)
    front = whole * (1 - opening)
    near = soft(open_face * (1 - low) + open_neck * low, 0.13)
    lit = _light_hair(f, head, strand, rho)
    crest = bump(((head.u - 0.24 * f.parting * head.width) / 0.014) ** 2) * soft(-0.3 - head.v, 0.1)
    lit = lit * (1 - 0.55 * crest * min(1.0, f.hair_length * 2) * (not f.bangs))
    inner = 1 - 0.35 * bump(((open_face) / 0.05) ** 2)
    return Hair(colour=lit * inner, behind=whole, front=front, shadow=(1 - near) * (1 - front))


def _light_hair(f: FaceFactors, head: Head, strand: Field, rho: Field) -> Field:
    """Colour of the strands (3, R, R): their variety, the gloss, the turn from the light, the gray of age."""
    lx, ly, _ = light_direction(f)
    base = hair_colour(f)
    depth = 0.3 if f.hair_colour in ("blond", "gray") else 0.42
    tone = np.clip(1 + depth * strand, 0.35, 1.9)
    facing = (head.x * lx / head.width + head.y * ly / head.height) * 0.75
    tone = tone * np.clip(0.92 + 0.32 * facing, 0.45, 1.4) * np.clip(1.22 - 0.28 * rho**4, 0.6, 1.2)
    gloss = bump(((head.y + 0.42 - 0.35 * head.x**2) / 0.09) ** 2 + ((head.x - 0.35 * lx) / 0.34) ** 2)
    gloss = gloss * np.clip(0.5 + 0.6 * strand, 0, 1.5) * (0.2 if f.hair_colour != "black" else 0.26)
    sheen = mix(base, (0.95, 0.9, 0.85), 0.55)
    old = float(np.clip((f.age - 0.45) / 0.5, 0, 1)) * (f.hair_colour != "gray")
    silver = np.clip(strand * 1.4 - 0.35, 0, 1) * old * 0.7
    colour = np.empty((3, *strand.shape), dtype=np.float32)
    for channel in range(3):
        plain = base[channel] * tone + sheen[channel] * gloss
        colour[channel] = plain + ((0.72, 0.72, 0.74)[channel] * (0.7 + 0.3 * tone) - plain) * silver
    return colour
