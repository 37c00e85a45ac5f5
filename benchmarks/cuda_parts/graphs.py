"""What CUDA graphs bring: the same weights, and the time of a step beside eager steps and loops written by hand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.cuda_parts.correctness import distance, weights_of
from benchmarks.cuda_parts.job import Figures, Job, Outcome
from benchmarks.cuda_parts.numerics import exact, synchronise, tuned
from benchmarks.cuda_parts.record import trace
from benchmarks.cuda_parts.steps import advance, at_last_stage, block, period_of, warm_steps
from benchmarks.cuda_parts.trainers import Sized, trainer
from benchmarks.rivals import plain_loop
from edgan.errors import EdganError
from edgan.routing.captured import record_by_cuda
from edgan.training.loop import Trainer

ROWS = {
    "cdnet:28": Sized("cdnet", "paper-digits", 28),
    "dcgan:64": Sized("dcgan", "paper", 64),
    "cdnet:64": Sized("cdnet", "paper", 64),
    "ed-slash-gan:64": Sized("ed-slash-gan", "paper", 64),
    "dcgan:28": Sized("dcgan", "paper", 28),
    "ed-slash-gan:quick": Sized("ed-slash-gan", "quick"),
    "cdnet:quick": Sized("cdnet", "quick"),
    "grit:quick": Sized("grit", "quick", 128, images=32),
    "wgan-gp:64": Sized("wgan-gp", "paper", 64),
    "pix2pix:quick": Sized("pix2pix", "quick", 128, images=32),
}
"""Methods at the papers' sizes that have a loop written by hand, and some at the default preset."""
TOY_ROWS = ("dcgan:28",)
COMPILED = ("cdnet:28", "dcgan:64", "ed-slash-gan:quick")
"""Rows that are also measured with torch.compile, in bfloat16."""
STEPS, TOY_STEPS, TOY_SIDE, TOY_BATCH = 200, 6, 32, 2
ROUNDS, BLOCK_SECONDS = 3, 0.3
DIGITS, DIGIT_STEPS, PAPER_STEPS = "cdnet:28", 5000, 125_000
"""Paper 2 trains CDNet on MNIST for 125,000 iterations, in 1.34 h on a GTX 1080."""
SECONDS_A_ROW = 12.0


def graphs(job: Job) -> Outcome:
    """A row for each method; one that fails is recorded with its reason."""
    rows: Figures = {name: row for name, row in job.before.get("rows", {}).items() if "error" not in row}
    names = TOY_ROWS if job.toy else tuple(ROWS)
    left_out = []
    for name in (name for name in names if name not in rows):
        if not job.toy and job.left < SECONDS_A_ROW:
            left_out.append(name)
            continue
        try:
            rows[name] = compare(job, name)
        except Exception as error:  # whatever one method does wrong, the others are still to be tried
            sentence = str(error) if isinstance(error, EdganError) else f"{type(error).__name__}: {error}"
            rows[name] = {"error": sentence, "traceback": trace()}
        job.keep({"rows": rows})
        job.say(f"{name}: {_in_words(rows[name])}")
    settings = {
        "steps": TOY_STEPS if job.toy else STEPS,
        "weights": "after these steps in float32 with deterministic algorithms, with graphs and without: the largest "
        "relative distance of a network's weights, 0 for the same bits",
        "time": f"median of {ROUNDS} blocks each, in turn; by_hand is the plain PyTorch loop of benchmarks/by_hand, "
        "eager, with the same batches and noise and fused Adam; compiled is recorded with torch.compile",
        "stage": "the last of each method's stages",
    }
    failed = [name for name, row in rows.items() if "error" in row]
    figures: Figures = {"failed": failed, "left_out": left_out, "rows": rows}
    if job.device.type == "cuda":
        figures["dropout_after_a_failed_recording"] = dropout_after_a_failed_recording(job.device)
    return Outcome(figures, settings, whole=not left_out)


def dropout_after_a_failed_recording(device: torch.device) -> str:
    """What an eager dropout does after a recording that reads a value on the host: "works", or its error."""
    images = torch.ones(4, device=device)

    def reads() -> None:
        F.dropout(images).sum().item()

    try:
        record_by_cuda()(reads)
    except RuntimeError:
        pass
    else:
        return "not tried: the recording did not fail"
    try:
        F.dropout(images)
        synchronise(device)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return "works"


