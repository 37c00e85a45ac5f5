"""A whole CDNet from few labels: it is trained with blank cells, judged on edits, and kept for the next call."""

from __future__ import annotations

import json

from PIL import Image

from benchmarks.few_label_edits import EDITS, main
from edgan.synthetic import write_folder


def test_each_number_of_labels_is_trained_once_and_judged(tmp_path, capsys):
    faces = write_folder("faces", tmp_path / "faces", 160, 64, 0)
    out = tmp_path / "out"
    call = ["--data", str(faces), "--out", str(out), "--results", str(tmp_path), "--labels", "8", "all"]
    call += ["--steps", "4", "--toy"]
    assert main([*call, "--prepare"]) == 0
    assert [path.name for path in out.iterdir()] == ["work"]
    assert main(call) == 0
    result = json.loads((tmp_path / "bench-few-label-edits.json").read_text())
    few, every = result["arms"]
    assert few["labelled"] == 8
    assert every["labelled"] == every["of"] > 120
    assert few["edits"].keys() == EDITS.keys()
    assert few["kid_features"] != every["kid_features"]  # so the labels did reach the training
    with Image.open(out / "few-labels-0.png") as page:
        assert page.height > 6 * 128  # an original, and five rows for each of two trainings, in one group or two
    before = (out / "labels-8-0.json").stat().st_mtime_ns
    assert main(call) == 0
    assert (out / "labels-8-0.json").stat().st_mtime_ns == before
    assert "8 labelled, seed 0: PSNR" in capsys.readouterr().out
