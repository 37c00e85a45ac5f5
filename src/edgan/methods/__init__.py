"""The methods: a page each, and one line each in the registry.

The module is callable: `edgan.methods()` is the list of methods, whether or not this subpackage was imported before.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from edgan.methods.attributes import ae_xcov, cdnet, editable_gan, icgan, modified_cgan, vae_gan
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.decoupled import decoupled
from edgan.methods.generation import ali, dcgan, dfm, lsgan, rfgan, vae, wgan_gp
from edgan.methods.inversion import connection, encoder, vgg_connection
from edgan.methods.method_list import methods
from edgan.methods.page import Page, Preset
from edgan.methods.reconstruction import caae, ed_plus_gan, ed_slash_gan
from edgan.methods.registry import PAGES, find, register
from edgan.methods.translation import grit, pix2pix, uu_net

register(
    ed_slash_gan.PAGE,
    ed_plus_gan.PAGE,
    dcgan.PAGE,
    lsgan.PAGE,
    dfm.PAGE,
    rfgan.PAGE,
    wgan_gp.PAGE,
    vae.PAGE,
    ali.PAGE,
    caae.PAGE,
    pix2pix.PAGE,
    grit.PAGE,
    connection.PAGE,
    encoder.PAGE,
    vgg_connection.PAGE,
    uu_net.PAGE,
    cdnet.PAGE,
    ae_xcov.PAGE,
    icgan.PAGE,
    vae_gan.PAGE,
    editable_gan.PAGE,
    modified_cgan.PAGE,
)


class _Listed(ModuleType):
    def __call__(self) -> list[dict[str, Any]]:
        return methods()


sys.modules[__name__].__class__ = _Listed

__all__ = ["PAGES", "Edit", "Latent", "Method", "Page", "Preset", "Shape", "decoupled", "find", "register"]
