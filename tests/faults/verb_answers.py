"""The right answers of the verbs that train, write and judge; importing this file adds them to `answers.ANSWERS`."""

from __future__ import annotations

import re

import numpy as np
from answers import answer, names_in
from case_calls import Case
from PIL import Image


@answer
def npy_single_picture(case: Case) -> None:
    real = case.place / "real.npy"
    np.save(real, np.random.default_rng(0).integers(0, 255, (8, 16, 16, 3), dtype=np.uint8))
    said = case.call("rank", "--real", real, "--fake", f"a={case.dest / 'one.npy'}", "--size", "16")
    assert said.status == 2
    assert "one picture" in said.err


@answer
def rank_constant_real(case: Case) -> None:
    words = ("--also", "fid,kid", "--size", "16", "--epochs", "1")
    said = case.call("rank", "--real", case.dest / "real", "--fake", f"a={case.dest / 'fake'}", *words)
    assert said.status != 0 or re.search("constant|same|vary", said.text)


@answer
def translate_wide_sources(case: Case) -> None:
    out = case.place / "out"
    case.call("translate", case.runs("pix2pix"), case.dest, out)
    assert len(names_in(out)) == 4
    with Image.open(out / names_in(out)[0]) as picture:
        assert picture.size == (32, 32)


@answer
def attribute_names(case: Case) -> None:
    assert case.train("cdnet").status == 0
    for number, name in enumerate(("pay $x$ or $y", "100%_{x", "\u773c\u93e1", "<b>bold</b>")):
        out = case.place / f"out{number}"
        said = case.call("edit", case.place / "run", case.dest / "0.png", out, "--sweep", f"{name}=-1:1:3")
        assert said.status == 0, said.err


@answer
def class_names(case: Case) -> None:
    assert case.train("modified-cgan").status == 0
    case.done("sample", case.place / "run", case.place / "out", "--count", "2")


@answer
def caae_extra_attributes(case: Case) -> None:
    assert case.train("caae", case.dest / "full").status == 0
    said = case.call("evaluate", case.place / "run", "--data", case.dest / "own")
    assert "Eyeglasses" not in said.err
    assert said.status == 0, said.err


@answer
def cdnet_batch_2(case: Case) -> None:
    said = case.train("cdnet", None, "--batch", "2")
    assert said.status == 2
    assert re.search(r"\b4\b", said.err)
    assert not (case.place / "run").exists()


@answer
def edit_overflow(case: Case) -> None:
    said = case.call("edit", case.runs("cdnet"), case.dest, case.place / "out", "--set", "Smiling=1e300")
    assert said.status == 2


@answer
def evaluate_plain_folder(case: Case) -> None:
    for method in ("ed-slash-gan", "cdnet"):
        said = case.call("evaluate", case.runs(method), "--data", case.dest / "plain")
        assert said.status == 0 or len(said.err.splitlines()) == 1


@answer
def evaluate_pairs_missing(case: Case) -> None:
    said = case.call("evaluate", case.runs("pix2pix"), "--data", case.dest / "plain")
    assert said.status != 0
    assert "pairs" in said.err


@answer
def one_attribute(case: Case) -> None:
    said = case.call("evaluate", case.runs("cdnet"), "--data", case.dest)
    assert "Male" in said.err or (said.status == 0 and "psnr_output" in said.out), said


@answer
def pairs_index_maps(case: Case) -> None:
    said = case.train("pix2pix", None, "--set", "source_classes=4")
    assert said.status == 0, said.err
    for verb in (("evaluate", case.runs("pix2pix"), "--data"), ("translate", case.runs("pix2pix"))):
        case.call(*verb, case.dest, *([case.place / "out"] if verb[0] == "translate" else []))


@answer
def run_inside_data(case: Case) -> None:
    run = case.dest / "run"
    first = case.train("ed-slash-gan", out="dest/run")
    if first.status == 0:
        words = ("--data", case.dest, "--out", run, "--size", "32", "--batch", "4", "--device", "cpu")
        case.done("train", "ed-slash-gan", *words, "--steps", "2", "--resume")
        assert case.check()["count"] == 10
    else:
        assert not run.exists()


@answer
def too_few_advice(case: Case) -> None:
    said = case.train("ed-slash-gan", None, "--batch", "2")
    assert "to 1 or less" not in said.err


@answer
def memory_growth(case: Case) -> None:
    """Its figures are held by tests/api/test_memory.py; here the verbs go over a set larger than a chunk."""
    assert case.check()["count"] == 800
