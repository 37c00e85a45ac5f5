"""Models of real faces and facades: the presets `quick`, then the papers' models at the papers' sizes."""

from __future__ import annotations

from benchmarks.cuda_parts.job import Need, Part
from benchmarks.cuda_parts.show import CDNET_PROBE, TO_JUDGE_EDITS, on_carried
from benchmarks.cuda_parts.training import Recipe

TRAINING_PAIRS, EPOCHS = 400, 200
FACADE_SIDE, QUICK_FACADE_SIDE = 256, 128


def _facades(method: str, batch: int, **settings: str) -> Recipe:
    """The paper's preset for its 200 epochs of the 400 training pairs."""
    narrow = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
    return Recipe(method, FACADE_SIDE, EPOCHS * TRAINING_PAIRS // batch, "paper", batch, settings, toy=narrow)


# The paper warms up for 6,400 and 50,000 of its 150,000 steps; both are shortened with the training.
CDNET = Recipe(
    "cdnet",
    64,
    20_000,
    "paper",
    settings={"classifier_steps": 1000, "decorrelation.over": 3000},
    toy={"classifier_steps": 2, "network.hidden": (32,), "network.latent": 8},
)
ED_SLASH_GAN = Recipe(
    "ed-slash-gan", 128, 40_000, "paper", 25, {"attributes": ()}, toy={"network.width": 4, "discriminator.width": 4}
)

QUICK_CDNET = Recipe("cdnet", 64, 8_000, "quick", 64, least=500, probe=CDNET_PROBE, toy={"classifier_steps": 2})
QUICK_GRIT = Recipe("grit", QUICK_FACADE_SIDE, 8_000, "quick", 8)

PARTS = (
    Part(
        "quick-celeba-cdnet",
        "CDNet on CelebA at 64 px with the preset quick",
        150,
        on_carried("celeba", QUICK_CDNET, TO_JUDGE_EDITS),
        (Need("celeba", 64),),
        rehearsed=False,  # celeba-cdnet takes the same path
    ),
    Part(
        "quick-facades-grit",
        f"GRIT on CMP Facades at {QUICK_FACADE_SIDE} px with the preset quick",
        150,
        on_carried("facades", QUICK_GRIT),
        (Need("facades", QUICK_FACADE_SIDE),),
        rehearsed=False,  # facades-grit takes the same path
    ),
    Part(
        "celeba-cdnet",
        "CDNet on CelebA at the paper's size, 64 px and batches of 128",
        180,
        on_carried("celeba", CDNET, TO_JUDGE_EDITS),
        (Need("celeba", 64),),
    ),
    Part(
        "utkface-ed-slash-gan",
        "ED//GAN on UTKFace at the paper's size, 128 px and batches of 25",
        170,
        on_carried("utkface", ED_SLASH_GAN),
        (Need("utkface", 128),),
    ),
    *(
        Part(
            f"facades-{name}",
            f"{title} on CMP Facades at {FACADE_SIDE} px",
            180,
            on_carried("facades", recipe),
            (Need("facades", FACADE_SIDE),),
        )
        for name, title, recipe in (
            ("grit", "GRIT", _facades("grit", 8)),
            ("pix2pix", "Pix2Pix", _facades("pix2pix", 1)),
            ("uuvae-gan", "UUVAE-GAN", _facades("uu-net", 8, variant="uuvae-gan")),
        )
    ),
)
