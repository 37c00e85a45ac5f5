"""Rendered faces, all of whose factors are known, unlike those of photographs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgan.synthetic import features
from edgan.synthetic.canvas import Field, check_size, darken, finish, flat_noise, mix, paint, soft, stream
from edgan.synthetic.factors import FaceFactors, sample_face
from edgan.synthetic.hair import hair_colour, style_hair
from edgan.synthetic.head import Head, Places, light_direction, light_skin, place_features, shape_head
from edgan.synthetic.scene import draw_body, draw_scene

SKINS = (
    (0.99, 0.86, 0.77),
    (0.94, 0.75, 0.62),
    (0.84, 0.63, 0.47),
    (0.66, 0.45, 0.31),
    (0.52, 0.35, 0.25),
    (0.45, 0.3, 0.22),
)


def render_faces(
    count: int, size: int, seed: int = 0, start: int = 0, patterned: bool = False
) -> tuple[NDArray[np.uint8], list[FaceFactors]]:
    """Draw faces `start` to `start + count` of the set `seed`.

    (seed, index, size) alone determine every byte of a face, whatever else is drawn in the same call.

    Args:
        count: the number of faces.
        size: side in pixels, at least 16.
        seed: of the set.
        start: index of the first face.
        patterned: with patterns behind the head and on the clothes; see `sample_face`.

    Returns:
        Images uint8 (count, size, size, 3) and the factors of each.

    Raises:
        UsageError: size below 16, or a count below 0.
    """
    check_size(count, size)
    factors = [sample_face(seed, index, patterned=patterned) for index in range(start, start + count)]
    images = np.empty((count, size, size, 3), dtype=np.uint8)
    for image, f in zip(images, factors, strict=True):
        image[:] = render_face(f, size)
    return images, factors


def render_face(factors: FaceFactors, size: int) -> NDArray[np.uint8]:
    """Draw a face; the same factors and size give the same bytes.

    To get the ground truth of an edit, change a factor with `dataclasses.replace` and draw the face again.

    Args:
        factors: of the face.
        size: side in pixels, at least 16.

    Returns:
        (size, size, 3) uint8.

    Raises:
        UsageError: size below 16.
    """
    check_size(1, size)
    f = factors
    head, places = shape_head(f, size), place_features(f)
    skin, hair = _skin_colour(f), style_hair(f, head)
    picture = draw_scene(f, size)
    paint(picture, hair.behind, hair.colour * np.float32(0.62))
    draw_body(picture, f, head, skin, size)
    ears, egg = head.band(-0.12, 0.2), head.band(-head.height - 0.03, head.height + 0.03)
    _draw_ears(picture[:, ears.rows], f, ears, skin)
    face = picture.copy()
    face[:, egg.rows] = _draw_skin(f, egg, places, skin, size)
    _draw_features(face, f, head, places, skin)
    paint(picture[:, egg.rows], egg.mask, face[:, egg.rows])
    darken(picture, hair.shadow * head.mask * 0.7, (0.62, 0.5, 0.47))
    paint(picture, hair.front, hair.colour)
    before = head.band(places.eye_v - 0.21, places.eye_v + 0.24)
    features.draw_glasses(picture[:, before.rows], f, before, places, hair.front[before.rows])
    return finish(picture)


def _draw_features(picture: Field, f: FaceFactors, head: Head, p: Places, skin: Sequence[float]) -> None:
    """Everything on the skin, in painting order."""
    hair = hair_colour(f)
    lips = mix(skin, (0.62, 0.25, 0.24), 0.5) if f.male else mix(skin, (0.75, 0.1, 0.18), 0.72)
    brow = mix(hair, (0.08, 0.05, 0.04), 0.45)
    brow = mix(brow, (0.7, 0.7, 0.7), 0.45 * max(0.0, f.age - 0.5))
    nose, mouth = head.band(p.nose_v - 0.26, p.nose_v + 0.12), head.band(p.mouth_v - 0.16, p.mouth_v + 0.2)
    eyes, brows = head.band(p.eye_v - 0.16, p.eye_v + 0.14), head.band(p.brow_v - 0.12, p.brow_v + 0.12)
    jaw, lines = head.band(p.nose_v - 0.08, 1), head.band(-0.45, p.mouth_v + 0.1)
    features.draw_age(picture[:, lines.rows], f, lines, p)
    features.draw_nose(picture[:, nose.rows], nose, p, light_direction(f)[0])
    features.draw_beard(picture[:, jaw.rows], f, jaw, p, _beard_colour(hair, skin))
    features.draw_mouth(picture[:, mouth.rows], f, mouth, p, lips)
    features.draw_eyes(picture[:, eyes.rows], f, eyes, p)
    features.draw_brows(picture[:, brows.rows], f, brows, p, brow)


def _beard_colour(hair: Sequence[float], skin: Sequence[float]) -> tuple[float, float, float]:
    """A little darker than the hair; where that would look like the skin, much darker, or lighter if fair."""
    shadowed = 0.7 * sum(skin)
    usual, dark = mix(hair, (0.0, 0.0, 0.0), 0.25), mix(hair, (0.0, 0.0, 0.0), 0.65)
    if abs(sum(usual) - shadowed) >= 0.5:
        return usual
    light = mix(hair, (1.0, 0.96, 0.88), 0.35)
    fair = sum(hair) > 1.2
    return light if fair and sum(light) - shadowed > shadowed - sum(dark) else dark


def _skin_colour(f: FaceFactors) -> tuple[float, float, float]:
    at = f.skin_tone * (len(SKINS) - 1)
    return mix(SKINS[int(at)], SKINS[min(int(at) + 1, len(SKINS) - 1)], at % 1)


def _draw_skin(f: FaceFactors, head: Head, p: Places, skin: Sequence[float], size: int) -> Field:
    """The lit skin (3, rows, R) with its pores, blotches and freckles."""
    diffuse, shine = light_skin(f, head, p)
    pores = flat_noise(stream(f.texture, 1), 96, size)[head.rows]
    blotches = flat_noise(stream(f.texture, 2), 20, size)[head.rows]
    grain = 1 + 0.028 * pores + 0.018 * blotches
    tone = (0.4 + 0.72 * diffuse) * grain
    cheeks = np.exp(-(((np.abs(head.u) - 0.27) / 0.12) ** 2) - ((head.v - p.eye_v - 0.2) / 0.1) ** 2)
    blush = (0.12 if f.male else 0.26) * cheeks * (1 + 0.3 * blotches)
    # Skin is redder in the shade than in the light, because light scattered in it comes out red.
    warm = 1 - diffuse
    lit = np.empty((3, *diffuse.shape), dtype=np.float32)
    for channel, (depth, flush) in enumerate(((0.0, 0.05), (0.12, -0.45), (0.16, -0.4))):
        lit[channel] = skin[channel] * tone * (1 - depth * warm) * (1 + flush * blush) + 0.14 * shine
    if f.freckles > 0:
        spots = flat_noise(stream(f.texture, 3), 54, size)[head.rows]
        middle = np.exp(-((head.u / 0.36) ** 2) - ((head.v - p.eye_v - 0.13) / 0.16) ** 2)
        darken(lit, soft(spots - 1.25, 0.5) * middle * np.float32(f.freckles), (0.62, 0.48, 0.4))
    return lit


def _draw_ears(picture: Field, f: FaceFactors, head: Head, skin: Sequence[float]) -> None:
    """Two ears at the sides of the head, which hides the ear that is turned away."""
    for side in (-1.0, 1.0):
        at = side * head.width * 0.97 - 0.14 * head.turn
        dx, dy = (head.x - at) / 0.075, (head.y - 0.04 - 0.1 * side * (head.x - at)) / 0.135
        distance = (1 - np.sqrt(dx**2 + dy**2)) * 0.075
        tone = (
            0.72
            + 0.2 * np.clip(distance / 0.05, 0, 1)
            + 0.15 * side * math.copysign(1, f.light) * min(1, abs(f.light) / 40)
        )
        ear = soft(distance, 2 * head.px)
        paint(picture, ear, (skin[0] * tone, skin[1] * tone * 0.92, skin[2] * tone * 0.9))
        darken(picture, soft(0.028 - np.abs(distance - 0.05), 0.03) * ear * 0.5, (0.6, 0.45, 0.42))
