"""Editable GAN: one generator for new faces and for edited ones, and a connection network that finds its inputs.

Editable Generative Adversarial Networks (Baek, Bang, Shim; ACCV 2018; arXiv 1807.07700), shown in appendix A of Paper 3
(Fig. 4); layers, losses and weights are those of the released code. G draws a picture from a latent and attributes. The
connection network CN reads the features of the discriminator D and of the attribute classifier C, with the attributes,
and finds the latent. So an image is edited by G(CN(D_f(x), C_f(x), y), y'), where y is what C says of it and y' what a
person asks. In training y is the data's own, and y' is drawn anew for every image.

The rows: D tells images from drawn pictures (3/4) and from edited ones (1/4), and pays 10 times the squared slope at
images, which is R1 with weight 20; G deceives D on both in the same shares, and makes C see the attributes asked for in
both (1/3 each); C learns the attributes of images, rare ones weighing as much as common ones, and to tell images from
drawn pictures; CN finds again the latent (L1, twice) and the attributes of drawn pictures. All four step at once.

What is asked, y', follows the training set's own frequencies: each attribute of another image of the batch, a different
one for each attribute. The released code has fixed marginals, and lets one hair colour at most be asked for. D's loss
at edited pictures does not reach D through its own features and CN: they are given, as drawn pictures are; the released
code stops nothing there.

`paper` is the released code's for 128 px and 60 epochs of CelebA; its ten attributes are Bangs, Black_Hair, Blond_Hair,
Brown_Hair, Gray_Hair, Male, Mustache, Smiling, Eyeglasses and Young. `small` is for 64 px on two CPU cores: narrow
networks, Adam, group norm in C, a weaker penalty at every fourth step, and s at 1 after a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from edgan.losses import balanced_multilabel, discrimination, multilabel, non_saturating
from edgan.methods.attributes.editable_parts import (
    LATENT_ROW,
    PAPER,
    RELEASED,
    SMALL,
    EditableSettings,
    connection_builder,
    drawn_taps,
    found_taps,
    generator_builder,
    method_of,
)
from edgan.methods.attributes.parts import Part, Seen, targets_of
from edgan.methods.base import Method, Shape
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.page import Page, Preset
from edgan.nets.editable import Classifier, Discriminator
from edgan.routing import Cut, Row, Table, Tap, Term, row
from edgan.settings import Strict


class ClassifierSettings(Strict):
    """The attribute classifier, which is half as wide as D."""

    norm: Literal["batch", "group", "none"] = Field("batch", description="real, drawn and edited go through it apart")


class Settings(EditableSettings):
    """Settings of Editable GAN."""

    classifier: ClassifierSettings = ClassifierSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    targets = targets_of("editable-gan", shape)
    count = len(targets.names)
    slope, penalty = lazy_r1(settings.penalty)
    taps = (
        *drawn_taps(settings.latent, targets),
        *_looks("real", "image"),
        *_looks("fake", "drawn"),
        Tap("y_logits", ("c_real",), function=Part(0, count)),
        Tap("authentic_real", ("c_real",), function=Part(count, None)),
        Tap("y_fake", ("c_fake",), function=Part(0, count)),
        Tap("authentic_fake", ("c_fake",), function=Part(count, None)),
        *found_taps(
            settings.latent.size,
            targets,
            ("features_real", "traits_real", "y_given"),
            ("features_fake", "traits_fake", "y_given"),
        ),
        Tap("asked", ("y_given",), function=Asked(targets.kind == "multiclass")),
        Tap("edited", ("z", "asked"), network="generator"),
        *_looks("edited", "edited"),
        Tap("y_edited", ("c_edited",), function=Part(0, count)),
        *slope,
    )
    d, half = settings.network.discriminator, settings.network.discriminator // 2
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    norm = settings.classifier.norm
    return method_of(
        "editable-gan",
        settings,
        targets,
        Table(("generator", "discriminator", "classifier", "connection"), (*ROWS, *penalty)),
        taps,
        {
            "generator": generator_builder(settings, shape, count),
            "discriminator": lambda: Discriminator(**common, width=d),
            "classifier": lambda: Classifier(**common, width=half, norm=norm, outputs=count + 1),
            "connection": connection_builder(settings, shape, count, (d, half), count),
        },
        cuts=(Cut("an edited picture is given", "features_real", into="found"),),
        adversarial=("adversarial", "adversarial_edited"),
    )


def _looks(kind: str, image: str) -> tuple[Tap, ...]:
    """What D and C see in a picture: `features_KIND` and the logit `d_KIND`, `traits_KIND` and the logits `c_KIND`."""
    return (
        Tap(f"features_{kind}", (image,), network="discriminator", method="features"),
        Tap(f"d_{kind}", (f"features_{kind}",), network="discriminator", method="judge"),
        Tap(f"traits_{kind}", (image,), network="classifier", method="features"),
        Tap(f"c_{kind}", (f"traits_{kind}",), network="classifier", method="judge"),
    )


@dataclass(frozen=True)
class Asked:
    """Attributes to edit to: for each image, and for each of its attributes, those of another image of the batch.

    Attributes:
        one: exactly one holds, so that an image takes all of them from one other image.
    """

    one: bool

    def __call__(self, given: Tensor) -> Tensor:
        """(N, A) -> (N, A)."""
        if self.one:
            return given.roll(1, 0)
        return torch.stack([column.roll(index) for index, column in enumerate(given.T, 1)], 1)


REAL, FAKE = Seen(True, 0.0), Seen(False, 0.0)
DRAWN, EDITED, CLASSES = 0.75, 0.25, 0.3333  # a third, as a table can print it
ROWS: tuple[Row, ...] = (
    row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "App. A"), generator=DRAWN),
    row(Term("adversarial_edited", non_saturating, ("d_edited",), "non-saturating", "App. A"), generator=EDITED),
    row(Term("attributes_drawn", balanced_multilabel, ("y_fake", "y_given"), "BCE(C(drawn), y)"), generator=CLASSES),
    row(Term("attributes_edited", balanced_multilabel, ("y_edited", "asked"), "BCE(C(edited), y')"), generator=CLASSES),
    row(Term("discrimination_real", REAL, ("d_real",), "BCE(D(image), 1)", "App. A"), discriminator=1.0),
    row(Term("discrimination_drawn", FAKE, ("d_fake",), "BCE(D(drawn), 0)", "App. A"), discriminator=DRAWN),
    row(Term("discrimination_edited", FAKE, ("d_edited",), "BCE(D(edited), 0)", "App. A"), discriminator=EDITED),
    row(Term("classification", balanced_multilabel, ("y_logits", "y_given"), "BCE(C(image), y)"), classifier=1.0),
    row(Term("authenticity", discrimination, ("authentic_real", "authentic_fake"), "BCE of C"), classifier=1.0),
    LATENT_ROW,
    row(Term("attributes_found", multilabel, ("y_again", "y_given"), "BCE(CN(G(z, y)), y)", "App. A"), connection=1.0),
)

_SMALL = {
    **SMALL,
    "classifier.norm": "group",
    "optimisers.classifier.lr": 1e-3,
    "optimisers.classifier.beta1": 0.9,
}

PAGE = Page(
    name="editable-gan",
    summary="draws faces with attributes and edits given ones: a GAN, a classifier and a connection network at once",
    paper=PAPER,
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets={name: Preset.parse(Settings, values) for name, values in {"paper": RELEASED, "small": _SMALL}.items()},
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 11))},
)
