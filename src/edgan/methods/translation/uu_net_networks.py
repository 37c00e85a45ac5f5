"""The networks of UU-Net, their settings, and the maps that pass from the generator to the discriminator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.methods.base import Shape
from edgan.methods.common.image_discriminator import CHOICE, ProjectedSettings, projected_builder
from edgan.methods.common.pair_discriminator import PatchSettings
from edgan.methods.translation.uu_net_variants import Variant
from edgan.nets.pair_discriminators import PatchDiscriminator
from edgan.nets.uu_net import Links, Maps, UDiscriminator, UEncoder, UGenerator, ladder
from edgan.settings import Strict


class NetworkSettings(Strict):
    """Both U-Nets."""

    width: int = Field(64, description="channels at the outermost scale; they double at each halving")
    max_width: int = Field(512, description="no layer is wider")
    levels: int | None = Field(None, description="number of halvings; down to 4 px unless set")
    pool: bool = Field(
        True, description="convolution and max-pooling; false: convolution of stride 2, a quarter of the cost"
    )
    upsample: Literal["transposed", "nearest", "bilinear"] = "nearest"
    norm: Literal["instance", "group", "none"] = "instance"
    init: Literal["dcgan", "he", "torch"] = "he"
    noise: float = Field(
        0.0, ge=0, description="standard deviation of a map of noise that G reads beside the source; 0: none"
    )
    full_size: bool = Field(False, description="a last layer of G at full size, which reads the source again")


def channels_by_scale(net: NetworkSettings, size: int) -> tuple[int, ...]:
    """Channels at each scale, from half of `size` to the innermost.

    Raises:
        UsageError: pictures of this size cannot be halved so often.
    """
    levels = size.bit_length() - 3 if net.levels is None else net.levels
    return ladder(size, net.width, net.max_width, levels)


def network_builders(
    variant: Variant,
    net: NetworkSettings,
    discriminator: PatchSettings,
    critic: ProjectedSettings,
    latent: int,
    shape: Shape,
) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the generator's two halves and of the discriminators, by column.

    Args:
        variant: the member of the family.
        net: of both U-Nets.
        discriminator: of Pix2Pix's discriminator, where the variant has that.
        critic: of the projected discriminator that can be added.
        latent: channels of a variational code.
        shape: of the data.
    """
    scales = channels_by_scale(net, shape.size)
    code = latent if variant.variational else scales[-1]
    pair = shape.source_channels + shape.channels
    down: dict[str, Any] = {"pool": net.pool, "norm": net.norm, "init": net.init}
    up: dict[str, Any] = {"upsample": net.upsample, "norm": net.norm, "init": net.init}
    posterior = 2 * latent if variant.variational else None
    read = shape.source_channels + (net.noise > 0)
    again = read if net.full_size else 0

    def build_discriminator() -> nn.Module:
        if not variant.u_shaped:
            return PatchDiscriminator(size=shape.size, inputs=pair, **discriminator.model_dump(exclude=CHOICE))
        inner = scales[-2::-1]
        links = Links(
            encoder=scales[:-1] if "encoder" in variant.links else (),
            code=code if "code" in variant.links else 0,
            decoder=inner if "decoder" in variant.links else (),
            triple=inner if "triple" in variant.links else (),
        )
        own_latent = None if variant.discriminator_kl is None else latent
        return UDiscriminator(
            inputs=pair, channels=scales, links=links, latent=own_latent, tail=variant.tail, pool=net.pool, **up
        )

    return {
        "encoder": lambda: UEncoder(inputs=read, channels=scales, outputs=posterior, **down),
        "decoder": lambda: UGenerator(
            code=code, channels=scales, outputs=shape.channels, skips=variant.skips, source=again, **up
        ),
        "discriminator": build_discriminator,
        "critic": projected_builder(critic, shape.source_channels),
    }


def last_map(maps: Maps) -> Tensor:
    """The last of a network's maps: an encoder's code or posterior, a decoder's picture."""
    return maps[-1]


def linked_maps(kinds: tuple[str, ...], *maps: Any) -> tuple[Maps, Maps, Maps, Maps]:
    """What D takes over of the generator's maps.

    Args:
        kinds: the variant's links.
        *maps: (encoded, code, decoded), or nothing where there are no links.

    Returns:
        Encoder maps, the code, decoder maps, and the encoder maps again, innermost first; () for what is not linked.
    """
    if not kinds:
        return (), (), (), ()
    encoded, code, decoded = maps
    return (
        encoded[:-1] if "encoder" in kinds else (),
        (code,) if "code" in kinds else (),
        decoded[:-1] if "decoder" in kinds else (),
        encoded[-2::-1] if "triple" in kinds else (),
    )
