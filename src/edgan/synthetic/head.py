"""The head of a drawn face: an egg turned in space, and the coordinates in which its features are placed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from edgan.synthetic.canvas import Field, bump, grid, pixel, soft
from edgan.synthetic.factors import FaceFactors

ZOOM = 1.13
CENTRE_Y = 0.09


@dataclass(frozen=True)
class Head:
    """A head on the grid. Lengths are in halves of the picture's side; fields are (R, R).

    Attributes:
        x, y: picture coordinates turned upright about the head's centre (tilt undone), y down.
        u, v: the same on the face itself (yaw undone): a feature drawn in them is foreshortened as the head turns.
        mask: 1 on the head, 0 elsewhere.
        round_x, round_y: how far the egg has turned away from the viewer, sideways and up or down, in [-1, 1].
        turn: how far the face's middle line moves sideways, in x.
        width, height: half axes of the head.
        px: one fine pixel.
        tilt: in radians.
        rows: the rows of the fine grid that the fields hold.
    """

    x: Field
    y: Field
    u: Field
    v: Field
    mask: Field
    round_x: Field
    round_y: Field
    turn: float
    width: float
    height: float
    px: float
    tilt: float
    rows: slice

    def band(self, low: float, high: float) -> Head:
        """The rows of the picture that hold the face between v = low and v = high, as views."""
        side = len(self.v)
        lean = 0.6 * abs(math.sin(self.tilt))
        first, last = (int(((v + CENTRE_Y) * ZOOM + 1) / 2 * side) for v in (low - lean, high + lean))
        rows = slice(max(0, first), min(side, last + 1))
        cut = {name: getattr(self, name)[rows] for name in ("x", "y", "u", "v", "mask", "round_x", "round_y")}
        return replace(self, **cut, rows=rows)


def shape_head(f: FaceFactors, size: int) -> Head:
    """The head's outline and coordinates from its width, length, jaw, yaw and tilt."""
    gx, gy = (line / np.float32(ZOOM) for line in grid(size))
    px = pixel(size) / ZOOM
    tilt, yaw = math.radians(f.tilt), math.radians(f.yaw)
    cos, sin = math.cos(tilt), math.sin(tilt)
    x = gx * np.float32(cos) + (gy - CENTRE_Y) * np.float32(sin)
    y = (gy - CENTRE_Y) * np.float32(cos) - gx * np.float32(sin)
    width = 0.462 + 0.045 * f.face_width + 0.012 * f.male
    height = 0.62 + 0.04 * f.face_length
    t = y * np.float32(1 / height)
    squareness = 2.15 + 0.45 * f.jaw + 0.45 * f.male
    taper = 0.62 - 0.05 * f.jaw - 0.08 * f.male
    below = _power(np.clip(np.abs(t), 1e-4, 1.5), squareness)
    lower = t > 0
    power = np.where(lower, below, t * t)
    reach = _power(np.clip(1 - power, 0.02, 1), np.where(lower, np.float32(taper), np.float32(0.5)))
    across = np.clip(x / (width * reach), -1, 1)
    angle = np.arcsin(across) - np.float32(yaw)
    # Outside the head the face's coordinate continues like the picture's, so glasses and hair may stand out.
    beyond = np.maximum(np.abs(x) - width * reach, 0) * np.sign(x)
    u = width * np.maximum(reach, 0.55) * np.sin(np.clip(angle, -1.55, 1.55)) + beyond
    aside = np.maximum(np.abs(x) * np.float32(1 / width), 1e-4)
    sideways = _power(aside, 1 / taper)
    outline = np.where(lower, sideways, aside * aside) + power - 1
    slope_x = np.where(lower, sideways / aside / taper, aside * 2) / width
    slope_y = np.where(lower, squareness * below / np.maximum(t, 0.05), np.abs(t) * 2) / height
    distance = -outline / np.sqrt(slope_x**2 + slope_y**2 + 0.04)
    return Head(
        x=x,
        y=y,
        u=u.astype(np.float32),
        v=y,
        mask=soft(distance.astype(np.float32), 1.5 * px),
        round_x=np.clip(x / (width * np.sqrt(np.maximum(reach, 0.1))), -1, 1).astype(np.float32),
        round_y=np.clip(t, -1, 1),
        turn=width * math.sin(yaw),
        width=width,
        height=height,
        px=px,
        tilt=tilt,
        rows=slice(0, len(gy)),
    )


def _power(base: Field, exponent: float | Field) -> Field:
    """base ** exponent for base > 0; in single precision several times faster than the operator."""
    return np.exp(np.log(base) * exponent)


