"""Rows 3.16 and 3.17: what reconstructions of faces keep: attributes, fine energy and identity (Figs. 1 and 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from torch import Tensor

from edgan.metrics import octave_bands
from edgan.models.inverting import invert_images
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, above_zero, differences, figure
from reproduction.paper3.faces import SCALES, SET, Faces, Scale, kept_model, kept_unit
from reproduction.units.face_judges import judges_unit

WORN = ("Eyeglasses", "Mustache")
CN, HYBRID, IGAN = "connection network", "hybrid", "iGAN"
BY_PIXELS = (HYBRID, IGAN)
FINEST = 0
VAE, ALI, DCGAN = "VAE", "ALI", "DCGAN with a connection network"


def _with_moustaches(scale: Scale) -> Scale:
    """The scale with all attributes that are looked for."""
    return replace(scale, attributes=tuple(dict.fromkeys((*scale.attributes, *WORN))))


SIZES = {name: _with_moustaches(scale) for name, scale in SCALES.items()}


def inversion_protocol(scale: Scale) -> str:
    """How row 3.16 is measured."""
    return (
        f"{scale.words('dcgan', 'connection', 'encoder')}. The latents of test faces that have the attribute, at most "
        f"{scale.images}, are inferred on one DCGAN: by its connection network, which learned from latents; by hybrid "
        f"optimisation from that guess; and by iGAN, the same from an encoder that learned from pixels. Both optimise "
        f"the pixels' squared error, {scale.optimised} L-BFGS steps. Kept: the share of reconstructions in which the "
        "classifier finds the attribute. Fine energy: the finest octave's, relative to that of the faces."
    )


def figure_protocol(scale: Scale) -> str:
    """How row 3.17 is measured."""
    return (
        f"{scale.words('dcgan', 'connection', 'vae', 'ali')}. {scale.images} test faces are reconstructed. Fine "
        "energy: the finest octave's, relative to that of the faces. Identity kept: the share of other faces that the "
        "recogniser finds farther from the reconstruction than its original."
    )


def inversion_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed one unit, on a DCGAN and its two inverters."""
    finals = []
    for seed in range(scale.seeds):
        judges, gan = _judges(scale, keys, seed), kept_unit("dcgan", scale, keys[SET], seed)
        needs = (
            judges,
            kept_unit("connection", scale, keys[SET], seed, gan),
            kept_unit("encoder", scale, keys[SET], seed, gan, {"objective": "pixel"}),
        )
        options = {"images": scale.images, "steps": scale.optimised}
        finals.append(Unit(f"kept-attributes-{seed}", invert, options, needs=needs, seed=seed))
    return finals


