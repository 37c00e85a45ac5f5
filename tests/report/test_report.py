"""The report is a single file that shows what it was given and nothing else."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from report_views import FIGURES, coupled, decoupled, ranking, whole

from edgan.errors import EdganError
from edgan.report import write_report
from edgan.report.pictures import residual_gain

Write = Callable[..., str]


class Outline(HTMLParser):
    """Every tag with its attributes, and the text of every table, cell by cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data.strip()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a report with every section and the given changes, and read it."""

    def run(**changes: Any) -> str:
        write_report(tmp_path / "report.html", **{**whole(), **changes})
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return run


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>(.*?)</h2>", page)


def test_the_page_loads_nothing_from_the_network(write: Write) -> None:
    page = write()
    assert "http://" not in page
    assert "https://" not in page
    for tag, attributes in Outline(page).tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert (attributes.get("src") or "data:").startswith("data:")
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in page
    assert "url(" not in page
    assert len(page) > 10_000


def test_the_sections_come_in_order(write: Write) -> None:
    assert headings(write()) == [
        "Who teaches whom",
        "The pictures",
        "Figures on held-out images",
        "During training",
        "Health",
        "Which looks more real",
        "Use it on your own images",
        "How this was made",
    ]


@pytest.mark.parametrize("field", ["title", "lead", "name", "paper", "command", "health", "loss"])
def test_a_hostile_text_stays_text(write: Write, field: str) -> None:
    hostile = "</title></style><script>alert(1)</script>\"' onload=alert(2) $x^{$ {{ 7 * 6 }}"
    run = decoupled()
    if field == "health":
        run = replace(run, log=[{"step": 1, "held_out": {}, "gradients": {}, "health": [hostile]}])
    elif field == "loss":
        row = {"term": hostile, "loss": hostile, "source": hostile, "every": 1, "routes": {hostile: hostile}}
        losses = {"step": 1, "losses": {hostile: 1.0}}
        run = replace(run, table={"networks": [hostile], "rows": [row]}, log=[losses])
    elif field not in ("title", "lead"):
        run = replace(run, **{field: hostile})
    page = write(runs=[run], **({field: hostile} if field in ("title", "lead") else {}))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    tags = Outline(page).tags
    assert sum(tag == "script" for tag, _ in tags) == 1
    assert not any("onload" in attributes for _, attributes in tags)


def test_a_table_is_drawn_cell_by_cell(write: Write) -> None:
    table = Outline(write()).tables[0]
    assert table[0] == ["Loss", "encoder", "decoder", "generator", "discriminator"]
    assert table[1] == ["reconstructionL1(base, image) · Eq. 4-6", "1", "1", "·blocked", "·blocked"]
    assert table[2][1:] == ["·blocked", "·blocked", "∼", "·blocked"]
    assert table[2][0].endswith("∼ generator: linear(0,1,100)")
    assert table[3] == ["penaltyR1(image) · every 16 steps", "·blocked", "·blocked", "·blocked", "0.5"]


def test_figures_stand_under_their_headings_with_unit_and_protocol(write: Write) -> None:
    page = write()
    table = next(table for table in Outline(page).tables if "PSNR, dB" in table[0])
    assert table == [
        ["Run", "PSNR, dB", "SSIM", "Fine detail, × real"],
        ["ED//GANbase", "15.64", "0.221", "0.30"],
        ["ED//GANoutput", "15.11", "0.187", "1.02"],
        ["ED+GANoutput", "15.64", "0.221", "0.30"],
    ]
    for words in ("data range 2", "Wang et al. 2004", "Laplacian"):
        assert words in page


def test_a_missing_figure_is_a_dash(write: Write) -> None:
    less = {name: value for name, value in FIGURES.items() if not name.startswith("ssim")}
    page = write(runs=[decoupled(), coupled(figures=less)])
    table = next(table for table in Outline(page).tables if "PSNR, dB" in table[0])
    assert table[-1] == ["ED+GANoutput", "15.11", "–", "1.02"]


def test_every_picture_is_the_one_that_was_given(write: Write) -> None:
    run = decoupled()
    images = [attributes for tag, attributes in Outline(write(runs=[run])).tags if tag == "img"]
    assert [image["alt"] for image in images[:4]] == [f"Picture 1, {name}" for name in run.rows]
    assert len(images) == 12
    data = base64.b64decode((images[5]["src"] or "").partition(",")[2])
    shown = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    expected = ((run.rows["base"][1].permute(1, 2, 0) + 1) * 127.5).round().int().numpy()
    assert (shown == expected).all()


def test_where_nothing_is_added_the_residual_is_mid_grey(write: Write) -> None:
    run = decoupled()
    residual = torch.zeros(3, 3, 64, 64)
    residual[0, :, :8] = 0.1
    page = write(runs=[replace(run, rows={**run.rows, "residual": residual})])
    assert "contrast is 8 times the original" in page
    images = [attributes for tag, attributes in Outline(page).tags if tag == "img"]
    data = base64.b64decode((images[2]["src"] or "").partition(",")[2])
    shown = np.asarray(Image.open(io.BytesIO(data)))
    assert set(np.unique(shown[8:])) == {128}
    assert set(np.unique(shown[:8])) == {round((0.8 + 1) * 127.5)}


def test_all_residuals_share_a_scale() -> None:
    weak, strong = torch.full((1, 1, 4, 4), 0.05), torch.full((1, 1, 4, 4), 0.4)
    assert residual_gain([weak]) == 16
    assert residual_gain([weak, strong]) == 2
    assert residual_gain([strong * 5]) == 1


def test_a_run_without_a_residual_shows_input_and_output_and_says_why(write: Write) -> None:
    page = write(runs=[coupled()])
    images = [attributes["alt"] for tag, attributes in Outline(page).tags if tag == "img"]
    assert images[:2] == ["Picture 1, input", "Picture 1, output"]
    assert len(images) == 6
    assert "This model has a single decoder" in page
    assert "mid-grey" not in page


def test_a_zero_residual_is_not_called_a_missing_one(write: Write) -> None:
    rows = decoupled().rows
    page = write(runs=[decoupled(rows={**rows, "residual": torch.zeros(3, 3, 64, 64), "output": rows["base"]})])
    assert "residual is exactly 0 so far" in page


def test_large_pictures_are_reduced_and_the_page_stays_below_5_megabytes(write: Write) -> None:
    noise = torch.rand(10, 3, 256, 256, generator=torch.Generator().manual_seed(0)) * 2 - 1
    runs = [decoupled(f"run {k}", rows=dict.fromkeys(("input", "base", "residual", "output"), noise)) for k in range(2)]
    page = write(runs=runs)
    assert len(page) < 5_000_000
    assert "Pictures are shrunk" in page


def test_curves_have_a_panel_for_every_loss_and_every_cell_that_was_measured(write: Write) -> None:
    page = write()
    labels = [
        str(attributes["aria-label"]) for tag, attributes in Outline(page).tags if attributes.get("role") == "img"
    ]
    assert labels[0].startswith("The loss reconstruction by step. ED//GAN: 0.3 at step 10, 0.1 at step 30; ED+GAN")
    assert sum(label.startswith("The loss") for label in labels) == 2
    assert sum("gradient" in label for label in labels) == 2


def test_ids_are_unique_in_the_page(write: Write) -> None:
    ids = [attributes["id"] for _, attributes in Outline(write()).tags if "id" in attributes]
    assert len(ids) == len(set(ids)) > 5


def test_health_is_shown_with_its_step(write: Write) -> None:
    page = write()
    assert "D wins: it gives real images 0.97." in page
    assert "(step 30)" in page
    quiet = write(runs=[decoupled(log=[{"step": 1500, "held_out": {}, "gradients": {}, "health": []}])])
    assert "No problems at step 1,500." in quiet


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (ranking(), "ED//GAN is ahead of ED+GAN"),
        (ranking(probability=0.8), "ED//GAN and ED+GAN cannot be told apart"),
        (ranking(gap=(-1.0, 1.0)), "could not tell any model from real images"),
    ],
)
def test_the_ranking_has_a_verdict(write: Write, result: Any, sentence: str) -> None:
    assert sentence in write(ranking=result)


def test_the_ranking_has_scores_intervals_warnings_and_protocol(write: Write) -> None:
    page = write()
    table = next(table for table in Outline(page).tables if "Score" in table[0])
    assert table[1] == ["ED//GAN", "0.620", "0.590 to 0.650", "6.70", "1.00 to 2.00"]
    assert table[3] == ["real images", "–", "–", "9.25", "–"]
    assert ["ED//GANoverED+GAN", "99.0 %"] in Outline(page).tables[-1]
    assert "Fewer than 50 samples in &#39;ED+GAN&#39; (12)." in page
    assert "NRDS robust: equal share per model." in page


def test_sections_without_content_are_left_out(write: Write) -> None:
    bare = decoupled(log=[], rows={}, figures={}, plan_text=None, command="", images_per_second=None)
    page = write(runs=[bare], ranking=None, commands=[], made_with={})
    assert headings(page) == ["Who teaches whom", "How this was made"]
    assert "<script>" not in page


def test_a_report_may_hold_a_ranking_alone(write: Write) -> None:
    assert headings(write(runs=[], commands=[])) == ["Which looks more real", "How this was made"]


def test_a_command_is_printed_as_it_is_typed(write: Write) -> None:
    assert "<code>edgan reconstruct run &#39;my images/&#39; out/</code>" in write()


def test_a_report_that_cannot_be_written_says_so_and_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="there is no folder"):
        write_report(tmp_path / "none" / "report.html", **whole())
    (tmp_path / "taken").mkdir()
    with pytest.raises(EdganError, match="taken could not be written"):
        write_report(tmp_path / "taken", **whole())
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
