"""Other figures beside a ranking, where they are asked for: PSNR and SSIM of pairs, FID, KID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from edgan.data import Pictures
from edgan.errors import UsageError, near_miss
from edgan.metrics.distribution import SUBSETS, fid, kid, kid_subset
from edgan.metrics.features import find, floats
from edgan.metrics.similarity import PSNR_PROTOCOL, SSIM_PROTOCOL, WINDOW, psnr, ssim

ASKED = ("similarity", "fid", "kid")
AT_ONCE = 256


@dataclass
class Beside:
    """Figures by model, protocols by figure, and what should make a reader careful."""

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    protocols: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_asked(also: str | Sequence[str]) -> tuple[str, ...]:
    """The measures that were asked for, of "similarity", "fid", "kid".

    Args:
        also: names, or a text with commas between them.

    Raises:
        UsageError: another one.
    """
    names = [name.strip() for name in also.split(",")] if isinstance(also, str) else list(also)
    for name in filter(None, names):
        if name not in ASKED:
            raise UsageError(f"Nothing called {name!r} is measured beside a ranking. {near_miss(name, ASKED)}")
    return tuple(name for name in ASKED if name in names)


def beside(asked: Sequence[str], real: Pictures, models: Mapping[str, Pictures], *, features: Any, seed: int) -> Beside:
    """Measure every model against the real set, each by itself: neither order nor names matter.

    Args:
        asked: as `read_asked` gives it.
        real: the real pictures.
        models: every model's, of the same size and channels.
        features: for FID and KID, as in `edgan.metrics.features.find`.
        seed: of KID's subsets.
    """
    found = Beside({name: {} for name in models})
    if "similarity" in asked:
        _similarity(found, real, models)
    if "fid" in asked or "kid" in asked:
        _distances(found, asked, real, models, features, seed)
    return found


def _similarity(found: Beside, real: Pictures, models: Mapping[str, Pictures]) -> None:
    place = {name: position for position, name in enumerate(real.names)}
    without = []
    for name, made in models.items():
        pairs = [(place[stem], position) for position, stem in enumerate(made.names) if stem in place]
        if not pairs:
            without.append(repr(name))
            continue
        figures = found.figures[name]
        figures["pairs"] = float(len(pairs))
        values: dict[str, list[torch.Tensor]] = {"psnr": [], "ssim": []}
        for start in range(0, len(pairs), AT_ONCE):
            of_real, of_made = map(list, zip(*pairs[start : start + AT_ONCE], strict=True))
            a, b = floats(made.values[of_made]), floats(real.values[of_real])
            values["psnr"].append(psnr(a, b, reduction="none"))
            if min(a.shape[-2:]) >= WINDOW:
                values["ssim"].append(ssim(a, b, reduction="none"))
        figures.update({key: float(torch.cat(parts).mean()) for key, parts in values.items() if parts})
    if len(without) < len(models):
        pairs_by = "over the pictures whose names without suffix are also names of real ones"
        found.protocols |= {"psnr": f"{PSNR_PROTOCOL}; {pairs_by}", "ssim": f"{SSIM_PROTOCOL}; {pairs_by}"}
    if without:
        found.warnings.append(
            f"No PSNR and SSIM for {', '.join(without)}: no picture has the name of a real one, so there are no pairs."
        )


def _distances(
    found: Beside,
    asked: Sequence[str],
    real: Pictures,
    models: Mapping[str, Pictures],
    features: Any,
    seed: int,
) -> None:
    network = find(features, real.values, real.label)
    of_real = network.of(real.values)
    size = of_real.shape[1]
    subset = kid_subset(len(real), min(map(len, models.values())))
    for name, made in models.items():
        of_made = network.of(made.values)
        if "fid" in asked:
            found.figures[name]["fid"] = fid(of_real, of_made)
        if "kid" in asked:
            found.figures[name]["kid"], found.figures[name]["kid_std"] = kid(of_real, of_made, seed)
    if "fid" in asked:
        found.protocols["fid"] = f"FID (torchmetrics): {network.words}; all pictures against all {len(real)} real ones"
        found.warnings += _about_fid(size, real, models)
    if "kid" in asked:
        found.protocols["kid"] = (
            f"KID (torchmetrics): {network.words}; cubic kernel, mean and standard deviation over {SUBSETS} subsets of "
            f"{subset} (fewer where a set holds fewer)"
        )
    if network.warning:
        found.warnings.append(network.warning)


def _about_fid(size: int, real: Pictures, models: Mapping[str, Pictures]) -> list[str]:
    warnings = []
    short = [f"{name!r} ({len(made)})" for name, made in {"real": real, **models}.items() if len(made) <= size]
    if short:
        warnings.append(
            f"FID needs more pictures than its {size} features, better ten times as many: too few in "
            f"{', '.join(short)}. KID does not depend on the number."
        )
    if len({len(made) for made in models.values()}) > 1:
        warnings.append(
            "FID falls as pictures are added, and these models have different numbers of them: compare KID."
        )
    return warnings
