"""Fine-tuning on 300 pictures: 2, 5 and 10 minutes from a model of the zoo, and as long from nothing.

    python -m benchmarks.fine_tuning --out OUT [--domains near far] [--seeds 0 1 2] [--data FAR] [--device cuda]
        [--workers N] [--seconds S] [--work DIR] [--prepare]

`near` is 300 rendered faces with patterned backgrounds and clothes, `far` the first 300 training photographs of FAR:
CelebA at 64 px, a folder or a pack (docs/gpu.md). Both are trained with CDNet's preset `quick` and the eight attributes
that `zoo:faces` edits. Photographs too get CDNet and not ED//GAN: people take `zoo:faces` for its sliders, CelebA has
its attributes under the same names, and so both domains have the same arms and the same measures.

The minutes are of two cores, so that 2 minutes are 240 seconds of processor time. As rates follow from the number of
steps, 2, 5 and 10 minutes are three trainings. On a GPU the same numbers of steps are trained, in float32.

Each arm leaves OUT/NAME.json and OUT/NAME.png, and a later call with the same OUT goes on where this one ended. OUT has
a sheet of reconstructions and one of edits for each domain and seed. DIR (OUT/work unless given) has pictures, what
judges, and the runs. `--prepare` writes the first two alone, 15 MB: with DIR carried along, another machine needs no
FAR and draws nothing.

results/bench-fine-tuning.json has PSNR and SSIM; KID (features) of reconstructions and edits, which flatters what was
trained, because D reads these features; what a classifier that learned from other pictures answers on edits; and NRDS
among the arms of a domain and a seed, by networks of its own.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.cuda_parts.pack import COMMIT
from benchmarks.cuda_parts.record import circumstances, commit
from benchmarks.edit_response import PROTOCOL, SHOWN
from benchmarks.fine_tuning_arms import EDITS, NOTHING, ZOO, Arm, do, keeps_classifier
from benchmarks.fine_tuning_domains import FAR, NEAR, SIDE, Domain, Sizes, prepare
from benchmarks.presets import RESULTS
from benchmarks.shared_units import finish
from benchmarks.sheet_rows import rows_of
from edgan.metrics import nrds
from edgan.models.contact_sheet import Row, contact_sheet
from edgan.models.pixels import to_images
from edgan.storage.durable import write_json_atomic

MINUTES = (2, 5, 10)
STEPS: Mapping[bool, Mapping[int, int]] = {True: {2: 260, 5: 700, 10: 1430}, False: {2: 310, 5: 830, 10: 1690}}
"""Whether the attribute encoder is kept, and minutes of two cores, to steps.

