"""Row 2.14+: what an edit moves on rendered faces, in the factors that drew them, with and without decorrelation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from edgan import api
from edgan.data.synthetic import FACE_ATTRIBUTES, FaceFactors, render_face, sample_face, with_attribute, write_folder
from edgan.experiments.spec import Found, Outcome, Place, Row, Unit
from edgan.experiments.verdicts import Check, Figure, above_zero, figure
from edgan.metrics import change_shares
from edgan.training.durable import write_bytes_atomic
from edgan.training.model import Model

ASKED = ("Eyeglasses", "Smiling", "Blond_Hair", "Male", "Bangs", "Young")
VIEW = {"yaw": 20.0, "tilt": 10.0, "light": 45.0}
FACTORS = (*ASKED, "Wavy_Hair", "No_Beard", *VIEW)
KINDS = ("dcov", "none")
OTHER_HAIR = {"Black_Hair": 0.0, "Gray_Hair": 0.0}
"""Colours exclude each other, so an edit of one names all; blond is asked of brown hair, as in `with_attribute`."""
OWN, TRUE = "as it draws", "as drawn"
TIMES = 5.0
GRAINS = 4
HELD_OUT_SEED = 98


@dataclass(frozen=True)
class Scale:
    """How large the row is: trainings as `edgan.train` takes them, faces drawn to learn from and faces edited."""

    seeds: int
    training: Mapping[str, Any]
    drawn: int = 4000
    edited: int = 300
    set: Mapping[str, Any] = field(default_factory=dict)


SCALES = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 4, "batch": 8, "preset": "small"},
        24,
        3,
        {"network.width": 4, "network.hidden": [8], "network.latent": 4, "classifier_steps": 2},
    ),
    "small": Scale(
        3,
        {"size": 32, "steps": 4000, "batch": 64, "preset": "small"},
        set={
            "classifier_steps": 700,
            "network.dropout": 0.0,
            "pixel_weight": 4.0,
            "decorrelation.weight": 1.0,
            "optimiser.decay": 0.4,
            "optimiser.decay_at": [2800, 3500],
        },
    ),
    "paper": Scale(3, {"size": 64, "steps": 156_400, "batch": 128, "preset": "paper"}, 20_000, 1000),
}


def protocol(scale: Scale) -> str:
    """How it is measured."""
    one = scale.training
    changed = "".join(f", {name} {value}" for name, value in scale.set.items())
    return (
        f"CDNet on {scale.drawn:,} rendered faces with all factors independent, told all {len(FACE_ATTRIBUTES)} "
        f"attributes, {one['size']} px, {one['steps']:,} steps of {one['batch']}, preset "
        f"{one['preset']}{changed}, {scale.seeds} seeds. {scale.edited} faces it never saw are edited from 0 to 1 in "
        f"each of {', '.join(ASKED)}. The change is fitted by what {len(FACTORS)} factors would change of that face, "
        "each turned from one end to the other (least squares over pixels), and each factor's share is its mean over "
        "faces. As it draws: a factor's change is that between the model's reconstructions of the two true pictures, "
        "so 1 is the edit that does what the true edited face would have done. As drawn: between the true pictures, "
        f"mean over {GRAINS} other grains of skin and strands, which no factor decides; these are sharper than what "
        "the model draws, and a change that is right but blurred is no multiple of a sharp one. The first is judged."
    )


def units(scale: Scale, _keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed and kind of decorrelation, on one drawn set, with the same faces to edit."""
    size = scale.training["size"]
    drawn = Unit(f"drawn-independent-faces-{size}", draw, {"count": scale.drawn, "size": size})
    options = {"count": scale.edited, "size": size, "grains": GRAINS, "seed": HELD_OUT_SEED}
    turning = Unit(f"turned-faces-{size}", draw_turned, options)
    return [
        Unit(
            f"rendered-{kind}-seed-{seed}",
            train_and_turn,
            {"training": dict(scale.training), "set": {**scale.set, "decorrelation.kind": kind}},
            needs=(drawn, turning),
            seed=seed,
        )
        for seed in range(scale.seeds)
        for kind in KINDS
    ]


def draw(unit: Unit, place: Place) -> dict[str, int]:
    """Draw the set that the models learn from."""
    folder = place.folder / unit.key
    if not folder.exists():
        count, size = unit.options["count"], unit.options["size"]
        write_folder("faces", folder, count, size, progress=place.tick, independent=True)
    return {"count": unit.options["count"]}


def draw_turned(unit: Unit, place: Place) -> dict[str, int]:
    """Draw the faces to edit, each with each factor at either end, and what that changes whatever the grain."""
    count, size, grains = (unit.options[name] for name in ("count", "size", "grains"))
    faces = [sample_face(unit.options["seed"], index, independent=True) for index in range(count)]
    tensors = {"images": pictures(faces, size), "without": turned(faces, size, -1), "having": turned(faces, size, 1)}
    changes = torch.zeros_like(tensors["having"])
    for grain in range(grains):
        place.tick()
        others = [replace(face, texture=grain * count + index) for index, face in enumerate(faces)]
        changes += (turned(others, size, 1) - turned(others, size, -1)) / grains
    whole = {name: tensor.contiguous() for name, tensor in (*tensors.items(), ("changes", changes))}
    write_bytes_atomic(_drawn_file(place.folder, unit), safetensors.torch.save(whole))
    return {"count": count}


