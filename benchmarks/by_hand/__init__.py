"""Loops written by hand: a step of each method as a careful person writes it in plain PyTorch.

At the preset `paper`, with its weights. The rule by which a side of a game waits is left out. benchmarks/rivals.py runs
them beside an edgan step.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.by_hand import attributes, generation, inversion, reconstruction, released, translation
from benchmarks.by_hand.drawn import Loop

BY_HAND: Mapping[str, Loop] = {
    "ed-slash-gan": reconstruction.ed_slash_gan,
    "ed-plus-gan": reconstruction.ed_plus_gan,
    "dcgan": generation.dcgan,
    "lsgan": generation.lsgan,
    "dfm": generation.dfm,
    "rfgan": generation.rfgan,
    "wgan-gp": generation.wgan_gp,
    "vae": generation.vae,
    "ali": generation.ali,
    "caae": reconstruction.caae,
    "pix2pix": translation.pix2pix,
    "grit": translation.grit,
    "uu-net": translation.uu_net,
    "connection": inversion.connection,
    "encoder": inversion.encoder,
    "cdnet": attributes.cdnet,
    "ae-xcov": attributes.ae_xcov,
    "icgan": attributes.icgan,
    "vae-gan": attributes.vae_gan,
    "editable-gan": attributes.editable_gan,
    "modified-cgan": attributes.modified_cgan,
}

RELEASED: Mapping[str, Loop] = {"cdnet": released.cdnet}
"""In the order of passes of the released code."""

__all__ = ["BY_HAND", "RELEASED"]
