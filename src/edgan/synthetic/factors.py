"""The factors of a rendered face, how they are sampled, and the CelebA attributes that follow from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError, near_miss
from edgan.synthetic.canvas import stream

HairColour = Literal["black", "blond", "brown", "gray"]
Beard = Literal["none", "shadow", "goatee", "mustache", "full"]

FACE_ATTRIBUTES = (
    "5_o_Clock_Shadow",
    "Bangs",
    "Black_Hair",
    "Blond_Hair",
    "Brown_Hair",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Male",
    "Mustache",
    "No_Beard",
    "Smiling",
    "Wavy_Hair",
    "Young",
)


SHAPES = (
    "face_width",
    "face_length",
    "jaw",
    "eye_spacing",
    "eye_size",
    "eye_slant",
    "brow_height",
    "nose_length",
    "nose_width",
    "mouth_width",
    "lips",
)
SHARES = ("skin_tone", "iris", "freckles", "hair_length", "hair_volume", "hair_shade", "smile", "age", "wave")
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys((*SHAPES, "parting"), (-1, 1)),
    **dict.fromkeys((*SHARES, "scene", "scene_hue", "clothes_hue"), (0, 1)),
    "yaw": (-45, 45),
    "tilt": (-30, 30),
    "light": (-90, 90),
}
SCENES = ("plain", "lamps", "leaves", "shelf")
"""The values of `scene`: a quarter of its range each."""
SMOOTH_SCENES = 2
"""The first of them, which are smooth without their grain."""
HUES = ("scene_hue", "clothes_hue")
FACE_FACTORS = (
    *(name for name in RANGES if name not in ("scene", *HUES)),
    "eyeglasses",
    "male",
    "bangs",
    *(f"hair_colour:{colour}" for colour in get_args(HairColour)),
    *(f"beard:{beard}" for beard in get_args(Beard)),
    *(f"scene:{scene}" for scene in SCENES),
    *(f"{hue}:{axis}" for hue in HUES for axis in ("cos", "sin")),
)
"""The columns of `factor_values`: every factor but the grain and whether there is any.

