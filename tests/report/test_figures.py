"""Figures draw every finite point inside the axes, in the page's colours or in their own."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from edgan.report.figures import LIGHT, PAGE, REAL, SERIES, Line, dash_array, line_figure

NAMESPACE = "{http://www.w3.org/2000/svg}"


def draw(*lines: Line, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(line_figure(lines, **{"label": "Loss", "x_label": "step", **options}))


def curves(figure: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The points of every curve piece, in pixels."""
    return [
        [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", path.attrib["d"])]
        for path in plot(figure).iter()
        if path.attrib.get("fill") == "none" and "stroke-dasharray" in path.attrib
    ]


def plot(figure: ElementTree.Element) -> ElementTree.Element:
    """The inner <svg>, which clips what is drawn."""
    inner = [element for element in figure.iter() if element.tag.endswith("svg")][1:]
    assert len(inner) == 1
    return inner[0]


def dots(figure: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(e.attrib["cx"]), float(e.attrib["cy"])) for e in plot(figure) if e.tag.endswith("circle")]


def texts(figure: ElementTree.Element) -> list[str | None]:
    return [element.text for element in figure.iter() if element.tag.endswith("text")]


def inside(points: Sequence[tuple[float, float]], figure: ElementTree.Element) -> bool:
    box = {name: float(plot(figure).attrib[name]) for name in ("x", "y", "width", "height")}
    return all(
        box["x"] <= x <= box["x"] + box["width"] and box["y"] <= y <= box["y"] + box["height"] for x, y in points
    )


def test_a_curve_runs_through_its_points() -> None:
    figure = draw(Line("a", 1, range(20), [2.0 * x for x in range(20)]))
    (curve,) = curves(figure)
    assert len(curve) == 20
    assert inside(curve, figure)
    steps = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(curve)]
    assert all(
        x == pytest.approx(steps[0][0], abs=0.11) and y == pytest.approx(steps[0][1], abs=0.11) for x, y in steps
    )
    assert steps[0][0] > 0 > steps[0][1]
    assert dots(figure) == []


def test_a_value_that_is_not_finite_is_a_gap() -> None:
    y = [1.0, 2.0, math.nan, 4.0, math.inf, 6.0, *[7.0] * 9]
    figure = draw(Line("a", 1, range(len(y)), y))
    assert [len(curve) for curve in curves(figure)] == [2, 10]
    assert len(dots(figure)) == 1  # the point that stands alone


def test_a_value_of_0_is_a_gap_on_a_logarithmic_axis() -> None:
    figure = draw(Line("a", 1, range(15), [1.0, 10.0, 0.0, *[100.0] * 12]), log=True)
    assert [len(curve) for curve in curves(figure)] == [2, 12]


def test_few_points_are_dots_and_a_single_one_too() -> None:
    assert len(dots(draw(Line("a", 1, [1, 2, 3], [1.0, 2.0, 3.0])))) == 3
    single = draw(Line("a", 1, [5], [0.3]))
    assert len(dots(single)) == 1
    assert inside(dots(single), single)
    assert curves(single) == []


@pytest.mark.parametrize("lines", [[], [Line("a", 1, [], [])], [Line("a", 1, [1, 2], [math.nan, math.nan])]])
@pytest.mark.parametrize("log", [False, True])
def test_a_figure_without_points_has_axes(lines: list[Line], log: bool) -> None:
    figure = draw(*lines, log=log)
    assert curves(figure) == dots(figure) == []
    assert len(texts(figure)) >= 4
    assert figure.attrib["aria-label"] == "Loss"


def test_what_lies_outside_the_limits_is_clipped() -> None:
    figure = draw(Line("a", 1, range(20), [x - 5.0 for x in range(20)]), span=(0, 10), bounds=(0.0, 1.0))
    (curve,) = curves(figure)
    assert not inside(curve, figure)
    assert plot(figure).attrib["viewBox"].split() == [
        plot(figure).attrib[name] for name in ("x", "y", "width", "height")
    ]


