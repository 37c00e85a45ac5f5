"""Rows 5.9, 5.10 and 5.12: the plain U-Net (Section 4.3), single links (Section 5.2), shares in D's KL (Eq. 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from reproduction.framework.schema import Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import above_zero, differences, figure
from reproduction.paper5.loss_curves import EARLY, LATE, means_of
from reproduction.paper5.table1 import advantage, table_of, values_of
from reproduction.paper5.variants import BEST, FULL, UNLINKED, protocol_of, units_of, variant_unit
from reproduction.units.translators import PIX2PIX, SCALES, Scale, by_model, translator_unit

PLAIN_UNET = "U-Net"
ALONE = {"adversarial.encoder": "0", "adversarial.decoder": "0"}
"""Without the adversarial cells the generator of the family is a U-Net that learns from its squared error alone."""
SINGLE = ("v1", "v2", "v3")
CAUGHT_UP = 0.05
"""A late loss within this share of the unlinked one has caught up."""
SHARES: Mapping[str, Mapping[str, Any]] = {
    f"real share {share}": {"code.alpha": share, "code.beta": round(1 - share, 2)} for share in (0.4, 0.65)
}
"""Eq. 6's alpha and beta, where Table 1's .4 and .65 are read as the share of real pictures in D's KL."""


def baseline_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the plain U-Net, Pix2Pix, v4, and UUVAE-GAN with .65 on D's KL."""
    key = keys["facades"]
    return [
        unit
        for seed in range(scale.seeds)
        for unit in (
            translator_unit(scale, key, PLAIN_UNET, "uu-net", seed, route=ALONE, variant=UNLINKED),
            *(variant_unit(scale, key, model, seed) for model in (PIX2PIX, FULL, BEST)),
        )
    ]


def judge_baseline(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.9: UUVAE-GAN beats the plain U-Net and Pix2Pix in MSE and PSNR."""
    results = by_model(finals, outputs)
    checks = [
        above_zero(f"{measure}: advantage of {BEST} over {other}", advantage(results, measure, BEST, other))
        for measure in ("MSE", "PSNR")
        for other in (PLAIN_UNET, PIX2PIX)
    ]
    figures = table_of(results)
    line = ", ".join(f"{model} {fmean(values_of(results, model, 'MSE')):.4f}" for model in results)
    return Outcome(f"MSE {line}", checks, figures)


def judge_single(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.10: early on v1 and v3 are behind no links and v2 is ahead; later all have caught up."""
    results = by_model(finals, outputs)
    early = {model: means_of(own, "reconstruction", EARLY) for model, own in results.items()}
    late = {model: means_of(own, "reconstruction", LATE) for model, own in results.items()}
    checks = [
        above_zero("early reconstruction loss: v1 minus unlinked", differences(early["v1"], early[UNLINKED])),
        above_zero("early reconstruction loss: unlinked minus v2", differences(early[UNLINKED], early["v2"])),
        above_zero("early reconstruction loss: v3 minus unlinked", differences(early["v3"], early[UNLINKED])),
    ]
    for model in SINGLE:
        pairs = zip(late[model], late[UNLINKED], strict=True)
        room = [CAUGHT_UP * unlinked - abs(own - unlinked) for own, unlinked in pairs]
        label = f"late reconstruction loss: {CAUGHT_UP:.0%} of unlinked minus the distance of {model} from it"
        checks.append(above_zero(label, room))
    figures = {f"early reconstruction loss of {model}": figure(values) for model, values in early.items()}
    figures |= {f"late reconstruction loss of {model}": figure(values) for model, values in late.items()}
    line = ", ".join(f"{model} {fmean(values):.4f}" for model, values in early.items())
    return Outcome(f"early {line}", checks, figures)


def share_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed UUVAE-GAN with each share of real pictures in D's KL, at weight 1."""
    return [
        translator_unit(
            scale,
            keys["facades"],
            name,
            "uu-net",
            seed,
            variant=BEST,
            discriminator_kl=1.0,
            **shares,
        )
        for seed in range(scale.seeds)
        for name, shares in SHARES.items()
    ]


def judge_share(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.12: a share of .65 is better than one of .4 in MSE and PSNR."""
    results = by_model(finals, outputs)
    less, more = SHARES
    checks = [
        above_zero(f"{measure}: advantage of {more} over {less}", advantage(results, measure, more, less))
        for measure in ("MSE", "PSNR")
    ]
    figures = table_of(results)
    line = " against ".join(f"{fmean(values_of(results, model, 'MSE')):.4f} ({model})" for model in (more, less))
    return Outcome(f"MSE {line}", checks, figures)


ROWS = (
    Row(
        "5.9",
        protocol_of(
            "The plain U-Net is the family's own generator, which learns from its squared error alone, so that it has "
            "as many layers as that of every variant."
        ),
        baseline_units,
        judge_baseline,
        SCALES,
        methods=("pix2pix", "uu-net"),
    ),
    Row(
        "5.10",
        protocol_of(
            "Squared error of the training batches, early from 10 % to 50 % of the steps and late in the second half. "
            "`unlinked` has the networks of v4 without its links."
        ),
        units_of((UNLINKED, *SINGLE)),
        judge_single,
        SCALES,
        methods=("uu-net",),
    ),
    Row(
        "5.12",
        protocol_of("D's KL has weight 1, and real and translated pictures have shares of alpha and beta (Eq. 6)."),
        share_units,
        judge_share,
        SCALES,
        methods=("uu-net",),
    ),
)
