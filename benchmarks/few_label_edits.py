"""What a whole CDNet edits that learned from few labels: 100, 1,000 and all labels of the same pictures.

    python -m benchmarks.few_label_edits --data DATA --out OUT [--labels 100 1000 all] [--steps 3000] [--seeds 0]
        [--device cuda] [--workers N] [--seconds S] [--work DIR] [--prepare]

DATA is CelebA, a folder or a pack (docs/gpu.md). All training pictures train CDNet at 64 px in float32, with the
settings of `judged_edits`; the first of them keep their labels, and the cells of the others are blank
(`benchmarks.few_labels` judges the attribute encoder alone). A classifier that learned from all labels judges edits of
held-out pictures, those with the attribute and those without it. Each training leaves OUT/NAME.json and OUT/NAME.png,
and a later call with the same OUT goes on where this one ended. DIR (OUT/work unless given) has that classifier;
`--prepare` writes it alone, to be carried to another machine with DATA. OUT/few-labels-SEED.png shows ten held-out
pictures; the figures are in results/bench-few-label-edits.json.
"""

from __future__ import annotations

import argparse
import functools
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.job import once
from benchmarks.cuda_parts.record import circumstances
from benchmarks.edit_response import PROTOCOL, SHOWN, balanced_accuracy, judged
from benchmarks.few_labels import QUIET, with_labels
from benchmarks.fine_tuning_arms import machine
from benchmarks.fine_tuning_domains import ATTRIBUTES, SIDE, Domain, Sizes, arrays_of, opened, unpacked, write_judge
from benchmarks.judged_edits import JUDGED_EDITS
from benchmarks.presets import RESULTS
from benchmarks.shared_units import OutOfTimeError, finish
from benchmarks.sheet_rows import rows_of
from edgan.config import configure
from edgan.data import Dataset
from edgan.methods import Shape
from edgan.models.contact_sheet import Row, contact_sheet
from edgan.models.pixels import to_images
from edgan.models.sheet import sheet
from edgan.storage.durable import write_json_atomic
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

EDITS: Mapping[str, float] = dict.fromkeys(("Eyeglasses", "Smiling", "Blond_Hair", "Male"), 3.0)
"""What is edited, and to which intensity it is shown."""
ALL = "all"
READ_EVERY = 100
"""Steps after which losses are read and the time is looked at."""


@dataclass(frozen=True)
class Arm:
    """One training.

    Attributes:
        labels: how many training pictures keep them; "all" of them.
        seed: of the training.
        steps: in all.
        data: the folder of the pictures.
        device: where it is trained and judged.
        work: the folder with the judge.
        out: for NAME.json and NAME.png.
        until: when the time of the whole call ends, by `time.time()`.
        settings: dotted settings that differ from the preset, for a rehearsal.
    """

    labels: str
    seed: int
    steps: int
    data: Path
    device: str
    work: Path
    out: Path
    until: float
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of its files."""
        return f"labels-{self.labels}-{self.seed}"


def do(arm: Arm) -> None:
    """Train an arm and judge it; writes its files."""
    dataset = opened(arm.data)
    count = len(dataset.indices("train"))
    kept = count if arm.labels == ALL else min(count, int(arm.labels))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        trainer = trained(arm, with_labels(dataset, kept), Path(scratch))
    spent = time.monotonic() - begun
    judge = Domain(arm.work)
    images, attributes = judge.held_out()
    figures, rows, _ = judged(trainer.model, judge.reader(), ATTRIBUTES, EDITS, images, attributes)
    encoder = functools.partial(_logits, trainer)
    known = balanced_accuracy(encoder, images, attributes)
    sheet(rows).save(arm.out / f"{arm.name}.png")
    write_json_atomic(
        arm.out / f"{arm.name}.json",
        {
            "labelled": kept,
            "of": count,
            "seed": arm.seed,
            "steps": arm.steps,
            "train_seconds": round(spent, 1),
            "machine": machine(arm.device),
            "attribute_encoder_balanced_accuracy": dict(zip(ATTRIBUTES, known, strict=True)),
            **figures,
        },
    )


def trained(arm: Arm, dataset: Dataset, scratch: Path) -> Trainer:
    """A CDNet after all of its steps.

    Raises:
        OutOfTimeError: the time of the whole call ended first.
    """
    settings = {
        **JUDGED_EDITS,
        "attributes": ATTRIBUTES,
        "device": arm.device,
        "precision": "float32",
        **QUIET,
        "log_every": READ_EVERY,
    }
    configuration = configure("cdnet", "quick", {**settings, **arm.settings}, steps=arm.steps, size=SIDE, seed=arm.seed)
    method = configuration.build(Shape.of(dataset))
    trainer = Trainer(configuration, method, dataset, RunFolder(scratch), World(0, 1, torch.device(arm.device)))
    while trainer.step < arm.steps:
        trainer.advance()
        if trainer.step % READ_EVERY == 0 and time.time() > arm.until:
            raise OutOfTimeError
    return trainer


@torch.no_grad()
def _logits(trainer: Trainer, images: torch.Tensor) -> torch.Tensor:
    """(N, A): what the averaged attribute encoder says of images (N, C, H, W), on the CPU."""
    network = trainer.state.average.networks["attribute_encoder"].eval()
    return torch.cat([network(chunk.to(trainer.world.device)).cpu() for chunk in images.split(SIDE)])


def judge_of(dataset: Dataset, work: Path, sizes: Sizes) -> None:
    """The first test pictures, and a classifier of all training pictures with all of their labels."""

    def write(folder: Path) -> None:
        held_out = arrays_of(dataset, dataset.indices("test")[: sizes.held_out])
        write_judge(folder, held_out, arrays_of(dataset, dataset.indices("train")), sizes.reader_steps)

    once(work, write)


def draw_sheet(judge: Domain, arms: Sequence[Arm], path: Path) -> None:
    """Originals, then of each arm its reconstructions and its edits."""
    rows = [Row("original", tuple(to_images(judge.held_out()[0][:SHOWN])))]
    for arm in arms:
        names = ["rebuilt", *(name.replace("_", " ") for name in EDITS)]
        shown = rows_of(arm.out / f"{arm.name}.png", SIDE)
        rows += [Row(f"{arm.labels}: {name}"[:16], row) for name, row in zip(names, shown, strict=True)]
    edits = ", ".join(f"{name}={level:g}" for name, level in EDITS.items())
    note = f"Held-out pictures, by number of labelled training pictures: reconstructed, {edits}."
    contact_sheet("CDNet from few labels", note, [""] * len(rows[0].pictures), rows).save(path)


def line(arm: Mapping[str, Any]) -> str:
    """An arm's figures in one line."""
    head = f"{arm['labelled']} labelled, seed {arm['seed']}: PSNR {arm['psnr']:.1f} dB, KID {arm['kid_features']:.3f}"
    edits = [
        f"{name} rank {edit['rank_correlation']:.2f} change {edit['balanced_change']:+.2f} "
        f"KID {edit['kid_features']:.3f}"
        for name, edit in arm["edits"].items()
    ]
    return "; ".join([head, *edits])


