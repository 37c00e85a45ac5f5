"""Calls of `export` in Python and on the command line: what is written, said and refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

import edgan
from edgan.api import exporting
from edgan.cli import main
from edgan.errors import EdganError, UsageError
from edgan.exporting.web_runtime import web_runtime
from edgan.models.latents import draw_latents


def called(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """`edgan export WORDS`: status, stdout, stderr."""
    with pytest.raises(SystemExit) as end:
        main(["export", *map(str, words)])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


def test_several_graphs_go_to_several_files(runs: Path, tmp_path: Path) -> None:
    files = edgan.export(runs / "vae", tmp_path / "new" / "out.onnx")
    names = [file.path.name for file in files]
    assert names == [f"out.{name}.onnx" for name in ("encode", "decode", "reconstruct", "edit")]
    assert all(file.path.stat().st_size == file.bytes for file in files)
    assert max(file.difference for file in files) < 1e-4


def test_one_graph_goes_to_the_file_that_was_named(runs: Path, tmp_path: Path) -> None:
    assert [file.path for file in edgan.export(runs / "gan", tmp_path / "gan.onnx")] == [tmp_path / "gan.onnx"]
    files = edgan.export(runs / "vae", tmp_path / "out.onnx", graph="encode")
    assert [file.path.name for file in files] == ["out.onnx"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gan.onnx", "out.onnx"]


def test_a_file_is_replaced(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "gan.onnx").write_bytes(b"old")
    edgan.export(runs / "gan", tmp_path / "gan.onnx")
    assert (tmp_path / "gan.onnx").stat().st_size > 1000


def test_the_written_file_draws_what_the_model_draws_for_any_batch(runs: Path, tmp_path: Path) -> None:
    edgan.export(runs / "gan", tmp_path / "gan.onnx")
    model = edgan.load(runs / "gan", "cpu")
    session = onnxruntime.InferenceSession(tmp_path / "gan.onnx", providers=["CPUExecutionProvider"])
    for count in (1, 7):
        z = draw_latents(model.method.latent, count, seed=3)
        (made,) = session.run(None, {"z": z.numpy()})
        torch.testing.assert_close(torch.from_numpy(made), model.decode(z), atol=1e-4, rtol=0)


def test_a_file_says_what_it_is(runs: Path, tmp_path: Path) -> None:
    edgan.export(runs / "vae", tmp_path / "out.onnx", graph="edit")
    model = onnx.load(tmp_path / "out.onnx")
    about = {entry.key: entry.value for entry in model.metadata_props}
    controls = edgan.load(runs / "vae", "cpu").controls
    assert (about["method"], about["graph"], about["edgan"]) == ("ed-slash-gan", "edit", edgan.__version__)
    assert (about["size"], about["channels"], about["crop"]) == ("32", "3", "square")
    assert json.loads(about["attributes"]) == list(controls.names)
    assert json.loads(about["attribute_ranges"])[0] == [controls.low, controls.high]
    assert [port["name"] for port in json.loads(about["inputs"])] == ["image", "intensities"]
    assert model.graph.input[0].doc_string.startswith("[-1, 1]: cropped: square")
    shape = [side.dim_param or side.dim_value for side in model.graph.output[0].type.tensor_type.shape.dim]
    assert shape == ["batch", 3, 32, 32]


def test_the_command_says_what_was_written(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = called(capsys, runs / "gan", tmp_path / "gan.onnx")
    assert (status, err) == (0, "")
    assert f"{tmp_path / 'gan.onnx'}: " in out
    assert "input  z (batch, 12) U(-1, 1)" in out
    assert "output output (batch, 3, 32, 32) [-1, 1]" in out


def test_json_is_one_object(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = called(capsys, runs / "gan", tmp_path / "gan.html", "--json")
    (file,) = json.loads(out)["files"]
    assert status == 0
    assert out.count("\n") == 1
    assert file["path"] == str(tmp_path / "gan.html")
    assert file["bytes"] == (tmp_path / "gan.html").stat().st_size
    assert file["graphs"]["decode"]["inputs"][0]["shape"] == ["batch", 12]


def test_a_page_holds_no_picture_of_the_training_unless_it_is_given(runs: Path, tmp_path: Path, faces: Path) -> None:
    edgan.export(runs / "vae", tmp_path / "plain.html")
    assert '"examples": []' in (tmp_path / "plain.html").read_text()
    Image.new("RGB", (50, 40), (200, 30, 30)).save(tmp_path / "red.png")
    edgan.export(runs / "vae", tmp_path / "given.html", example=tmp_path / "red.png")
    text = (tmp_path / "given.html").read_text()
    assert '"name": "red", "src": "data:image/png;base64,' in text
    assert str(faces) not in text


def test_features_of_a_projected_discriminator_are_exported(tmp_path: Path) -> None:
    """Its spectral norms and its pooling have no operator in ONNX; `export` itself compares the graph with torch."""
    (file,) = edgan.export("zoo:garments", tmp_path / "garments.onnx", graph="encode")
    assert file.difference < 1e-4


def test_a_page_is_under_25_megabytes_and_half_of_single_precision(tmp_path: Path) -> None:
    (page,) = edgan.export("zoo:faces", tmp_path / "faces.html")
    files = [edgan.export("zoo:faces", tmp_path / "faces.onnx", graph=name)[0] for name in ("encode", "decode")]
    assert page.bytes < 25_000_000
    assert page.bytes - 4 / 3 * len(web_runtime().wasm) < 4 / 3 * 0.55 * sum(file.bytes for file in files)
    assert page.difference < 1.5 / 127.5


@pytest.mark.parametrize(
    ("out", "options", "message"),
    [
        ("out.pt", {}, r"out must end in \.onnx or \.html \(got 'out\.pt'\)"),
        ("out", {}, "out must end in"),
        ("out.onnx", {"graph": "encod"}, "graph cannot be 'encod' for dcgan"),
        ("out.html", {"graph": "decode"}, "graph goes with .onnx alone"),
        ("out.onnx", {"example": "face.png"}, "example goes with .html alone"),
        ("folder.onnx", {}, "out must be a file, but .* is a folder"),
        ("out.html", {"example": "nothing.png"}, "nothing.png cannot be read"),
    ],
)
def test_a_wrong_call_is_refused_and_writes_nothing(runs: Path, tmp_path: Path, monkeypatch, out, options, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(EdganError if "nothing" in message else UsageError, match=message):
        edgan.export(runs / "gan", tmp_path / out, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.onnx"]


def test_a_run_without_weights_is_refused(runs: Path, tmp_path: Path) -> None:
    empty = tmp_path / "run"
    empty.mkdir()
    (empty / "run.json").write_text((runs / "gan" / "run.json").read_text())
    with pytest.raises(EdganError, match="holds no checkpoint yet"):
        edgan.export(empty, tmp_path / "out.onnx")


def test_a_missing_package_is_named_with_the_command(runs: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EdganError, match=r"needs the package onnxruntime: pip install 'edgan\[export\]'"):
        edgan.export(runs / "gan", tmp_path / "out.onnx")


def test_a_graph_that_differs_from_the_model_is_not_written(runs: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    with pytest.raises(EdganError, match=r"exported graph decode differs from the model: output by .* Nothing was"):
        edgan.export(runs / "gan", tmp_path / "out.onnx")
    assert not list(tmp_path.iterdir())


def test_more_weights_than_a_file_holds_are_refused(runs: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("edgan.exporting.onnx_file.MOST_BYTES", 1000)
    with pytest.raises(UsageError, match="GB of weights for decode, and an ONNX file holds 2 GB"):
        edgan.export(runs / "gan", tmp_path / "out.onnx")


def test_half_precision_is_cast_back_before_use(runs: Path, tmp_path: Path) -> None:
    from edgan.exporting.onnx_file import halved

    edgan.export(runs / "gan", tmp_path / "out.onnx")
    data = (tmp_path / "out.onnx").read_bytes()
    half = halved(data)
    assert 0.45 * len(data) < len(half) < 0.6 * len(data)
    z = np.random.default_rng(0).standard_normal((2, 12)).astype(np.float32)
    whole, small = (onnxruntime.InferenceSession(file).run(None, {"z": z})[0] for file in (data, half))
    assert 0 < np.abs(whole - small).max() < 1.5 / 127.5
