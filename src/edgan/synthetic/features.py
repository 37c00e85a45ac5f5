"""What is drawn on the skin of a face: eyes, brows, nose, mouth, lines of age, beard, glasses."""

from __future__ import annotations

import numpy as np

from edgan.synthetic.canvas import OVERSAMPLING, Field, bump, darken, flat_noise, mix, paint, soft, stream
from edgan.synthetic.factors import FaceFactors
from edgan.synthetic.head import Head, Places

IRISES = ((0.26, 0.14, 0.07), (0.42, 0.27, 0.1), (0.3, 0.42, 0.22), (0.3, 0.47, 0.62), (0.42, 0.55, 0.66))


def draw_eyes(picture: Field, f: FaceFactors, head: Head, p: Places) -> None:
    """White, iris, pupil, glint, lids and lashes of both eyes; a smile narrows them from below."""
    u, v, px = head.u, head.v, head.px
    at = f.iris * (len(IRISES) - 1)
    iris_colour = mix(IRISES[int(at)], IRISES[min(int(at) + 1, len(IRISES) - 1)], at % 1)
    low = p.eye_height * (0.72 - 0.3 * f.smile)
    high = p.eye_height * (1 - 0.12 * f.age)
    for side in (-1.0, 1.0):
        du = (u - side * p.eye_u) * side
        dv = v - p.eye_v + (0.1 + 0.14 * f.eye_slant) * du
        arch = 1 - (du / p.eye_width) ** 2
        upper, lower = dv + high * arch, low * arch - dv
        opening = soft(np.minimum(upper, lower) * 1.0, 1.6 * px) * (np.abs(du) < p.eye_width)
        shade = np.clip(upper / (2 * p.eye_height), 0, 1)
        white = 0.6 + 0.36 * shade
        paint(picture, opening, (white, white * 0.975, white * 0.95))
        radius = p.eye_height * 1.02
        gaze = u - side * p.eye_u - 0.012 * max(-1.0, min(1.0, f.yaw / 15))
        distance = np.sqrt(gaze**2 + (dv + 0.006) ** 2)
        iris = soft(radius - distance, 1.6 * px) * opening
        glow = 0.55 + 0.85 * np.clip((dv + radius) / (2 * radius), 0, 1) * np.clip(distance / radius, 0, 1)
        rim = 1 - 0.55 * np.clip((distance / radius - 0.7) / 0.3, 0, 1)
        paint(picture, iris, tuple(c * glow * rim for c in iris_colour))
        paint(picture, soft(radius * 0.46 - distance, 1.6 * px) * opening, (0.03, 0.02, 0.02))
        glint = bump(((gaze + 0.018) / 0.016) ** 2 + ((dv + 0.026) / 0.016) ** 2)
        paint(picture, np.minimum(glint * 1.3, 1) * opening, (1.0, 1.0, 1.0))
        _draw_lids(picture, f, p, du, upper, lower, px)


def _draw_lids(picture: Field, f: FaceFactors, p: Places, du: Field, upper: Field, lower: Field, px: float) -> None:
    """The upper lid's edge with its lashes, the crease above it and the edge below, fading out beyond the corners."""
    reach = np.clip(1.18 - np.abs(du) / p.eye_width, 0, 0.2) * 5
    thick = 0.011 if f.male else 0.017
    lash = (
        soft(thick + 0.008 * np.clip(du / p.eye_width, -1, 1) * (not f.male) - np.abs(upper - 0.002), 1.5 * px) * reach
    )
    paint(picture, lash * (0.75 if f.male else 0.95), (0.1, 0.06, 0.05))
    darken(picture, bump(((upper + 0.032) / 0.011) ** 2) * reach * 0.6, (0.55, 0.45, 0.42))
    if not f.male:
        darken(picture, bump(((upper + 0.018) / 0.02) ** 2) * reach * 0.55, (0.66, 0.5, 0.55))
    darken(picture, bump((lower / 0.009) ** 2) * reach * 0.5, (0.6, 0.45, 0.42))


