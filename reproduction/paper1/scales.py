"""How large Paper 1's rows are: "toy" tests the machinery, "cpu" is for two cores, "paper" is the paper's.

Results of "small" are from before there was "cpu"; its trainings are too short for a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WEIGHTS = (0.001, 0.01, 0.1, 1.0)
COUPLINGS = (0.0, 0.01, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Scale:
    """How large a row is.

    Attributes:
        seeds: how many trainings of each model.
        training: size, steps, batch and preset, as in `edgan.train`.
        set: settings that differ from the preset's.
        ranking: settings of `edgan.metrics.nrds`.
        sgd_lr: learning rate of plain SGD on the generator (row 1.5+).
    """

    seeds: int
    training: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    ranking: Mapping[str, Any] = field(default_factory=lambda: {"protocol": "robust"})
    sgd_lr: float = 0.01

    def words(self) -> str:
        """A summary for protocols."""
        training = self.training
        differing = ", ".join(f"{name}={value}" for name, value in self.set.items())
        return (
            f"{training['size']} px, {training['steps']:,} steps of {training['batch']} images, "
            f"preset {training['preset']}{f' with {differing}' if differing else ''}; {self.seeds} seeds"
        )


TOY_WIDTHS = {
    **{"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8},
    "latent.size": 8,
}
TOY_RANKING = {"protocol": "robust", "seeds": 2, "epochs": 2}
# Narrower than the preset: the 72 trainings of rows 1.2 to 1.7 and 1.10+ take about an hour of one core.
SMALL_WIDTHS = {
    **{"network.width": 16, "network.max_width": 128},
    **{"discriminator.width": 16, "discriminator.max_width": 128},
}
SMALL_RANKING = {"protocol": "robust", "seeds": 3}
SHORT = {"size": 32, "steps": 150, "batch": 16, "preset": "small"}
# 200 epochs of 20,000 images in batches of 25.
PAPER_STEPS = 160_000

# Rates that fall to 0 from the first step: at constant ones the reconstruction loss still fell by 5.2 % over the last
# half of 1,500 steps (norm none, training split), and the gate asks for 5 %.
FALLING = {
    "optimiser.linear_from": 0.0,
    **{f"optimisers.{name}.linear_from": 0.0 for name in ("encoder", "decoder")},
}

FACES: dict[str, Scale] = {
    "toy": Scale(2, {"size": 32, "steps": 2, "batch": 4, "preset": "small"}, TOY_WIDTHS, TOY_RANKING),
    # SGD at .01 was chosen on the validation split at lambda 1: .1 and 1 overshoot the real images' energy twofold.
    "small": Scale(5, SHORT, SMALL_WIDTHS, SMALL_RANKING),
    "cpu": Scale(
        3,
        {"size": 32, "steps": 1500, "batch": 25, "preset": "small"},
        {**SMALL_WIDTHS, **FALLING},
        SMALL_RANKING,
    ),
    "paper": Scale(3, {"size": 128, "steps": PAPER_STEPS, "batch": 25, "preset": "paper"}),
}

# The papers do not average weights.
PAIR_SETTINGS = {"network.width": 16, "network.max_width": 128, "discriminator.width": 16, "ema": 0.0}

PAIRS: dict[str, Scale] = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 2, "batch": 2, "preset": "small"},
        {"network.width": 4, "discriminator.width": 4},
        TOY_RANKING,
    ),
    "small": Scale(
        5,
        {"size": 64, "steps": 150, "batch": 4, "preset": "small"},
        PAIR_SETTINGS,
        SMALL_RANKING,
    ),
    # 20 epochs of the 400 training pairs.
    "cpu": Scale(3, {"size": 64, "steps": 2000, "batch": 4, "preset": "small"}, PAIR_SETTINGS, SMALL_RANKING),
    # 200 epochs of the 400 training pairs, batches of 1.
    "paper": Scale(3, {"size": 256, "steps": 80_000, "batch": 1, "preset": "paper"}),
}
CAAE_FACES: dict[str, Scale] = {
    "toy": FACES["toy"],
    "small": Scale(5, SHORT, SMALL_WIDTHS, SMALL_RANKING),
    "cpu": FACES["cpu"],
    "paper": FACES["paper"],
}
