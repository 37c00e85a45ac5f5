"""Graphs as ONNX files: written by torch, held against torch by ONNX Runtime, and with weights in half precision."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import parametrize

from edgan.errors import EdganError, UsageError
from edgan.exporting.graph import Graph, Port
from edgan.extras import install_command

OPSET = 17
"""Of 2022: ONNX Runtime from 1.12 on reads it, as do the converters to Core ML, TensorRT and OpenVINO."""
MOST_BYTES = 2**31 - 2**20
"""An ONNX file is one protobuf message, which holds less than 2 GiB."""
TOLERANCE = 1e-4
"""How far torch and ONNX Runtime may differ in single precision, relative to the largest value where that exceeds 1."""
HALF_TOLERANCE = 1.5 / 127.5
"""Of weights in half precision: a grey level and a half, in [-1, 1]."""
TRACED, CHECKED = 2, 3
"""Samples in the batch that is traced, and in the one that is compared: a batch size that became fixed shows."""


def need_packages() -> None:
    """Refuse to go on without ONNX.

    Raises:
        EdganError: onnx or onnxruntime is not installed; the message has the command.
    """
    try:
        import onnx
        import onnxruntime  # noqa: F401
    except ModuleNotFoundError as error:
        raise EdganError(f"The export needs the package {error.name}: {install_command('export')}") from error
    assert onnx.__version__


def to_onnx(graph: Graph, about: Mapping[str, Any]) -> bytes:
    """A graph as an ONNX file with a free batch size.

    The tracing exporter is used. The newer one of torch gives the same graphs here, and takes 6 seconds for each where
    this takes half a second.

    Args:
        graph: on the CPU. Spectrally normed weights of its networks become plain weights of the same values.
        about: the metadata of the file; values that are not text are written as JSON.

    Raises:
        UsageError: the graph has more weights than an ONNX file holds.
        EdganError: torch cannot write one of its layers.
    """
    if graph.bytes > MOST_BYTES:
        raise UsageError(
            f"has {graph.bytes / 1e9:.1f} GB of weights for {graph.name}, and an ONNX file holds 2 GB. Train a "
            "narrower network.",
            parameter="run",
        )
    for name, network in graph.networks.items():
        if any(isinstance(layer, _BatchNorm) and not layer.track_running_stats for layer in network.modules()):
            raise EdganError(
                f"The graph {graph.name} cannot be exported: its {name} normalises with the statistics of each batch, "
                "so a picture would depend on those that are computed with it. Train with another norm."
            )
    names = [port.name for port in (*graph.inputs, *graph.outputs)]
    try:
        with TemporaryDirectory() as folder, _quiet(), torch.no_grad():
            written = Path(folder) / "graph.onnx"
            traced = tuple(example(port, TRACED) for port in graph.inputs)
            torch.onnx.export(
                _with_plain_weights(graph.eval()),
                traced,
                written,
                dynamo=False,
                opset_version=OPSET,
                input_names=names[: len(graph.inputs)],
                output_names=names[len(graph.inputs) :],
                dynamic_axes={name: {0: "batch"} for name in names},
            )
            data = written.read_bytes()
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise EdganError(f"The graph {graph.name} cannot be written as ONNX: {_first_line(error)}") from error
    return _described(data, graph, about)


def _with_plain_weights(graph: Graph) -> Graph:
    """The graph without the computation of weights from others, such as a spectral norm, which ONNX cannot express."""
    for layer in list(graph.modules()):
        if parametrize.is_parametrized(layer):
            for name in list(cast("nn.ModuleDict", layer.parametrizations)):
                parametrize.remove_parametrizations(layer, name, leave_parametrized=True)
    return graph


def example(port: Port, count: int, seed: int = 0) -> Tensor:
    """Random values of a port's kind, (count, *shape)."""
    drawn = torch.rand((count, *port.shape), generator=torch.Generator().manual_seed(seed + len(port.name)))
    if port.name == "chosen":
        return drawn.round()
    if port.name in ("attributes", "intensities") or port.values == "U(0, 1)":
        return drawn
    return 2.0 * drawn - 1.0


def check(data: bytes, graph: Graph, tolerance: float) -> float:
    """Compare a file with its graph on random inputs.

    Args:
        data: the file.
        graph: what it was made from.
        tolerance: the largest difference that is allowed, relative to the largest value where that is above 1.

    Returns:
        The largest difference.

    Raises:
        EdganError: it is above the tolerance, or ONNX Runtime cannot run the file.
    """
    import onnxruntime

    values = [example(port, CHECKED, seed=1) for port in graph.inputs]
    with torch.no_grad():
        expected = graph.eval()(*values)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        fed = {port.name: value.numpy() for port, value in zip(graph.inputs, values, strict=True)}
        made = session.run([port.name for port in graph.outputs], fed)
    except Exception as error:  # ONNX Runtime's own errors have no public base class
        raise EdganError(f"ONNX Runtime cannot run the graph {graph.name}: {_first_line(error)}") from error
    differences = []
    for port, ours, theirs in zip(graph.outputs, made, expected, strict=True):
        wanted = theirs.numpy()
        difference = float(np.abs(ours - wanted).max()) / max(1.0, float(np.abs(wanted).max()))
        if ours.shape != wanted.shape or not difference <= tolerance:
            raise EdganError(
                f"The exported graph {graph.name} differs from the model: {port.name} by {difference:.2g} "
                f"(at most {tolerance:.2g} is allowed). Nothing was written."
            )
        differences.append(difference)
    return max(differences)


def halved(data: bytes) -> bytes:
    """A file with its weights in half precision; each is cast to single precision before it is used.

    ONNX Runtime does the casts once, when it loads the file, and computes in single precision.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load_model_from_string(data)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or len(weight.dims) < 2:
            continue
        name, stored = weight.name, f"{weight.name}/half"
        values = numpy_helper.to_array(weight).astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(values, stored))
        casts.append(onnx.helper.make_node("Cast", [stored], [name], f"{name}/cast", to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _described(data: bytes, graph: Graph, about: Mapping[str, Any]) -> bytes:
    """The file with its metadata, and with what each input and output means."""
    import onnx

    model = onnx.load_model_from_string(data)
    model.producer_name = "edgan"
    model.graph.name = graph.name
    written = {**about, "graph": graph.name}
    for side in ("inputs", "outputs"):
        written[side] = [port.to_dict() for port in getattr(graph, side)]
    onnx.helper.set_model_props(
        model, {key: value if isinstance(value, str) else json.dumps(value) for key, value in written.items()}
    )
    ports = {port.name: port for port in (*graph.inputs, *graph.outputs)}
    for value in (*model.graph.input, *model.graph.output):
        port = ports[value.name]
        value.doc_string = f"{port.values}: {port.meaning}"
        _set_shape(value, port)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _set_shape(value: Any, port: Port) -> None:
    """State the shape (batch, *shape); the tracer leaves some sides of outputs open."""
    sides = value.type.tensor_type.shape.dim
    del sides[:]
    sides.add().dim_param = "batch"
    for side in port.shape:
        sides.add().dim_value = side


@contextmanager
def _quiet() -> Iterator[None]:
    """Without torch's notes on the exporter's future and on constants, and without what it prints where it fails.

    Of a graph that it cannot write, torch prints every node to file descriptor 1, past Python's stdout.
    """
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
        log.setLevel(level)


def _first_line(error: BaseException) -> str:
    """What an error says, without torch's invitation to report it and without the value's whole type."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.partition(" Please feel free")[0].partition("  [Caused by")[0]
