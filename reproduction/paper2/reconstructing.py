"""Rows 2.1, 2.2, 2.3 and 2.10: what the models make of images that they are to draw again, unedited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from edgan.metrics.pairs.recognition import RECOGNITION_PROTOCOL
from reproduction.paper2 import digits
from reproduction.paper2.faces import (
    ALL,
    CDNETS,
    RIVALS,
    SCALES,
    SET,
    Scale,
    differences,
    face_unit,
    gathered,
    judge_better,
    protocol,
    units_of,
    values,
)
from reproduction.spec import Found, Outcome, Row, Unit
from reproduction.verdicts import Check, Figure, above_zero, figure

SETS = (SET, digits.SET)
MEASURES = {
    "PSNR, dB": (("figures", "psnr_output"), 1.0),
    "RMSE": (("figures", "rmse_output"), -1.0),
    "MS-SSIM": (("figures", "ms_ssim_output"), 1.0),
}
BLURRED = 0.5
"""Less than this share of the real images' finest octave is blurred."""
KEPT, LOST = 0.75, 0.5
"""Halfway from chance to all attributes kept; fewer than half of the faces known."""


def on_both(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed: each model on faces and on digits."""
    finals = []
    for seed in range(scale.seeds):
        models = {f"{SET} {name}": face_unit(name, seed, scale, keys[SET]) for name in (*CDNETS, *RIVALS)}
        for name in (*CDNETS, *RIVALS):
            models[f"{digits.SET} {name}"] = digits.digit_unit(name, seed, scale.digits, keys[digits.SET])
        finals.append(gathered("redrawn", seed, models))
    return finals


def protocol_of_both(scale: Scale) -> str:
    """How row 2.1 is measured."""
    faces = protocol("Reconstructions of the test split, clipped to [-1, 1].")(scale)
    return f"{faces} And of digits: {digits.training_words(scale.digits)}."


def judge_both(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """Both CDNets are better than each rival by all three measures, on both sets."""
    parts = []
    for name in SETS:
        mine, others = ([f"{name} {model}" for model in models] for models in (CDNETS, RIVALS))
        parts.append(judge_better(mine, others, MEASURES)(scale, finals, found))
    figures = {name: one for part in parts for name, one in part.figures.items()}
    return Outcome("; ".join(part.headline for part in parts), [c for part in parts for c in part.checks], figures)


def judge_sharp(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """AE-XCov lacks most of the finest octave, each CDNet has most of it, and is nearer to the real energy."""
    names = ("AE-XCov", *CDNETS)
    fine = {name: values(name, ("figures", "octave_0"), finals, found) for name in names}
    figures: dict[str, Figure] = {}
    for name in names:
        figures[f"energy of the finest octave, times the real one's, {name}"] = figure(fine[name])
        for path, words in (
            ("octave_1", "energy of the next octave, times the real one's"),
            ("energy_output", "mean squared Laplacian, times the real one's"),
            ("pattern", "how far a checkerboard stands out (8 and more is one)"),
        ):
            figures[f"{words}, {name}"] = figure(values(name, ("figures", path), finals, found))
    checks: list[Check] = [above_zero(f"{BLURRED} less AE-XCov's energy", [BLURRED - one for one in fine["AE-XCov"]])]
    for name in CDNETS:
        checks.append(above_zero(f"{name}'s energy less {BLURRED}", [one - BLURRED for one in fine[name]]))
        away = [[abs(1 - one) for one in fine[which]] for which in ("AE-XCov", name)]
        checks.append(above_zero(f"how much nearer to 1 {name} is than AE-XCov", differences(*away)))
    line = ", ".join(f"{name} {fmean(fine[name]):.3f}" for name in names)
    return Outcome(f"of the real energy in the finest octave: {line}", checks, figures)


def judge_identity(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """IcGAN's reconstructions are read as their originals, but fewer than half are known, and fewer than CDNet's."""
    paths = {
        "attributes read as in the original": "attributes",
        "share known among all test faces": "known",
        "share of other faces farther than the original": "ahead",
    }
    names = ("IcGAN", *CDNETS, "AE-XCov", "VAE/GAN")
    each = {path: {name: values(name, ("figures", path), finals, found) for name in names} for path in paths.values()}
    figures = {f"{words}, {name}": figure(each[path][name]) for words, path in paths.items() for name in names}
    checks = [
        above_zero(f"attributes kept by IcGAN less {KEPT}", [one - KEPT for one in each["attributes"]["IcGAN"]]),
        above_zero(f"{LOST} less IcGAN's share known", [LOST - one for one in each["known"]["IcGAN"]]),
    ]
    checks += [
        above_zero(f"share known: {name}'s less IcGAN's", differences(each["known"][name], each["known"]["IcGAN"]))
        for name in CDNETS
    ]
    kept, known = each["attributes"], each["known"]
    line = ", ".join(f"{name} {fmean(kept[name]):.2f} and {fmean(known[name]):.3f}" for name in ("IcGAN", *CDNETS))
    return Outcome(f"attributes kept, faces known: {line}", checks, figures)


ROWS = (
    Row("2.1", protocol_of_both, on_both, judge_both, SCALES, methods=ALL),
    Row(
        "2.2",
        protocol(
            "Reconstructions of the test split: power in the finest octave of radial frequency (Hann window, grey), as "
            "a multiple of the real images'. A pattern counts as energy too, so how far a checkerboard stands out is "
            "given beside it."
        ),
        units_of(*CDNETS, "AE-XCov"),
        judge_sharp,
        SCALES,
        explanation={
            "small": "After 500 steps both CDNets have about three times the fine energy of AE-XCov, so the order is "
            "the paper's; but they have less than half of the real images', so they are blurred too."
        },
        methods=("cdnet", "ae-xcov"),
    ),
    Row(
        "2.3",
        protocol(
            "Reconstructions of the test split, by judges that are taught once a seed and are the same for all models. "
            "Attributes: share read as in the original, balanced over with and without (.5 by chance). "
            f"{RECOGNITION_PROTOCOL[0].upper()}{RECOGNITION_PROTOCOL[1:]}."
        ),
        units_of(*CDNETS, *RIVALS),
        judge_identity,
        SCALES,
        explanation={
            "small": "IcGAN's faces are not known, as the paper says. But after 400 steps of its game and 300 of its "
            "encoders its pictures do not keep the attributes either."
        },
        methods=ALL,
    ),
    Row(
        "2.10",
        protocol("M3 (pixels and features) against M1 (pixels) and M2 (features), none of them decorrelated."),
        units_of("M3", "M1", "M2"),
        judge_better(("M3",), ("M1", "M2"), MEASURES),
        SCALES,
        methods=("cdnet",),
    ),
)
