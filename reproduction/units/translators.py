"""Units of papers 4 and 5: a trained translator of facades and all its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from edgan.data import open_dataset
from edgan.metrics import octave_bands, periodic_peak, variation_by_octave
from edgan.models.device import resolve_device
from edgan.models.evaluation import similarity, variation
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.reconstruction import Reconstruction
from reproduction.framework.schema import OUTPUT, Outputs, Place, Unit
from reproduction.units.fresh_trainer import fresh_trainer
from reproduction.units.pictures import save_pictures
from reproduction.units.training import discard_checkpoints, draw_test_split, finish_training, progress_of, train_unit

SET = "facades"
PIX2PIX = "pix2pix"
VARIED = 16
"""Number of sources that are drawn in variants."""
GREY_LEVELS = 127.5


@dataclass(frozen=True)
class Scale:
    """How large a row is.

    Attributes:
        seeds: how many trainings of each model.
        training: size, steps, batch and preset, as in `edgan.train`.
        set: settings of every model that differ from the preset's.
        own: further settings, by method.
        ranking: settings of `edgan.metrics.nrds`.
        variants: pictures drawn of a source.
    """

    seeds: int
    training: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ranking: Mapping[str, Any] = field(default_factory=lambda: {"protocol": "robust"})
    variants: int = 6

    def words(self) -> str:
        """A summary for protocols."""
        training = self.training
        given = [", ".join(f"{name}={value}" for name, value in self.set.items())]
        given += [f"{method} {', '.join(f'{n}={v}' for n, v in set.items())}" for method, set in self.own.items()]
        differing = "; ".join(filter(None, given))
        return (
            f"CMP Facades, {training['size']} px, {training['steps']:,} steps of {training['batch']} pairs, "
            f"preset {training['preset']}{f' with {differing}' if differing else ''}; {self.seeds} seeds"
        )


TOY = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
# Weights are averaged: after three hundred steps they still fluctuate.
SMALL = Scale(
    3,
    {"size": 64, "steps": 300, "batch": 4, "preset": "small"},
    {"ema": 0.99},
    {PIX2PIX: {"network.width": 16, "discriminator.width": 16}},
    {"protocol": "robust", "seeds": 3},
)
SCALES: Mapping[str, Scale] = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 20, "batch": 2, "preset": "small"},
        TOY,
        ranking={"protocol": "robust", "seeds": 2, "epochs": 2},
        variants=2,
    ),
    "small": SMALL,
    # 20 epochs of the 400 training pairs.
    "cpu": replace(SMALL, training={**SMALL.training, "steps": 2000}),
    # 50 epochs, which two cores do not reach.
    "gpu": replace(SMALL, seeds=5, training={**SMALL.training, "size": 128, "steps": 5000}),
    # 200 epochs of the 400 training pairs, with the batch size of Paper 5.
    "paper": Scale(3, {"size": 256, "steps": 10_000, "batch": 8, "preset": "paper"}),
}
PAPER4_SCALES: Mapping[str, Scale] = {
    **{name: scale for name, scale in SCALES.items() if name != "gpu"},
    "cpu": replace(SMALL, training={**SMALL.training, "size": 128, "steps": 2400}),
}
"""Of Paper 4's rows, whose smallest budget is 128 px."""


def translator_unit(
    scale: Scale, key: str, model: str, method: str, seed: int, *, route: Mapping[str, Any] | None = None, **set: Any
) -> Unit:
    """A unit that trains a translator and measures it.

    Args:
        scale: how large.
        key: of the data.
        model: what figures call it.
        method: of `edgan methods`.
        seed: of the training.
        route: cells of the table that differ from the preset's.
        **set: settings that make the model.
    """
    unit = train_unit(
        f"{model.replace(' ', '-')}-seed-{seed}",
        method,
        seed=seed,
        data=(SET, key),
        training=scale.training,
        # Stability is computed from the losses of every step.
        set={**scale.set, **scale.own.get(method, {}), "log_every": 1, **set},
        route=route,
    )
    options = {**unit.options, "model": model, "variants": scale.variants, OUTPUT: 2}
    return Unit(unit.name, train_translator, options, seed=seed)