def train_and_turn(unit: Unit, place: Place) -> dict[str, Any]:
    """Train CDNet and turn each asked attribute: by attribute, the share of it and the sizes of the others' shares."""
    options = unit.options
    drawn, turning = unit.needs
    steps = options["training"]["steps"]
    run = api.train(
        "cdnet",
        place.folder / drawn.key,
        place.folder / "runs" / unit.key,
        **options["training"],
        device=place.device,
        seed=unit.seed,
        set={
            **dict.fromkeys(("checkpoint_every", "evaluate_every", "preview_every"), steps),
            **options["set"],
            "attributes": list(FACE_ATTRIBUTES),
        },
        resume=True,
        watch=place.tick,
        report=False,
    )
    model = run.load(place.device)
    faces = safetensors.torch.load_file(_drawn_file(place.folder, turning))
    bases = {OWN: redrawn(model, faces["having"]) - redrawn(model, faces["without"]), TRUE: faces["changes"]}
    found: dict[str, Any] = {}
    for name in ASKED:
        place.tick()
        low, high = (model.edit(faces["images"], asked(name, level)).clamp(-1, 1) for level in (0.0, 1.0))
        found[name] = {kind: _split(change_shares(high - low, basis).mean(0), name) for kind, basis in bases.items()}
    return found


def _split(shares: Tensor, name: str) -> dict[str, Any]:
    """The asked factor's share, and the sizes of the others'."""
    others = {factor: abs(float(shares[k])) for k, factor in enumerate(FACTORS) if factor != name}
    return {"asked": float(shares[FACTORS.index(name)]), "others": others}


def asked(name: str, level: float) -> dict[str, float]:
    """What an edit to that level sets."""
    hair = {**OTHER_HAIR, "Brown_Hair": 1.0 - level} if name == "Blond_Hair" else {}
    return {**hair, name: level}


def pictures(faces: Sequence[FaceFactors], size: int) -> Tensor:
    """Drawn faces, (N, 3, size, size) in [-1, 1]."""
    drawn = np.stack([render_face(face, size) for face in faces])
    return torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 127.5 - 1


def turned(faces: Sequence[FaceFactors], size: int, way: int) -> Tensor:
    """Each face with each of `FACTORS` turned on (`way` 1) or off (-1), and nothing else, (N, K, 3, size, size)."""
    return torch.stack([pictures(_turned(faces, factor, way), size) for factor in FACTORS], 1)


def redrawn(model: Model, images: Tensor) -> Tensor:
    """The model's reconstructions, (N, K, 3, size, size) as they came."""
    return model.reconstruct(images.flatten(0, 1)).output.clamp(-1, 1).view_as(images)


def _drawn_file(folder: Path, unit: Unit) -> Path:
    return folder / f"{unit.key}.safetensors"


def _turned(faces: Sequence[FaceFactors], factor: str, way: int) -> list[FaceFactors]:
    if factor in VIEW:
        return [replace(face, **{factor: way * VIEW[factor]}) for face in faces]  # type: ignore[arg-type]
    if factor == "Male":  # the beard stays: it is a factor of its own
        return [replace(face, male=way > 0) for face in faces]
    if factor == "Blond_Hair":  # from brown, whatever colour it had: that is what the edit is asked for
        return [replace(face, hair_colour="blond" if way > 0 else "brown") for face in faces]
    # By way of its opposite: a face that has the attribute already would stay where it is, short of the end.
    return [with_attribute(with_attribute(face, factor, way < 0), factor, way > 0) for face in faces]


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """With dCov the asked share is five times each other's, and the others' together are less than without."""
    by_kind = {kind: [found[u.key] for u in finals if u.options["set"]["decorrelation.kind"] == kind] for kind in KINDS}
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    leaks: dict[str, list[float]] = {}
    for kind, results in by_kind.items():
        for name in ASKED if results else ():
            for basis in (OWN, TRUE):
                times = [_times(one[name][basis]) for one in results]
                figures[f"{name}, {kind}, {basis}: times the next factor"] = figure(times)
                moved = [one[name][basis]["asked"] for one in results]
                figures[f"{name}, {kind}, {basis}: share moved"] = figure(moved)
                if (kind, basis) == ("dcov", OWN):
                    line = f"{name}: its share, less {TIMES:g} times the next factor's"
                    checks.append(above_zero(line, [_ahead(one[name][basis]) for one in results]))
            leaked = figure([_leak(one[name][OWN]) for one in results])
            figures[f"{name}, {kind}: others' share of the asked factor's"] = leaked
        leaks[kind] = [fmean(_leak(one[name][OWN]) for name in ASKED) for one in results]
        if results:
            figures[f"others' share of the asked factor's, {kind}"] = figure(leaks[kind])
    less = [a - b for a, b in zip(leaks["none"], leaks["dcov"], strict=False)]
    if less:
        checks.append(above_zero("what leaks without decorrelation, less that with dCov", less))
    line = "others move " + ", ".join(f"{fmean(leaks[kind]):.3f} ({kind})" for kind in KINDS if leaks[kind])
    return Outcome(f"{line} of the asked factor", checks, figures)


def _times(edit: Mapping[str, Any]) -> float:
    """The asked factor's share over the next one's."""
    return float(edit["asked"] / max(edit["others"].values()))


def _ahead(edit: Mapping[str, Any]) -> float:
    """Above 0 where the asked factor moves five times as far as the next: over seeds steadier than the ratio."""
    return float(edit["asked"] - TIMES * max(edit["others"].values()))


def _leak(edit: Mapping[str, Any]) -> float:
    """The other factors' mean share over the asked one's."""
    return fmean(edit["others"].values()) / max(edit["asked"], 1e-9)


ROW = Row("2.14+", protocol, units, judge, SCALES, methods=("cdnet",))