def draw_brows(picture: Field, f: FaceFactors, head: Head, p: Places, colour: tuple[float, float, float]) -> None:
    """Two brows, heavy and straight on a man, thin and arched on a woman, with the grain of their hairs."""
    half = 0.036 if f.male else 0.024
    arch = 0.018 if f.male else 0.04
    hairs = flat_noise(stream(f.texture, 11), 96, head.u.shape[1] // OVERSAMPLING)[head.rows]
    side = np.abs(head.u) - p.eye_u - 0.012
    along = side / (p.eye_width * 1.25)
    bend = np.where(along > 0.3, ((along - 0.3) / 0.7) ** 2, 0.8 * ((along - 0.3) / 1.3) ** 2)
    line = p.brow_v + 0.01 - arch * (1 - bend) - 0.016 * f.eye_slant * along
    thickness = half * np.clip(1.15 - 0.45 * (along + 0.3) ** 2 - 0.25 * np.maximum(along, 0), 0, 1.2)
    inside = soft(thickness + 0.006 * hairs - np.abs(head.v - line), 0.02) * soft(0.95 - np.abs(along), 0.2)
    paint(picture, inside * np.clip(0.85 + 0.14 * hairs, 0, 1) * head.mask, colour)


def draw_nose(picture: Field, head: Head, p: Places, towards_light: float) -> None:
    """Nostrils, the shadow under the tip and the one the nose casts away from the light."""
    # The nose stands out of the face, so it moves further than the skin beneath when the head turns.
    u, v = head.u - 0.14 * head.turn * bump(((head.v - p.nose_v) / 0.1) ** 2), head.v - p.nose_v
    under = bump((u / (p.nose_width * 0.95)) ** 2 + ((v - 0.036) / 0.017) ** 2)
    darken(picture, under * 0.75, (0.62, 0.48, 0.44))
    holes = bump(((np.abs(u) - p.nose_width * 0.5) / 0.02) ** 2 + ((v - 0.022) / 0.012) ** 2)
    darken(picture, np.minimum(holes * 1.2, 1), (0.3, 0.18, 0.16))
    wing = bump(((np.abs(u) - p.nose_width * 1.05) / 0.012) ** 2 + ((v + 0.002) / 0.03) ** 2)
    darken(picture, wing * 0.5, (0.62, 0.5, 0.46))
    away = -1.0 if towards_light > 0 else 1.0
    cast = bump(((u - away * (p.nose_width * 0.9)) / 0.035) ** 2 + ((v + 0.05) / 0.1) ** 2) * min(abs(towards_light), 1)
    darken(picture, cast * 0.45, (0.65, 0.52, 0.5))


def draw_mouth(picture: Field, f: FaceFactors, head: Head, p: Places, lip_colour: tuple[float, float, float]) -> None:
    """Lips from closed and level to an open smile that shows the teeth."""
    u, v, px = head.u, head.v, head.px
    smile = f.smile
    grin = max(0.0, (smile - 0.45) / 0.55)
    width = p.mouth_width * (1 + 0.32 * smile)
    along = u / width
    arch = np.clip(1 - along**2, 0, 1)
    # Corners rise with the smile and sag a little without it.
    line = p.mouth_v + (0.08 * smile - 0.008) * (1 - along**2) - 0.03 * smile
    gap = (0.062 * grin) * arch**0.75
    full = 0.03 + 0.009 * f.lips + (0.0 if f.male else 0.007)
    bow = 1 - 0.3 * bump((u / 0.03) ** 2)
    top = line - gap * 0.35 - full * arch**0.6 * bow * (1 - 0.25 * grin)
    bottom = line + gap * 0.65 + full * 1.25 * arch**0.7 * (1 - 0.2 * grin)
    within = soft(1 - np.abs(along), 0.12)
    lips = soft(np.minimum(v - top, bottom - v), 1.8 * px) * within
    shade = np.where(v < line, np.float32(0.8), 1.0 + 0.12 * bump(((v - (line + bottom) / 2) / 0.014) ** 2))
    paint(picture, lips, tuple(c * shade for c in lip_colour))
    darken(picture, bump(((v - bottom - 0.022) / 0.014) ** 2) * arch * 0.5, (0.68, 0.55, 0.52))
    opened = soft(np.minimum(v - (line - gap * 0.35), line + gap * 0.65 - v), 1.6 * px) * within * min(grin * 6, 1)
    paint(picture, opened, (0.22, 0.05, 0.06))
    teeth = soft(np.minimum(v - (line - gap * 0.35), line + gap * 0.42 - v), 1.6 * px) * within * min(grin * 6, 1)
    bright = 0.97 - 0.22 * along**2 - 0.1 * f.age
    paint(picture, teeth * 0.96, (bright, bright * 0.97, bright * (0.93 - 0.08 * f.age)))
    seam = bump(((v - line) / 0.0085) ** 2) * soft(1.06 - np.abs(along), 0.12) * (1 - min(grin * 6, 1))
    darken(picture, seam, (0.3, 0.16, 0.16))
    corner = bump(((np.abs(along) - 1.03) / 0.07) ** 2 + ((v - line) / 0.02) ** 2)
    darken(picture, corner * 0.6, (0.45, 0.32, 0.3))


def draw_age(picture: Field, f: FaceFactors, head: Head, p: Places) -> None:
    """Forehead lines, crow's feet, bags, frown and the folds beside nose and mouth; those of a smile at any age."""
    u, v = head.u, head.v
    side = np.abs(u)
    strength = min(max((f.age - 0.3) / 0.45, 0.0), 1.0)
    fold_u = p.nose_width + 0.035 + (0.075 + 0.035 * f.smile) * np.clip((v - p.nose_v) / 0.18, 0, 1.3) ** 0.8
    fold = bump(((side - fold_u) / 0.014) ** 2) * soft(np.minimum(v - p.nose_v + 0.01, p.mouth_v + 0.04 - v), 0.06)
    darken(picture, fold * min(1.0, 0.9 * strength + 0.45 * f.smile) * 0.9, (0.42, 0.3, 0.28))
    if strength == 0:
        return
    wave = 0.012 * np.sin(u * 17 + 6 * f.face_length) - 0.1 * u**2
    lines = sum((bump(((v - at - wave) / 0.0085) ** 2) for at in (-0.255, -0.31, -0.365)), np.float32(0))
    darken(picture, np.minimum(lines, 1) * soft(0.26 - side, 0.14) * strength * 0.85, (0.45, 0.33, 0.3))
    du, dv = side - p.eye_u - p.eye_width, v - p.eye_v
    rays = sum((bump(((dv - at - tilt * du) / 0.008) ** 2) for at, tilt in ((-0.02, -0.5), (0.01, 0.1), (0.035, 0.6))))
    darken(picture, np.minimum(rays, 1) * soft(np.minimum(du, 0.085 - du), 0.05) * strength * 0.7, (0.45, 0.33, 0.3))
    below = v - p.eye_v - p.eye_height - 0.035 + 1.6 * (side - p.eye_u) ** 2
    bag = bump((below / 0.011) ** 2) * soft(p.eye_width * 0.95 - np.abs(side - p.eye_u), 0.06)
    darken(picture, bag * strength * 0.9, (0.45, 0.32, 0.34))
    frown = bump(((side - 0.035) / 0.009) ** 2) * soft(0.05 - np.abs(v - p.brow_v - 0.01), 0.03)
    darken(picture, frown * strength * 0.6, (0.6, 0.48, 0.45))


def draw_beard(picture: Field, f: FaceFactors, head: Head, p: Places, colour: tuple[float, float, float]) -> None:
    """Shadow, goatee, mustache or full beard: a region of the face filled with the grain of short hairs."""
    if f.beard == "none":
        return
    u, v, side = head.u, head.v, np.abs(head.u)
    lip = np.minimum(v - p.nose_v - 0.045, p.mouth_v - 0.03 + 0.05 * f.smile * (side / 0.15) ** 2 - v)
    mustache = soft(lip + 0.015, 0.03) * soft(p.mouth_width * 1.12 - side, 0.05)
    ring = np.sqrt((u / (p.mouth_width * 1.22)) ** 2 + ((v - p.mouth_v - 0.01) / 0.15) ** 2)
    around = soft(1.1 - ring, 0.15) * soft(ring - 0.78, 0.2) * soft(v - p.nose_v - 0.03, 0.03)
    chin = soft(1 - np.sqrt((u / 0.15) ** 2 + ((v - p.chin_v + 0.01) / 0.1) ** 2), 0.3)
    edge = p.mouth_v - 0.09 + 1.2 * (0.3 - np.minimum(side, 0.3)) ** 2 - 0.9 * np.maximum(side - 0.3, 0)
    jaw = soft(v - edge, 0.07)
    bare = soft(1 - np.sqrt((u / (p.mouth_width * 1.15)) ** 2 + ((v - p.mouth_v - 0.012) / 0.058) ** 2), 0.2)
    region = {
        "shadow": np.maximum(jaw, mustache),
        "goatee": np.maximum(around, chin),
        "mustache": mustache,
        "full": np.maximum(jaw, mustache),
    }[f.beard]
    size = head.u.shape[1] // OVERSAMPLING
    fine = flat_noise(stream(f.texture, 12), 128, size, 72)[head.rows]
    coarse = flat_noise(stream(f.texture, 13), 60, size, 30)[head.rows]
    grain = 0.7 * fine + 0.5 * coarse
    region = region * (1 - bare) * head.mask
    if f.beard == "shadow":
        darken(picture, region * np.clip(0.5 + 0.3 * grain, 0, 1), (0.36, 0.38, 0.42))
        return
    cover = np.clip(region * 1.25 + 0.22 * grain * region, 0, 1)
    bright = np.clip(1 + 0.27 * grain, 0.4, 1.7)
    paint(picture, cover * 0.93, tuple(c * bright for c in colour))


def draw_glasses(picture: Field, f: FaceFactors, head: Head, p: Places, covered: Field) -> None:
    """A dark frame, a bridge, arms that go under the hair (`covered`), and panes that catch the light."""
    if not f.eyeglasses:
        return
    style = stream(f.texture, 14).uniform(size=4).tolist()
    frame = mix(
        (0.05, 0.05, 0.06), ((0.35, 0.14, 0.06), (0.1, 0.12, 0.3), (0.45, 0.06, 0.1))[int(style[0] * 3)], style[1]
    )
    power = 2.2 + 3.5 * style[2]
    wide, tall = p.eye_u * 0.83, 0.125 + 0.02 * style[3]
    # They stand before the face, so they move further than the skin when the head turns.
    u, v, px = head.u - 0.1 * head.turn, head.v - p.eye_v - 0.012, head.px
    side = np.abs(u)
    ring = (np.abs((side - p.eye_u) / wide) ** power + np.abs(v / tall) ** power) ** np.float32(1 / power) - 1
    distance = ring * tall
    pane = soft(-distance, 1.5 * px)
    sheen = bump(((u * 0.7 + v - 0.04 - 0.14 * np.sign(u)) / 0.03) ** 2) * pane
    darken(picture, pane, (0.93, 0.95, 0.96))
    paint(picture, sheen * 0.22, (1.0, 1.0, 1.0))
    rim = soft(0.019 - np.abs(distance), 1.5 * px)
    bridge = soft(0.014 - np.abs(v + 0.045 - 0.5 * u**2), 1.5 * px) * (side < p.eye_u - wide * 0.9)
    arms = soft(0.014 - np.abs(v + 0.04), 1.5 * px) * (side > p.eye_u + wide) * head.mask * (1 - covered)
    darken(picture, soft(0.026 - np.abs(distance), 0.05) * 0.25 * head.mask, (0.4, 0.35, 0.35))
    paint(picture, np.maximum(np.maximum(rim, bridge), arms), frame)
