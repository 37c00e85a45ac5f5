"""Small models at full quality, on the rendered sets and on digits and garments."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.cuda_parts.job import Job, Need, Outcome, Part
from benchmarks.cuda_parts.rendered import rendered
from benchmarks.cuda_parts.training import Recipe, report, settings_of, train

FACES, FACE_SIDE = 8000, 64
FACADES, FACADE_SIDE = 2000, 128
TOY_COUNT = 40
TO_JUDGE, TO_JUDGE_EDITS = 25.0, 50.0
"""Seconds of a part that are kept for figures and sheets; edits are judged by classifiers taught for each attribute."""

CDNET_PROBE = {"classifier_steps": 20}
CDNET_FACES = Recipe("cdnet", FACE_SIDE, 12_000, least=500, probe=CDNET_PROBE, toy={"classifier_steps": 2})
# Without attributes: judging its edits too would take longer than the training.
ED_SLASH_GAN = Recipe("ed-slash-gan", FACE_SIDE, 15_000, settings={"attributes": ()})
GRIT = Recipe("grit", FACADE_SIDE, 20_000)
DIGITS = Recipe("cdnet", 28, 6_000, "small-digits", toy={"classifier_steps": 2, "optimiser.decay_at": ()})
GAN, CONNECTION = Recipe("dcgan", 28, 8_000), Recipe("connection", 28, 8_000)


def _until(job: Job, judging: float) -> float:
    """When training must end so that time is left for judging."""
    return job.until - (0.0 if job.toy else judging)


def on_rendered(kind: str, count: int, recipe: Recipe, judging: float = TO_JUDGE) -> Callable[[Job], Outcome]:
    """The work of a part that trains on a rendered set."""

    def work(job: Job) -> Outcome:
        number, side = (TOY_COUNT, 32) if job.toy else (count, recipe.size)
        data = rendered(kind, number, side, job.scratch)
        return train_and_report(
            job, recipe, data, {"data": f"{number} rendered {kind} of {side} px, seeds from 0"}, judging
        )

    return work


def on_carried(name: str, recipe: Recipe, judging: float = TO_JUDGE) -> Callable[[Job], Outcome]:
    """The work of a part that trains on a set carried along."""

    def work(job: Job) -> Outcome:
        return train_and_report(job, recipe, job.folder(name), {"data": name}, judging)

    return work


def train_and_report(job: Job, recipe: Recipe, data: Path, told: dict[str, str], judging: float) -> Outcome:
    """Train and judge one run."""
    trained = train(job, recipe, data, recipe.method, _until(job, judging))
    job.keep(trained.figures)
    return Outcome(report(job, trained, data), {**told, **settings_of(trained)})


def gan_and_connection(job: Job) -> Outcome:
    """A DCGAN of garments in half of the time, then the network that finds its latents."""
    data = job.folder("fashion-mnist")
    end = _until(job, TO_JUDGE)
    gan = train(job, GAN, data, "dcgan", time.monotonic() + (end - time.monotonic()) / 2)
    figures = {"dcgan": report(job, gan, data, metric=None)}
    job.keep(figures)
    inverse = replace(CONNECTION, settings={"gan": str(gan.path)})
    connection = train(job, inverse, data, "connection", end)
    figures["connection"] = report(job, connection, data, "inversion")
    return Outcome(figures, {"data": "fashion-mnist", **settings_of(gan, connection)})


PARTS = (
    Part(
        "show-cdnet-faces",
        "an editor of rendered faces: CDNet at its default preset",
        170,
        on_rendered("faces", FACES, CDNET_FACES, TO_JUDGE_EDITS),
        rehearsed=False,  # celeba-cdnet takes the same path
    ),
    Part(
        "show-ed-slash-gan-faces",
        "ED//GAN on rendered faces at its default preset",
        120,
        on_rendered("faces", FACES, ED_SLASH_GAN),
    ),
    Part(
        "show-grit-facades",
        "GRIT on rendered facades at its default preset",
        170,
        on_rendered("facades", FACADES, GRIT),
        rehearsed=False,  # facades-grit takes the same path
    ),
    Part(
        "show-cdnet-digits",
        "CDNet on MNIST: a digit drawn as another in the same hand",
        110,
        on_carried("mnist", DIGITS),
        (Need("mnist", 28),),
    ),
    Part(
        "show-dcgan-garments",
        "a DCGAN of Fashion-MNIST, and the connection network that finds its latents",
        170,
        gan_and_connection,
        (Need("fashion-mnist", 28),),
    ),
)
