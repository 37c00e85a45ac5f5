"""Rows 2.1, 2.2, 2.3 and 2.10: reconstructions without an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from edgan.metrics.pairs.recognition import RECOGNITION_PROTOCOL
from reproduction.framework.schema import Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper2 import digits
from reproduction.paper2.faces import (
    ALL,
    CDNETS,
    RIVALS,
    SCALES,
    SET,
    Scale,
    face_unit,
    gathered,
    judge_better,
    protocol,
    psnr_figures,
    units_of,
    values,
)

SETS = (SET, digits.SET)
MEASURES = {
    "PSNR, dB": (("figures", "psnr_output"), 1.0),
    "RMSE": (("figures", "rmse_output"), -1.0),
    "MS-SSIM": (("figures", "ms_ssim_output"), 1.0),
}
BLURRED = 0.5
"""Images with less than this share of the real energy in the finest octave are blurred."""
KEPT, LOST = 0.75, 0.5
"""Attributes count as kept from halfway between chance and all; faces as lost if fewer than half are recognised."""


def on_both(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed: each model on faces and on digits."""
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


def judge_both(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.1: both CDNets are better than each rival by all three measures, on both sets."""
    outcomes = []
    for name in SETS:
        mine, others = ([f"{name} {model}" for model in models] for models in (CDNETS, RIVALS))
        outcomes.append(judge_better(mine, others, MEASURES)(scale, finals, outputs))
    figures = {name: value for outcome in outcomes for name, value in outcome.figures.items()}
    checks = [check for outcome in outcomes for check in outcome.checks]
    return Outcome("; ".join(outcome.headline for outcome in outcomes), checks, figures)


def judge_sharp(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.2: AE-XCov has less than half of the finest octave's energy, each CDNet more, and nearer to the real energy."""
    names = ("AE-XCov", *CDNETS)
    fine = {name: values(name, ("figures", "octave_0"), finals, outputs) for name in names}
    figures: dict[str, Figure] = {}
    for name in names:
        figures[f"energy of the finest octave, relative to real images, {name}"] = figure(fine[name])
        for path, words in (
            ("octave_1", "energy of the next octave, relative to real images"),
            ("energy_output", "mean squared Laplacian, relative to real images"),
            ("pattern", "checkerboard peak (8 or more is a checkerboard)"),
        ):
            figures[f"{words}, {name}"] = figure(values(name, ("figures", path), finals, outputs))
    checks: list[Check] = [
        above_zero(f"{BLURRED} minus the energy of AE-XCov", [BLURRED - value for value in fine["AE-XCov"]])
    ]
    for name in CDNETS:
        checks.append(above_zero(f"energy of {name} minus {BLURRED}", [value - BLURRED for value in fine[name]]))
        away = [[abs(1 - value) for value in fine[which]] for which in ("AE-XCov", name)]
        checks.append(
            above_zero(f"distance of the energy from the real images': AE-XCov minus {name}", differences(*away))
        )
    figures |= psnr_figures(names, finals, outputs)
    line = ", ".join(f"{name} {fmean(fine[name]):.3f}" for name in names)
    return Outcome(f"of the real energy in the finest octave: {line}", checks, figures)


def judge_identity(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.3: IcGAN keeps attributes, but fewer than half of its faces are recognised, and fewer than CDNet's."""
    paths = {
        "attributes detected as in the original": "attributes",
        "share of faces recognised": "known",
        "share of other faces farther than the original": "ahead",
    }
    names = ("IcGAN", *CDNETS, "AE-XCov", "VAE/GAN")
    each = {path: {name: values(name, ("figures", path), finals, outputs) for name in names} for path in paths.values()}
    figures = {f"{words}, {name}": figure(each[path][name]) for words, path in paths.items() for name in names}
    checks = [
        above_zero(f"attributes kept by IcGAN, minus {KEPT}", [value - KEPT for value in each["attributes"]["IcGAN"]]),
        above_zero(
            f"{LOST} minus the share of faces recognised, IcGAN", [LOST - value for value in each["known"]["IcGAN"]]
        ),
    ]
    checks += [
        above_zero(
            f"share of faces recognised: {name} minus IcGAN", differences(each["known"][name], each["known"]["IcGAN"])
        )
        for name in CDNETS
    ]
    figures |= psnr_figures(names, finals, outputs)
    kept, known = each["attributes"], each["known"]
    line = ", ".join(f"{name} {fmean(kept[name]):.2f} and {fmean(known[name]):.3f}" for name in ("IcGAN", *CDNETS))
    return Outcome(f"attributes kept, faces recognised: {line}", checks, figures)


def judge_losses(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.10: M3 is sharper than M1, and nearer to the image, in pixels and to a recogniser, than M2.

    Each rival is judged by what it does not optimise: M1 has the lowest squared error by its loss alone.
    """
    names = ("M3", "M1", "M2")
    paths = {"PSNR, dB": "psnr_output", "energy of the finest octave": "octave_0", "share of faces recognised": "known"}
    each = {path: {n: values(n, ("figures", path), finals, outputs) for n in names} for path in paths.values()}
    figures = {f"{words}, {name}": figure(each[path][name]) for words, path in paths.items() for name in names}
    fine, known, psnr = (each[path] for path in ("octave_0", "known", "psnr_output"))
    away = {name: [abs(1 - value) for value in fine[name]] for name in names}
    checks = [
        above_zero(
            "distance of the fine energy from the real images': M1 minus M3", differences(away["M1"], away["M3"])
        ),
        above_zero("PSNR, dB: M3 minus M2", differences(psnr["M3"], psnr["M2"])),
        above_zero("share of faces recognised: M3 minus M2", differences(known["M3"], known["M2"])),
    ]
    line = ", ".join(f"{name} {fmean(fine[name]):.3f} and {fmean(psnr[name]):.1f} dB" for name in names)
    return Outcome(f"fine energy relative to real images, PSNR: {line}", checks, figures)


BOTH_BRIEF = (
    "faces: CDNet-dCov {PSNR, dB, celeba CDNet-dCov|.1f} dB, AE-XCov {PSNR, dB, celeba AE-XCov|.1f}; "
    "digits: {PSNR, dB, mnist CDNet-dCov|.1f}, VAE/GAN {PSNR, dB, mnist VAE/GAN|.1f}"
)
FINEST = "energy of the finest octave, relative to real images"
SHARP_BRIEF = f"finest octave: {{{FINEST}, CDNet-dCov|.2f}} of the real energy, AE-XCov {{{FINEST}, AE-XCov|.2f}}"
IDENTITY_BRIEF = (
    "IcGAN keeps {attributes detected as in the original, IcGAN|.2f} of attributes, "
    "{share of faces recognised, IcGAN|.2f} of faces"
)
ROWS = (
    Row("2.1", protocol_of_both, on_both, judge_both, SCALES, brief=BOTH_BRIEF, methods=ALL),
    Row(
        "2.2",
        protocol(
            "Reconstructions of the test split: power in the finest octave of radial frequency (Hann window, grey), as "
            "a multiple of the real images'. A checkerboard counts as energy too, so its strength is also given."
        ),
        units_of(*CDNETS, "AE-XCov"),
        judge_sharp,
        SCALES,
        brief=SHARP_BRIEF,
        explanation={
            "small": "After 500 steps both CDNets have about three times the fine energy of AE-XCov, the paper's "
            "order. But they have less than half of the real images' energy, so they are blurred too."
        },
        methods=("cdnet", "ae-xcov"),
    ),
    Row(
        "2.3",
        protocol(
            "Reconstructions of the test split. The judges are trained once per seed and are the same for all models. "
            "Attributes: share detected as in the original, balanced over with and without (chance: .5). "
            f"{RECOGNITION_PROTOCOL[0].upper()}{RECOGNITION_PROTOCOL[1:]}."
        ),
        units_of(*CDNETS, *RIVALS),
        judge_identity,
        SCALES,
        brief=IDENTITY_BRIEF,
        explanation={
            "small": "IcGAN's faces are not recognised, as the paper says. But after 400 steps of adversarial training "
            "and 300 of its encoders, its pictures do not keep the attributes either."
        },
        methods=ALL,
    ),
    Row(
        "2.10",
        protocol(
            "M3 (pixel and feature loss) against M1 (pixel loss) and M2 (feature loss), all without decorrelation. M1 "
            "is compared by the energy of the finest octave, as it optimises PSNR; M2 by PSNR and recognition."
        ),
        units_of("M3", "M1", "M2"),
        judge_losses,
        SCALES,
        methods=("cdnet",),
    ),
)
