"""Row 3.9: latent arithmetic on an inverted DCGAN edits hair and glasses (Section 4, Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper3.faces import SCALES, SET, Faces, Scale, kept_model, kept_unit
from reproduction.units.face_judges import judges_unit

WHO: Mapping[str, dict[str, bool]] = {"Blond_Hair": {"Male": False}, "Eyeglasses": {"Male": True}}
"""As in Fig. 3: blond hair is added to female faces, glasses to male faces."""
TIMES = (1, 2, 3)


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words('dcgan', 'connection')}. Blond hair is added to female test faces without it, glasses to male "
        f"ones ({scale.images} each at most). An edit adds a direction to the latent from the connection network, one, "
        "two or three times. The direction is the mean latent of the training images with the attribute minus that of "
        "those without. Scores are in standard deviations over real test images. The control adds a random direction "
        "of the same length once. Identity kept: the share of other faces that the recogniser finds farther away than "
        "the input."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed, on a connection network on a DCGAN."""
    finals = []
    for seed in range(scale.seeds):
        judges = judges_unit(seed=seed, data=(SET, keys[SET]), scale=scale, method="dcgan")
        gan = kept_unit("dcgan", scale, keys[SET], seed)
        inverted = kept_unit("connection", scale, keys[SET], seed, gan)
        finals.append(Unit(f"arithmetic-{seed}", add, {"images": scale.images}, needs=(inverted, judges), seed=seed))
    return finals


def add(unit: Unit, place: Place) -> dict[str, Any]:
    """Add each attribute and detect it.

    Returns:
        By attribute: "shown": the share detected, by the number of times the direction was added; "rise" of the score
        after one time; "control": its rise after a random direction of the same length; "known": `Faces.known` of the
        edits.
    """
    model, faces = kept_model(unit.needs[0], place), Faces.of(unit.needs[1], place)
    assert model.directions is not None
    result: dict[str, Any] = {}
    for name, who in WHO.items():
        place.tick()
        images = faces.without(name, unit.options["images"], **who)
        z = model.encode(images)
        vector = model.directions.vectors[name]
        random = torch.randn(vector.shape, generator=torch.Generator().manual_seed(unit.seed))
        pictures = {times: model.edit(images, {name: times}) for times in TIMES}
        redrawn = model.decode(z)
        other = model.decode(z + (random * vector.norm() / random.norm()).to(z))
        before = faces.score(redrawn, name)
        result[name] = {
            "shown": {"0": faces.shown(redrawn, name)} | {str(t): faces.shown(p, name) for t, p in pictures.items()},
            "rise": faces.score(pictures[1], name) - before,
            "control": faces.score(other, name) - before,
            "known": faces.known(images, pictures[1]),
        }
    return result


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """The attribute is detected in more edits than reconstructions, and its score rises more than the control's."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for name in WHO:
        each = [outputs[unit.key][name] for unit in finals]
        more = [result["shown"]["1"] - result["shown"]["0"] for result in each]
        checks.append(above_zero(f"{name}: share detected after the edit minus before", more))
        checks.append(
            above_zero(f"{name}: rise of the score minus the control's", [e["rise"] - e["control"] for e in each])
        )
        for times in ("0", *map(str, TIMES)):
            figures[f"{name} detected after {times} times the direction"] = figure(
                [result["shown"][times] for result in each]
            )
        words = {"rise": "rise of the score", "control": "rise of the control", "known": "identity kept"}
        figures |= {f"{name}: {text}": figure([result[key] for result in each]) for key, text in words.items()}
        shares = [figures[f"{name} detected after {times} times the direction"].mean for times in ("0", "1", "3")]
        lines.append(
            f"{name} detected in {shares[0]:.2f}, after one direction {shares[1]:.2f}, after three {shares[2]:.2f}; "
            f"score {figures[f'{name}: rise of the score'].mean:+.2f} sd"
        )
    return Outcome("; ".join(lines), checks, figures)


# The author's DCGAN is for 64 px.
AT_64 = {**SCALES, "paper": replace(SCALES["paper"], training={"size": 64, "preset": "paper"})}
BRIEF = (
    "blond hair detected {Blond_Hair detected after 0 times the direction|.2f} to "
    "{Blond_Hair detected after 1 times the direction|.2f}, glasses "
    "{Eyeglasses detected after 0 times the direction|.2f} to {Eyeglasses detected after 1 times the direction|.2f}"
)
ROW = Row("3.9", protocol, units, judge, AT_64, brief=BRIEF, methods=("dcgan", "connection"))
