"""What a trained model scores on held-out images: for `evaluate`, and for the log during training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from torch import Tensor, nn

from edgan.data import Dataset
from edgan.methods import Shape
from edgan.metrics.metric import PairMetric, ResidualMetric, SetMetric
from edgan.metrics.pairs.perceptual_distance import METRIC as PERCEPTUAL
from edgan.metrics.registry import left_out, measured_by
from edgan.models.chunks import CHUNK
from edgan.models.edit_figures import edit_figures
from edgan.models.feature_figures import drawn
from edgan.models.game import balance
from edgan.models.inputs import split_chunks, split_inputs, watched_split
from edgan.models.model import Model
from edgan.models.preview import conditions
from edgan.models.reconstruction import Reconstruction
from edgan.models.running_figures import RunningFigures
from edgan.processes import ALONE, Processes

LIMIT = 128


def evaluation(
    model: Model, dataset: Dataset, split: str, processes: Processes = ALONE
) -> tuple[int, dict[str, float], dict[str, str]]:
    """Everything that `evaluate` measures: each metric in the registry that the model and the data allow.

    Args:
        model: one that redraws images.
        dataset: of the model's shape.
        split: "test", "val" or "train".
        processes: that share the images and the edits. All get the figures of the whole split.

    Returns:
        Number of images; figures by key; protocols by metric.

    Raises:
        EdganError: the split is empty.
    """
    running = RunningFigures(model.shape.size, residuals="residual" in model.method.plan.tap)
    for first, fields in split_chunks(dataset, split, CHUNK, processes):
        running.add(model.redraw(fields, first), fields["image"])
    running.gather(processes)
    figures = running.figures()
    protocols = _told(model.shape, figures, running)
    if model.can("edit"):
        of_edits, how = edit_figures(model, dataset, split, processes)
        figures, protocols = figures | of_edits, protocols | how
    return running.count, figures, protocols


def samples_evaluation(
    model: Model, dataset: Dataset, split: str, processes: Processes = ALONE
) -> tuple[int, dict[str, float], dict[str, str]]:
    """What `evaluate` measures of a model that only samples: as many samples as the split has images, as sets.

    Args, returns, raises: as `evaluation`. Samples of a conditional method have the conditions of the images.
    """
    running = RunningFigures(model.shape.size, residuals=False, paired=False)
    for first, fields in split_chunks(dataset, split, CHUNK, processes):
        running.add_pictures({"output": drawn(model, fields, first).to(fields["image"])}, fields["image"])
    running.gather(processes)
    figures = running.figures()
    return running.count, figures, _told(model.shape, figures, running)


def held_out(
    model: Model,
    networks: Mapping[str, nn.Module],
    dataset: Dataset,
    limit: int = LIMIT,
    processes: Processes = ALONE,
) -> dict[str, float]:
    """Everything that training logs of the validation split (of the training split where that is empty).

    Args:
        model: its verbs, with the weights that inference uses.
        networks: all networks in training, for the balance of the game; they are left in evaluation mode.
        dataset: the training's.
        limit: number of images at most.
        processes: that share the images, but not the samples of a model that only samples: they come from one seed.

    Returns:
        `similarity` and `variation` of a model that redraws; "energy_output" and "spread" of one that only samples;
        and `balance`.
    """
    inputs = split_inputs(dataset, watched_split(dataset), limit, model.device)
    images = inputs.fields["image"].cpu()
    figures: dict[str, float] = {}
    if model.redraws:
        made = redrawn(model, inputs.fields, processes)
        figures = similarity(made, images) | variation(made, images)
    elif model.can("sample"):
        samples = model.sample(len(images), seed=0, **conditions(model, inputs.fields)).cpu()
        figures = _of_pictures({"output": samples}, images, paired=False)
        figures |= _of_variation(samples, None, images)
    return figures | balance(model.method, networks, inputs, processes)


def redrawn(model: Model, fields: Mapping[str, Tensor], processes: Processes) -> Reconstruction:
    """`Model.redraw` of a batch that several processes share, on the CPU."""

    def some(rows: slice) -> tuple[Tensor, ...]:
        made = model.redraw({name: values[rows] for name, values in fields.items()}, rows.start)
        return tuple(picture.cpu() for picture in made)

    return Reconstruction(*processes.rows(len(fields["image"]), some))


def similarity(made: Reconstruction, images: Tensor) -> dict[str, float]:
    """How close reconstructions come to their images.

    Args:
        made: the reconstructions.
        images: (N, C, H, W) in [-1, 1].

    Returns:
        NAME_base and NAME_output for each metric of pictures that training measures: PSNR (dB), SSIM, RMSE, and fine
        detail as a multiple of the images'. Pictures are clipped to [-1, 1], as they are when saved.
    """
    return _of_pictures({"base": made.base, "output": made.output}, images)


def variation(made: Reconstruction, images: Tensor) -> dict[str, float]:
    """How large the residuals are, and how much they and the outputs differ from image to image.

    Args:
        made: the reconstructions.
        images: (N, C, H, W) in [-1, 1].

    Returns:
        "residual", "variety" and "spread", as the registry describes them.
    """
    return _of_variation(made.output, made.residual, images)


def _of_pictures(pictures: Mapping[str, Tensor], images: Tensor, *, paired: bool = True) -> dict[str, float]:
    """NAME_KIND for each kind of picture ("base", "output") and each metric of pairs and of sets."""
    figures: dict[str, float] = {}
    for kind, picture in pictures.items():
        shown = picture.clamp(-1, 1)
        for pair in measured_by("training", PairMetric) if paired else ():
            name, _ = pair.named(*images.shape[-2:])
            figures[f"{name}_{kind}"] = float(pair.measure(shown, images).mean())
        for metric in measured_by("training", SetMetric):
            if not metric.output_only:
                figures[f"{metric.name}_{kind}"] = metric.measure(shown, images)
    return _defined(figures)


def _of_variation(output: Tensor, residual: Tensor | None, images: Tensor) -> dict[str, float]:
    """NAME for each metric of residuals that the residuals suffice for, and of the output alone."""
    of_residual = {
        metric.name: metric.measure(residual)
        for metric in measured_by("training", ResidualMetric)
        if residual is not None and metric.fits(residual)
    }
    of_output = {
        metric.name: metric.measure(output, images)
        for metric in measured_by("training", SetMetric)
        if metric.output_only
    }
    return _defined(of_residual | of_output)


def _defined(figures: Mapping[str, float]) -> dict[str, float]:
    """Without the figures that such images do not define: a ratio to real images that are all plain or all the same."""
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def perceptual(made: Reconstruction, images: Tensor) -> dict[str, float]:
    """The mean perceptual distance of reconstructions to their images, for a report.

    Args:
        made: the reconstructions.
        images: (N, C, H, W) in [-1, 1].

    Returns:
        "perceptual_base" and "perceptual_output"; empty on a machine without the pretrained weights.
    """
    if PERCEPTUAL.unavailable():
        return {}
    shown = {"base": made.base.clamp(-1, 1), "output": made.output.clamp(-1, 1)}
    return {f"{PERCEPTUAL.name}_{kind}": float(PERCEPTUAL.measure(x, images).mean()) for kind, x in shown.items()}


def _told(shape: Shape, figures: Mapping[str, float], running: RunningFigures) -> dict[str, str]:
    """By metric, how its figures were measured, or why this machine left it out."""
    protocols = {name: text for name, text in _protocols(shape) if any(key.startswith(name) for key in figures)}
    return protocols | running.protocols() | {name: f"left out: {why}" for name, why in left_out("evaluate").items()}


def _protocols(shape: Shape) -> Iterable[tuple[str, str]]:
    """(name, protocol) of every metric of pictures and residuals that `evaluate` measures."""
    for pair in measured_by("evaluate", PairMetric):
        yield pair.named(shape.size, shape.size)
    for kind in (SetMetric, ResidualMetric):
        for metric in measured_by("evaluate", kind):
            yield metric.name, metric.protocol
