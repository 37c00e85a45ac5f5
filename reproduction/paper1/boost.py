"""Row 1.6: the boost from adversarial learning, seen (Section 2.4, Fig. 4): in frequency, in the image, and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from edgan.metrics import octave_bands
from edgan.models.sheet import sheet
from edgan.storage.durable import make_folder
from reproduction.models import load_pictures, ranked, real_of
from reproduction.paper1.lambda_study import DECOUPLED, model_unit
from reproduction.paper1.scales import FACES, Scale
from reproduction.spec import Curves, Found, Outcome, Place, Row, Unit
from reproduction.verdicts import Check, Figure, above_zero, figure

SHOWN = 8
FINEST = 2
"""Octave bands, from the finest on, that count as edges and texture."""


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"UTKFace, {scale.words()}; ED//GAN without norm in Enc and Dec, the models of row 1.3 at lambda 1, on the "
        f"test split. Energy by octave of radial frequency (Hann window, grey), as a multiple of the real images'; "
        f"NRDS {scale.ranking['protocol']} of base and output against the real images; correlation over the pixels of "
        "an image, mean over images, of |residual| with the real image's gradient magnitude and with |real - base|."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed, on a model that row 1.3 trains too."""
    finals = []
    for seed in range(scale.seeds):
        trained = model_unit(scale, keys["utkface"], DECOUPLED, "none", 1.0, seed)
        options = {"settings": dict(scale.ranking)}
        finals.append(Unit(f"boost-seed-{seed}", look, options, needs=(trained,), seed=seed))
    return finals


def look(unit: Unit, place: Place) -> dict[str, Any]:
    """Measure what the residual adds, and draw it.

    Two pictures: rows of real, base, residual on a signed scale and output; and where in the image it is, the mean of
    |residual| beside the mean gradient of the real images.
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


def correlation(one: Tensor, other: Tensor) -> Tensor:
    """Pearson's correlation over the pixels of each image, (N, H, W) twice -> (N,); 0 where one of them is flat."""
    flat = [x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (one, other)]
    norms = flat[0].norm(dim=1) * flat[1].norm(dim=1)
    return (flat[0] * flat[1]).sum(1) / norms.clamp_min(1e-12)


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """The output's fine bands are nearer to the real ones, it ranks above the base, and the residual sits on edges."""
    results = [found[unit.key] for unit in finals]
    scores = {name: [one["nrds"]["scores"][name] for one in results] for name in ("base", "output")}
    figures: dict[str, Figure] = {f"NRDS of the {name}": figure(values) for name, values in scores.items()}
    for name in ("base", "output", "residual"):
        for band in range(len(results[0]["bands"][name])):
            label = f"energy of the {name} in octave {band} (0 is the finest), times the real one's"
            figures[label] = figure([one["bands"][name][band] for one in results])
    for name, words in (("edges", "the real image's gradient"), ("missing", "|real - base|")):
        figures[f"correlation of |residual| with {words}"] = figure([one["correlation"][name] for one in results])
    figures["correlation of mean |residual| and mean gradient over the set"] = figure([one["map"] for one in results])
    checks: list[Check] = [
        above_zero(
            f"how much nearer to 1 the output's energy is than the base's, octave {band}",
            [abs(1 - one["bands"]["base"][band]) - abs(1 - one["bands"]["output"][band]) for one in results],
        )
        for band in range(FINEST)
    ]
    less = [a - b for a, b in zip(scores["output"], scores["base"], strict=True)]
    checks.append(above_zero("NRDS: the output's less the base's", less))
    checks += [
        above_zero(f"correlation of |residual| with {name}", [one["correlation"][name] for one in results])
        for name in ("edges", "missing")
    ]
    base, output = (fmean(one["bands"][name][0] for one in results) for name in ("base", "output"))
    headline = (
        f"finest octave {base:.3f} of the real energy in the base, {output:.3f} in the output; NRDS "
        f"{fmean(scores['output']):.3f} against {fmean(scores['base']):.3f}; correlation of |residual| with edges "
        f"{fmean(one['correlation']['edges'] for one in results):.2f}"
    )
    return Outcome(headline, checks, figures)


CURVES = Curves(
    r"energy of the (?P<series>base|output|residual) in octave (?P<x>\d) .*",
    "octave of radial frequency, 0 is the finest",
    "energy, times the real one's",
    "Energy of base, output and residual by octave, as multiples of the real images'",
    log_y=True,
)
ROW = Row("1.6", protocol, units, judge, FACES, curves=CURVES, methods=("ed-slash-gan",))
