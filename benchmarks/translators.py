"""Compare translators of the same pairs: fidelity, sharpness, variants and NRDS.

    python -m benchmarks.translators RUN [RUN ...] --data DATA [--split val] [--sheet OUT.png]

All runs were trained on DATA at one size. Printed for each: PSNR, SSIM and high-frequency energy of base and output
over the split, as in `edgan evaluate`. For a model with noise also the variance between six variants of the first
sixteen sources by octave, and the largest difference between their bases. For each run after the first: NRDS (robust,
seed 0) of its outputs ranked against the first run's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

import edgan
from edgan.data import open_dataset
from edgan.data.classes import paint
from edgan.metrics import nrds, variation_by_octave
from edgan.models.evaluation import similarity
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.sheet import sheet

SHOWN, VARIED, VARIANTS = 8, 16, 6


def main() -> None:
    """Print the figures of each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", default="val", help="train, val or test")
    parser.add_argument("--sheet", type=Path, help="a PNG of the first eight: source, each run's pictures, target")
    arguments = parser.parse_args()
    models = {str(path): edgan.load(path) for path in arguments.runs}
    model = next(iter(models.values()))
    classes = model.shape.source_classes
    dataset = open_dataset(arguments.data, size=model.size, channels=model.channels, source_classes=classes)
    fields = split_inputs(dataset, arguments.split).fields
    source, photos = fields["source"], fields["image"]
    made = {name: model.translate(source, seed=0) for name, model in models.items()}
    rows = [paint(source[:SHOWN])]
    for name, model in models.items():
        print(f"{name} ({model.method.name}), {len(photos)} pairs")
        print("  " + ", ".join(f"{key} {value:.3f}" for key, value in similarity(made[name], photos).items()))
        base, residual, output = (pictures[:SHOWN] for pictures in made[name])
        rows += [base, residual, output] if residual.any() else [output]
        rows += vary(model, source[:VARIED]) if model.draws_noise else []
    outputs = {name: drawn.output.clamp(-1, 1) for name, drawn in made.items()}
    first, *others = outputs
    for name in others:
        ranked = nrds(photos, {pick: outputs[pick] for pick in (first, name)}, protocol="robust", seed=0)
        scores = [f"{pick} {ranked.scores[pick]:.3f} ({_interval(ranked.intervals[pick])})" for pick in (name, first)]
        print("NRDS of two: " + ", ".join(scores))
    if arguments.sheet:
        sheet([*rows, photos[:SHOWN]], scale=1).save(arguments.sheet)


def vary(model: Model, source: Tensor) -> list[Tensor]:
    """Print a line on the variants; returns two of them for the sheet."""
    drawn = [model.translate(source, seed=seed) for seed in range(VARIANTS)]
    octaves = variation_by_octave(torch.stack([variant.output for variant in drawn]))
    difference = max(float((variant.base - drawn[0].base).abs().max()) for variant in drawn)
    print(
        f"  variance between {VARIANTS} variants of {len(source)} sources by octave, finest first: "
        f"{', '.join(f'{value:.1e}' for value in octaves.tolist())} (finest / lowest {octaves[0] / octaves[-1]:.0f}); "
        f"their bases differ by {difference:.1e}"
    )
    return [variant.output[:SHOWN] for variant in drawn[1:3]]


def _interval(ends: tuple[float, float]) -> str:
    return " to ".join(f"{end:.3f}" for end in ends)


if __name__ == "__main__":
    main()