Of the processor seconds, 20 are taken for start, last evaluation and report: what 60 and 175 steps from the zoo cost
beyond their steps. The rest is divided by 0.824 s a step; where the attribute encoder learns, a
sixth of the steps trains it alone at 0.057 s. `benchmarks.presets.stage_costs` measured both rates with one thread of a
busy two-core machine, 300 patterned faces and batches of 32 at 64 px (torch 2.13).
"""
NRDS_SEEDS = 3
ARMS = ((ZOO, 0), *((start, minutes) for start in (ZOO, NOTHING) for minutes in MINUTES))
FIRST = ((ZOO, 0), (ZOO, 2), (NOTHING, 10))
"""The arms that the question is about: do 2 minutes from the zoo beat 10 from nothing?"""


def arms_of(
    domain: str, seed: int, *, device: str, work: Path, out: Path, until: float, toy: Mapping[str, Any] | None = None
) -> list[Arm]:
    """The arms of a domain with a seed, in the order of the sheets.

    Args:
        domain: "near" or "far".
        seed: of the trainings.
        device, work, out, until: as in `Arm`.
        toy: for a rehearsal: "steps" of every arm, and "settings".
    """
    rehearsal = toy or {}
    arms = []
    for start, minutes in ARMS:
        steps = STEPS[keeps_classifier(domain, start)][minutes] if minutes else 0
        steps = rehearsal.get("steps", steps) if minutes else 0
        settings = rehearsal.get("settings", {})
        arms.append(Arm(domain, seed, start, minutes, steps, device, work, out, until, settings))
    return arms


def draw_sheets(domain: Domain, arms: Sequence[Arm], name: str, out: Path) -> None:
    """Write NAME.png, originals and reconstructions, and NAME-edits.png, from the arms' rows.

    Args:
        domain: for the originals.
        arms: those of a domain and a seed that are done.
        name: of the sheets.
        out: their folder.
    """
    originals = Row("original", tuple(to_images(domain.held_out()[0][:SHOWN])))
    columns = [""] * len(originals.pictures)
    rows = {arm.label: rows_of(arm.out / f"{arm.name}.png", SIDE) for arm in arms}
    note = "Held-out pictures, by start and minutes of two cores."
    contact_sheet(
        f"{name}: reconstructed", note, columns, [originals, *(Row(label, of[0]) for label, of in rows.items())]
    ).save(out / f"{name}.png")
    edited = [
        Row(f"{edit[0]} {label}", of[number])
        for number, edit in enumerate(EDITS, start=1)
        for label, of in rows.items()
    ]
    shown = ", ".join(f"{edit[0]} is {edit}={level:g}" for edit, level in EDITS.items())
    contact_sheet(f"{name}: edited", f"{note} {shown}.", columns, [originals, *edited]).save(out / f"{name}-edits.png")


def ranked(domain: Domain, arms: Sequence[Arm], name: str, out: Path, device: str) -> dict[str, Any] | None:
    """NRDS among the arms of a domain and a seed, kept in OUT/nrds-NAME.json; None where pictures are gone."""
    path = out / f"nrds-{name}.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"scores": {}}
    if kept["scores"].keys() == {arm.label for arm in arms}:
        return kept
    if not all(arm.pictures.exists() for arm in arms):
        return None
    begun = time.monotonic()
    fakes = {arm.label: np.load(arm.pictures) for arm in arms}
    result = nrds(domain.held_out()[0], fakes, seeds=NRDS_SEEDS, device=device)
    kept = {
        "scores": dict(result.scores),
        "intervals": {label: list(interval) for label, interval in result.intervals.items()},
        "areas": dict(result.areas),
        "real_area": result.real_area,
        "protocol": result.protocol,
        "seconds": round(time.monotonic() - begun, 1),
    }
    write_json_atomic(path, kept)
    return kept


def assemble(
    domains: Mapping[str, Domain], arms: Mapping[tuple[str, int], list[Arm]], out: Path, device: str
) -> dict[str, Any]:
    """Figures of all arms that are done; sheets and NRDS of each domain and seed with the first ones of `ARMS` done."""
    done = {arm.name: arm for group in arms.values() for arm in group if (arm.out / f"{arm.name}.json").exists()}
    result: dict[str, Any] = {
        "arms": [json.loads((arm.out / f"{arm.name}.json").read_text()) for arm in done.values()],
        "nrds": {},
    }
    for (domain, seed), group in arms.items():
        finished = [arm for arm in group if arm.name in done]
        if {(arm.start, arm.minutes) for arm in finished} >= set(FIRST):
            draw_sheets(domains[domain], finished, f"{domain}-{seed}", out)
            result["nrds"][f"{domain}-{seed}"] = ranked(domains[domain], finished, f"{domain}-{seed}", out, device)
    return result


def line(arm: Mapping[str, Any]) -> str:
    """An arm's figures in one line."""
    of = " ".join(
        f"{name}={edit['shown_at']:g}: KID {edit['kid_features']:.3f} rank {edit['rank_correlation']:.2f} "
        f"change {edit['balanced_change']:+.2f}"
        for name, edit in arm["edits"].items()
    )
    seed = "" if arm["seed"] is None else f" seed {arm['seed']}"
    return (
        f"{arm['domain']}{seed} {arm['start']} {arm['minutes']} min ({arm['steps']} steps): PSNR {arm['psnr']:.1f} dB, "
        f"SSIM {arm['ssim']:.3f}, KID {arm['kid_features']:.3f}; {of}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Train, judge, draw, write. Exit status 1 if an arm failed or the time ended first."""
    options = _parser().parse_args(argv)
    until = time.time() + options.seconds
    out = options.out.resolve()
    work = (options.work or out / "work").resolve()
    out.mkdir(parents=True, exist_ok=True)
    options.results.mkdir(parents=True, exist_ok=True)
    toy = {"steps": 4, "settings": {"batch": 4}} if options.toy else None
    sizes = Sizes(held_out=12, drawn=60, photographs=60, reader_steps=4) if options.toy else Sizes()
    domains = {name: prepare(name, work, options.data, sizes) for name in options.domains}
    if options.prepare:
        (work / COMMIT).write_text(commit() + "\n", encoding="utf-8")
        return 0
    groups = {
        (domain, seed): arms_of(domain, seed, device=options.device, work=work, out=out, until=until, toy=toy)
        for seed in options.seeds
        for domain in options.domains
    }
    # A stop should leave an answer for every seed, and then whole sheets, short trainings before long ones.
    units = {
        arm.name: arm
        for asked in (True, False)
        for group in groups.values()
        for arm in sorted(group, key=lambda arm: arm.steps, reverse=asked)
        if ((arm.start, arm.minutes) in FIRST) is asked
    }
    fates = finish(list(units.values()), do, folder=out, workers=options.workers, until=until)
    result = assemble(domains, groups, out, options.device)
    result |= {
        "sizes": asdict(sizes),
        "edits": {"shown": dict(EDITS), "protocol": PROTOCOL},
        "classifier_balanced_accuracy": {name: domain.reader_accuracy() for name, domain in domains.items()},
        "workers": options.workers,
        "unfinished": {name: fate for name, fate in fates.items() if fate.startswith(("no time", "failed"))},
        "made_with": circumstances(
            torch.device(options.device),
            work,
            shlex.join(["python", "-m", "benchmarks.fine_tuning", *(sys.argv[1:] if argv is None else argv)]),
        ),
    }
    write_json_atomic(options.results / "bench-fine-tuning.json", result)
    print("\n".join(map(line, result["arms"])))
    return int(bool(result["unfinished"]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fine_tuning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="for figures and sheets of the arms")
    parser.add_argument("--domains", nargs="+", choices=(NEAR, FAR), default=[NEAR, FAR])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--data", type=Path, help="CelebA: a folder, or a pack (.npz)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the arms")
    parser.add_argument("--seconds", type=float, default=6 * 3600.0, help="no training goes on after that")
    parser.add_argument("--work", type=Path, help="for runs and pictures that need not be kept; OUT/work unless given")
    parser.add_argument("--prepare", action="store_true", help="write pictures and what judges into DIR, no more")
    parser.add_argument("--results", type=Path, default=RESULTS, help="for bench-fine-tuning.json")
    parser.add_argument("--toy", action="store_true", help="a rehearsal: few pictures, small networks, four steps")
    return parser


if __name__ == "__main__":
    sys.exit(main())
