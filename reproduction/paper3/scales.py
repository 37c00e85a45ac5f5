"""How large Paper 3's rows on GANs are: "toy" tests the machinery, "cpu" is for two cores, "paper" is the paper's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reproduction.units.training import FALLING

SET = "fashion-mnist"


@dataclass(frozen=True)
class Scale:
    """How large a row is.

    Attributes:
        seeds: how many GANs.
        training: size, batch and preset, as in `edgan.train`.
        gan, inverter, rival: steps of a GAN, of a connection network, and of VAE and ALI.
        set: settings that differ from the preset's, of GANs and their rivals; inverters: of connection networks and
            encoders.
        images: number of held-out images that are inverted.
        optimised: how many of them are optimised.
        limits: numbers of L-BFGS and Adam steps; newton: of Gauss-Newton steps.
        sets: data sets that are read; sides: side in pixels of those not read at the training's size.
    """

    seeds: int
    training: Mapping[str, Any]
    gan: int
    inverter: int
    rival: int
    set: Mapping[str, Any] = field(default_factory=dict)
    images: int = 1000
    optimised: int = 256
    limits: tuple[int, ...] = (5, 20, 80)
    newton: tuple[int, ...] = (1, 2, 4)
    sets: tuple[str, ...] = (SET,)
    sides: Mapping[str, int] = field(default_factory=dict)
    inverters: Mapping[str, Any] = field(default_factory=dict)

    def side(self, name: str) -> int:
        """Side in pixels at which a data set is read."""
        return int(self.sides.get(name, self.training["size"]))

    def on(self, name: str) -> dict[str, Any]:
        """`training` at the size of a data set."""
        return {**self.training, "size": self.side(name)}

    def words(self) -> str:
        """A summary for protocols."""
        training = self.training
        read = ", ".join(f"{name}, {self.side(name)} px" for name in self.sets)
        falling = ", rates that fall to 0" if self.inverters == FALLING else ""
        return (
            f"{read}, preset {training['preset']}{falling}; GAN {self.gan:,} steps, connection network "
            f"{self.inverter:,} steps; {self.seeds} seeds of the GAN"
        )


SCALES = {
    "toy": Scale(2, {"size": 28, "preset": "small"}, 2, 2, 2, {"network.width": 4, "latent.size": 4}, 16, 4, (2, 4)),
    "small": Scale(3, {"size": 28, "preset": "small"}, 1200, 1000, 1200),
    "cpu": Scale(3, {"size": 28, "preset": "small"}, 3000, 3000, 3000, FALLING, inverters=FALLING),
    "paper": Scale(5, {"size": 28, "preset": "paper"}, 14_000, 100_000, 14_000, {}, 10_000, 1000, (5, 20, 80, 200)),
}
