"""Row 2.9: distance covariance vanishes only under independence (Theorem 1), and training lowers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from edgan.losses import cross_covariance, distance_covariance
from edgan.metrics.latents.dependence import DEPENDENCE_PROTOCOL
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper2.faces import (
    CDNETS,
    SCALES,
    SET,
    Scale,
    face_unit,
    gathered,
    protocol,
    results_of,
)

COUNTS = (100, 400, 1600)
THEOREM = "theorem"
WORDS = {"covariance": "dCov^2", "limit": "limit of dCov^2", "correlation": "dCor^2", "p": "p of independence"}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed: the trainings, and draws whose dependence is known."""
    finals = []
    for seed in range(scale.seeds):
        needed = {name: face_unit(name, seed, scale, keys[SET]) for name in (*CDNETS, "M3")}
        needed[THEOREM] = Unit(f"theorem-seed-{seed}", drawn, {"counts": list(COUNTS)}, seed=seed)
        finals.append(gathered("independence", seed, needed))
    return finals


def drawn(unit: Unit, place: Place) -> dict[str, dict[str, list[float]]]:
    """dCov^2 and XCov of draws: y and z independent normals; and z = y^2, uncorrelated with y but dependent on it.

    Returns:
        "independent" and "uncorrelated", each "dcov" and "xcov" by number of draws.
    """
    generator = torch.Generator().manual_seed(unit.seed)
    values: dict[str, dict[str, list[float]]] = {
        kind: {"dcov": [], "xcov": []} for kind in ("independent", "uncorrelated")
    }
    for count in unit.options["counts"]:
        place.tick()
        y, other = torch.randn(2, count, 1, generator=generator, dtype=torch.float64)
        # Variance 1, as y^2 - 1 has variance 2.
        for kind, z in (("independent", other), ("uncorrelated", (y.square() - 1) / 2**0.5)):
            values[kind]["dcov"].append(float(distance_covariance(y, z)))
            values[kind]["xcov"].append(float(cross_covariance(y, z)))
    return values


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """It falls towards 0 for independent draws but not for dependent ones; training lowers it, below that of M3."""
    draws = results_of(THEOREM, finals, outputs)
    figures: dict[str, Figure] = {}
    for kind in ("independent", "uncorrelated"):
        for loss, name in (("dcov", "dCov^2"), ("xcov", "XCov")):
            for index, count in enumerate(COUNTS):
                figures[f"{name} of {count} {kind} draws"] = figure([draw[kind][loss][index] for draw in draws])
    independent, dependent = ([draw[kind]["dcov"] for draw in draws] for kind in ("independent", "uncorrelated"))
    checks: list[Check] = [
        above_zero(
            f"dCov^2 of independent draws: {COUNTS[0]} draws minus {COUNTS[-1]}",
            [curve[0] - curve[-1] for curve in independent],
        ),
        above_zero(
            f"dCov^2 of {COUNTS[-1]} draws: uncorrelated minus independent",
            [b[-1] - a[-1] for a, b in zip(independent, dependent, strict=True)],
        ),
    ]
    latents = {name: [result["dependence"] for result in results_of(name, finals, outputs)] for name in (*CDNETS, "M3")}
    for name, each in latents.items():
        for when in ("before", "after"):
            for key, words in WORDS.items():
                figures[f"{words} of y and z, {name} {when} training"] = figure([result[when][key] for result in each])
    before, after = ([result[when]["limit"] for result in latents["CDNet-dCov"]] for when in ("before", "after"))
    without = [result["after"]["limit"] for result in latents["M3"]]
    checks += [
        above_zero("limit of dCov^2 of y and z: before minus after training with dCov", differences(before, after)),
        above_zero(
            "limit of dCov^2 of y and z: after training without decorrelation minus with dCov",
            differences(without, after),
        ),
    ]
    line = ", ".join(
        f"{name} {figures[f'limit of dCov^2 of y and z, {name} after training'].mean:.3g} "
        f"(p {figures[f'p of independence of y and z, {name} after training'].mean:.2g})"
        for name in latents
    )
    start = figures["limit of dCov^2 of y and z, CDNet-dCov before training"].mean
    return Outcome(f"limit of dCov^2 of held-out y and z: {start:.3g} before training; {line}", checks, figures)


BRIEF = (
    "limit of dCov^2 {limit of dCov^2 of y and z, CDNet-dCov after training|.3f} with dCov, "
    "{limit of dCov^2 of y and z, M3 after training|.3f} without decorrelation"
)
ROW = Row(
    "2.9",
    protocol(
        "y and z of up to 500 test images; before training: z of the encoder at initialisation. "
        f"{DEPENDENCE_PROTOCOL}. Theorem 1: {COUNTS[0]} to {COUNTS[-1]} draws of independent normals, and of y and "
        "y^2, which are uncorrelated."
    ),
    units,
    judge,
    SCALES,
    brief=BRIEF,
    methods=("cdnet",),
)
