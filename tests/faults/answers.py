"""The right answer to each script of ../shared/cases: a check of what the command line says."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from case_calls import Case
from PIL import Image

Answer = Callable[[Case], None]
ANSWERS: dict[str, Answer] = {}


def answer(check: Answer) -> Answer:
    """A check under the name of its script."""
    ANSWERS[check.__name__] = check
    return check


def report_of(name: str, **expected: object) -> None:
    """`data check` works and reports this."""

    def check(case: Case) -> None:
        report = case.check()
        assert {key: report[key] for key in expected} == expected

    ANSWERS[name] = check


def says(name: str, *patterns: str, status: int | None = None) -> None:
    """`data check` says this, whether it works or not."""

    def check(case: Case) -> None:
        said = case.call("data", "check", case.dest)
        assert status is None or said.status == status
        missing = [pattern for pattern in patterns if not re.search(pattern, said.text)]
        assert not missing, said.text

    ANSWERS[name] = check


def skipped(report) -> dict[str, str]:
    return dict(report["skipped"])


def names_in(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


SMILING, MALE = {"Smiling": 0.5}, {"Smiling": 0.5, "Male": 0.5}
report_of("csv_good_excel", count=8, attributes=SMILING, skipped=[])
report_of("csv_pandas_index", count=8, attributes=SMILING)
report_of("csv_spaces", count=8, attributes=SMILING, skipped=[])
report_of("csv_label_superscript", count=6, labels={"1": 3, "\u00b2": 3})
report_of("jsonl_bom_crlf", count=8, attributes=MALE)
report_of("jsonl_line_separator", count=8, attributes=SMILING)
report_of("celeba_png", count=12, attributes={"Smiling": 0.5, "Male": pytest.approx(1 / 3)})
report_of("class_folders_stray_image", count=12, labels={"cat": 6, "dog": 6})
report_of("class_folders_flat_test", labels={"cat": 6, "dog": 6})
report_of("synology_eadir", count=6, kind="class-folders", labels={"cat": 3, "dog": 3}, skipped=[])
report_of("junk_files", count=6, skipped=[])
report_of("wide_and_tiny", count=10, skipped=[])
report_of("lab_tiff", count=9, skipped=[])
report_of("exif_bad_tag_with_orientation", count=9, skipped=[])
report_of("exif_odd_orientation", count=12, skipped=[])
says("celeba_header_with_image_id", "image_id")
says("celeba_kaggle_csv", "list_attr_celeba.csv|attributes: Smiling")
says("csv_bare_names_in_subfolder", "images/|attributes: Smiling")
says("csv_both_files", r"metadata\.csv", r"metadata\.jsonl")
says("csv_duplicate_column", "Smiling", "twice|more than once")
says("csv_duplicate_rows", "8 images|already has a row")
says("csv_foreign_metadata", r"metadata\.csv", "file_name", status=0)
says("csv_minus_one_zero_one", "Smiling")
says("csv_nan", r"metadata\.csv, line 5.*Smiling")
says("csv_paths_absolute", "8 images|relative")
says("csv_utf16", "not UTF-8")
says("emnist_names", "emnist|26 images")
says("hf_zip_beside_metadata", r"images\.zip")
says("zip_beside_annotations", r"img_align_celeba\.zip")
says("pairs_almost_twice", r"odd\.jpg", "side-by-side", status=0)
says("pairs_cyclegan_folders", "trainA|pairs|layout a-b")
says("pairs_direction", "direction|swapped")
says("pairs_lowercase_folders", "A/|layout a-b")
says("pairs_stray_image", r"preview\.png")
says("pairs_sizes_differ", "48x48", "96x96|source")
says("pairs_flat_folder", "side-by-side|layout|twice as wide")
says("twelve_bit", "no value above 4095", status=0)


@answer
def csv_label_blank(case: Case) -> None:
    assert "" not in case.check()["labels"]


@answer
def celeba_subset(case: Case) -> None:
    assert len(case.done("data", "check", case.dest).out.splitlines()) < 20


@answer
def csv_other_name(case: Case) -> None:
    said = case.train("cdnet", None, "--set", "attributes=Smiling")
    assert said.status != 0
    assert all(word in said.err for word in ("labels.csv", "metadata.csv", "file_name"))


@answer
def bomb_warning(case: Case) -> None:
    said = case.done("data", "check", case.dest)
    assert said.text.count("big.png") == 1
    assert "exceeds limit" not in said.text


@answer
def eps_named_png(case: Case) -> None:
    reasons = skipped(case.check()).values() if names_in(case.dest)[1:] else [case.call("data", "check", case.dest).err]
    assert any("not an image in a format that is read" in reason for reason in reasons)


@answer
def exif_corrupt_warning(case: Case) -> None:
    report = case.check()
    assert (report["count"], report["said"]) == (7, "")


@answer
def palette_transparency_bytes(case: Case) -> None:
    report = case.check()
    assert (report["count"], report["said"]) == (6, "")
    assert case.done("reconstruct", case.runs("ed-slash-gan"), case.dest, case.place / "out").err == ""


@answer
def fifo_and_device(case: Case) -> None:
    assert skipped(case.check()) == {"x.png": "it is a named pipe"}


@answer
def heic_and_no_suffix(case: Case) -> None:
    text = case.done("data", "check", case.dest).out
    assert "not looked at" in text
    assert all(suffix in text for suffix in (".heic", ".jp2", ".jpg_large", "without a suffix"))


@answer
def heic_single(case: Case) -> None:
    for name in ("IMG_1.HEIC", "photo"):
        said = case.call("reconstruct", case.runs("ed-slash-gan"), case.dest / name, case.place / "out")
        assert said.status == 1
        assert "picture" in said.err
        assert ".zip" not in said.err


@answer
def int32_tiff(case: Case) -> None:
    assert set(skipped(case.check())) == {"deep32.tif", "ct.tif"}


@answer
def modes_zoo(case: Case) -> None:
    assert set(skipped(case.check())) == {"float.tif"}


@answer
def names_not_utf8(case: Case) -> None:
    assert case.check()["count"] == 8
    assert case.train("ed-slash-gan").status == 0


@answer
def odd_names(case: Case) -> None:
    said = case.done("data", "check", case.dest)
    assert all(char.isprintable() or char == "\n" for char in said.out)
    case.done("reconstruct", case.runs("ed-slash-gan"), case.dest, case.place / "out")
    assert len(names_in(case.place / "out")) == 10


@answer
def long_name(case: Case) -> None:
    case.done("reconstruct", case.runs("ed-slash-gan"), case.dest, case.place / "out")
    assert names_in(case.place / "out") == ["a.png", "x" * 251 + ".png"]


@answer
def symlinks(case: Case) -> None:
    report = case.check()
    assert (report["count"], skipped(report)) == (5, {"gone.png": "a link to a file that is not there"})


@answer
def wrong_suffixes(case: Case) -> None:
    report = case.check()
    reasons = skipped(report)
    assert report["count"] == 8
    assert {name: reasons[name].split()[0] for name in ("page.jpg", "lfs.jpg", "empty.jpg", "cut.jpg")}
    assert "HTML" in reasons["page.jpg"]
    assert "Git LFS" in reasons["lfs.jpg"]
    assert "empty" in reasons["empty.jpg"]


def _below_out(case: Case) -> None:
    before = set(names_in(case.place))
    case.done("reconstruct", case.runs("ed-slash-gan"), case.dest / "a.zip", case.place / "deep" / "out")
    written = set(names_in(case.place)) - before
    assert len(written) > 2
    assert all(name.startswith("deep/out/") for name in written)


@answer
def zip_absolute_member(case: Case) -> None:
    _below_out(case)


@answer
def zip_dotdot_member(case: Case) -> None:
    _below_out(case)


@answer
def zip_backslash_members(case: Case) -> None:
    report = case.check(case.dest / "a.zip")
    assert (report["kind"], report["labels"]) == ("class-folders", {"cat": 4, "dog": 4})


@answer
def zip_encrypted_and_links(case: Case) -> None:
    report = case.check(case.dest / "a.zip")
    assert set(skipped(report)) == {"2.png", "3.png", "link.png"}
    assert report["count"] == 4


@answer
def zip_macosx_nested(case: Case) -> None:
    report = case.check(case.dest / "a.zip")
    assert (report["count"], report["skipped"]) == (6, [])
    assert "a.zip" in case.call("data", "check", case.dest / "nest.zip").err


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
