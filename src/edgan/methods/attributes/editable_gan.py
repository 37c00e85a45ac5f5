"""Editable GAN: one generator for new faces and for edited ones, and a connection network that recovers its inputs.

Editable Generative Adversarial Networks (Baek, Bang, Shim; ACCV 2018; arXiv 1807.07700), shown in appendix A of Paper 3
(Fig. 4); layers, losses and weights are those of the released code. G draws a picture from a latent and attributes. The
connection network CN reads the features of the discriminator D and of the attribute classifier C, with the attributes,
and recovers the latent. So an image is edited by G(CN(D_f(x), C_f(x), y), y'), where y is what C predicts for it and y'
is what the user asks for. In training y is the data's own. All four networks step at once.

y' follows the training set's own frequencies: each attribute is that of another image of the batch, a different one for
each attribute. The released code has fixed marginals, and allows at most one hair colour. D's loss at edited pictures
does not reach D through its own features and CN: edited pictures are data to D, as drawn ones are. The released code
stops nothing there.
"""

from __future__ import annotations

from typing import Any

from edgan.losses import balanced_multilabel, discrimination, l1, multilabel
from edgan.methods.attributes.editable_gan_settings import PRESETS, Settings
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.adversarial_game import GAMES, Game
from edgan.methods.common.annealed_latent import annealed_latent
from edgan.methods.common.attribute_targets import AttributesOfOthers, targets_of
from edgan.methods.common.editable_networks import (
    connection_builder,
    feature_channels,
    generator_builder,
    judged_with_features,
)
from edgan.methods.common.entries import Entries
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import image_discriminator
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.page import Page
from edgan.nets.editable_gan import Classifier, Discriminator, last_width
from edgan.routing import Cut, Phase, Plan, Row, Stage, Table, Tap, Term, row

DRAWN, EDITED, CLASSES = 0.75, 0.25, 0.3333  # a third, as a table can print it


def _rows(game: Game) -> tuple[Row, ...]:
    """The table without R1."""
    return (
        # G deceives D with drawn and edited pictures, and makes C see the attributes asked for in both.
        row(game.adversarial.term("adversarial", "d_fake", "drawn", "App. A"), generator=DRAWN),
        row(game.adversarial.term("adversarial_edited", "d_edited", "edited", "App. A"), generator=EDITED),
        row(_attributes("attributes_drawn", "y_fake", "y_given", "BCE(C(drawn), y)"), generator=CLASSES),
        row(_attributes("attributes_edited", "y_edited", "y_asked", "BCE(C(edited), y')"), generator=CLASSES),
        # D separates images from drawn and edited pictures. `build` adds R1.
        row(game.real.term("discrimination_real", "d_real", "image", "App. A"), discriminator=1.0),
        row(game.fake.term("discrimination_drawn", "d_fake", "drawn", "App. A"), discriminator=DRAWN),
        row(game.fake.term("discrimination_edited", "d_edited", "edited", "App. A"), discriminator=EDITED),
        # C learns the attributes of images, with equal weight for rare ones, and separates images from drawn pictures.
        row(_attributes("classification", "y_logits", "y_given", "BCE(C(image), y)"), classifier=1.0),
        row(Term("authenticity", discrimination, ("authentic_real", "authentic_fake"), "BCE of C"), classifier=1.0),
        # CN recovers the latent and the attributes of drawn pictures.
        row(Term("latent", l1, ("z_fake", "z_drawn"), "L1(CN(G(z, y)), z)", "App. A"), connection=2.0),
        row(
            Term("attributes_recovered", multilabel, ("y_recovered", "y_given"), "BCE(CN(G(z, y)), y)", "App. A"),
            connection=1.0,
        ),
    )


def _attributes(name: str, logits: str, asked: str, label: str) -> Term:
    return Term(name, balanced_multilabel, (logits, asked), label)


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    targets, latent = targets_of(shape), settings.latent.size
    count, kind = targets.count, settings.discriminator
    game = GAMES["hinge" if kind.kind == "projected" else "non-saturating"]
    r1_taps, r1_rows = lazy_r1(settings.penalty)
    taps = (
        targets.given,
        annealed_latent("z_drawn", settings.latent),
        Tap("drawn", ("z_drawn", "y_given"), network="generator"),
        *judged_with_features(kind, shape, {"real": "image", "fake": "drawn", "edited": "edited"}),
        *_classified("real", "image"),
        *_classified("fake", "drawn"),
        Tap("y_logits", ("c_real",), function=Entries(0, count)),
        Tap("authentic_real", ("c_real",), function=Entries(count, None)),
        Tap("y_fake", ("c_fake",), function=Entries(0, count)),
        Tap("authentic_fake", ("c_fake",), function=Entries(count, None)),
        Tap("cn_real", ("features_real", "traits_real", "y_given"), network="connection"),
        Tap("z", ("cn_real",), function=Entries(0, latent)),
        Tap("cn_fake", ("features_fake", "traits_fake", "y_given"), network="connection"),
        Tap("z_fake", ("cn_fake",), function=Entries(0, latent)),
        Tap("y_recovered", ("cn_fake",), function=Entries(latent, None)),
        targets.hard,
        Tap("base", ("z", "y_given"), network="generator"),
        Tap("output", ("base",), function=identity),
        Tap("y_asked", ("y_given",), function=AttributesOfOthers(exclusive=targets.kind == "multiclass")),
        Tap("edited", ("z", "y_asked"), network="generator"),
        *_classified("edited", "edited"),
        Tap("y_edited", ("c_edited",), function=Entries(0, count)),
        *r1_taps,
    )
    table = Table(("generator", "discriminator", "classifier", "connection"), (*_rows(game), *r1_rows))
    together = Stage("together", tuple(Phase(name, (name,)) for name in table.networks), simultaneous=True)
    d_width, c_width = settings.network.discriminator, settings.network.discriminator // 2
    features = feature_channels(kind, shape, d_width), last_width(shape.size, c_width)
    images: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    return Method(
        plan=Plan(table, taps, (together,), (Cut("edited pictures are data to D", "features_real", into="cn_real"),)),
        networks={
            "generator": generator_builder(settings.network, shape, latent, count),
            "discriminator": image_discriminator(kind, shape, lambda: Discriminator(**images, width=d_width)),
            "classifier": lambda: Classifier(**images, width=c_width, norm=settings.classifier.norm, outputs=count + 1),
            "connection": connection_builder(settings.network, shape, latent + count, features, count),
        },
        latent=Latent(latent, prior="normal"),
        edit=Edit("y_given", targets.names, targets.kind, code="y"),
        attributes_last=("generator",),
        adversarial=("adversarial", "adversarial_edited"),
    )


def _classified(kind: str, image: str) -> tuple[Tap, ...]:
    """C's features of a picture, `traits_KIND`, and its logits `c_KIND`."""
    return (
        Tap(f"traits_{kind}", (image,), network="classifier", method="features"),
        Tap(f"c_{kind}", (f"traits_{kind}",), network="classifier", method="judge"),
    )


PAGE = Page(
    name="editable-gan",
    summary="draws faces with attributes and edits given ones: a GAN, a classifier and a connection network at once",
    paper="Baek, Bang, Shim: Editable Generative Adversarial Networks (ACCV 2018), in appendix A of Paper 3",
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets=PRESETS,
    build=build,
    architecture=("network", "discriminator", "latent", "classifier"),
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 11))},
)
