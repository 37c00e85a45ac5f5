"""The registry: one line a method. `METHOD//` is the decoupled twin of any coupled one."""

from __future__ import annotations

from dataclasses import replace

from edgan.errors import UsageError, near_miss
from edgan.methods.attributes import ae_xcov, cdnet, editable_gan, icgan, modified_cgan, vae_gan
from edgan.methods.base import Edit, Integers, Latent, Method, Page, Shape, Strict
from edgan.methods.decoupled import decoupled
from edgan.methods.generation import ali, dcgan, dfm, lsgan, rfgan, vae, wgan_gp
from edgan.methods.inversion import connection, encoder, vgg_connection
from edgan.methods.reconstruction import caae, ed_plus_gan, ed_slash_gan
from edgan.methods.translation import grit, pix2pix, uu_net

PAGES: dict[str, Page] = {
    page.name: page
    for page in (
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
}


def find(name: str) -> Page:
    """The page of a method; "NAME//" is the decoupled twin of NAME.

    Raises:
        UsageError: there is no such method, or it has no twin.
    """
    coupled = name.removesuffix("//")
    if coupled not in PAGES:
        raise UsageError(f"There is no method {name!r}. {near_miss(coupled, PAGES)}")
    page = PAGES[coupled]
    if coupled == name:
        return page

    def build(settings: Strict, shape: Shape) -> Method:
        method = page.build(settings, shape)
        try:
            return decoupled(method)
        except ValueError as error:
            raise UsageError(f"There is no {name!r}: {error}.") from None

    return replace(page, name=name, summary=f"the decoupled twin of {coupled}", build=build)


__all__ = ["PAGES", "Edit", "Integers", "Latent", "Method", "Page", "Shape", "Strict", "decoupled", "find"]
