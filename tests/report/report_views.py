"""Small made-up runs and rankings for the report's tests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from edgan.metrics import NRDS
from edgan.report import RunView

DECOUPLED = {
    "networks": ["encoder", "decoder", "generator", "discriminator"],
    "rows": [
        {
            "term": "reconstruction",
            "loss": "L1(base, image)",
            "source": "Eq. 4-6",
            "every": 1,
            "routes": {"encoder": 1.0, "decoder": 1.0},
        },
        {
            "term": "adversarial",
            "loss": "non-saturating",
            "source": "Eq. 8",
            "every": 1,
            "routes": {"generator": "linear(0,1,100)"},
        },
        {"term": "penalty", "loss": "R1(image)", "source": "", "every": 16, "routes": {"discriminator": 0.5}},
    ],
}
COUPLED = {
    "networks": ["encoder", "decoder", "discriminator"],
    "rows": [
        {
            "term": "reconstruction",
            "loss": "L1(output, image)",
            "source": "Eq. 1",
            "every": 1,
            "routes": {"encoder": 1.0, "decoder": 1.0},
        },
        {
            "term": "adversarial",
            "loss": "non-saturating",
            "source": "Eq. 2",
            "every": 1,
            "routes": {"encoder": 0.01, "decoder": 0.01},
        },
    ],
}
FIGURES = {
    "psnr_base": 15.64,
    "ssim_base": 0.2214,
    "energy_base": 0.3,
    "psnr_output": 15.11,
    "ssim_output": 0.1868,
    "energy_output": 1.02,
    "d_real": 0.58,
    "d_fake": 0.17,
}


def log(health: bool = True) -> list[dict[str, Any]]:
    """A short log.jsonl with a value that was not finite."""
    lines: list[dict[str, Any]] = []
    for step in (10, 20, 30):
        losses = {"reconstruction": 3.0 / step, "adversarial": None if step == 20 else math.sqrt(step)}
        lines.append({"step": step, "losses": losses, "seconds": step / 2})
    gradients = {"reconstruction.encoder": 0.3, "adversarial.generator": 11.0}
    checked = {"health": ["D wins: it gives real images 0.97."]} if health else {}
    return [*lines, {"step": 30, "held_out": {}, "gradients": gradients, **checked}]


def decoupled(name: str = "ED//GAN", **changes: Any) -> RunView:
    """A run with base and residual: 3 pictures of 64 pixels."""
    generator = torch.Generator().manual_seed(0)
    image, base = (torch.rand(3, 3, 64, 64, generator=generator) * 2 - 1 for _ in range(2))
    residual = 0.1 * torch.randn(3, 3, 64, 64, generator=generator)
    fields: dict[str, Any] = {
        "method": "ed-slash-gan",
        "paper": "Zhang, Song, Qi (WACV 2018)",
        "table": DECOUPLED,
        "plan_text": "stage 1",
        "log": log(),
        "rows": {"input": image, "base": base, "residual": residual, "output": base + residual},
        "figures": FIGURES,
        "seconds": 92.1,
        "images_per_second": 10.4,
        "command": "edgan train ed-slash-gan --data faces --out run",
    }
    return RunView(name, **{**fields, **changes})


def coupled(name: str = "ED+GAN", **changes: Any) -> RunView:
    """A run with one decoder: its output is its base, and it has no residual."""
    rows = decoupled().rows
    fields: dict[str, Any] = {
        "method": "ed-plus-gan",
        "table": COUPLED,
        "log": log(health=False),
        "rows": {"input": rows["input"], "output": rows["base"]},
        "figures": {**FIGURES, "psnr_output": 15.64, "ssim_output": 0.2214, "energy_output": 0.3},
    }
    return decoupled(name, **{**fields, **changes})


def ranking(probability: float = 0.99, gap: tuple[float, float] = (1.0, 2.0)) -> NRDS:
    """Two models of which the first has the larger area."""
    a, b = "ED//GAN", "ED+GAN"
    pairs: Mapping[str, Mapping[str, float]] = {a: {a: 0.5, b: probability}, b: {a: 1 - probability, b: 0.5}}
    return NRDS(
        scores={b: 0.38, a: 0.62},
        intervals={b: (0.35, 0.41), a: (0.59, 0.65)},
        areas={b: 4.1, a: 6.7},
        real_area=9.25,
        gaps={b: gap, a: gap},
        curves={b: (0.5, 0.3, 0.1), a: (0.5, 0.4, 0.3)},
        real_curve=(0.5, 0.7, 0.9),
        pair_probabilities=pairs,
        seeds=5,
        protocol="NRDS robust: equal share per model",
        warnings=("Fewer than 50 samples in 'ED+GAN' (12).",),
    )


def whole() -> dict[str, Any]:
    """The arguments of a report with every section."""
    return {
        "title": "Side by side",
        "lead": "Two models learned the same images.",
        "runs": [decoupled(), coupled()],
        "ranking": ranking(),
        "commands": [("Reconstruct your images", "edgan reconstruct run 'my images/' out/")],
        "made_with": {"edgan": "0.1.0", "seed": "0"},
    }