def figure_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed one unit, on a VAE, ALI, and a DCGAN with its connection network."""
    finals = []
    for seed in range(scale.seeds):
        gan = kept_unit("dcgan", scale, keys[SET], seed)
        needs = (
            _judges(scale, keys, seed),
            kept_unit("vae", scale, keys[SET], seed),
            kept_unit("ali", scale, keys[SET], seed),
            kept_unit("connection", scale, keys[SET], seed, gan),
        )
        finals.append(Unit(f"kept-identity-{seed}", redraw, {"images": scale.images}, needs=needs, seed=seed))
    return finals


def _judges(scale: Scale, keys: Mapping[str, str], seed: int) -> Unit:
    return judges_unit(seed=seed, data=(SET, keys[SET]), scale=scale, method="dcgan")


def invert(unit: Unit, place: Place) -> dict[str, Any]:
    """Infer latents in the three ways.

    Returns:
        By way: "kept" by attribute, and "fine".
    """
    faces = Faces.of(unit.needs[0], place)
    connection, encoder = (kept_model(needed, place) for needed in unit.needs[1:])
    steps = unit.options["steps"]
    result: dict[str, dict[str, dict[str, float]]] = {way: {"kept": {}, "fine": {}} for way in (CN, *BY_PIXELS)}
    for name in WORN:
        images = faces.having(name, unit.options["images"])
        place.tick()
        made = {
            CN: connection.reconstruct(images).output,
            HYBRID: invert_images(connection, images, "hybrid", steps=steps).images,
            IGAN: invert_images(encoder, images, "optimise", steps=steps, start=encoder.encode(images)).images,
        }
        for way, pictures in made.items():
            result[way]["kept"][name] = faces.shown(pictures, name)
            result[way]["fine"][name] = fine_energy(pictures, images)
    return result


def redraw(unit: Unit, place: Place) -> dict[str, Any]:
    """Reconstruct with each model.

    Returns:
        By model: "known" and "fine".
    """
    faces = Faces.of(unit.needs[0], place)
    images = faces.images[: unit.options["images"]]
    result = {}
    for name, needed in zip((VAE, ALI, DCGAN), unit.needs[1:], strict=True):
        place.tick()
        made = kept_model(needed, place).reconstruct(images).output
        result[name] = {"known": faces.known(images, made), "fine": fine_energy(made, images)}
    return result


def fine_energy(made: Tensor, images: Tensor) -> float:
    """Energy of the finest octave, relative to that of the images."""
    return float((octave_bands(made.clamp(-1, 1)).mean(0) / octave_bands(images).mean(0))[FINEST])


def judge_inversions(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.16: the connection network keeps the attributes more often, and more fine energy, than either by pixels."""
    ways = (CN, *BY_PIXELS)
    kept = {way: {name: [outputs[u.key][way]["kept"][name] for u in finals] for name in WORN} for way in ways}
    fine = {way: [fmean(outputs[u.key][way]["fine"].values()) for u in finals] for way in ways}
    checks: list[Check] = [
        above_zero(f"{name} kept: {CN} minus {way}", differences(kept[CN][name], kept[way][name]))
        for name in WORN
        for way in BY_PIXELS
    ]
    checks += [above_zero(f"fine energy: {CN} minus {way}", differences(fine[CN], fine[way])) for way in BY_PIXELS]
    figures = {f"{name} kept by {way}": figure(kept[way][name]) for way in ways for name in WORN}
    figures |= {f"fine energy of {way}": figure(values) for way, values in fine.items()}
    lines = [
        f"{way}: "
        + ", ".join(f"{name} kept {fmean(kept[way][name]):.2f}" for name in WORN)
        + f", fine {fmean(fine[way]):.2f}"
        for way in ways
    ]
    return Outcome("; ".join(lines), checks, figures)


def judge_figure(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.17: the DCGAN's reconstructions have more fine energy than the VAE's and keep more identity than ALI's."""
    of = {
        what: {name: [outputs[u.key][name][what] for u in finals] for name in (VAE, ALI, DCGAN)}
        for what in ("fine", "known")
    }
    checks: list[Check] = [
        above_zero(f"fine energy: {DCGAN} minus {VAE}", differences(of["fine"][DCGAN], of["fine"][VAE])),
        above_zero(f"identity kept: {DCGAN} minus {ALI}", differences(of["known"][DCGAN], of["known"][ALI])),
    ]
    words = {"fine": "fine energy", "known": "identity kept"}
    figures = {f"{words[what]}, {name}": figure(values) for what in of for name, values in of[what].items()}
    lines = [
        f"{name}: fine energy {fmean(of['fine'][name]):.2f}, identity {fmean(of['known'][name]):.2f}"
        for name in (VAE, ALI, DCGAN)
    ]
    return Outcome("; ".join(lines), checks, figures)


ROWS = (
    Row(
        "3.16",
        inversion_protocol,
        inversion_units,
        judge_inversions,
        SIZES,
        methods=("dcgan", "connection", "encoder"),
    ),
    Row(
        "3.17",
        figure_protocol,
        figure_units,
        judge_figure,
        SCALES,
        methods=("dcgan", "connection", "vae", "ali"),
    ),
)
