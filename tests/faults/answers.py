"""The right answers of `data check` and `reconstruct` to the scripts of ../shared/cases, by the script's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from case_calls import Case

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
says("csv_nan", r"Smiling.* blank .*metadata\.csv, line 5", status=0)
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


@contextmanager
def without_heic() -> Iterator[None]:
    """As if pillow-heif were not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edgan.data.heic.is_available", lambda: False)
        yield


@answer
def heic_and_no_suffix(case: Case) -> None:
    with without_heic():
        text = case.done("data", "check", case.dest).out
    assert "not looked at" in text
    assert all(suffix in text for suffix in (".heic", ".jp2", ".jpg_large", "without a suffix"))


@answer
def heic_single(case: Case) -> None:
    for name in ("IMG_1.HEIC", "photo"):
        with without_heic():
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
