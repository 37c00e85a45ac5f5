"""`rank`: models by their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from edgan.api.reporting import made_with
from edgan.console import progress_bar, teller
from edgan.data import Pictures, read_pictures
from edgan.data.decode import check_size
from edgan.data.pictures import check_source
from edgan.errors import UsageError
from edgan.metrics import NRDS, Ranking, nrds
from edgan.metrics.additional import AdditionalFigures, measure_additional, parse_request, sides_needed
from edgan.metrics.distributions.features import check_request as check_features
from edgan.metrics.findings import LEAST_SIDE, Reference
from edgan.metrics.nrds.discriminators import Discriminator
from edgan.metrics.nrds.settings import check_request
from edgan.metrics.ranking import listed
from edgan.models.device import resolve_device
from edgan.paths import expand
from edgan.processes import Processes
from edgan.report import write_report
from edgan.report.convincing import convincing
from edgan.training import distributed

REAL = "the real images"
MOST_SEED = 2**63 - 1
# Findings that explain a high or a low score otherwise than by how good the pictures are.
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
    warn: Callable[[str], None] | None = None,
    report: str | Path | None = None,
    quiet: bool = False,
) -> Ranking:
    """Rank models by their pictures with NRDS, and give the reasons for each place.

    The result depends neither on the names of the models nor on their order. The processes of torchrun share the
    discriminators and the pictures; each returns the whole ranking.

    Args:
        real: real pictures: a folder, .zip, .npy or .npz, or an array: uint8 (N, H, W, C), or float (N, C, H, W) in
            [-1, 1].
        fakes: model -> the same; numbers and sizes may differ.
        protocol: "robust" or "paper".
        size: all pictures become 8-bit; their largest centred square is resized to this side, at least 3, with Lanczos.
        seed, seeds, epochs, discriminator, device: as in `edgan.metrics.nrds`.
        also: further metrics, of "similarity" (PSNR and SSIM of pictures that share their name with a real one), "fid"
            and "kid" (on `features`), "kid_features" and "fid_features" (on pretrained features) and others that
            docs/rank.md lists; a sequence of names, or one text with commas.
        features: for FID and KID: "classifier" (a small network taught on the real set), "inception" (an extra), the
            path of a TorchScript file, or a function or module from (n, C, size, size) in [-1, 1] to (n, D).
        progress: called with (epochs done, epochs in all), in place of a bar on stderr.
        warn: called with a sentence for each file that cannot be used, which else goes to stderr.
        quiet: show nothing on stderr.
        report: write an HTML report to this file.

    Raises:
        UsageError: no model, a set of fewer than 2 pictures, or a wrong argument.
        EdganError: a source without usable pictures, or a feature network that is missing.
    """
    requested = parse_request(also)
    _check_numbers(size, seed, requested)
    check_request(protocol, seeds=seeds, epochs=epochs)
    chosen = resolve_device(device)
    check_features(features)
    _check_places(real, fakes, report)
    with distributed.joined(chosen) as world, progress_bar("ranking", progress, quiet) as show:
        tell = warn or teller(quiet)
        real_pictures = read_pictures(REAL, real, size, tell)
        models = {name: read_pictures(name, source, size, tell) for name, source in fakes.items()}
        if all(pictures.is_grey for pictures in (real_pictures, *models.values())):
            real_pictures = real_pictures.grey()
            models = {name: pictures.grey() for name, pictures in models.items()}
        # Before the long work, so that a missing feature network is reported early.
        others = measure_additional(requested, real_pictures, models, features=features, seed=seed, processes=world)
        scores = nrds(
            real_pictures.values,
            {name: pictures.values for name, pictures in models.items()},
            protocol=protocol,
            seed=seed,
            seeds=seeds,
            epochs=epochs,
            discriminator=discriminator,
            device=world.device,
            progress=show,
            processes=world,
        )
        ranking = _with_reasons(scores, real_pictures, models, others, size, world)
        if report is not None and world.is_main:
            _report(expand(report), ranking, real_pictures, models)
    return ranking


def _check_numbers(size: int, seed: int, requested: Sequence[str]) -> None:
    check_size(size, None)
    if size < LEAST_SIDE:
        raise UsageError(f"must be at least {LEAST_SIDE} (got {size}).", parameter="size")
    for name, least in sides_needed(requested).items():
        if size < least:
            raise UsageError(f"must be at least {least} for {name} (got {size}).", parameter="size")
    if not 0 <= seed <= MOST_SEED:
        raise UsageError(f"must be from 0 to {MOST_SEED} (got {seed}).", parameter="seed")


def _check_places(real: Any, fakes: Mapping[str, Any], report: str | Path | None) -> None:
    """Refuse sources that are not there before any is decoded."""
    if not fakes:
        raise UsageError("There is nothing to rank: give the pictures of at least one model.")
    for name, source in {REAL: real, **fakes}.items():
        check_source(name, source)
    if report is not None and not expand(report).parent.is_dir():
        raise UsageError(f"must be in a folder that exists ({expand(report).parent} does not).", parameter="report")


def _with_reasons(
    scores: NRDS,
    real: Pictures,
    models: Mapping[str, Pictures],
    others: AdditionalFigures,
    size: int,
    processes: Processes,
) -> Ranking:
    """The scores with the reasons, the other figures and every warning; several processes share the models."""
    reference = Reference(real.values)
    names = list(models)
    own = [names[place] for place in processes.share(len(names))]
    findings = processes.united({name: reference.findings(models[name].values) for name in own})
    notes = [note for pictures in (real, *models.values()) for note in pictures.notes]
    ranking = Ranking(
        **{field.name: getattr(scores, field.name) for field in fields(scores)},
        findings=findings,
        figures=others.figures,
        protocols=others.protocols,
        files={name: pictures.names for name, pictures in models.items()},
    )
    protocol = f"{scores.protocol}; pictures cropped to their central square and resized to {size}x{size} with Lanczos"
    warnings = (*scores.warnings, *notes, *_doubts(ranking), *others.warnings)
    return replace(ranking, protocol=protocol, warnings=warnings)


def _doubts(ranking: Ranking) -> Iterator[str]:
    """Warnings of a high place that copies or repetitions earned."""
    kinds = {name: {finding.kind for finding in findings} for name, findings in ranking.findings.items()}
    for name, own in kinds.items():
        sound = [
            repr(other)
            for other in ranking.scores
            if ranking.scores[other] < ranking.scores[name] and not kinds[other] & HOLLOW
        ]
        if own & HOLLOW and sound:
            what = "copies real pictures" if "copies" in own else "repeats a few pictures"
            yield (
                f"{name!r} {what} and yet scores above {listed(sound)}: as a generator it belongs below. "
                "The score only asks whether pictures look real."
            )


def _report(path: Path, ranking: Ranking, real: Pictures, models: Mapping[str, Pictures]) -> None:
    total = sum(map(len, models.values()))
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    write_report(
        path,
        title=f"{count} ranked",
        lead=f"{total} pictures of {listed(list(models))}, against {len(real)} real ones.",
        runs=[],
        ranking=ranking,
        convincing={name: convincing(ranking, name, pictures.values) for name, pictures in models.items()},
        made_with=made_with(),
    )
