"""What the rows of papers 4 and 5 are made of: a trained translator of facades with all that is read off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from edgan.data import open_dataset
from edgan.metrics import octave_bands, periodic_peak, variation_by_octave
from edgan.models.evaluation import similarity, variation
from edgan.models.inputs import split_inputs
from edgan.models.model import Model, Reconstruction
from reproduction.models import course, draw_test_part, forget, save_pictures, train_unit, trained
from reproduction.spec import Found, Place, Unit

SET = "facades"
PIX2PIX = "pix2pix"
VARIED = 16
"""So many sources are drawn in variants, and as many pictures at least are needed to look for a grid."""
GREY_LEVELS = 127.5


@dataclass(frozen=True)
class Scale:
    """How large a row is.

    Attributes:
        seeds: how many trainings of each model.
        training: size, steps, batch and preset, as `edgan.train` takes them.
        set: settings of every model beside the preset's.
        own: settings of one method beside those.
        ranking: of `edgan.metrics.nrds`.
        variants: pictures of one source.
    """

    seeds: int
    training: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ranking: Mapping[str, Any] = field(default_factory=lambda: {"protocol": "robust"})
    variants: int = 6

    def words(self) -> str:
        """What a reader must know of it."""
        one = self.training
        given = [", ".join(f"{name}={value}" for name, value in self.set.items())]
        given += [f"{method} {', '.join(f'{n}={v}' for n, v in set.items())}" for method, set in self.own.items()]
        differing = "; ".join(filter(None, given))
        return (
            f"CMP Facades, {one['size']} px, {one['steps']:,} steps of {one['batch']} pairs, preset {one['preset']}"
            f"{f' with {differing}' if differing else ''}; {self.seeds} seeds"
        )


TOY = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
SCALES: Mapping[str, Scale] = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 20, "batch": 2, "preset": "small"},
        TOY,
        ranking={"protocol": "robust", "seeds": 2, "epochs": 2},
        variants=2,
    ),
    # All averaged, for three hundred steps leave weights that still jump.
    "small": Scale(
        3,
        {"size": 64, "steps": 300, "batch": 4, "preset": "small"},
        {"ema": 0.99},
        {PIX2PIX: {"network.width": 16, "discriminator.width": 16}},
        {"protocol": "robust", "seeds": 3},
    ),
    # 200 epochs of the 400 training pairs, in Paper 5's batches.
    "paper": Scale(3, {"size": 256, "steps": 10_000, "batch": 8, "preset": "paper"}),
}


def translator_unit(scale: Scale, key: str, model: str, method: str, seed: int, **set: Any) -> Unit:
    """A unit that trains a translator and measures it.

    Args:
        scale: how large.
        key: of the data.
        model: what figures call it.
        method: of `edgan methods`.
        seed: of the training.
        **set: settings that make the model.
    """
    one = train_unit(
        f"{model.replace(' ', '-')}-seed-{seed}",
        method,
        seed=seed,
        data=(SET, key),
        training=scale.training,
        # Each step's losses are what stability is read off.
        set={**scale.set, **scale.own.get(method, {}), "log_every": 1, **set},
    )
    options = {**one.options, "model": model, "variants": scale.variants}
    return Unit(one.name, train_translator, options, seed=seed)


def pix2pix_unit(scale: Scale, key: str, seed: int, weight: float = 100.0) -> Unit:
    """Pix2Pix; at its own weight of 100 the baseline of Paper 5, at others half of row 4.4+'s sweep."""
    name = PIX2PIX if weight == 100.0 else f"{PIX2PIX} {weight:g}"
    return translator_unit(scale, key, name, PIX2PIX, seed, reconstruction_weight=weight)


def train_translator(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, and measure what it makes of the test split.

    Returns:
        What `train_model` returns and "train": figures of as many training pairs; "losses": each term's, step by step;
        "bands": energy of base and output by octave, as multiples of the real images'; "peak": the periodic peak of the
        outputs; "variants": of a model with noise, the variance between variants by octave, their root mean square
        difference from their mean in grey levels, and the largest difference of their bases.
    """
    ended, path = trained(unit, place), place.data[SET]
    real, made = draw_test_part(ended.model, path)
    save_pictures(place.folder, unit, made)
    shown = {"base": made.base.clamp(-1, 1), "output": made.output.clamp(-1, 1)}
    energy = octave_bands(real).mean(0)
    result = {
        "figures": figures_of(made, real) | variation(made, real),
        "train": figures_of(*_train_part(ended.model, place, len(real))),
        "losses": losses_of(ended.run.read_log()),
        "bands": {name: (octave_bands(one).mean(0) / energy).tolist() for name, one in shown.items()},
        "peak": periodic_peak(shown["output"]).ratio,
        **course(ended),
    }
    if ended.model.draws_noise:
        sources = split_inputs(open_dataset(path, size=ended.model.size), "test", VARIED).fields["source"]
        result["variants"] = varied(ended.model, sources, unit.options["variants"])
    forget(ended)
    return result


def figures_of(made: Reconstruction, real: Tensor) -> dict[str, float]:
    """PSNR, SSIM, RMSE and energy of base and output, and the output's mean squared error, [-1, 1] being the range."""
    error = (made.output.clamp(-1, 1) - real).square().mean()
    return {**similarity(made, real), "mse_output": float(error)}


def _train_part(model: Model, place: Place, count: int) -> tuple[Reconstruction, Tensor]:
    fields = split_inputs(open_dataset(place.data[SET], size=model.size), "train", count).fields
    return model.redraw(fields), fields["image"]


def losses_of(log: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Each term's values in a training's log, oldest first; steps at which a lazy term has none are left out."""
    found: dict[str, list[float]] = {}
    for line in log:
        for term, value in line.get("losses", {}).items():
            if value is not None:
                found.setdefault(term, []).append(round(float(value), 6))
    return found


def varied(model: Model, sources: Tensor, count: int) -> dict[str, Any]:
    """How variants of the same sources differ; see `train_translator`."""
    drawn = [model.translate(sources, seed=seed) for seed in range(count)]
    outputs = torch.stack([one.output.clamp(-1, 1) for one in drawn])
    apart = outputs - outputs.mean(0)
    return {
        "octaves": variation_by_octave(outputs).tolist(),
        "grey_levels": float(apart.square().mean().sqrt()) * GREY_LEVELS,
        "base": max(float((one.base - drawn[0].base).abs().max()) for one in drawn),
    }


def by_model(units: Sequence[Unit], found: Found) -> dict[str, list[Mapping[str, Any]]]:
    """Results of trainings by the model's name, each seed's after the other."""
    results: dict[str, list[Mapping[str, Any]]] = {}
    for unit in units:
        results.setdefault(unit.options["model"], []).append(found[unit.key])
    return results


def ranked_models(finals: Sequence[Unit], found: Found) -> dict[str, list[Mapping[str, Any]]]:
    """Results of the trainings behind rankings, by the ranking's names, each seed's after the other."""
    names = finals[0].options["models"]
    return {name: [found[unit.needs[i].key] for unit in finals] for i, name in enumerate(names)}


def less(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """The differences of two figures, seed by seed."""
    return [a - b for a, b in zip(first, second, strict=True)]
