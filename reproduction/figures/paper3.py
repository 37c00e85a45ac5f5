"""Paper 3: pictures drawn again from the latents that were found for them, step by step (Fig. 1)."""

from __future__ import annotations

from PIL import Image

from edgan.models.inverting import invert_images
from reproduction.figures.figure import Figure, Models, arranged

SHOWN, STEPS = 8, 100


def steps(models: Models) -> Image.Image:
    """Fig. 1: the target, the connection network's guess, and the optimised latent from it."""
    model = models["zoo:garments"]
    targets = model.sample(SHOWN, seed=7)
    guess = model.reconstruct(targets).output
    optimised = invert_images(model, targets, "hybrid", steps=STEPS).images
    rows = {str(place + 1): [targets[place], guess[place], optimised[place]] for place in range(SHOWN)}
    note = f"Targets are samples of the same GAN. Optimised: {STEPS} steps of L-BFGS from the guess."
    return arranged((3, 1), note, ["target", "guess", "optimised"], rows)


FIGURES = (
    Figure(
        3,
        1,
        "A target picture, and what each way to find its latent draws again.",
        "`zoo:garments` on its own samples, since real garments may not be shown: the connection network, and hybrid "
        "optimisation from its guess. iGAN and the plain encoder need trainings of their own.",
        steps,
        zoo=("garments",),
    ),
)
