"""Two presets of a method, trained with one seed and judged on the same held-out pictures."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

import edgan
from benchmarks.cuda_parts.training import keep_weights
from benchmarks.equal_time import Wanted
from benchmarks.preset_edits import EditJudge, edits_by_itself
from edgan.api.evaluation import data_for
from edgan.data import Dataset
from edgan.data.classes import paint
from edgan.metrics import nrds
from edgan.metrics.spectra.periodic_peak import PEAK_MIN_IMAGES, PEAK_MIN_SIDE, periodic_peak
from edgan.models.chunks import CHUNK
from edgan.models.feature_figures import drawn
from edgan.models.inputs import fields_of
from edgan.models.model import Model
from edgan.models.running_figures import RunningFigures
from edgan.models.sheet import sheet
from edgan.storage.durable import write_json_atomic

OLD, NEW = "small", "quick"
PRESETS = (OLD, NEW)
SHOWN, SAMPLE_ROWS, MOST = 10, 3, 300
PRECISION = "float32"


def trained(wanted: Wanted, preset: str, seed: int, steps: int) -> dict[str, Any]:
    """Train unless it was done before; the number of steps, the processor seconds and the seconds."""
    run = wanted.run(preset, seed)
    note = run.with_name(f"{run.name}.json")
    if not note.exists():
        half = max(1, steps // 2)
        settings = {**wanted.settings, **dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), half)}
        begun, at = time.process_time(), time.monotonic()
        edgan.train(
            wanted.method,
            wanted.data,
            run,
            size=wanted.size,
            steps=steps,
            preset=preset,
            seed=seed,
            device=wanted.device,
            precision=PRECISION,
            set=settings,
            report=False,
            quiet=True,
        )
        spent = {"processor_seconds": time.process_time() - begun, "seconds": time.monotonic() - at}
        write_json_atomic(note, {"steps": steps, **{name: round(value, 1) for name, value in spent.items()}})
    written: dict[str, Any] = json.loads(note.read_text())
    return written


def measured(model: Model, dataset: Dataset, split: str) -> tuple[dict[str, float], Tensor, Tensor]:
    """The figures of `edgan evaluate` but for edits, of at most 300 images of a split.

    Returns:
        The figures; what the model draws, clipped, and the images: (N, C, H, W) in [-1, 1] on the CPU both.
    """
    where = dataset.indices(split)[:MOST]
    residuals = "residual" in model.method.plan.tap
    running = RunningFigures(model.size, residuals=residuals and model.redraws, paired=model.redraws)
    outputs, images = [], []
    for first in range(0, len(where), CHUNK):
        fields = fields_of(dataset.batch(where[first : first + CHUNK], model.device))
        if model.redraws:
            made = model.redraw(fields, first)
            running.add(made, fields["image"])
            output = made.output.clamp(-1, 1)
        else:
            output = drawn(model, fields, first).to(fields["image"]).clamp(-1, 1)
            running.add_pictures({"output": output}, fields["image"])
        outputs.append(output.cpu())
        images.append(fields["image"].cpu())
    return running.figures(), torch.cat(outputs), torch.cat(images)


def compared(wanted: Wanted, seed: int, split: str, steps: Mapping[str, int], most_weights: int = 0) -> dict[str, Any]:
    """The figures of both presets with one seed; draws the sheets.

    Args:
        wanted: what to compare.
        seed: of the trainings, and of what judges them.
        split: the pictures that judge.
        steps: by preset.
        most_weights: a run of which inference reads no more bytes than this is kept in OUT/weights/PRESET-SEED.
    """
    result: dict[str, Any] = {"seed": seed}
    outputs: dict[str, Tensor] = {}
    judge = None
    for preset in PRESETS:
        spent = trained(wanted, preset, seed, steps[preset])
        run = wanted.run(preset, seed)
        model = edgan.load(run, wanted.device, "newest")
        dataset = data_for(run, model, wanted.data)
        figures, outputs[preset], real = measured(model, dataset, split)
        result[preset] = spent | figures | _peak("periodic_peak", outputs[preset])
        if edits_by_itself(model):
            judge = judge or EditJudge.taught(dataset, dataset.indices(split)[:MOST], seed, model.device)
            result[preset]["edits"] = judge.figures(model)
            judge.sheet(model, f"{wanted.method}, {preset}, seed {seed}").save(
                wanted.out / f"edits-{preset}-{seed}.png"
            )
        if most_weights:
            kept = keep_weights(run, wanted.out / "weights" / run.name, most_weights, inference_only=True)
            result[preset]["weights"] = kept
    source = fields_of(dataset.batch(dataset.indices(split)[:SHOWN])).get("source")
    rows = [] if source is None else [paint(source)]
    for pictures in (outputs[OLD], outputs[NEW], real):
        rows += pictures[:SHOWN].split(SHOWN) if model.redraws else _sample_rows(pictures)
    sheet(rows, scale=max(1, 128 // wanted.size)).save(wanted.out / f"sheet-{seed}.png")
    return result | ({} if judge is None else {"edits_judged_by": judge.told()}) | _between(real, outputs, seed, model)


def _sample_rows(pictures: Tensor) -> list[Tensor]:
    """Up to three rows of ten; all are full unless there are fewer than ten pictures."""
    full = max(1, min(SAMPLE_ROWS, len(pictures) // SHOWN))
    return list(pictures[: full * SHOWN].split(SHOWN))


def _between(real: Tensor, outputs: Mapping[str, Tensor], seed: int, model: Model) -> dict[str, Any]:
    """NRDS between the presets, computed where the model is, and what it is read against."""
    ranked = nrds(real, outputs, protocol="robust", seed=seed, device=model.device)
    return {
        "images": len(real),
        **_peak("periodic_peak_of_originals", real),
        "nrds": {
            preset: {
                "score": ranked.scores[preset],
                "interval": ranked.intervals[preset],
                "area": ranked.areas[preset],
            }
            for preset in PRESETS
        },
        "nrds_real_area": ranked.real_area,
        "nrds_protocol": ranked.protocol,
    }


def _peak(name: str, images: Tensor) -> dict[str, float]:
    """The periodic peak by name; nothing for pictures that are too few or too small."""
    enough = len(images) >= PEAK_MIN_IMAGES and images.shape[-1] >= PEAK_MIN_SIDE
    return {name: periodic_peak(images).ratio} if enough else {}
