"""`rank`: models by their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from edgan.api.reporting import made_with
from edgan.data import Pictures, read_pictures
from edgan.errors import UsageError
from edgan.metrics import NRDS, Ranking, nrds
from edgan.metrics.additional import AdditionalFigures, measure_additional, parse_request
from edgan.metrics.findings import Reference
from edgan.metrics.nrds.discriminators import Discriminator
from edgan.metrics.ranking import listed
from edgan.models.loading import resolve_device
from edgan.report import write_report
from edgan.report.convincing import convincing

REAL = "the real images"
# What lets pictures look real, or be rejected, for a reason that has nothing to do with how well they are made.
HOLLOW = frozenset({"copies", "few-distinct", "constant", "noise"})


def rank(
    real: str | Path | Any,
    fakes: Mapping[str, str | Path | Any],
    *,
    protocol: str = "robust",
    size: int = 64,
    seed: int = 0,
    seeds: int | None = None,
    epochs: int | None = None,
    discriminator: Discriminator | None = None,
    device: str = "cpu",
    also: str | Sequence[str] = (),
    features: str | Path | Any = "classifier",
    progress: Callable[[int, int], None] | None = None,
    warn: Callable[[str], None] = lambda _: None,
    report: str | Path | None = None,
) -> Ranking:
    """Rank models by their pictures, with NRDS, and say for each why it stands where it stands.

    Names, and the order in which models are given, change nothing.

    Args:
        real: real pictures: a folder, .zip, .npy or .npz, or an array: uint8 (N, H, W, C), or float (N, C, H, W) in
            [-1, 1].
        fakes: model -> the same; numbers and sizes may differ.
        protocol: "robust" or "paper".
        size: all pictures become 8-bit; their largest centred square is resized to this side with Lanczos.
        seed, seeds, epochs, discriminator, device: as in `edgan.metrics.nrds`.
        also: what to measure beside it, of "similarity" (PSNR and SSIM of pictures with the name of a real one),
            "fid", "kid"; names, or a text with commas.
        features: for FID and KID: "classifier" (a small network taught on the real set), "inception" (an extra), the
            path of a TorchScript file, or a function or module from (n, C, size, size) in [-1, 1] to (n, D).
        progress: called with (epochs done, epochs in all).
        warn: called with a sentence for each file that cannot be used.
        report: write an HTML report there.

    Raises:
        UsageError: no model, a set of fewer than 2 pictures, or arguments that cannot be.
        EdganError: a source without usable pictures, or a feature network that is missing.
    """
    _check(fakes, seed, report)
    requested = parse_request(also)
    first = read_pictures(REAL, real, size, warn)
    models = {name: read_pictures(name, source, size, warn) for name, source in fakes.items()}
    if all(one.is_grey for one in (first, *models.values())):
        first, models = first.grey(), {name: one.grey() for name, one in models.items()}
    # First, for a feature network that is missing should be told before the long work.
    others = measure_additional(requested, first, models, features=features, seed=seed)
    found = nrds(
        first.values,
        {name: one.values for name, one in models.items()},
        protocol=protocol,
        seed=seed,
        seeds=seeds,
        epochs=epochs,
        discriminator=discriminator,
        device=resolve_device(device),
        progress=progress,
    )
    ranking = _whole(found, first, models, others, size)
    if report is not None:
        _report(Path(report), ranking, first, models)
    return ranking


def _check(fakes: Mapping[str, Any], seed: int, report: str | Path | None) -> None:
    if not fakes:
        raise UsageError("There is nothing to rank: give at least one model with --fake NAME=DIR.")
    if seed < 0:
        raise UsageError(f"A seed is a whole number from 0 on, not {seed}.")
    if report is not None and not Path(report).parent.is_dir():
        raise UsageError(f"There is no folder {Path(report).parent} for the report. Make it, or give another --report.")


def _whole(
    found: NRDS, real: Pictures, models: Mapping[str, Pictures], others: AdditionalFigures, size: int
) -> Ranking:
    """The scores with the reasons, the other figures and every warning."""
    reference = Reference(real.values)
    findings = {name: reference.findings(one.values) for name, one in models.items()}
    notes = [note for one in (real, *models.values()) for note in one.notes]
    ranking = Ranking(
        **{one.name: getattr(found, one.name) for one in fields(found)},
        findings=findings,
        figures=others.figures,
        protocols=others.protocols,
        files={name: one.names for name, one in models.items()},
    )
    protocol = f"{found.protocol}; pictures cut to their central square and resized to {size}x{size} with Lanczos"
    warnings = (*found.warnings, *notes, *_trust(ranking), *others.warnings)
    return replace(ranking, protocol=protocol, warnings=warnings)


def _trust(ranking: Ranking) -> Iterator[str]:
    """Where a place rests on pictures that a discriminator likes and a person would not count."""
    kinds = {name: {one.kind for one in found} for name, found in ranking.findings.items()}
    for name, own in kinds.items():
        sound = [
            repr(other)
            for other in ranking.scores
            if ranking.scores[other] < ranking.scores[name] and not kinds[other] & HOLLOW
        ]
        if own & HOLLOW and sound:
            what = "copies real pictures" if "copies" in own else "repeats a few pictures"
            yield (
                f"{name!r} {what}, and has a larger score than {listed(sound)}: as a generator it belongs below. The "
                "score asks only whether pictures look real."
            )


def _report(path: Path, ranking: Ranking, real: Pictures, models: Mapping[str, Pictures]) -> None:
    pictures = sum(map(len, models.values()))
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    write_report(
        path,
        title=f"{count} ranked",
        lead=f"{pictures} pictures of {listed(list(models))}, against {len(real)} real ones.",
        runs=[],
        ranking=ranking,
        convincing={name: convincing(ranking, name, one.values) for name, one in models.items()},
        made_with=made_with(),
    )
