"""Row 1.6: what the residual adds (Section 2.4, Fig. 4): by frequency, by place in the image, and by NRDS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from edgan.metrics import octave_bands
from edgan.models.sheet import sheet
from edgan.storage.durable import make_folder
from reproduction.framework.schema import Curves, Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper1.lambda_study import DECOUPLED, model_unit
from reproduction.paper1.scales import FACES, Scale
from reproduction.units.pictures import load_pictures
from reproduction.units.ranking import ranked, real_of

SHOWN = 8
WHERE = {"edges": "the real image's gradient", "missing": "|real - base|"}
FINEST = 2
"""Number of octaves, finest first, that count as edges and texture."""


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"UTKFace, {scale.words()}; ED//GAN without norm in Enc and Dec, the models of row 1.3 at lambda 1, on the "
        f"test split. Energy by octave of radial frequency (Hann window, grey), as a multiple of the real images'; "
        f"NRDS {scale.ranking['protocol']} of base and output against the real images; correlation over the pixels of "
        "an image, mean over images, of |residual| with the real image's gradient magnitude and with |real - base|."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed, on a model of row 1.3."""
    finals = []
    for seed in range(scale.seeds):
        trained = model_unit(scale, keys["utkface"], DECOUPLED, "none", 1.0, seed)
        options = {"settings": dict(scale.ranking)}
        finals.append(Unit(f"boost-seed-{seed}", look, options, needs=(trained,), seed=seed))
    return finals


def look(unit: Unit, place: Place) -> dict[str, Any]:
    """Measure what the residual adds, and write two sheets.

    One shows rows of real, base, residual (signed) and output; the other shows the mean |residual| over the set and the
    mean gradient of the real images.
    """
    (trained,) = unit.needs
    real, made = real_of(trained, place), load_pictures(place.folder, trained)
    path = place.folder / "figures" / f"{unit.key}.png"
    make_folder(path.parent)
    sheet([real[:SHOWN], *(made[name][:SHOWN] for name in ("base", "residual", "output"))], scale=2).save(path)
    edges = gradient_magnitude(real)
    maps = torch.stack([made["residual"].abs().mean((0, 1)), edges.mean(0)])[:, None]
    scaled = 2 * maps / maps.amax((2, 3), keepdim=True).clamp_min(1e-12) - 1
    sheet([scaled], scale=4).save(path.with_name(f"{unit.key}-where.png"))
    energy = octave_bands(real).mean(0)
    bands = {name: (octave_bands(made[name]).mean(0) / energy).tolist() for name in ("base", "output", "residual")}
    amount = made["residual"].abs().mean(1)
    where = {"edges": edges, "missing": (real - made["base"]).abs().mean(1)}
    return {
        "bands": bands,
        "correlation": {name: float(correlation(amount, other).mean()) for name, other in where.items()},
        "map": correlation(amount.mean(0, keepdim=True), where["edges"].mean(0, keepdim=True)).item(),
        "nrds": ranked(real, {name: made[name] for name in ("base", "output")}, unit, place),
        "pictures": path.name,
    }


def gradient_magnitude(images: Tensor) -> Tensor:
    """Length of the grey gradient by central differences, (N, C, H, W) -> (N, H, W); 0 on the border."""
    grey = images.mean(1)
    result = torch.zeros_like(grey)
    across = (grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]) / 2
    down = (grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]) / 2
    result[:, 1:-1, 1:-1] = torch.hypot(across, down)
    return result


def correlation(first: Tensor, second: Tensor) -> Tensor:
    """Pearson's correlation over the pixels of each image, two (N, H, W) -> (N,); 0 if either image is constant."""
    flat = [x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (first, second)]
    norms = flat[0].norm(dim=1) * flat[1].norm(dim=1)
    return (flat[0] * flat[1]).sum(1) / norms.clamp_min(1e-12)


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """The output has fine energy nearer to the real images', ranks above the base, and the residual lies on edges."""
    results = [outputs[unit.key] for unit in finals]
    scores = {name: [result["nrds"]["scores"][name] for result in results] for name in ("base", "output")}
    figures: dict[str, Figure] = {f"NRDS of the {name}": figure(values) for name, values in scores.items()}
    trained = [outputs[need.key]["figures"] for unit in finals for need in unit.needs]
    for name in ("base", "output"):
        figures[f"PSNR of the {name}, dB"] = figure([measured[f"psnr_{name}"] for measured in trained])
    for name in ("base", "output", "residual"):
        for band in range(len(results[0]["bands"][name])):
            label = f"energy of the {name} in octave {band} (0 is the finest), relative to real images"
            figures[label] = figure([result["bands"][name][band] for result in results])
    for name, words in WHERE.items():
        figures[f"correlation of |residual| with {words}"] = figure([result["correlation"][name] for result in results])
    over_set = "correlation of mean |residual| and mean gradient over the set"
    figures[over_set] = figure([result["map"] for result in results])
    checks: list[Check] = [
        above_zero(
            f"distance of the energy from the real images', octave {band}: base minus output",
            [abs(1 - result["bands"]["base"][band]) - abs(1 - result["bands"]["output"][band]) for result in results],
        )
        for band in range(FINEST)
    ]
    checks.append(above_zero("NRDS: output minus base", differences(scores["output"], scores["base"])))
    checks += [
        above_zero(f"correlation of |residual| with {words}", [result["correlation"][name] for result in results])
        for name, words in WHERE.items()
    ]
    base, output = (fmean(result["bands"][name][0] for result in results) for name in ("base", "output"))
    headline = (
        f"finest octave: {base:.3f} of the real energy in the base, {output:.3f} in the output; NRDS "
        f"{fmean(scores['output']):.3f} (output) against {fmean(scores['base']):.3f} (base); correlation of |residual| "
        f"with edges {fmean(result['correlation']['edges'] for result in results):.2f}"
    )
    return Outcome(headline, checks, figures)


CURVES = Curves(
    r"energy of the (?P<series>base|output|residual) in octave (?P<x>\d) .*",
    "octave of radial frequency, 0 is the finest",
    "energy, relative to real images",
    "Energy of base, output and residual by octave, as multiples of the real images'",
    log_y=True,
)
BRIEF = "NRDS {NRDS of the output|.3f} (output), {NRDS of the base|.3f} (base)"
STREAKS = (
    "The residual brings the energy that the base lacks, and NRDS finds the output nearer to the real images than the "
    "blurred base. A person would not: on the sheets the output has coloured streaks, many of them off the edges, and "
    "its PSNR is nearly 3 dB below the base's."
)
ROW = Row(
    "1.6",
    protocol,
    units,
    judge,
    FACES,
    brief=BRIEF,
    explanation={"cpu": STREAKS},
    curves=CURVES,
    methods=("ed-slash-gan",),
)
