"""The trainings behind Paper 5's rows: Pix2Pix and the variants of UU-Net, one unit each, shared by the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reproduction.framework.schema import Unit
from reproduction.units.translators import PIX2PIX, Scale, pix2pix_unit, translator_unit

BEST, CROSS, TAIL, KLS = "uuvae-gan-kl0.65", "uuvae-gan-ckl", "uuvae-gan-tail-kl", "uuvae-gan-kls"
PLAIN = ("v1", "v2", "v3", "v4")
UNLINKED = "unlinked"
FULL = "v4"
FULL_TAIL = "v4 with tail"

Measured = tuple[float, float, float]
TABLE1: Mapping[str, Measured] = {
    PIX2PIX: (0.45, 10.64, 0.43),
    "vae-gan": (0.51, 8.72, 0.31),
    "unet-vae-gan": (0.40, 11.13, 0.45),
    "v1": (0.52, 8.09, 0.44),
    "v2": (0.41, 10.74, 0.45),
    "v3": (0.49, 7.59, 0.43),
    "v4": (0.51, 9.08, 0.44),
    "uucnet": (0.51, 9.78, 0.40),
    "uuvae-gan-kl0.4": (0.42, 10.79, 0.45),
    "uuvae-gan": (0.44, 10.86, 0.47),
    BEST: (0.39, 11.34, 0.49),
    TAIL: (0.45, 10.59, 0.46),
    CROSS: (0.43, 10.15, 0.50),
}
"""Table 1: MSE, PSNR in dB, SSIM."""


def variant_unit(scale: Scale, key: str, model: str, seed: int) -> Unit:
    """The unit that trains Pix2Pix, a variant of UU-Net, or v4 with the tail module."""
    if model == PIX2PIX:
        return pix2pix_unit(scale, key, seed)
    if model == FULL_TAIL:
        return translator_unit(scale, key, model, "uu-net", seed, variant=FULL, tail=True)
    return translator_unit(scale, key, model, "uu-net", seed, variant=model)


def units_of(models: Sequence[str]) -> Callable[[Scale, Mapping[str, str]], list[Unit]]:
    """For each seed a training of every model."""

    def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
        return [variant_unit(scale, keys["facades"], model, seed) for seed in range(scale.seeds) for model in models]

    return units


def protocol_of(words: str) -> Callable[[Scale], str]:
    """The protocol of a row: that of the shared trainings, then the row's own words."""

    def protocol(scale: Scale) -> str:
        return (
            f"{scale.words()}. Pix2Pix with L1 of weight 100; the UU-Net family with the squared error and the weights "
            f"of its preset; all trained on the same batches. {words}"
        )

    return protocol
