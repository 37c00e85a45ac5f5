"""Row 2.9: distance covariance vanishes only under independence (Theorem 1), and training lowers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from edgan.losses import cross_covariance, distance_covariance
from edgan.metrics.latents.dependence import DEPENDENCE_PROTOCOL
from reproduction.paper2.faces import (
    CDNETS,
    SCALES,
    SET,
    Scale,
    differences,
    face_unit,
    gathered,
    protocol,
    results_of,
)
from reproduction.spec import Found, Outcome, Place, Row, Unit
from reproduction.verdicts import Check, Figure, above_zero, figure

COUNTS = (100, 400, 1600)
THEOREM = "theorem"
WORDS = {"covariance": "dCov^2", "limit": "limit of dCov^2", "correlation": "dCor^2", "p": "p of independence"}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed: the trainings, and draws whose dependence is known."""
    finals = []
    for seed in range(scale.seeds):
        needed = {name: face_unit(name, seed, scale, keys[SET]) for name in (*CDNETS, "M3")}
        needed[THEOREM] = Unit(f"theorem-seed-{seed}", drawn, {"counts": list(COUNTS)}, seed=seed)
        finals.append(gathered("independence", seed, needed))
    return finals


def drawn(unit: Unit, place: Place) -> dict[str, dict[str, list[float]]]:
    """dCov^2 and XCov of draws: y and z independent normals; and z = y^2 beside y, uncorrelated and not independent.

    Returns:
        "independent" and "uncorrelated", each "dcov" and "xcov" by number of draws.
    """
    generator = torch.Generator().manual_seed(unit.seed)
    found: dict[str, dict[str, list[float]]] = {
        kind: {"dcov": [], "xcov": []} for kind in ("independent", "uncorrelated")
    }
    for count in unit.options["counts"]:
        place.tick()
        y, other = torch.randn(2, count, 1, generator=generator, dtype=torch.float64)
        # Variance 1, as y^2 - 1 has variance 2.
        for kind, z in (("independent", other), ("uncorrelated", (y.square() - 1) / 2**0.5)):
            found[kind]["dcov"].append(float(distance_covariance(y, z)))
            found[kind]["xcov"].append(float(cross_covariance(y, z)))
    return found


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """It falls towards 0 for independent draws and not for dependent ones; a training lowers it, below M3's."""
    draws = results_of(THEOREM, finals, found)
    figures: dict[str, Figure] = {}
    for kind in ("independent", "uncorrelated"):
        for loss, name in (("dcov", "dCov^2"), ("xcov", "XCov")):
            for index, count in enumerate(COUNTS):
                figures[f"{name} of {count} {kind} draws"] = figure([one[kind][loss][index] for one in draws])
    alone, apart = ([one[kind]["dcov"] for one in draws] for kind in ("independent", "uncorrelated"))
    checks: list[Check] = [
        above_zero(
            f"dCov^2 of independent draws: of {COUNTS[0]} less of {COUNTS[-1]}", [one[0] - one[-1] for one in alone]
        ),
        above_zero(
            f"dCov^2 of {COUNTS[-1]} draws: uncorrelated less independent",
            [b[-1] - a[-1] for a, b in zip(alone, apart, strict=True)],
        ),
    ]
    latents = {name: [one["dependence"] for one in results_of(name, finals, found)] for name in (*CDNETS, "M3")}
    for name, each in latents.items():
        for when in ("before", "after"):
            for key, words in WORDS.items():
                figures[f"{words} of y and z, {name} {when} training"] = figure([one[when][key] for one in each])
    before, after = ([one[when]["limit"] for one in latents["CDNet-dCov"]] for when in ("before", "after"))
    without = [one["after"]["limit"] for one in latents["M3"]]
    checks += [
        above_zero("limit of dCov^2 of y and z: before less after training with dCov", differences(before, after)),
        above_zero(
            "limit of dCov^2 of y and z: trained without a decorrelation less with dCov", differences(without, after)
        ),
    ]
    line = ", ".join(
        f"{name} {figures[f'limit of dCov^2 of y and z, {name} after training'].mean:.3g} "
        f"(p {figures[f'p of independence of y and z, {name} after training'].mean:.2g})"
        for name in latents
    )
    start = figures["limit of dCov^2 of y and z, CDNet-dCov before training"].mean
    return Outcome(f"limit of dCov^2 of held-out y and z: {start:.3g} before training; {line}", checks, figures)


ROW = Row(
    "2.9",
    protocol(
        f"y and z of up to 500 test images; before: z of an encoder as it is initialised. {DEPENDENCE_PROTOCOL}. "
        f"Theorem 1: {COUNTS[0]} to {COUNTS[-1]} draws of independent normals, and of y beside y^2, which are "
        "uncorrelated."
    ),
    units,
    judge,
    SCALES,
    methods=("cdnet",),
)