An unordered factor has a column for each level; a hue, which is periodic, its cosine and its sine.
"""


@dataclass(frozen=True)
class FaceFactors:
    """Everything that determines a rendered face. Each factor can be changed alone (`dataclasses.replace`).

    Identity, each in [-1, 1] with 0 the average: `face_width`, `face_length`, `jaw` (pointed to square), `eye_spacing`,
    `eye_size`, `eye_slant`, `brow_height`, `nose_length`, `nose_width`, `mouth_width`, `lips`. In [0, 1]: `skin_tone`
    (pale to dark), `iris` (brown, green, blue), `freckles`, `hair_length` (cropped to below the shoulders),
    `hair_volume`, `hair_shade` (within its colour). `parting` in [-1, 1] is where the hair parts.

    Editable: `eyeglasses`, `male`, `bangs`; `smile`, `age`, `wave` in [0, 1] (the attribute holds from 0.5 on; for
    Young below 0.5); `hair_colour`; `beard`.

    View: `yaw` and `tilt` of the head and `light`, all in degrees (positive: towards the picture's right); `scene` and
    `scene_hue`, `clothes_hue` in [0, 1] choose what is behind and below the head.

    `texture` is the seed of all grain: strands, pores, stubble, weave. It is independent of all other factors.
    `patterned`: whether backgrounds and clothes show grain and weave; without, they are smooth.

    Raises:
        UsageError: an unknown hair colour or beard, or a factor outside `RANGES`.
    """

    face_width: float
    face_length: float
    jaw: float
    eye_spacing: float
    eye_size: float
    eye_slant: float
    brow_height: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lips: float
    skin_tone: float
    iris: float
    freckles: float
    hair_length: float
    hair_volume: float
    hair_shade: float
    parting: float
    eyeglasses: bool
    male: bool
    bangs: bool
    smile: float
    age: float
    wave: float
    hair_colour: HairColour
    beard: Beard
    yaw: float
    tilt: float
    light: float
    scene: float
    scene_hue: float
    clothes_hue: float
    texture: int
    patterned: bool = True

    @property
    def scene_kind(self) -> int:
        """Which of `SCENES` is behind the head."""
        return min(int(self.scene * len(SCENES)), len(SCENES) - 1)

    def __post_init__(self) -> None:
        for name, allowed in (("hair_colour", get_args(HairColour)), ("beard", get_args(Beard))):
            value = getattr(self, name)
            if value not in allowed:
                raise UsageError(f"cannot be {value!r}. {near_miss(value, allowed)}", parameter=name)
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"must be between {low} and {high} (got {getattr(self, name)}).", parameter=name)


def sample_face(seed: int, index: int, independent: bool = False, patterned: bool = False) -> FaceFactors:
    """The factors of face `index` of the set `seed`: a pure function of the arguments.

    Factors are independent, with three exceptions that keep the set natural: only men have a beard, men's hair is
    mostly short, and hair is gray more often in the older half.

    Args:
        seed: of the set.
        index: of the face.
        independent: make no exceptions. If an editor then changes other attributes along with the requested one, it has
            not learned that from the data.
        patterned: all of `SCENES`, with grain, and woven clothes, in place of smooth ones: detail that a model of 64 px
            learns late. All other factors stay the same.
    """
    rng = stream(seed, index, 1)

    def shape() -> float:
        return float(min(max(rng.normal(0, 0.5), -1), 1))

    def share() -> float:
        return float(rng.uniform())

    male, age = share() < 0.5, share()
    beards: tuple[Beard, ...] = get_args(Beard)
    beard = beards[rng.choice(5, p=(0.4, 0.15, 0.15, 0.12, 0.18))]
    colours: tuple[HairColour, ...] = get_args(HairColour)
    gray = 0.24 if independent else 0.4 if age >= 0.5 else 0.08
    colour = colours[rng.choice(4, p=((1 - gray) * 0.32, (1 - gray) * 0.32, (1 - gray) * 0.36, gray))]
    length, mostly = share(), share()
    short = length * 0.3 if mostly < 0.85 else length
    long = 0.35 + length * 0.65 if mostly < 0.85 else length
    if independent:
        short = long = length
    return FaceFactors(
        **{name: shape() for name in SHAPES},
        skin_tone=share(),
        iris=share(),
        freckles=max(0.0, share() * 1.6 - 0.6),
        hair_length=short if male else long,
        hair_volume=share(),
        hair_shade=share(),
        parting=float(rng.uniform(-1, 1)),
        eyeglasses=share() < 0.3,
        male=male,
        bangs=share() < 0.3,
        smile=share(),
        age=age,
        wave=share(),
        hair_colour=colour,
        beard=beard if male or independent else "none",
        yaw=float(min(max(rng.normal(0, 12), -28), 28)),
        tilt=float(min(max(rng.normal(0, 4), -10), 10)),
        light=float(rng.uniform(-65, 65)),
        scene=share() * (1.0 if patterned else SMOOTH_SCENES / len(SCENES)),
        scene_hue=share(),
        clothes_hue=share(),
        texture=int(rng.integers(2**31)),
        patterned=patterned,
    )


def attributes_of(factors: FaceFactors) -> dict[str, int]:
    """The CelebA attributes of a face, 0 or 1, in the order of `FACE_ATTRIBUTES`.

    The four hair colours exclude each other. As in CelebA, a full beard counts as a mustache, and a 5 o'clock shadow is
    not No_Beard.
    """
    return {
        "5_o_Clock_Shadow": int(factors.beard == "shadow"),
        "Bangs": int(factors.bangs),
        "Black_Hair": int(factors.hair_colour == "black"),
        "Blond_Hair": int(factors.hair_colour == "blond"),
        "Brown_Hair": int(factors.hair_colour == "brown"),
        "Eyeglasses": int(factors.eyeglasses),
        "Goatee": int(factors.beard == "goatee"),
        "Gray_Hair": int(factors.hair_colour == "gray"),
        "Male": int(factors.male),
        "Mustache": int(factors.beard in ("mustache", "full")),
        "No_Beard": int(factors.beard == "none"),
        "Smiling": int(factors.smile >= 0.5),
        "Wavy_Hair": int(factors.wave >= 0.5),
        "Young": int(factors.age < 0.5),
    }


def with_attribute(factors: FaceFactors, name: str, holds: bool) -> FaceFactors:
    """The same face with an attribute turned on or off: the ground truth of an edit.

    Hair whose colour is turned off becomes brown (brown becomes black). Turning Male off also removes the beard, since
    the set has no women with one.

    Args:
        factors: of the face.
        name: one of `FACE_ATTRIBUTES`.
        holds: whether the attribute holds in the new face.

    Raises:
        UsageError: an unknown attribute.
    """
    if name not in FACE_ATTRIBUTES:
        raise UsageError(f"{name!r} is not an attribute of rendered faces. {near_miss(name, FACE_ATTRIBUTES)}")
    if attributes_of(factors)[name] == holds:
        return factors
    beards: dict[str, Beard] = {"5_o_Clock_Shadow": "shadow", "Goatee": "goatee", "Mustache": "mustache"}
    beard: Beard = beards.get(name, "full") if holds == (name != "No_Beard") else "none"
    other: HairColour = "black" if name == "Brown_Hair" else "brown"
    colours: dict[str, HairColour] = {f"{c.capitalize()}_Hair": c for c in get_args(HairColour)}
    if name in (*beards, "No_Beard"):
        return replace(factors, beard=beard)
    if name in colours:
        return replace(factors, hair_colour=colours[name] if holds else other)
    changes: dict[str, dict[str, Any]] = {
        "Bangs": {"bangs": holds},
        "Eyeglasses": {"eyeglasses": holds},
        "Male": {"male": holds, "beard": factors.beard if holds else "none"},
        "Smiling": {"smile": 0.9 if holds else 0.1},
        "Wavy_Hair": {"wave": 0.9 if holds else 0.1},
        "Young": {"age": 0.15 if holds else 0.85},
    }
    return replace(factors, **changes[name])


def factor_values(faces: Sequence[FaceFactors]) -> NDArray[np.float32]:
    """The factors of faces as numbers, to compare models with.

    Returns:
        (N, K) float32 in the order of `FACE_FACTORS`, each in the unit of `RANGES`; -1 to 1 for the cosine and sine of
        a hue, 0 or 1 for the other columns.
    """

    def value(face: FaceFactors, name: str) -> float:
        field, _, level = name.partition(":")
        factor = getattr(face, field)
        if field == "scene":
            return float(SCENES[face.scene_kind] == level)
        if field in HUES:
            return math.cos(math.tau * factor) if level == "cos" else math.sin(math.tau * factor)
        return float(factor == level if level else factor)

    return np.array([[value(face, name) for name in FACE_FACTORS] for face in faces], np.float32)
