"""What is behind and below a face: a blurred room, sky or garden, the neck, the clothes."""

from __future__ import annotations

import math

import numpy as np

from edgan.synthetic.canvas import Field, bump, darken, flat_noise, grid, hue, paint, pixel, soft, stream
from edgan.synthetic.factors import FaceFactors
from edgan.synthetic.head import CENTRE_Y, ZOOM, Head


def draw_scene(f: FaceFactors, size: int) -> Field:
    """The background (3, R, R): a colour gradient with one of four kinds of texture, chosen by `scene`.

    Without patterns it is the gradient, or the gradient with lamps.
    """
    x, y = grid(size)
    kind = f.scene_kind
    rng = stream(f.texture, 31)
    place = rng.uniform(size=(7, 4)).tolist()
    bright = 0.4 + 0.45 * place[0][0]
    first = hue(f.scene_hue, 0.15 + 0.35 * place[0][1], bright)
    second = hue((f.scene_hue + 0.15 + 0.3 * place[0][2]) % 1, 0.3, bright * (0.45 + 0.5 * place[0][3]))
    ramp = np.clip(0.5 + 0.5 * (y + x * (place[1][0] - 0.5)), 0, 1)
    clouds = flat_noise(stream(f.texture, 32), 9, size)
    ramp = np.clip(ramp + 0.16 * clouds, 0, 1)
    picture = np.stack([a + (b - a) * ramp for a, b in zip(first, second, strict=True)]).astype(np.float32)
    if not f.patterned:
        if kind == 1:
            _draw_lamps(picture, f, place, x, y)
        return picture
    grain = flat_noise(stream(f.texture, 33), 72, size)
    if kind == 0:
        picture *= 1 + 0.07 * grain + 0.05 * flat_noise(stream(f.texture, 34), 30, size)
    elif kind == 1:
        _draw_lamps(picture, f, place, x, y)
        picture *= 1 + 0.035 * grain
    elif kind == 2:
        leaves = 0.6 * grain + 0.8 * flat_noise(stream(f.texture, 34), 26, size) + 0.5 * clouds
        green = hue(0.17 + 0.17 * place[1][1], 0.45, 0.42)
        paint(
            picture,
            np.clip(0.55 + 0.5 * leaves, 0, 1),
            tuple(c * np.clip(0.8 + 0.4 * leaves, 0.15, 1.7) for c in green),
        )
    else:
        _draw_shelf(picture, f, x, y, size)
        picture *= 1 + 0.06 * grain
    return picture


def _draw_lamps(picture: Field, f: FaceFactors, place: list[list[float]], x: Field, y: Field) -> None:
    """Lights out of focus."""
    for at_x, at_y, tone, width in place[1:]:
        radius = 0.12 + 0.16 * width
        distance = np.sqrt((x - (at_x * 2 - 1)) ** 2 + (y - (at_y * 1.4 - 1)) ** 2)
        disc = soft((radius - distance).astype(np.float32), 0.035) * (0.6 + 0.4 * np.clip(distance / radius, 0, 1) ** 3)
        paint(picture, disc * 0.5, hue((f.scene_hue + 0.25 * tone) % 1, 0.35, 1.0))


def _draw_shelf(picture: Field, f: FaceFactors, x: Field, y: Field, size: int) -> None:
    """Upright bands of many tones, like books, planks or blinds."""
    rng = stream(f.texture, 35)
    knots, shade = np.sort(rng.uniform(-1, 1, 22)).astype(np.float32), rng.uniform(0.55, 1.35, (3, 23))
    shade = 0.6 * shade[:1] + 0.4 * shade
    band = np.searchsorted(knots, x[0])
    picture *= shade[:, band].astype(np.float32)[:, None, :]
    gap = np.min(np.abs(x[0][:, None] - knots[None, :]), axis=1)
    picture *= (1 - 0.55 * bump((gap / 0.014) ** 2))[None, None, :]
    board = np.abs(((y[:, 0] + float(rng.uniform(0, 1))) % 0.72) - 0.36)
    picture *= (1 - 0.6 * soft((0.035 - board).astype(np.float32), pixel(size) * 3))[None, :, None]


def draw_body(picture: Field, f: FaceFactors, head: Head, skin: tuple[float, float, float], size: int) -> None:
    """Neck and shoulders in a woven or knitted garment, lit from the light's side."""
    gx, gy = (line / np.float32(ZOOM) for line in grid(size))
    head = head.band(0.05, 2)
    gy, picture = gy[head.rows], picture[:, head.rows]
    px = pixel(size) / ZOOM
    rng = stream(f.texture, 41)
    style = rng.uniform(size=4).tolist()
    neck_x = gx - 0.25 * head.turn
    low = gy - CENTRE_Y
    neck_half = 0.235 + 0.05 * f.male + 0.03 * f.face_width
    neck = soft(neck_half + 0.3 * np.clip(low - 0.62, 0, 1) ** 1.5 - np.abs(neck_x), 2 * px) * (low > 0.2)
    side = np.clip(0.5 + neck_x / neck_half * 0.5, 0, 1)
    away = 1 - side if f.light > 0 else side
    tone = 0.86 - 0.34 * away * min(1.0, abs(f.light) / 40) - 0.12 * np.abs(neck_x / neck_half) ** 2
    grain = flat_noise(stream(f.texture, 42), 80, size)[head.rows]
    tone = tone * (1 + 0.03 * grain)
    paint(picture, neck, tuple(c * tone for c in skin))
    chin = bump(((head.x) / 0.42) ** 2) * soft(head.height + 0.1 - head.y, 0.14)
    darken(picture, neck * chin * 0.85, (0.5, 0.38, 0.36))
    shoulders = 0.7 + 0.07 * f.male
    drop = 0.64 + 0.42 * np.abs(gx / shoulders) ** 2.2
    collar = 0.74 + 0.14 * style[0] - 1.1 * np.abs(neck_x) ** (1.0 + style[1])
    cloth = soft(np.minimum(low - drop + 0.05, low - np.where(np.abs(neck_x) < 0.42, collar, -1)), 2 * px)
    base = hue(f.clothes_hue, 0.2 + 0.6 * style[2], 0.25 + 0.6 * style[3])
    weave = (
        np.sin(gx * 96 + 8 * gy) * (np.sin(gy * 96) * 0.1)
        if style[1] < 0.5
        else 0.17 * np.sin(gy * 46 + 0.6 * gx**2 * 20)
    )
    if not f.patterned:
        weave, grain = 0 * weave, 0 * grain
    light = (
        0.85
        + 0.25 * np.clip(gx * math.copysign(1, f.light), -1, 1) * min(1.0, abs(f.light) / 40)
        + weave
        + 0.07 * grain
    )
    light = light * (1 - 0.4 * bump(((low - collar) / 0.03) ** 2) * (np.abs(neck_x) < 0.42))
    paint(picture, cloth, tuple(c * light for c in base))