def main(argv: Sequence[str] | None = None) -> int:
    """Train, judge, draw, write. Exit status 1 if a training failed or the time ended first."""
    options = _parser().parse_args(argv)
    until = time.time() + options.seconds
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    work = (options.work or out / "work").resolve()
    sizes = Sizes(held_out=12, reader_steps=4) if options.toy else Sizes()
    toy = {"batch": 4, "classifier_steps": 2} if options.toy else {}
    data = unpacked(options.data, work)
    dataset = opened(data)
    judge_of(dataset, work / "all-labels", sizes)
    if options.prepare:
        return 0
    judge = Domain(work / "all-labels")
    groups = {
        seed: [
            Arm(labels, seed, options.steps, data, options.device, judge.folder, out, until, toy)
            for labels in options.labels
        ]
        for seed in options.seeds
    }
    arms = [arm for group in groups.values() for arm in group]
    fates = finish(arms, do, folder=out, workers=options.workers, until=until)
    done = [arm for arm in arms if (out / f"{arm.name}.json").exists()]
    for seed, group in groups.items():
        if all(arm in done for arm in group):
            draw_sheet(judge, group, out / f"few-labels-{seed}.png")
    result = {
        "arms": [json.loads((out / f"{arm.name}.json").read_text()) for arm in done],
        "held_out": len(judge.held_out()[0]),
        "protocol": PROTOCOL,
        "classifier_balanced_accuracy": judge.reader_accuracy(),
        "workers": options.workers,
        "unfinished": {name: fate for name, fate in fates.items() if fate.startswith(("no time", "failed"))},
        "made_with": circumstances(
            torch.device(options.device),
            options.data.parent,
            shlex.join(["python", "-m", "benchmarks.few_label_edits", *(sys.argv[1:] if argv is None else argv)]),
        ),
    }
    write_json_atomic(options.results / "bench-few-label-edits.json", result)
    print("\n".join(map(line, result["arms"])))
    return int(bool(result["unfinished"]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.few_label_edits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="CelebA: a folder, or a pack (.npz)")
    parser.add_argument("--out", type=Path, required=True, help="for figures and sheets of the trainings")
    parser.add_argument("--labels", nargs="+", default=["100", "1000", ALL])
    parser.add_argument("--steps", type=int, default=3000, help="of each training, the attribute encoder's included")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the trainings")
    parser.add_argument("--seconds", type=float, default=6 * 3600.0, help="no training goes on after that")
    parser.add_argument("--work", type=Path, help="for what need not be kept; OUT/work unless given")
    parser.add_argument("--prepare", action="store_true", help="write what judges into DIR, no more")
    parser.add_argument("--results", type=Path, default=RESULTS, help="for bench-few-label-edits.json")
    parser.add_argument("--toy", action="store_true", help="a rehearsal: small batches, few held-out pictures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
