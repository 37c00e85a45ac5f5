"""The arms of the fine-tuning benchmark: one training each, judged on held-out pictures."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

import edgan
from benchmarks.edit_response import judged
from benchmarks.fine_tuning_domains import ATTRIBUTES, NEAR, Domain
from benchmarks.judged_edits import JUDGED_EDITS
from benchmarks.shared_units import stops_at
from edgan.models.pixels import to_uint8
from edgan.models.sheet import sheet
from edgan.storage.durable import write_json_atomic

ZOO, NOTHING = "zoo", "nothing"
EDITS: Mapping[str, float] = {"Eyeglasses": 2.0, "Smiling": 3.0}
"""What is edited, and to which intensity it is shown."""
RARELY = 10**6


@dataclass(frozen=True)
class Arm:
    """One training of one domain with one seed.

    Attributes:
        domain: "near" or "far".
        seed: of the training.
        start: "zoo" or "nothing".
        minutes: of two cores; 0 is the zoo's model as it is.
        steps: those that the minutes allow.
        device: where it is trained and judged.
        work: the folder of the domains, the runs and the pictures for NRDS.
        out: for NAME.json and NAME.png.
        until: when the time of the whole call ends, by `time.time()`.
        settings: dotted settings that differ from the preset, for a rehearsal.
    """

    domain: str
    seed: int
    start: str
    minutes: int
    steps: int
    device: str
    work: Path
    out: Path
    until: float
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the sheets call it."""
        return f"{self.start} {self.minutes} min" if self.minutes else "zoo untrained"

    @property
    def name(self) -> str:
        """Of its files. The zoo's model as it is has no seed."""
        seed = f"-{self.seed}" if self.minutes else ""
        return f"{self.domain}{seed}-{self.start}-{self.minutes}"

    @property
    def pictures(self) -> Path:
        """Its reconstructions of all held-out pictures, (N, H, W, C) uint8."""
        return self.work / "reconstructed" / f"{self.name}.npy"

    @property
    def call(self) -> dict[str, Any]:
        """Keywords of `edgan.train`.

        The short stages get shares: a sixth of the steps for the attribute encoder, and a quarter until the
        decorrelation has its whole weight; not more steps than the preset's.
        """
        settings: dict[str, Any] = {
            **JUDGED_EDITS,
            "attributes": ATTRIBUTES,
            "decorrelation.over": max(1, min(300, self.steps // 4)),
            "classifier_steps": max(1, min(400, self.steps // 6)),
            "evaluate_every": RARELY,
            "preview_every": RARELY,
            "checkpoint_every": RARELY,
            **self.settings,
        }
        if keeps_classifier(self.domain, self.start):
            settings["frozen"] = ("attribute_encoder",)
        given = {"start_from": "zoo:faces"} if self.start == ZOO else {"size": 64}
        return {**given, "preset": "quick", "steps": self.steps, "seed": self.seed, "set": settings}


def keeps_classifier(domain: str, start: str) -> bool:
    """Whether an arm keeps the attribute encoder that it starts with.

    The zoo's knows rendered faces. On 500 photographs of CelebA its balanced accuracy is between .52 (Young) and .69
    (Eyeglasses), so for photographs it has to learn.
    """
    return start == ZOO and domain == NEAR


def do(arm: Arm) -> None:
    """Train an arm and judge it; writes its files."""
    run, spent = arm.work / "runs" / arm.name, 0.0
    source = "zoo:faces"
    if arm.minutes:
        begun = time.monotonic()
        edgan.train(
            "cdnet",
            Domain(arm.work / arm.domain).pictures,
            _fresh(run),
            **arm.call,
            device=arm.device,
            precision="float32",
            report=False,
            watch=stops_at(arm.until),
        )
        source, spent = str(run), time.monotonic() - begun
    model = edgan.load(source, arm.device, "newest")
    domain = Domain(arm.work / arm.domain)
    images, attributes = domain.held_out()
    figures, rows, reconstructed = judged(model, domain.reader(), ATTRIBUTES, EDITS, images, attributes)
    arm.pictures.parent.mkdir(parents=True, exist_ok=True)
    np.save(arm.pictures, to_uint8(reconstructed).numpy())
    sheet(rows).save(arm.out / f"{arm.name}.png")
    write_json_atomic(
        arm.out / f"{arm.name}.json",
        {
            "domain": arm.domain,
            "seed": arm.seed if arm.minutes else None,
            "start": arm.start,
            "minutes": arm.minutes,
            "steps": arm.steps,
            "classifier_kept": keeps_classifier(arm.domain, arm.start),
            "train_seconds": round(spent, 1),
            "machine": machine(arm.device),
            **figures,
        },
    )


def _fresh(run: Path) -> Path:
    """The path of a run, whose folder, if an earlier call was stopped there, is moved aside."""
    if run.exists():
        run.rename(run.with_name(f"{run.name}-stopped-{time.time_ns()}"))
    run.parent.mkdir(parents=True, exist_ok=True)
    return run


@functools.cache
def machine(device: str) -> str:
    """What an arm was trained on."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"
