"""The unit behind Paper 2's rows on faces: a trained editor, its edits and reconstructions, and their figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor

import edgan
from edgan.data import Dataset, open_dataset
from edgan.metrics import (
    attributes_kept,
    error_curve,
    identity_moved,
    leakage,
    monotone_response,
    ms_ssim,
    octave_bands,
    periodic_peak,
    recognition,
    train_svms,
)
from edgan.models.evaluation import similarity
from edgan.models.model import Model
from edgan.models.reconstruction import Reconstruction
from edgan.storage.run_folder import RunFolder
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.schema import FALL, OUTPUT, Place, Unit
from reproduction.paper2.digits import all_steps
from reproduction.paper2.latent_dependence import latent_dependence
from reproduction.units.face_judges import Judges, judges_unit, load_judges, pictures
from reproduction.units.training import drop_if_discarded, rarely

INTENSITIES = tuple(float(x) for x in np.linspace(-1.5, 3.0, 10))
"""Ten, over the range of Fig. 6."""
RANGE = tuple(float(x) for x in np.linspace(-2.0, 5.0, 10))
"""Ten, over the range that Section IV-E says works."""
LOW, HIGH = -1.0, 3.0
FINE = 2
"""Number of octaves, finest first, whose energy is measured."""


def editor_unit(
    name: str, method: str, *, seed: int, data: tuple[str, str], scale: Any, set: Mapping[str, Any]
) -> Unit:
    """A unit that trains an editor of faces and raises each asked attribute on the test split.

    Args:
        name: for people.
        method: of `edgan methods`.
        seed: of the training.
        data: the set's name and its key.
        scale: training, attributes, edited attributes, counts.
        set: settings that differ from the preset's.
    """
    differing = {**scale.set, **set}
    options = {
        "method": method,
        "data": list(data),
        "training": {**scale.training, "steps": all_steps(scale, scale.training["steps"], differing)},
        "set": differing,
        "attributes": list(scale.attributes),
        "asked": list(scale.asked),
        "images": scale.images,
        OUTPUT: 2,
    }
    return Unit(
        name, train_editor, options, needs=(judges_unit(seed=seed, data=data, scale=scale, method="cdnet"),), seed=seed
    )


def train_editor(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, resuming from its last checkpoint, and edit the test split.

    Returns:
        "figures" of the reconstructions (`_redrawn`); "edits" by attribute, each with "error" (at each of
        `INTENSITIES`, mean of five SVMs), "real_error" (of held-out images that have it), "moved" and "others" (in
        standard deviations of the reader's score), "identity", "range_response" and "range_ahead" (over `RANGE`: rank
        correlation of intensity and score, and the share of other faces that are farther from the edit than the
        original, at the worse end); "joint": the share of images in which the first two attributes are both detected
        when both are set; "dependence" of the soft target and z (`latent_dependence`); `FALL`.
    """
    options, folder = unit.options, place.folder / "runs" / unit.key
    path = place.data[options["data"][0]]
    model = trained(unit, place)
    dataset = open_dataset(
        path, size=model.size, channels=model.channels, attributes=options["attributes"], crop=model.crop.text
    )
    test = dataset.indices("test")
    assert dataset.attributes is not None
    judges = load_judges(unit.needs[0], place)
    place.tick()
    images = pictures(dataset, test)
    unedited = judges.read(images).double().numpy()
    figures = _redrawn(model.redraw({"image": images}), images, unedited, judges)
    edits: dict[str, Any] = {}
    for name in options["asked"]:
        place.tick()
        column = dataset.attribute_names.index(name)
        without = test[dataset.attributes[test, column] < 0.5][: options["images"]]
        edits[name] = _edits(model, dataset, without, name, unedited, judges)
    place.tick()
    result = {
        "figures": figures,
        "edits": edits,
        "joint": _joint(model, dataset, images, options["asked"][:2], judges.read),
        "dependence": latent_dependence(model, images, unit.seed),
        FALL: fall_of_loss(RunFolder(folder).read_log()),
    }
    shutil.rmtree(RunFolder(folder).checkpoints, ignore_errors=True)
    return result