def test_a_band_is_filled_behind_its_curve_and_bars_stand_at_the_points() -> None:
    line = Line("a", 2, [1, 2, 3], [1.0, 2.0, 3.0], [(0.5, 1.5), (1.0, 3.0), (2.0, 4.0)])
    first = next(iter(plot(draw(line))))
    assert first.attrib["fill"] == PAGE.series[2]
    assert len(re.findall(r"[\d.]+ [\d.]+", first.attrib["d"])) == 6
    bars = [path for path in plot(draw(line, bars=True)) if "V" in path.attrib.get("d", "")]
    assert len(bars) == 3


def test_an_interval_that_reaches_0_ends_at_the_bottom_of_a_logarithmic_axis() -> None:
    figure = draw(Line("a", 1, [1, 2], [1.0, 2.0], [(-1.0, 10.0), (1.0, 3.0)]), log=True)
    outline = re.findall(r"([\d.]+) ([\d.]+)", next(iter(plot(figure))).attrib["d"])
    bottom = max(
        float(path.attrib["d"].partition(" ")[2].partition("H")[0]) for path in figure[0] if "d" in path.attrib
    )
    assert float(outline[0][1]) == bottom


def test_series_differ_in_colour_and_dash() -> None:
    assert len({dash_array(series) for series in range(1, SERIES + 1)}) == SERIES
    assert dash_array(REAL) == "none"
    figure = draw(*(Line(str(series), series, range(12), range(12)) for series in range(1, SERIES + 1)))
    looks = {(e.attrib["stroke"], e.attrib["stroke-dasharray"]) for e in plot(figure)}
    assert len(looks) == SERIES


def test_an_element_of_the_page_uses_its_variables_and_has_no_ids() -> None:
    svg = line_figure([Line("a", 1, range(20), range(20))], label="Loss", x_label="step")
    assert set(re.findall(r'(?:stroke|fill)="(.*?)"', svg)) == {"none", "var(--s1)", "var(--rule)", "var(--ink-soft)"}
    assert "id=" not in svg
    assert "xmlns" not in svg


def test_a_document_of_its_own_has_the_light_colours_of_the_page() -> None:
    figure = draw(Line("a", 1, range(20), range(20)), palette=LIGHT, y_label="PSNR, dB", legend=True)
    assert figure.tag == f"{NAMESPACE}svg"
    assert "var(" not in ElementTree.tostring(figure, encoding="unicode")
    assert {"a", "PSNR, dB", "step"} <= set(texts(figure))
    css = files("edgan.report").joinpath("report.css").read_text()
    variables = dict(re.findall(r"--([\w-]+): (#\w+)", css[: css.index("@media")]))
    assert LIGHT.series == tuple(variables[f"s{series}"] for series in range(SERIES + 1))
    assert (LIGHT.ink, LIGHT.rule) == (variables["ink-soft"], variables["rule"])


def test_a_wide_legend_takes_several_rows_and_leaves_the_curves_room() -> None:
    lines = [Line(f"a rather long name {number}", number, [0, 1], [0, 1]) for number in range(1, 5)]
    figure = draw(*lines, legend=True)
    assert float(plot(figure).attrib["y"]) > float(plot(draw(*lines)).attrib["y"]) + 18
    assert len(dots(figure)) == 8
    assert inside(dots(figure), figure)


def test_hostile_names_stay_text() -> None:
    svg = line_figure(
        [Line("</svg><script>", 1, [0, 1], [0, 1])], label='"><script>', x_label="<b>", y_label="<i>", legend=True
    )
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "<i>" not in svg


def test_the_ends_of_the_curves_are_said_to_screen_readers() -> None:
    label = draw(Line("ED//GAN", 1, [10, 20, 30], [math.nan, 0.25, 0.1])).attrib["aria-label"]
    assert label == "Loss. ED//GAN: 0.25 at step 20, 0.1 at step 30"
