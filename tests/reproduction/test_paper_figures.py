"""The papers' figures: drawn from the zoo and from trainings of their own, and listed on a page."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from PIL import Image

import edgan
from edgan.data import open_dataset
from reproduction.__main__ import main
from reproduction.figures import FIGURES, drawing, page, paper3, rendered_sets
from reproduction.figures.drawing import PAGE, PICTURES, draw_all
from reproduction.figures.figure import Figure, Training, arranged, faces
from reproduction.figures.paper1 import WEIGHTS

DOCS = Path(__file__).parents[2] / "docs"
TINY = Training(
    "tiny",
    "ed-slash-gan",
    {"size": 32, "steps": 2, "batch": 4, "preset": "small"},
    {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8},
    {"adversarial.generator": "0.1"},
)


def _drawn(models) -> Image.Image:
    inputs = faces(2, 32)
    outputs = models["tiny"].reconstruct(inputs).output
    return arranged((1, 9), "Two faces.", ["input", "output"], {"1": [inputs[0], outputs[0]]})


FIGURE = Figure(1, 9, "A thing.", "Ours.", _drawn, trainings=(TINY,))


def test_a_figure_with_trainings_is_drawn_when_there_is_time_and_trains_once(tmp_path, monkeypatch):
    monkeypatch.setitem(rendered_sets.COUNTS, "faces", 24)
    said: list[str] = []
    docs, work = tmp_path / "docs", tmp_path / "work"
    draw_all([FIGURE], docs, work, seconds=0.0, say=said.append)
    picture = docs / PICTURES / "paper-1-figure-9.png"
    assert not picture.exists()
    assert "| 1 | 9 | 1 training by the command above |" in (docs / PAGE).read_text()
    draw_all([FIGURE], docs, work, seconds=600.0, say=said.append)
    assert said == ["Paper 1, Fig. 9: not drawn, the time ended before its trainings did", "Paper 1, Fig. 9: drawn"]
    assert "![Paper 1, Fig. 9](../images/figures/paper-1-figure-9.png)" in (docs / PAGE).read_text()
    assert edgan.load(work / "figures" / "tiny").checkpoint.step == 2
    monkeypatch.setattr(edgan, "train", lambda *_, **__: pytest.fail("trained again"))
    draw_all([FIGURE], docs, work, seconds=0.0, say=said.append)
    assert said[-1] == "Paper 1, Fig. 9: drawn"


@pytest.mark.parametrize("figure", [figure for figure in FIGURES if figure.zoo], ids=lambda figure: figure.name)
def test_a_figure_of_a_zoo_model_is_drawn(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(paper3, "STEPS", 3)
    models = drawing.models_of(figure, tmp_path, 0.0)
    assert models is not None
    image = figure.draw(models)
    assert image.width > 300
    assert len(set(image.convert("L").tobytes())) > 50, "an empty sheet"


SHORT = {"classifier_steps": 1, "gan_steps": 1}
WIDTHS = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
HIDDEN = {"network.hidden": [8], "network.width": 4}
NARROW = {"grit": WIDTHS, "uu-net": WIDTHS, "cdnet": HIDDEN, "icgan": HIDDEN, "vae-gan": HIDDEN}


def _shortened(training: Training) -> Training:
    """The same in 2 steps on narrow networks."""
    settings = {**training.set, **NARROW.get(training.method, {})}
    settings |= {name: steps for name, steps in SHORT.items() if name in training.set}
    return dataclasses.replace(training, options={**training.options, "steps": 2, "batch": 4}, set=settings)


@pytest.mark.parametrize("name", ["1-figure-11", "2-figure-8", "3-figure-3", "3-figure-5", "4-figure-3", "5-figure-1"])
def test_a_figure_of_trainings_is_drawn(name, tmp_path, monkeypatch):
    for each in rendered_sets.COUNTS:
        monkeypatch.setitem(rendered_sets.COUNTS, each, 40)
    (figure,) = (each for each in FIGURES if each.name == f"paper-{name}")
    short = dataclasses.replace(figure, trainings=tuple(map(_shortened, figure.trainings)))
    models = drawing.models_of(short, tmp_path, time.monotonic() + 600)
    assert models is not None
    image = short.draw(models)
    assert image.width > 200
    assert len(set(image.convert("L").tobytes())) > 50, "an empty sheet"


def test_faces_of_a_set_with_ages_have_them(tmp_path, monkeypatch):
    monkeypatch.setitem(rendered_sets.COUNTS, "aged-faces", 12)
    dataset = open_dataset(rendered_sets.data_of("aged-faces", 32, tmp_path), size=32)
    assert dataset.attribute_names == ("Age", "Male")
    assert 18 / 116 <= dataset.attributes[:, 0].min() < dataset.attributes[:, 0].max() <= 80 / 116


def test_every_figure_of_the_papers_is_drawn_or_a_curve():
    wanted = {1: {1, 4, 7, 8, 10, 11}, 2: {3, 4, 5, 6, 7, 8}, 3: {1, 2, 3, 5}, 4: {1, 3, 4}, 5: {1, 5}}
    drawn = {(figure.paper, figure.number) for figure in FIGURES} | set(drawing.CURVES)
    assert drawn == {(paper, number) for paper, numbers in wanted.items() for number in numbers}


def test_a_figure_of_weights_has_a_training_for_each_model():
    figures = [figure for figure in FIGURES if figure.paper == 1 and figure.number in (1, 7, 8)]
    names = {figure.number: [one.name for one in figure.trainings] for figure in figures}
    assert {number: len(set(trainings)) for number, trainings in names.items()} == {1: 4, 7: 8, 8: 8}
    assert set(names[1]) < set(names[7])
    decoupled = [one for figure in FIGURES for one in figure.trainings if one.method == "ed-slash-gan"]
    assert {one.route["adversarial.generator"] for one in decoupled} == {f"{weight:g}" for weight in WEIGHTS}


def test_the_documentation_has_the_page_of_todays_figures():
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page(FIGURES, DOCS)


def test_curves_are_those_of_the_largest_scale(tmp_path):
    plots = (tmp_path / PAGE).parent
    plots.mkdir(parents=True)
    for scale in ("small", "gpu", "cpu"):
        (plots / f"2.7-{scale}.svg").touch()
    text = page((), tmp_path)
    assert "(2.7-gpu.svg)" in text
    assert "2.7-small" not in text
    assert "the curves of row 5.5" in text, "it was not run"


def test_figures_need_a_folder(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["figures"])
    assert ended.value.code == 2
    assert "--write-docs docs" in capsys.readouterr().err
