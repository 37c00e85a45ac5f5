"""Row 3.11: Editable GAN against VAE/GAN, the modified cGAN and IcGAN, sampling and editing (appendix A, Fig. 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from torch import Tensor

from edgan.models.evaluation import similarity
from edgan.models.model import Model
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper3.faces import ASKED, SCALES, SET, Faces, Scale, kept_model, kept_unit
from reproduction.units.face_judges import judges_unit
from reproduction.units.ranking import ranked

MODELS = {"Editable GAN": "editable-gan", "modified cGAN": "modified-cgan", "IcGAN": "icgan", "VAE/GAN": "vae-gan"}
OURS, RIVALS = "Editable GAN", ("modified cGAN", "IcGAN", "VAE/GAN")
MEASURES: Mapping[str, tuple[str, float]] = {
    "read": ("share of edits detected", 0.05),
    "known": ("identity kept", 0.05),
    "nrds": ("NRDS of samples", 0.02),
    "psnr": ("PSNR of reconstructions, dB", 0.5),
}
"""Measures to compare (more is better), and by how much a rival may be ahead."""


def protocol(scale: Scale) -> str:
    """How it is measured."""
    allowed = ", ".join(f"{margin:g} in {words}" for words, margin in MEASURES.values())
    return (
        f"{scale.words(*MODELS.values())}. {', '.join(ASKED)} are each set to 1 on {scale.images} test images without "
        "them. Edits detected: the share in which the classifier sees the attribute. Identity kept: the share of "
        "other faces that the recogniser finds farther from the edit than its input. Samples are drawn with the test "
        "images' attributes, where the model takes any (VAE/GAN takes none), and ranked together by NRDS "
        f"{scale.ranking['protocol']}. As good as a rival: behind by at most {allowed}."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed, on a training of each model."""
    options = {
        "models": list(MODELS),
        "images": scale.images,
        "settings": dict(scale.ranking),
    }
    return [
        Unit(
            f"editable-{seed}",
            compare,
            options,
            needs=(
                judges_unit(seed=seed, data=(SET, keys[SET]), scale=scale, method="editable-gan"),
                *(kept_unit(method, scale, keys[SET], seed) for method in MODELS.values()),
            ),
            seed=seed,
        )
        for seed in range(scale.seeds)
    ]


def compare(unit: Unit, place: Place) -> dict[str, Any]:
    """Edit and sample with each model, and judge the pictures.

    Returns:
        By model: by attribute, "read" and "known" of edits, and the same of reconstructions as "before" and "redrawn";
        "told": the share of requested attributes detected in samples, of models that take attributes; "nrds" of
        samples; "psnr" of reconstructions of the test split.
    """
    options = unit.options
    faces = Faces.of(unit.needs[0], place)
    result: dict[str, Any] = {}
    samples: dict[str, Tensor] = {}
    for name, needed in zip(options["models"], unit.needs[1:], strict=True):
        model = kept_model(needed, place)
        result[name] = {"read": {}, "known": {}, "before": {}, "redrawn": {}}
        for attribute in ASKED:
            place.tick()
            for figure_name, value in _edited(model, faces, attribute, options["images"]).items():
                result[name][figure_name][attribute] = value
        columns = [faces.names.index(attributes) for attributes in model.shape.attributes]
        requested = faces.truth[:, columns]
        asked = {"attributes": requested} if model.method.conditioning else {}
        samples[name] = model.sample(len(requested), seed=unit.seed, **asked).clamp(-1, 1).cpu()
        if asked:
            told = (faces.judges.read(samples[name])[:, columns] > 0) == (requested > 0.5)
            result[name]["told"] = float(told.float().mean())
        result[name]["psnr"] = similarity(model.redraw({"image": faces.images}), faces.images)["psnr_output"]
    scores = ranked(faces.images, samples, unit, place)["scores"]
    return {name: {**figures, "nrds": scores[name]} for name, figures in result.items()}


def _edited(model: Model, faces: Faces, attribute: str, count: int) -> dict[str, float]:
    images = faces.without(attribute, count)
    edited, redrawn = model.edit(images, {attribute: 1.0}), model.reconstruct(images).output
    return {
        "read": faces.shown(edited, attribute),
        "known": faces.known(images, edited),
        "before": faces.shown(redrawn, attribute),
        "redrawn": faces.known(images, redrawn),
    }


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """Editable GAN edits, and is behind its rivals by no more than the margins."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    for name in MODELS:
        for key, (words, _) in MEASURES.items():
            figures[f"{words}, {name}"] = figure(_values(key, name, finals, outputs))
        figures[f"attribute detected before the edit, {name}"] = figure(_values("before", name, finals, outputs))
        figures[f"identity kept by reconstructions, {name}"] = figure(_values("redrawn", name, finals, outputs))
        if "told" in outputs[finals[0].key][name]:
            told = _values("told", name, finals, outputs)
            figures[f"requested attributes detected in samples, {name}"] = figure(told)
    edits = zip(_values("read", OURS, finals, outputs), _values("before", OURS, finals, outputs), strict=True)
    checks.append(above_zero(f"{OURS}: share detected after the edit minus before", [a - b for a, b in edits]))
    for key, (words, margin) in MEASURES.items():
        for rival in RIVALS:
            pairs = zip(_values(key, OURS, finals, outputs), _values(key, rival, finals, outputs), strict=True)
            ahead = [a - b + margin for a, b in pairs]
            checks.append(above_zero(f"{words}: {OURS} minus {rival}, plus a margin of {margin:g}", ahead))
    lines = []
    for name in MODELS:
        read, known, ranked_at, psnr = (figures[f"{words}, {name}"].mean for words, _ in MEASURES.values())
        lines.append(f"{name}: edits detected {read:.2f}, identity {known:.2f}, NRDS {ranked_at:.3f}, {psnr:.1f} dB")
    return Outcome("; ".join(lines), checks, figures)


def _values(key: str, name: str, finals: Sequence[Unit], outputs: Outputs) -> list[float]:
    """A model's figure, one for each seed; a figure by attribute is averaged over the attributes."""
    each = [outputs[unit.key][name][key] for unit in finals]
    return [fmean(result.values()) if isinstance(result, Mapping) else float(result) for result in each]


EXPLANATION = (
    "By the means, Editable GAN edits and draws no worse than its rivals, though three seeds leave that undecided. It "
    "is behind in keeping identity, and loses it before any edit: .63 in its reconstructions and .61 in its edits, "
    ".93 and .92 with IcGAN. So inversion falls short at this number of steps, not the edit. Its connection network "
    "is trained together with a generator that still changes, IcGAN's encoders after theirs; whether that is the "
    "reason, or more steps would close the gap, was not tried. None of the three draws a good face after 800 steps at "
    "32 px, so the row says little about the paper's size."
)

BRIEF = (
    "edits detected {share of edits detected, Editable GAN|.2f} (IcGAN {share of edits detected, IcGAN|.2f}), "
    "identity {identity kept, Editable GAN|.2f} ({identity kept, IcGAN|.2f})"
)
ROW = Row(
    "3.11",
    protocol,
    units,
    judge,
    SCALES,
    brief=BRIEF,
    explanation={"small": EXPLANATION},
    notes="notes-editing.md",
    methods=tuple(MODELS.values()),
)