def compare(job: Job, name: str) -> Figures:
    """One row."""
    row: Figures = {"weights": weights_apart(job, name)}
    with tuned(tf32=False):
        for precision in ("float32", "bfloat16"):
            row[precision] = times(job, name, precision)
        if name == DIGITS and not job.toy:
            row["digits"] = digits(job, name)
    return row


def times(job: Job, name: str, precision: str) -> Figures:
    """Milliseconds of a step: eager, recorded, by hand where there is such a loop, and recorded with torch.compile."""
    recorded = at_last_stage(_training(job, name, precision, True))
    compiles = name in COMPILED and precision == "bfloat16" and not job.toy
    eager = at_last_stage(_training(job, name, precision, False))
    by_hand = plain_loop(at_last_stage(_training(job, name, precision, False)))
    period = period_of(recorded.method.plan)
    work: dict[str, Callable[[], Any]] = {"recorded": lambda: advance(recorded), "eager": lambda: advance(eager)}
    if by_hand is not None:
        work["by_hand"] = _in_precision(by_hand, job.device, precision)
    if compiles:
        compiled = at_last_stage(_training(job, name, precision, True, compile=True))
        work["compiled"] = lambda: advance(compiled)
    for step in work.values():
        for _ in range(2 if job.toy else warm_steps(period)):
            step()
    found: dict[str, list[float]] = {way: [] for way in work}
    for _ in range(1 if job.toy else ROUNDS):
        for way, step in work.items():
            found[way].append(block(step, job.device, period, 0.0 if job.toy else BLOCK_SECONDS))
    ms = {f"ms_{way}": 1000 * statistics.median(seconds) for way, seconds in found.items()}
    batch = recorded.configuration.batch
    graphs_held = 0 if recorded.captured is None else recorded.captured.recorded
    return {"batch": batch, "images_s": 1000 * batch / ms["ms_recorded"], "graphs": graphs_held, **ms}


def weights_apart(job: Job, name: str) -> float:
    """How far the weights of a recorded and an eager training are apart after the same steps."""
    with exact():
        ends: list[dict[str, torch.Tensor]] = []
        for graphed in (True, False):
            training = at_last_stage(_training(job, name, "float32", graphed))
            for _ in range(TOY_STEPS if job.toy else STEPS):
                advance(training)
            synchronise(job.device)
            ends.append(weights_of(training))
    networks = {key.partition("/")[0] for key in ends[0]}
    one, other = ends
    return max(distance(one, other, network) / max(distance({}, other, network), 1e-12) for network in networks)


def digits(job: Job, name: str) -> Figures:
    """Seconds of 5,000 steps of CDNet at the paper's size for digits, and what 125,000 would take."""
    training = at_last_stage(_training(job, name, "bfloat16", True))
    start = time.perf_counter()
    for _ in range(DIGIT_STEPS):
        advance(training)
    synchronise(job.device)
    seconds = time.perf_counter() - start
    return {
        "steps": DIGIT_STEPS,
        "seconds": seconds,
        "minutes_of_the_papers_steps": seconds / DIGIT_STEPS * PAPER_STEPS / 60,
    }


def _training(job: Job, name: str, precision: str, graphed: bool, compile: bool = False) -> Trainer:
    wanted = ROWS[name]
    sized = Sized(wanted.method, wanted.preset, TOY_SIDE, TOY_BATCH, 24) if job.toy else wanted
    rarely = dict.fromkeys(("checkpoint_every", "evaluate_every", "preview_every"), 10**6)
    changes = {"cuda_graphs": graphed, "compile": compile, "log_every": 50, **rarely}
    return trainer(sized, job.device, precision, job.scratch, changes)


def _in_precision(step: Callable[[], None], device: torch.device, precision: str) -> Callable[[], None]:
    def taken() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            step()

    return taken


def _in_words(row: Figures) -> str:
    if "error" in row:
        return str(row["error"])
    each = []
    for precision in ("float32", "bfloat16"):
        ms = {name.removeprefix("ms_"): value for name, value in row[precision].items() if name.startswith("ms_")}
        each.append(f"{precision} " + ", ".join(f"{way} {value:.2f} ms" for way, value in ms.items()))
    more = f"; {row['digits']}" if "digits" in row else ""
    return f"weights {row['weights']:.1e} apart; {'; '.join(each)}{more}"
