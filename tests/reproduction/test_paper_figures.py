"""The papers' figures: drawn from the zoo and from trainings of their own, and listed on a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import edgan
from reproduction.__main__ import main
from reproduction.figures import FIGURES, drawing, page, paper3
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
    monkeypatch.setattr(drawing, "FACES", 24)
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


def test_a_figure_of_weights_has_a_training_for_each_model():
    names = {figure.number: [one.name for one in figure.trainings] for figure in FIGURES if figure.trainings}
    assert {number: len(set(trainings)) for number, trainings in names.items()} == {1: 4, 7: 8, 8: 8}
    assert set(names[1]) < set(names[7])
    decoupled = [one for figure in FIGURES for one in figure.trainings if one.method == "ed-slash-gan"]
    assert {one.route["adversarial.generator"] for one in decoupled} == {f"{weight:g}" for weight in WEIGHTS}


def test_the_documentation_has_the_page_of_todays_figures():
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page(FIGURES, DOCS)


def test_figures_need_a_folder(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["figures"])
    assert ended.value.code == 2
    assert "--write-docs docs" in capsys.readouterr().err
