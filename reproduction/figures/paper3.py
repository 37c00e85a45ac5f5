"""Paper 3: pictures drawn again from the latents that were found for them, and edits of them.

Step by step (Fig. 1), by the connection network of each of five GANs beside VAE and ALI (Fig. 2), by latent arithmetic
(Fig. 3), and by Editable GAN beside its rivals (Fig. 5).
"""

from __future__ import annotations

from typing import Any

from PIL import Image
from torch import Tensor

from edgan.models.inverting import invert_images
from reproduction.figures.editors import ATTRIBUTES, OPTIONS, editor, words
from reproduction.figures.figure import Figure, Models, Training, arranged, faces, faces_without

SHOWN, STEPS = 8, 100
GAN_OPTIONS: dict[str, Any] = {"size": 32, "steps": 1000, "batch": 64, "preset": "small"}
GANS = {"DCGAN": "dcgan", "LSGAN": "lsgan", "DFM": "dfm", "RFGAN": "rfgan", "WGAN-GP": "wgan-gp"}
LEARNT = {"attributes": list(ATTRIBUTES)}
BIDIRECTIONAL = {"VAE": "vae", "ALI": "ali"}
DIRECTIONS = {"Blond_Hair": {"Male": False}, "Eyeglasses": {"Male": True}}
"""Of the arithmetic: the attribute that is added, and whose faces it is added to."""
ADDED, EACH = 2.0, 4
EDITOR_OPTIONS: dict[str, Any] = {**OPTIONS, "steps": 3000}
"""After 700 steps neither Editable GAN nor the modified cGAN draws a face."""
EDITORS = {
    "VAE/GAN": editor("VAE/GAN", EDITOR_OPTIONS),
    "modified cGAN": Training("editor-modified-cgan-3000", "modified-cgan", EDITOR_OPTIONS, LEARNT),
    "IcGAN": editor("IcGAN", EDITOR_OPTIONS),
    "Editable GAN": Training("editor-editable-gan-3000", "editable-gan", EDITOR_OPTIONS, LEARNT),
}
ASKED = ("Eyeglasses", "Blond_Hair", "Bangs", "Mustache")


def inverted(method: str) -> tuple[Training, Training]:
    """A GAN of rendered faces, and its connection network."""
    gan = Training(f"gan-{method}", method, GAN_OPTIONS, LEARNT)
    return gan, Training(f"connection-{method}", "connection", GAN_OPTIONS, {}, gan=gan.name)


RIVALS = {name: Training(f"gan-{method}", method, GAN_OPTIONS) for name, method in BIDIRECTIONAL.items()}
INVERTED = {name: inverted(method) for name, method in GANS.items()}


def steps(models: Models) -> Image.Image:
    """Fig. 1: the target, the connection network's guess, and the optimised latent from it."""
    model = models["zoo:garments"]
    targets = model.sample(SHOWN, seed=7)
    guess = model.reconstruct(targets).output
    optimised = invert_images(model, targets, "hybrid", steps=STEPS).images
    rows = {str(place + 1): [targets[place], guess[place], optimised[place]] for place in range(SHOWN)}
    note = f"Targets are samples of the same GAN. Optimised: {STEPS} steps of L-BFGS from the guess."
    return arranged((3, 1), note, ["target", "guess", "optimised"], rows)


def redrawn(models: Models) -> Image.Image:
    """Fig. 2: held-out faces, and what each model draws from the latent that it infers."""
    inputs = faces(SHOWN, GAN_OPTIONS["size"])
    drawing = {**RIVALS, **{name: pair[1] for name, pair in INVERTED.items()}}
    made = [models[one.name].reconstruct(inputs).output for one in drawing.values()]
    rows = {str(place + 1): [inputs[place], *(image[place] for image in made)] for place in range(SHOWN)}
    note = "Rendered faces, held out. Behind each of the five GANs is a connection network."
    return arranged((3, 2), note, ["input", *drawing], rows)


def arithmetic(models: Models) -> Image.Image:
    """Fig. 3: an input, its reconstruction, and the same with an attribute's direction added to its latent."""
    model, size = models[INVERTED["DCGAN"][1].name], GAN_OPTIONS["size"]
    rows: dict[str, list[Tensor]] = {}
    for attribute, who in DIRECTIONS.items():
        inputs = faces_without(attribute, EACH, size, **who)
        again, edited = model.reconstruct(inputs).output, model.edit(inputs, {attribute: ADDED})
        rows |= {f"{attribute} {n + 1}": [inputs[n], again[n], edited[n]] for n in range(EACH)}
    return arranged((3, 3), f"{ADDED:g} times the direction.", ["input", "reconstruction", "edited"], rows)


def edited(models: Models) -> Image.Image:
    """Fig. 5: for each row an attribute that is added to the input."""
    rows: dict[str, list[Tensor]] = {}
    for attribute in ASKED:
        inputs = faces_without(attribute, 2, EDITOR_OPTIONS["size"])
        made = [models[one.name].edit(inputs, {attribute: 1.0}) for one in EDITORS.values()]
        rows |= {f"{attribute} {n + 1}": [inputs[n], *(image[n] for image in made)] for n in range(2)}
    return arranged((3, 5), "Attributes at intensity 1.", ["input", *EDITORS], rows)


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
    Figure(
        3,
        2,
        "Reconstructions by VAE, ALI, and the connection networks of five GANs.",
        "Rendered faces, 1,000 steps of 64 images at 32 px for each network. The VAE, which the paper calls "
        "blurred, is the nearest to its inputs, in smooth faces. ALI draws a few blobs that are nobody. Behind "
        "DCGAN and DFM hair, skin and background are right and faces are other people; LSGAN and RFGAN are grainy, "
        "and WGAN-GP has a checkerboard.",
        redrawn,
        trainings=(*RIVALS.values(), *(one for pair in INVERTED.values() for one in pair)),
    ),
    Figure(
        3,
        3,
        "Blond hair added to female faces and glasses to male ones, by latent arithmetic.",
        "A DCGAN of rendered faces and its connection network, 1,000 steps of 64 images each at 32 px. Dark hair turns "
        "blond, and skin and background stay roughly as they were. Glasses are a dark smear over the eyes. "
        "Reconstructions are grainy, and other people.",
        arithmetic,
        trainings=INVERTED["DCGAN"],
    ),
    Figure(
        3,
        5,
        "An attribute added to each input, by Editable GAN and its rivals.",
        f"{words(EDITOR_OPTIONS)} All four add blond hair, and draw other people. Glasses are a dark band at best. "
        "Fringes come with VAE/GAN and Editable GAN, and a moustache with none. IcGAN is grain all over, and Editable "
        "GAN's blond hair is torn.",
        edited,
        trainings=tuple(EDITORS.values()),
    ),
)
