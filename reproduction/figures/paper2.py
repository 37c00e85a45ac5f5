"""Paper 2: what CDNet and its rivals draw.

Reconstructions (Fig. 3), digits in another class (Fig. 4), faces with attributes (Fig. 5) and at intensities (Fig. 6),
and CDNet with some of its losses (Fig. 8).
"""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image

from reproduction.figures.editors import OPTIONS, editor, words
from reproduction.figures.figure import Figure, Models, arranged, digits, faces

SINGLE = {
    "Eyeglasses": {"Eyeglasses": 2.0},
    "Blond_Hair": {"Blond_Hair": 1.0},
    "Black_Hair": {"Black_Hair": 1.0},
    "Bangs": {"Bangs": 1.5},
    "Mustache": {"Mustache": 1.5},
    "Male": {"Male": 1.5},
    "Smiling": {"Smiling": 2.0},
    "Young": {"Young": 1.5},
}
SEVERAL = {
    "H+E": {"Blond_Hair": 1.0, "Eyeglasses": 2.0},
    "H+M": {"Blond_Hair": 1.0, "Mustache": 1.5},
    "H+E+M": {"Blond_Hair": 1.0, "Eyeglasses": 2.0, "Mustache": 1.5},
}
INTENSITIES: Mapping[str, tuple[int, tuple[float, ...]]] = {
    "Blond_Hair": (3, (0.25, 0.5, 0.75, 1.0, 1.5)),
    "Black_Hair": (1, (0.25, 0.5, 0.75, 1.0, 1.5)),
    "Eyeglasses": (2, (0.5, 1.0, 1.5, 2.0, 3.0)),
    "Smiling": (3, (0.5, 1.0, 1.5, 2.0, 3.0)),
    "Mustache": (3, (0.5, 1.0, 1.5, 2.0, 3.0)),
    "Bangs": (2, (0.5, 1.0, 1.5, 2.0, 3.0)),
}
"""For each attribute the place of a face that lacks it, and the intensities."""
SHOWN = 6
REDRAWN = {name: editor(name) for name in ("AE-XCov", "IcGAN", "VAE/GAN", "CDNet-dCov")}
ABLATED = {name: editor(name) for name in ("M1", "M2", "M3", "CDNet-XCov", "CDNet-dCov")}
ABLATED_EDITS = {"glasses": {"Eyeglasses": 2.0}, "blond": {"Blond_Hair": 2.0}}
DECORRELATED = {"none": "M3", "XCov": "CDNet-XCov", "dCov": "CDNet-dCov"}


def reconstructions(models: Models) -> Image.Image:
    """Fig. 3: faces, and what each model makes of them."""
    inputs = faces(SHOWN, OPTIONS["size"])
    made = [models[one.name].reconstruct(inputs).output for one in REDRAWN.values()]
    rows = {str(place + 1): [inputs[place], *(image[place] for image in made)] for place in range(SHOWN)}
    return arranged((2, 3), "Rendered faces, held out.", ["input", *REDRAWN], rows)


def ablated(models: Models) -> Image.Image:
    """Fig. 8: reconstructions and edits by models that lack some of the losses."""
    inputs = faces(SHOWN, OPTIONS["size"])
    rows = {"input": list(inputs)}
    for name, one in ABLATED.items():
        rows[name] = list(models[one.name].reconstruct(inputs).output)
    for words_of_edit, edit in ABLATED_EDITS.items():
        for decorrelation, name in DECORRELATED.items():
            rows[f"{decorrelation}, {words_of_edit}"] = list(models[ABLATED[name].name].edit(inputs, edit))
    note = "M1: pixel loss alone. M2: feature loss alone. M3: both, without decorrelation. At the right, edits."
    return arranged((2, 8), note, [str(place + 1) for place in range(SHOWN)], rows)


def restyled(models: Models) -> Image.Image:
    """Fig. 4: a digit, and the other digits in its hand."""
    inputs = digits(10)
    made = [models["zoo:digits"].edit(inputs, {str(digit): 1.0}) for digit in range(10)]
    rows = {str(place): [inputs[place], *(image[place] for image in made)] for place in range(10)}
    note = "Drawn digits, and all digits in the same hand."
    return arranged((2, 4), note, ["input", *map(str, range(10))], rows)


def attributes(models: Models) -> Image.Image:
    """Fig. 5: one attribute, then several at once."""
    model, inputs = models["zoo:faces"], faces(SHOWN, 64)
    made = [model.reconstruct(inputs).output, *(model.edit(inputs, edit) for edit in (SINGLE | SEVERAL).values())]
    rows = {str(place + 1): [inputs[place], *(image[place] for image in made)] for place in range(SHOWN)}
    note = "Rendered faces, held out. H: blond hair, E: glasses, M: moustache."
    return arranged((2, 5), note, ["input", "reconstruction", *SINGLE, *SEVERAL], rows)


def intensities(models: Models) -> Image.Image:
    """Fig. 6: one attribute at five intensities, a face for each."""
    model, inputs = models["zoo:faces"], faces(SHOWN, 64)
    again = model.reconstruct(inputs).output
    rows = {}
    for name, (place, levels) in INTENSITIES.items():
        made = [model.edit(inputs[place][None], {name: level})[0] for level in levels]
        rows[name] = [inputs[place], again[place], *made]
    note = "From weaker to stronger: hair .25 to 1.5, the others .5 to 3."
    return arranged((2, 6), note, ["input", "reconstruction", *map(str, range(1, 6))], rows)


FIGURES = (
    Figure(
        2,
        3,
        "Reconstructions of digits and of faces by the four models.",
        f"{words()} Faces alone. AE-XCov is a blur, IcGAN keeps hair and skin under a grain, VAE/GAN has hard "
        "contrasts, and CDNet is nearest to its inputs. All are coarse after so short a training.",
        reconstructions,
        trainings=tuple(REDRAWN.values()),
    ),
    Figure(
        2,
        4,
        "Test digits in the first column, the same hand writing other digits in the next; five methods.",
        "CDNet with dCov, `zoo:digits`, on digits that edgan draws. The digits are read at once; a 1 made from a round "
        "digit is often broken.",
        restyled,
        zoo=("digits",),
    ),
    Figure(
        2,
        5,
        "Faces with one of eight attributes each, then with two or three at once.",
        "CDNet with dCov, `zoo:faces`, with the eight attributes that it edits. Smiling and Young do little.",
        attributes,
        zoo=("faces",),
    ),
    Figure(
        2,
        6,
        "One attribute at five intensities; a row for each of five methods.",
        "CDNet with dCov, `zoo:faces`: a row is an attribute, at five intensities. Smiling only swells the lips.",
        intensities,
        zoo=("faces",),
    ),
    Figure(
        2,
        8,
        "Reconstructions and edits by CDNet with some of its losses.",
        f"{words()} M1 is smooth, M2 has more texture and other faces. Without decorrelation an edit to blond hair "
        "does nothing; with XCov or dCov it does, and XCov turns all backgrounds grey. After so short a training all "
        "are coarse, and glasses are a dark band.",
        ablated,
        trainings=tuple(ABLATED.values()),
    ),
)