@dataclass(frozen=True)
class Places:
    """Where the features sit on the face, in its (u, v)."""

    eye_u: float
    eye_v: float
    eye_width: float
    eye_height: float
    brow_v: float
    nose_v: float
    nose_width: float
    mouth_v: float
    mouth_width: float
    chin_v: float


def place_features(f: FaceFactors) -> Places:
    """The features' places and sizes from the identity factors."""
    eye_v = -0.035
    nose_v = 0.2 + 0.035 * f.nose_length
    height = 0.62 + 0.04 * f.face_length
    return Places(
        eye_u=0.2 + 0.025 * f.eye_spacing + 0.015 * f.face_width,
        eye_v=eye_v,
        eye_width=0.112 + 0.014 * f.eye_size,
        eye_height=0.056 + 0.011 * f.eye_size + (0 if f.male else 0.007),
        brow_v=eye_v - 0.128 - 0.022 * f.brow_height + (0.018 if f.male else -0.008),
        nose_v=nose_v,
        nose_width=0.075 + 0.016 * f.nose_width + 0.008 * f.male,
        mouth_v=nose_v + 0.45 * (height - nose_v) - 0.02,
        mouth_width=0.15 + 0.022 * f.mouth_width,
        chin_v=height - 0.08,
    )


def _relief(f: FaceFactors, p: Places, u: Field, v: Field) -> Field:
    """How far the skin stands out from the egg: nose, brow, sockets, cheeks, chin, and the folds of age and smile."""
    side = np.abs(u)
    above_tip = np.clip((v - p.eye_v + 0.05) / (p.nose_v - p.eye_v), 0, 1) * soft(p.nose_v + 0.01 - v, 0.06)
    ridge = (0.03 + 0.05 * above_tip) * above_tip * bump((u / (0.03 + 0.025 * above_tip)) ** 2)
    tip = 0.055 * bump((u / (p.nose_width * 0.62)) ** 2 + ((v - p.nose_v + 0.012) / 0.042) ** 2)
    wings = 0.03 * bump(((side - p.nose_width * 0.78) / 0.03) ** 2 + ((v - p.nose_v) / 0.035) ** 2)
    socket = -0.03 * bump(((side - p.eye_u + 0.02) / 0.12) ** 2 + ((v - p.eye_v + 0.02) / 0.07) ** 2)
    brow = (0.018 + 0.012 * f.male) * bump(((side - p.eye_u + 0.03) / 0.15) ** 2 + ((v - p.brow_v) / 0.05) ** 2)
    cheek_v = p.eye_v + 0.2 - 0.03 * f.smile
    cheek = (0.022 + 0.025 * f.smile) * bump(((side - 0.26) / 0.11) ** 2 + ((v - cheek_v) / 0.09) ** 2)
    chin = 0.03 * bump((u / 0.11) ** 2 + ((v - p.chin_v) / 0.07) ** 2)
    lip = 0.014 * bump((u / (p.mouth_width * 0.8)) ** 2 + ((v - p.mouth_v) / 0.05) ** 2)
    return ridge + tip + wings + socket + brow + cheek + chin + lip


def light_skin(f: FaceFactors, head: Head, p: Places) -> tuple[Field, Field]:
    """How bright each point of the skin is lit, and how much it shines: two fields (R, R), 0 to about 1."""
    relief = _relief(f, p, head.u, head.v)
    fall_y, fall_x = np.gradient(relief, head.px)
    nx = 0.92 * head.round_x - 1.1 * fall_x
    ny = 0.72 * head.round_y - 1.1 * fall_y
    nz = np.sqrt(np.maximum(1.08 - head.round_x**2 * 0.85 - head.round_y**2 * 0.5, 0.05))
    scale = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
    lx, ly, lz = light_direction(f)
    towards = (nx * lx + ny * ly + nz * lz) * scale
    diffuse = np.clip((towards + 0.25) / 1.25, 0, 1)
    hx, hy, hz = lx, ly, lz + 1
    length = math.sqrt(hx * hx + hy * hy + hz * hz)
    shine = np.clip((nx * hx + ny * hy + nz * hz) * scale / length, 0, 1) ** 24
    return diffuse.astype(np.float32), shine.astype(np.float32)


def light_direction(f: FaceFactors) -> tuple[float, float, float]:
    """The unit vector towards the light (x right, y down, z to the viewer); it comes from above."""
    angle = math.radians(f.light)
    x, y, z = math.sin(angle), -0.55, math.cos(angle)
    length = math.sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length
