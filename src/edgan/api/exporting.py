"""`export`: a trained model as ONNX graphs, or as one HTML page that runs it in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from edgan._version import __version__
from edgan.api.destinations import make_folder
from edgan.api.model_zoo import read_card
from edgan.api.zoo_pictures import KINDS, SEED
from edgan.data import load_image, open_dataset
from edgan.errors import UsageError, counted, near_miss
from edgan.exporting.graph import Graph
from edgan.exporting.graphs import graphs_of
from edgan.exporting.html_page import html_page
from edgan.exporting.onnx_file import HALF_TOLERANCE, TOLERANCE, check, halved, need_packages, to_onnx
from edgan.exporting.page_content import page_content, palette_of_classes
from edgan.methods import find
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.source_palette import SourceColour, frequent_colours, source_palette
from edgan.models.stored_run import stored_configuration
from edgan.paths import expand
from edgan.storage.durable import write_bytes_atomic
from edgan.storage.run_folder import RunFolder
from edgan.storage.zoo import is_zoo_name, zoo_folder
from edgan.synthetic import write_folder

ONNX, HTML = ".onnx", ".html"
EXAMPLES = 6
GENERIC = frequent_colours(np.zeros((0, 3), np.uint8))


@dataclass(frozen=True)
class ExportedFile:
    """A file that `export` wrote.

    Attributes:
        path: the file.
        graphs: those that it holds.
        bytes: its size.
        difference: the largest difference between its outputs and torch's, on random inputs; pictures are in [-1, 1].
            It is relative where values exceed 1.
    """

    path: Path
    graphs: tuple[Graph, ...]
    bytes: int
    difference: float

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        ports = {
            graph.name: {side: [port.to_dict() for port in getattr(graph, side)] for side in ("inputs", "outputs")}
            for graph in self.graphs
        }
        return {"path": str(self.path), "bytes": self.bytes, "difference": self.difference, "graphs": ports}


def export(
    run: str | Path,
    out: str | Path,
    *,
    graph: str | None = None,
    example: str | Path | Sequence[str | Path] = (),
    checkpoint: str | int = "best",
) -> list[ExportedFile]:
    """Write a trained model as ONNX files, or as one HTML file that runs it in any browser without a network.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        out: ends in .onnx or .html. An existing file is replaced. With .onnx, a model with several graphs is written as
            OUT.GRAPH.onnx for each of them: "out.encode.onnx" and so on.
        graph: this graph alone, written to `out` itself. Only with .onnx.
        example: pictures that the page offers to try; each is cropped as the run's images were. Only with .html. None
            of the training pictures is ever put into the page; for zoo models, rendered pictures are.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.

    Returns:
        The files that were written. Each graph was run by ONNX Runtime and compared with torch before.

    Raises:
        UsageError: another ending, or a graph that the model does not have.
        EdganError: onnx or onnxruntime is not installed, a layer cannot be exported, a graph does not give what the
            model gives, or a file cannot be written.
    """
    target = _target(out, graph, example)
    need_packages()
    model = load(run, "cpu", checkpoint)
    if target.suffix.lower() == HTML:
        pictures = [example] if isinstance(example, str | Path) else list(example)
        return [_write_page(run, model, target, pictures)]
    graphs = {made.name: made for made in graphs_of(model)}
    if graph is not None and graph not in graphs:
        raise UsageError(f"cannot be {graph!r} for {model.method.name}. {near_miss(graph, graphs)}", parameter="graph")
    chosen = list(graphs.values()) if graph is None else [graphs[graph]]
    alone = len(chosen) == 1
    made = []
    for one in chosen:  # all are made and compared before the first is written
        data = to_onnx(one, _about(model))
        made.append((one, data, check(data, one, TOLERANCE)))
    make_folder(target.parent)
    written = []
    for one, data, difference in made:
        path = target if alone else target.with_suffix(f".{one.name}{target.suffix}")
        write_bytes_atomic(path, data)
        written.append(ExportedFile(path, (one,), len(data), difference))
    return written


def _target(out: str | Path, graph: str | None, example: object) -> Path:
    """The file to write, after a check that its ending fits the other arguments."""
    target = expand(out)
    suffix = target.suffix.lower()
    if suffix not in (ONNX, HTML):
        raise UsageError(f"must end in {ONNX} or {HTML} (got {target.name!r}).", parameter="out")
    if target.is_dir():
        raise UsageError(f"must be a file, but {target} is a folder.", parameter="out")
    if graph is not None and suffix == HTML:
        raise UsageError(f"goes with {ONNX} alone: a page holds the graphs that it needs.", parameter="graph")
    if example and suffix == ONNX:
        raise UsageError(f"goes with {HTML} alone.", parameter="example")
    return target


def _about(model: Model) -> dict[str, Any]:
    """The metadata of an ONNX file."""
    controls = model.controls
    edits: dict[str, Any] = {}
    if controls is not None:
        edits = {"attributes": list(controls.names), "attribute_kind": controls.kind}
        units = [controls.units.get(name, 1.0) for name in controls.names]
        edits["attribute_ranges"] = [[controls.low * unit, controls.high * unit] for unit in units]
    return {
        "edgan": __version__,
        "method": model.method.name,
        "size": model.size,
        "channels": model.channels,
        "crop": model.crop.text,
        "checkpoint": "" if model.checkpoint is None else str(model.checkpoint),
        "prior": (model.method.latent.prior or "") if model.method.latent else "",
        **edits,
    }


def _write_page(run: str | Path, model: Model, target: Path, pictures: Sequence[str | Path]) -> ExportedFile:
    examples, palette = _examples(run, model, pictures)
    content = page_content(model, palette)
    graphs: dict[str, bytes] = {}
    differences = []
    for graph in content.graphs:
        graphs[graph.name] = halved(to_onnx(graph, _about(model)))
        differences.append(check(graphs[graph.name], graph, HALF_TOLERANCE))
    title, summary, facts = _described(run, model)
    data = html_page(content, graphs, name=target.stem, title=title, summary=summary, facts=facts, examples=examples)
    make_folder(target.parent)
    write_bytes_atomic(target, data)
    return ExportedFile(target, content.graphs, len(data), max(differences))


def _examples(
    run: str | Path, model: Model, pictures: Sequence[str | Path]
) -> tuple[list[tuple[str, np.ndarray]], list[SourceColour]]:
    """Pictures to try, (name, (S, S, 3) uint8), and the colours to draw sources with."""
    translates = model.can("translate")
    examples = [(Path(path).stem, load_image(path, model.size, 3, model.crop)) for path in pictures]
    colours: list[SourceColour] | None = None
    if not examples and is_zoo_name(run) and zoo_folder(run).name in KINDS:
        with TemporaryDirectory() as folder:
            drawn = write_folder(KINDS[zoo_folder(run).name], Path(folder) / "drawn", EXAMPLES, model.size, SEED)
            dataset = open_dataset(drawn, size=model.size, channels=3)
            chosen = dataset.source if translates else dataset.images
            assert chosen is not None
            examples = [(str(number), np.array(pixels)) for number, pixels in enumerate(chosen, 1)]
            colours = source_palette(dataset) if translates else None
    if not translates:
        return examples, []
    if model.shape.source_classes:
        colours = palette_of_classes(model.shape.source_classes)
    elif colours is None and examples:
        colours = frequent_colours(np.concatenate([pixels.reshape(-1, 3) for _, pixels in examples]))
    return examples, colours or GENERIC


def _described(run: str | Path, model: Model) -> tuple[str, str, Sequence[tuple[str, Sequence[str]]]]:
    """Title, summary and facts of the page."""
    page = find(model.method.name)
    form = f"{model.size} x {model.size} px, {'grey' if model.channels == 1 else 'colour'}"
    method = (f"{page.name}: {page.summary}", page.paper)
    if is_zoo_name(run):
        card = read_card(str(run))
        facts = [
            ("Method", method),
            ("Trained on", (card.data["what"],)),
            ("Images", (form,)),
            ("Limits", card.limits),
            ("Licence", (card.licence,)),
        ]
        return f"{card.title[:1].upper()}{card.title[1:]}", card.summary, facts
    folder = RunFolder.open(run)
    stored = folder.read_run()
    configuration = stored_configuration(stored, folder)
    images = counted(int(stored["data"]["images"]), "image")
    facts = [
        ("Method", method),
        ("Trained on", (f"{images}, preset {configuration.preset}, {model.checkpoint}",)),
        ("Images", (form,)),
        ("Limits", ("It knows pictures like those that it was trained on.",)),
        ("Licence", ("The run does not state one. Ask whoever sent you this page.",)),
    ]
    return folder.path.name, page.summary[:1].upper() + page.summary[1:] + ".", facts
