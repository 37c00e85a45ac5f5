"""The UU-Net family: generator and discriminator are both U-shaped, and D takes over maps of the generator.

Paper 5 (Wu: UU-Nets Connecting Discriminator and Generator for Image to Image Translation). D's loss then teaches the
generator through those links. A variant is a set of links and of terms (`uu_net_variants.VARIANTS`):

- the fake picture is cut in D's phase, as in every GAN, so that D's loss reaches the generator through the links alone;
- the linked halves of the generator are columns of D's rows, and step in D's phase, by D's rows;
- D judges real and fake with the same maps, those of one forward of the source: otherwise it could tell from the maps
  which is which;
- `link_gradient` scales what flows back through the links, in each phase by a number of its own. With `discriminate` at
  0 the maps are data to D, and its phase steps D alone. With `translate` at 0 the adversarial loss reaches the
  generator through the picture alone, and not by the shortcut of changing the maps that D reads.

The paper leaves some things open. Weights, sizes and optimiser are Pix2Pix's, its base. A linked half has an optimiser
for each of its two phases. KL terms are sums over the code's components, as in Eq. 3 and 5; Eq. 3 has its sign
turned. A larger code thus weighs more. UUVAE-GAN has the links of v4. "UUCNet" is v1 with the triple concatenation of
Section 3.5. Dis_kl.4 and .65 are the weights of D's KL, and UUVAE-GAN without a number has none.

`critic` adds what is not the paper's: a projected discriminator (Sauer et al. 2021) beside D, which reads the pair and
none of the generator's maps. It has a column and two rows of its own, and steps in D's phase.
"""

from __future__ import annotations

from functools import partial

from edgan.losses import (
    critic_score,
    discrimination,
    hinge_discrimination,
    kl_to_standard_normal,
    l2,
    non_saturating,
)
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.pair_discriminator import lazy_r1_of_pairs
from edgan.methods.page import Page
from edgan.methods.translation.uu_net_losses import cross_kl, discriminator_kl
from edgan.methods.translation.uu_net_networks import channels_by_scale, network_builders
from edgan.methods.translation.uu_net_settings import (
    PRESETS,
    CriticSettings,
    Settings,
    variant_of,
)
from edgan.methods.translation.uu_net_taps import (
    critic_taps,
    discriminator_taps,
    generator_taps,
    judged_with,
    link_cuts,
)
from edgan.methods.translation.uu_net_variants import Variant
from edgan.routing import Cut, Phase, Plan, Row, Stage, Table, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    variant, code = variant_of(settings), settings.code
    scales = channels_by_scale(settings.network, shape.size)
    side = shape.size >> len(scales)
    place = (code.size, side, side)
    r1_taps, r1_rows = lazy_r1_of_pairs(settings.penalty, judged_with(variant, "judge_noise"))
    critic = ("critic",) if settings.critic.weight else ()
    adversarial_rows, critic_rows = _critic_rows(settings.critic)
    generator_rows = (*_generator_rows(settings, variant), *adversarial_rows)
    discriminator_rows = (*_discriminator_rows(settings, variant), *r1_rows, *critic_rows)
    linked = variant.linked if settings.link_gradient.discriminate else ()
    phases = (
        Phase(
            "discriminate", ("discriminator", *critic, *linked), terms=tuple(r.term.name for r in discriminator_rows)
        ),
        Phase("translate", ("encoder", "decoder"), terms=tuple(r.term.name for r in generator_rows)),
    )
    pixels = Cut("pixels", "output", phases=("discriminate",))
    networks = network_builders(variant, settings.network, settings.discriminator, settings.critic, code.size, shape)
    return Method(
        plan=Plan(
            Table(("encoder", "decoder", "discriminator", *critic), (*generator_rows, *discriminator_rows)),
            (
                *generator_taps(variant, settings.network, place, shape.size),
                *discriminator_taps(variant, place),
                *r1_taps,
                *(critic_taps(settings.critic, shape) if critic else ()),
            ),
            (Stage("together", phases, simultaneous=False),),
            (pixels, *(link_cuts(settings.link_gradient) if variant.links else ())),
        ),
        networks={name: networks[name] for name in ("encoder", "decoder", "discriminator", *critic)},
        latent=Latent(code.size * side**2, code="mean", z="code") if variant.variational else None,
        multiple=2 ** len(scales),
    )


def _critic_rows(critic: CriticSettings) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """What the critic teaches the generator, and what teaches the critic. The paper has no such rows."""
    if critic.weight == 0:
        return (), ()
    hinge = "hinge, Lim 2017"
    adversarial = Term("critic_adversarial", critic_score, ("critic_fake",), "-critic(output)", hinge)
    game = Term("criticism", hinge_discrimination, ("critic_real", "critic_fake"), "hinge", hinge)
    return (row(adversarial, encoder=critic.weight, decoder=critic.weight),), (row(game, critic=1.0),)


def _generator_rows(settings: Settings, variant: Variant) -> tuple[Row, ...]:
    """What teaches the generator in its own phase."""
    error, weight = (
        Term("reconstruction", l2, ("base", "image"), "L2(base, image)", "Eq. 4"),
        settings.reconstruction_weight,
    )
    kl = Term("kl", kl_to_standard_normal, ("mean", "log_variance"), "KL(q_G(z|source), N(0,I))", "Eq. 3")
    return (
        row(error, encoder=weight, decoder=weight),
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 2"), encoder=1.0, decoder=1.0),
        *((row(kl, encoder=settings.code.weight),) if variant.variational else ()),
    )


def _discriminator_rows(settings: Settings, variant: Variant) -> tuple[Row, ...]:
    """The game and the KL terms of D's code. They teach D and, through the links, the linked halves of G."""
    linked = variant.linked if settings.link_gradient.discriminate else ()
    # D's code lies behind its encoder, and only encoder links lead there.
    linked_to_code = ("encoder",) if linked and "encoder" in variant.links else ()
    shares = settings.code.alpha, settings.code.beta
    posteriors = ("judged_real", "judged_fake", "mean", "log_variance")
    game = Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1")
    # They read D's code alone, not the logits that D's decoder makes from the links to G's.
    apart = ("decoder",)
    own = Term(
        "discriminator_kl",
        partial(discriminator_kl, *shares),
        posteriors[:2],
        "KL(q_D, N(0,I))",
        "Eq. 6",
        unreached=apart,
    )
    cross = Term("cross_kl", partial(cross_kl, *shares), posteriors, "KL(q_D, q_G)", "Eq. 5", unreached=apart)
    rows = (
        row(game, **dict.fromkeys((*linked, "discriminator"), 1.0)),
        row(own, **dict.fromkeys((*linked_to_code, "discriminator"), variant.discriminator_kl or 0.0)),
        row(cross, **dict.fromkeys((*linked_to_code, "discriminator"), variant.cross_kl)),
    )
    return tuple(r for r in rows if r.cells)


PAGE = Page(
    name="uu-net",
    summary="pairs: two U-Nets; D takes over maps of G, so that D's loss teaches G through these links",
    paper="Wu: UU-Nets Connecting Discriminator and Generator for Image to Image Translation",
    settings=Settings,
    capabilities=("translate",),
    presets=PRESETS,
    build=build,
    architecture=("network", "discriminator", "variant", "code", "tail", "critic"),
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
)