def pix2pix_unit(scale: Scale, key: str, seed: int, weight: float = 100.0) -> Unit:
    """The unit that trains Pix2Pix: with its own weight of 100 Paper 5's baseline, else a model of row 4.4+."""
    name = PIX2PIX if weight == 100.0 else f"{PIX2PIX} {weight:g}"
    return translator_unit(scale, key, name, PIX2PIX, seed, reconstruction_weight=weight)


def train_translator(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, and measure the model's translations of the test split.

    Returns:
        What `train_model` returns, and "train": figures of as many training pairs; "losses" by term, step by step;
        "bands": energy of base and output by octave, relative to the real images; "peak": periodic peak of the outputs;
        "variants" of a model with noise (`varied`), and of the same model before its training as "untrained".
    """
    ended, path = finish_training(unit, place), place.data[SET]
    real, made = draw_test_split(ended.model, path)
    save_pictures(place.folder, unit, made)
    shown = {"base": made.base.clamp(-1, 1), "output": made.output.clamp(-1, 1)}
    energy = octave_bands(real).mean(0)
    result = {
        "figures": figures_of(made, real) | variation(made, real),
        "train": figures_of(*_train_split(ended.model, place, len(real))),
        "losses": losses_of(ended.run.read_log()),
        "bands": {name: (octave_bands(result).mean(0) / energy).tolist() for name, result in shown.items()},
        "peak": periodic_peak(shown["output"]).ratio,
        **progress_of(ended),
    }
    if ended.model.draws_noise:
        sources = split_inputs(open_dataset(path, size=ended.model.size), "test", VARIED).fields["source"]
        result["variants"] = varied(ended.model, sources, unit.options["variants"])
        untrained = fresh_trainer(unit.options, place, unit.seed, resolve_device(place.device)).model
        result["untrained"] = varied(untrained, sources, unit.options["variants"])
    discard_checkpoints(ended)
    return result


def figures_of(made: Reconstruction, real: Tensor) -> dict[str, float]:
    """PSNR, SSIM, RMSE and energy of base and output, and the output's mean squared error, all on [-1, 1]."""
    error = (made.output.clamp(-1, 1) - real).square().mean()
    return {**similarity(made, real), "mse_output": float(error)}


def _train_split(model: Model, place: Place, count: int) -> tuple[Reconstruction, Tensor]:
    fields = split_inputs(open_dataset(place.data[SET], size=model.size), "train", count).fields
    return model.redraw(fields), fields["image"]


def losses_of(log: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Each term's values in a training's log, oldest first; steps at which a term was not computed are left out."""
    losses: dict[str, list[float]] = {}
    for line in log:
        for term, value in line.get("losses", {}).items():
            if value is not None:
                losses.setdefault(term, []).append(round(float(value), 6))
    return losses


def varied(model: Model, sources: Tensor, count: int) -> dict[str, Any]:
    """How variants of the same sources differ.

    Returns:
        "octaves": variance between variants by octave; "grey_levels": root mean square difference from their mean;
        "base": largest difference between bases.
    """
    drawn = [model.translate(sources, seed=seed) for seed in range(count)]
    outputs = torch.stack([variant.output.clamp(-1, 1) for variant in drawn])
    deviation = outputs - outputs.mean(0)
    return {
        "octaves": variation_by_octave(outputs).tolist(),
        "grey_levels": float(deviation.square().mean().sqrt()) * GREY_LEVELS,
        "base": max(float((variant.base - drawn[0].base).abs().max()) for variant in drawn),
    }


def by_model(units: Sequence[Unit], outputs: Outputs) -> dict[str, list[Mapping[str, Any]]]:
    """Results of trainings by the model's name, one for each seed."""
    results: dict[str, list[Mapping[str, Any]]] = {}
    for unit in units:
        results.setdefault(unit.options["model"], []).append(outputs[unit.key])
    return results


def ranked_models(finals: Sequence[Unit], outputs: Outputs) -> dict[str, list[Mapping[str, Any]]]:
    """Results of the trainings behind rankings, by the ranking's names, one for each seed."""
    names = finals[0].options["models"]
    return {name: [outputs[unit.needs[i].key] for unit in finals] for i, name in enumerate(names)}
