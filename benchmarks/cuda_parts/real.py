"""The papers' models on real faces and facades, at the papers' sizes, as far as a part's time goes."""

from __future__ import annotations

from benchmarks.cuda_parts.job import Need, Part
from benchmarks.cuda_parts.show import TO_JUDGE_EDITS, on_carried
from benchmarks.cuda_parts.training import Recipe

TRAINING_PAIRS, EPOCHS = 400, 200
FACADE_SIDE = 256


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

PARTS = (
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
