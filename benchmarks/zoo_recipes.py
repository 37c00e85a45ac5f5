"""What the zoo's models were trained on and are judged on, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.zoo_data import PublishedData, RenderedData
from edgan.synthetic import render_digits

RENDERED_LICENCE = (
    "Apache-2.0, like edgan. The training pictures are rendered by edgan. The discriminator read the ImageNet features "
    "of EfficientNet-Lite0 (Apache-2.0); it is not part of the file."
)


@dataclass(frozen=True)
class Recipe:
    """A model of the zoo, but for what its run says.

    Attributes:
        data: what it is trained on and what judges it.
        figures: those of `edgan evaluate` that the card shows.
        columns, rows, cell: of the preview: held-out pictures, what is shown of each, and the side of one in pixels.
        sweep: further rows of the preview: an attribute and its intensity each.
        directions: attributes that a model without attributes of its own edits by latent arithmetic.
        sampled: last rows of the preview: pictures that the model draws without an input.
        title, summary, examples, limits: for the card. Limits are what a person sees on the sheets.
        licence: of the weights.
    """

    data: RenderedData | PublishedData
    figures: tuple[str, ...]
    columns: int
    rows: tuple[str, ...]
    cell: int
    title: str
    summary: str
    examples: tuple[str, ...]
    limits: tuple[str, ...]
    sweep: Mapping[str, float] = field(default_factory=dict)
    directions: tuple[str, ...] = ()
    sampled: int = 0
    licence: str = RENDERED_LICENCE


RECIPES = {
    "ed-faces": Recipe(
        data=RenderedData("faces", pictures=8000, side=64, shards=8, judged=500, beside=1, seed=1000),
        figures=("psnr_base", "psnr_output", "ssim_output", "perceptual_output", "kid_features_output"),
        columns=8,
        rows=("input", "base", "residual", "output"),
        cell=64,
        directions=("Eyeglasses", "Blond_Hair", "Black_Hair", "Male", "Mustache", "Young"),
        title="ED//GAN on rendered faces: what each loss draws",
        summary=(
            "Reconstructs a rendered face of 64 px in two layers: the base, which the reconstruction loss taught, and "
            "the residual, which a generator learned from the adversarial loss and a feature loss. Edits by latent "
            "arithmetic: the mean latent of faces with an attribute, minus that of faces without it."
        ),
        examples=(
            "edgan data synth faces faces/ --count 8",
            "edgan reconstruct zoo:ed-faces faces/ out/ --what all --sheet sheet.png",
            "edgan edit zoo:ed-faces faces/ edited/ --sweep Eyeglasses=0:2:5",
        ),
        limits=(
            "It knows rendered faces only.",
            "One of the two eyes is often fainter than the other.",
            "Curls and fringes become straight strands, and wrinkles of old faces are drawn as other wrinkles.",
            "A light spot in the background sometimes gets a scribble.",
            "An edit also moves what often comes with it: Young changes grey hair, Male=-2 reddens the lips.",
            "Edits are plain at 1 and overdone at 2: black bars for glasses, white hair for blond.",
            "Eyeglasses below 0 blurs the eyes away.",
            "KID flatters it: its discriminator was trained on the same features.",
        ),
    ),
    "faces": Recipe(
        data=RenderedData("faces", pictures=10_000, side=64, shards=8, judged=500, beside=500, seed=1000),
        figures=(
            *("psnr_output", "ssim_output", "perceptual_output", "kid_features_output"),
            *("edit_error_Eyeglasses", "edit_error_Smiling", "edit_error_Blond_Hair", "edit_error_Bangs"),
        ),
        columns=4,
        rows=("input", "output"),
        cell=64,
        sweep={"Eyeglasses": 2.0, "Smiling": 2.0, "Blond_Hair": 1.0, "Bangs": 2.0},
        title="an editor of rendered faces with 8 attributes",
        summary=(
            "Reconstructs a rendered face of 64 px and turns attributes up or down: Eyeglasses, Smiling, Blond_Hair, "
            "Male, Bangs, Black_Hair, Young, Mustache. 0 is without the attribute, 1 with it, and more exaggerates."
        ),
        examples=(
            "edgan data synth faces faces/ --count 8",
            "edgan edit zoo:faces faces/ out/ --sweep Eyeglasses=0:3:6",
            "edgan edit zoo:faces faces/ out/ --set Blond_Hair=1 --set Bangs=2",
        ),
        limits=(
            "It knows rendered faces only. A drawing or a photograph comes out as a broken face.",
            "One eye is often fainter than the other, and in dark faces both are.",
            "White beards are mottled, and highlights and single curls of the hair are lost.",
            "Smiling paints fuller lips, from 3 on a pout. Nobody would call it a smile.",
            "Young changes next to nothing.",
            "Male beyond 1 tears long hair and blurs the face.",
            "Blond hair turns orange beyond 1.",
            "Backgrounds are drawn smoother than they were, with stray arcs.",
            "An edit error of 0 only says that a linear classifier finds the attribute at intensity 3.",
        ),
    ),
    "facades": Recipe(
        data=RenderedData("facades", pictures=800, side=128, shards=4, judged=100, beside=1, seed=1000),
        figures=("psnr_output", "ssim_output", "perceptual_output", "kid_features_output", "energy_output"),
        columns=3,
        rows=("source", "output", "variant 2", "target"),
        cell=96,
        title="a translator of rendered label maps to facades, in many styles",
        summary=(
            "Draws a facade of 128 px from a label map in the colours of the rendered facades: walls, windows, doors, "
            "balconies, shops. Its style varies by a seed or is taken from a picture."
        ),
        examples=(
            "edgan data synth facades facades/ --count 10 --size 128",
            "edgan translate zoo:facades facades/test out/ --variants 4",
            "edgan translate zoo:facades facades/test out/ --style facades/test/000009.png",
        ),
        limits=(
            "It knows rendered label maps only; their colours are those of edgan.synthetic.FACADE_PALETTE.",
            "A single variant takes the mean style, whose walls are greyer and paler than those of other styles.",
            "Awnings and shop signs are blurred to one striped band, and lettering is not drawn.",
            "Brick and plaster look alike. No window is lit, and blinds are hardly drawn.",
            "Doors are almost black in most styles.",
            "Its training was stopped by time after 924 of 1,089 steps.",
        ),
    ),
    "digits": Recipe(
        data=PublishedData("mnist", "MNIST (LeCun, Cortes, Burges)", "digits", stand_in=render_digits),
        figures=("psnr_output", "ssim_output", "perceptual_output", "kid_features_output", "edit_error"),
        columns=10,
        rows=("input", "output"),
        cell=56,
        sweep={str(digit): 1.0 for digit in range(10)},
        title="a restyler of digits: the same hand writes another digit",
        summary=(
            "Reconstructs a digit of 28 px, white on black, and replaces it by another one in its hand: slant, width "
            "and thickness stay. 1 is the other digit; values between 0 and 1 are between the two."
        ),
        examples=(
            "edgan data synth digits digits/ --count 20 --size 28",
            "edgan edit zoo:digits digits/ out/ --set 7=1",
            "edgan edit zoo:digits digits/ out/ --sweep 3=0:1:6",
        ),
        limits=(
            "A 1 made from a round or wide digit is often broken, with crumbs beside it.",
            "2, 7 and 9 sometimes keep a piece of the digit that was there before.",
            "Digits drawn by a renderer are edited less well than handwriting. An 8 of thin strokes hardly changes.",
            "It expects white strokes on black, centred, with MNIST's margin. Ink on paper must be inverted first.",
            "Strokes are rougher than in the input. An unusual hand, such as a 2 with a loop, gives a broken digit.",
            "Near 0.6, old strokes fade while new ones grow, so many pictures there are no digit.",
        ),
        licence=(
            "Apache-2.0, like edgan. No picture of MNIST is part of the package; the preview's inputs are drawn by "
            "edgan."
        ),
    ),
    "garments": Recipe(
        data=PublishedData("fashion-mnist", "Fashion-MNIST (Xiao, Rasul, Vollgraf)", "garments"),
        figures=("psnr_output", "ssim_output", "perceptual_output", "kid_features_output"),
        columns=10,
        rows=("input", "output"),
        cell=56,
        sampled=4,
        title="a GAN of garments, and the connection network that inverts it",
        summary=(
            "Draws garments of 28 px from a latent, light on black: shirts, trousers, dresses, coats, shoes, bags. The "
            "connection network reads from a picture the latent from which the generator draws it again."
        ),
        examples=(
            "edgan sample zoo:garments samples/ --count 16",
            "edgan reconstruct zoo:garments samples/ out/",
            "edgan invert zoo:garments samples/ out/",
        ),
        limits=(
            "About one sample in five has a torn edge, a hole, or two garments in one.",
            "Prints are black and white specks. Sandals are mostly broken.",
            "Inversion keeps the kind of garment, its outline and its brightness. Prints, logos and patterns are lost.",
            "It expects light garments on black, as in Fashion-MNIST. A photograph comes back as some garment.",
        ),
        licence=(
            "Apache-2.0, like edgan. No picture of Fashion-MNIST is part of the package; the preview shows what the "
            "model drew. Its discriminator reads the ImageNet features of EfficientNet-Lite0 (Apache-2.0), which come "
            "with the installation."
        ),
    ),
}