def trained(unit: Unit, place: Place, **settings: Any) -> Model:
    """The model of a unit, trained from its last checkpoint on; `settings` add to the unit's own."""
    options, folder = unit.options, place.folder / "runs" / unit.key
    steps = options["training"]["steps"]
    drop_if_discarded(RunFolder(folder))
    run = edgan.train(
        options["method"],
        place.data[options["data"][0]],
        folder,
        **options["training"],
        device=place.device,
        precision="float32",
        seed=unit.seed,
        set={**rarely(steps), **options["set"], **settings, "attributes": options["attributes"]},
        resume=True,
        watch=place.tick,
        report=False,
    )
    return run.load(place.device, "newest")


def _redrawn(made: Reconstruction, images: Tensor, unedited: np.ndarray, judges: Judges) -> dict[str, float]:
    """Figures of reconstructions.

    Returns:
        All of `similarity`; "ms_ssim_output"; "octave_0", "octave_1", ...: the energy of an octave relative to the
        images', finest first; "pattern": the strength of a checkerboard; "attributes": the share detected as in the
        originals; "known" and "ahead": whether the original is recognised (`edgan.metrics.recognition`).
    """
    shown = made.output.clamp(-1, 1)
    energy = octave_bands(shown).mean(0) / octave_bands(images).mean(0)
    identity = recognition(judges.embed(shown), judges.embed(images))
    return {
        **similarity(made, images),
        "ms_ssim_output": float(ms_ssim(shown, images)),
        **{f"octave_{band}": float(energy[band]) for band in range(FINE)},
        "pattern": periodic_peak(shown).ratio,
        "attributes": attributes_kept(unedited, judges.read(shown).double().numpy()),
        "known": identity.known,
        "ahead": identity.ahead,
    }


def _edits(
    model: Model,
    dataset: Dataset,
    without: np.ndarray,
    name: str,
    unedited: np.ndarray,
    judges: Judges,
) -> dict[str, Any]:
    """What editing one attribute does to images that lack it."""
    assert dataset.attributes is not None
    train = dataset.indices("train")
    has = dataset.attributes[train, dataset.attribute_names.index(name)] >= 0.5
    images = pictures(dataset, without)
    edited = {level: model.edit(images, {name: level}).clamp(-1, 1) for level in (*INTENSITIES, LOW)}
    svms = train_svms(dataset.images[train], has)
    curve = error_curve(svms, edited.__getitem__, INTENSITIES)
    # The SVMs were trained without these two splits.
    unseen = np.concatenate([dataset.indices("val"), dataset.indices("test")])
    real = pictures(dataset, unseen[dataset.attributes[unseen, dataset.attribute_names.index(name)] >= 0.5])
    scores = {level: judges.read(picture).double().numpy() for level, picture in edited.items()}
    column = dataset.attribute_names.index(name)
    movement = leakage(dataset.attribute_names, {name: scores[LOW]}, {name: scores[HIGH]}, unedited)
    return {
        "error": curve.mean.tolist(),
        "real_error": float(error_curve(svms, lambda _: real, (0.0,)).mean[0]),
        "moved": float(movement.moved[0]),
        "others": float(movement.leaked[0]),
        "identity": identity_moved(model.encode(images), model.encode(edited[HIGH])),
        **_over_range(model, images, name, column, judges),
    }


def _over_range(model: Model, images: Tensor, name: str, column: int, judges: Judges) -> dict[str, float]:
    """Whether the score follows the intensity over `RANGE`, and whether the faces at its ends are still theirs."""
    edited = [model.edit(images, {name: level}).clamp(-1, 1) for level in RANGE]
    scores = [judges.read(picture).double().numpy()[:, column] for picture in edited]
    own = judges.embed(images)
    return {
        "range_response": monotone_response(RANGE, np.stack(scores)),
        "range_ahead": min(recognition(judges.embed(picture), own).ahead for picture in (edited[0], edited[-1])),
    }


def _joint(model: Model, dataset: Dataset, images: Tensor, names: list[str], read: Callable[[Tensor], Tensor]) -> float:
    columns = [dataset.attribute_names.index(name) for name in names]
    scores = read(model.edit(images, dict.fromkeys(names, HIGH)).clamp(-1, 1))
    return float((scores[:, columns] > 0).all(1).float().mean())
