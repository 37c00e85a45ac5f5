"""Row 1.10+: from ED//GAN towards ED+GAN by one cell of the table, adversarial.decoder from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from scipy.stats import kendalltau

from reproduction.framework.schema import Curves, Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper1.lambda_study import DECOUPLED, model_unit
from reproduction.paper1.scales import COUPLINGS, FACES, Scale
from reproduction.units.ranking import rank_unit
from reproduction.units.training import train_unit

MEASURED = {"psnr_output": "PSNR of the output, dB", "psnr_base": "PSNR of the base, dB"}


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"UTKFace, {scale.words()}. ED//GAN without norm in Enc and Dec, with --route adversarial.decoder=C for C = "
        f"{', '.join(f'{c:g}' for c in COUPLINGS)}; 0 is ED//GAN. For each seed, the models' pictures of the test "
        f"split are ranked together, NRDS {scale.ranking['protocol']}. The direction is the sign of the last score "
        "minus the first, over all seeds; the claim is that every increase of C moves the score in that direction."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the models at all couplings, ranked together. C = 0 is row 1.3's ED//GAN at lambda 1."""
    finals = []
    for seed in range(scale.seeds):
        models = {f"{c:g}": _model(scale, keys["utkface"], c, seed) for c in COUPLINGS}
        finals.append(rank_unit(f"rank-coupling-seed-{seed}", models, seed=seed, settings=scale.ranking))
    return finals


def _model(scale: Scale, key: str, coupling: float, seed: int) -> Unit:
    if coupling == 0:
        return model_unit(scale, key, DECOUPLED, "none", 1.0, seed)
    return train_unit(
        f"ed-slash-gan-coupled-{coupling:g}-seed-{seed}",
        "ed-slash-gan",
        seed=seed,
        data=("utkface", key),
        training=scale.training,
        set={**scale.set, "network.norm": "none"},
        route={"adversarial.decoder": coupling},
    )


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """Every increase of the coupling moves NRDS in the direction of the whole range."""
    scores = {c: [outputs[unit.key]["scores"][f"{c:g}"] for unit in finals] for c in COUPLINGS}
    whole = fmean(scores[COUPLINGS[-1]]) - fmean(scores[COUPLINGS[0]])
    direction = 1.0 if whole >= 0 else -1.0
    checks: list[Check] = []
    for before, after in pairwise(COUPLINGS):
        steps = [direction * (b - a) for a, b in zip(scores[before], scores[after], strict=True)]
        word = "rise" if direction > 0 else "fall"
        checks.append(above_zero(f"{word} of NRDS from coupling {before:g} to {after:g}", steps))
    figures: dict[str, Figure] = {f"NRDS at coupling {c:g}": figure(values) for c, values in scores.items()}
    for name, words in MEASURED.items():
        for index, coupling in enumerate(COUPLINGS):
            values = [outputs[unit.needs[index].key]["figures"][name] for unit in finals]
            figures[f"{words}, at coupling {coupling:g}"] = figure(values)
    taus = [float(kendalltau(COUPLINGS, [scores[c][i] for c in COUPLINGS])[0]) for i in range(len(finals))]
    tau = figures["Kendall's tau of NRDS and coupling"] = figure(taus)
    line = ", ".join(f"{fmean(scores[c]):.3f} at {c:g}" for c in COUPLINGS)
    return Outcome(f"NRDS {line}; Kendall's tau {tau}", checks, figures)


CURVES = Curves(
    r"NRDS at coupling (?P<x>[\d.]+)",
    "adversarial.decoder: 0 is ED//GAN",
    "NRDS",
    "NRDS of ED//GAN against the weight with which the adversarial loss also teaches the decoder",
    log_x=True,
)
BRIEF = "NRDS {NRDS at coupling 0|.3f} at 0, {NRDS at coupling 1|.3f} at 1"
ROW = Row("1.10+", protocol, units, judge, FACES, brief=BRIEF, curves=CURVES, methods=("ed-slash-gan",))
