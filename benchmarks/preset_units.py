"""The comparisons of presets that a GPU runs: methods, sets, numbers of steps, and how long each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SEEDS = (0, 1, 2)
START_SECONDS = 15.0
ATTRIBUTES = "Eyeglasses,Smiling,Blond_Hair,Male,Bangs,Black_Hair,Young,Wearing_Hat"


@dataclass(frozen=True)
class Comparison:
    """A method on a set.

    Attributes:
        name: of its folder and of --only.
        method: to train.
        data: the packed set.
        side: of the pictures in pixels.
        steps: by budget in processor seconds, those of `small` and of `quick`: what a probe on two CPU cores gave.
        step_ms: of `small` and of `quick` on the GPU beside other processes, a guess; only the estimate depends on it.
        judging: seconds for figures and sheets of both presets, a guess too.
        settings: of both presets.
        toy: settings of a rehearsal.
        budget: the key of `steps` that is used.
        label: of the result, where another comparison has the same method.
        keeps_weights: whether the weights of seed 0 are kept.
    """

    name: str
    method: str
    data: str
    side: int
    steps: Mapping[int, tuple[int, int]]
    step_ms: tuple[float, float]
    judging: float
    settings: tuple[str, ...] = ()
    toy: tuple[str, ...] = ()
    budget: int = 1200
    label: str = ""
    keeps_weights: bool = False

    @property
    def chosen_steps(self) -> tuple[int, int]:
        """Steps of `small` and of `quick` at the budget."""
        return self.steps[self.budget]

    @property
    def seconds(self) -> float:
        """An estimate for one seed."""
        training = sum(steps * ms for steps, ms in zip(self.chosen_steps, self.step_ms, strict=True)) / 1000
        return START_SECONDS + training + self.judging


CDNET = Comparison(
    "cdnet",
    "cdnet",
    "celeba",
    64,
    {600: (1630, 1050), 1200: (2940, 1730), 2400: (5570, 3100)},
    (9, 20),
    30,
    (f"attributes={ATTRIBUTES}",),
    ("classifier_steps=2",),
    keeps_weights=True,
)
GRIT = Comparison(
    "grit",
    "grit",
    "facades",
    128,
    {600: (1090, 690), 1200: (2180, 1390), 2400: (4370, 2790)},
    (16, 28),
    20,
    keeps_weights=True,
)
PIX2PIX = Comparison(
    "pix2pix",
    "pix2pix",
    "facades",
    128,
    {600: (2810, 1780), 1200: (5620, 3560), 2400: (11250, 7130)},
    (8, 16),
    20,
)
UU_NET = Comparison(
    "uu-net",
    "uu-net",
    "facades",
    128,
    {600: (1510, 580), 1200: (3030, 1160), 2400: (6070, 2330)},
    (12, 24),
    20,
    ("variant=uuvae-gan",),
)
ED_SLASH_GAN = Comparison(
    "ed-slash-gan",
    "ed-slash-gan",
    "utkface",
    64,
    {600: (1720, 3870), 1200: (3450, 7740), 2400: (6900, 15480)},
    (9, 9),
    20,
)
DCGAN = Comparison(
    "dcgan",
    "dcgan",
    "fashion-mnist",
    28,
    {600: (9590, 2520), 1200: (19190, 5050), 2400: (38380, 10110)},
    (4, 8),
    15,
)
WGAN_GP = Comparison(
    "wgan-gp",
    "wgan-gp",
    "fashion-mnist",
    28,
    {600: (4440, 700), 1200: (8890, 1400), 2400: (17780, 2800)},
    (10, 30),
    15,
)
LSGAN = Comparison(
    "lsgan",
    "lsgan",
    "fashion-mnist",
    28,
    {600: (9500, 2670), 1200: (19000, 5340), 2400: (38000, 10680)},
    (4, 8),
    15,
)
DCGAN_FACES = Comparison(
    "dcgan-faces",
    "dcgan",
    "utkface",
    64,
    {600: (800, 1130), 1200: (1600, 2260), 2400: (3200, 4520)},
    (10, 16),
    20,
    label="utkface",
)
FIRST, GANS = (CDNET, GRIT, PIX2PIX, UU_NET), (DCGAN, WGAN_GP, LSGAN, DCGAN_FACES)
UNITS = tuple(
    (comparison, seed) for together in (FIRST, (ED_SLASH_GAN,), GANS) for seed in SEEDS for comparison in together
)
"""(comparison, seed), the most valuable first."""
