"""Fine-tuning against training from nothing: the same arms in both domains, done once, with figures and sheets."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks import fine_tuning
from benchmarks.fine_tuning import STEPS, arms_of, assemble, draw_sheets, main
from benchmarks.fine_tuning_arms import do
from benchmarks.fine_tuning_domains import ATTRIBUTES, FAR, NEAR, Sizes, prepare
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.synthetic import write_folder

SIZES = Sizes(pictures=30, held_out=12, drawn=24, photographs=24, reader_steps=2)
TOY = {"steps": 3, "settings": {"batch": 4}}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def near(work):
    return prepare(NEAR, work, None, SIZES)


def arms(domain, work, out, seed=0):
    return arms_of(domain, seed, device="cpu", work=work, out=out, until=time.time() + 600, toy=TOY)


def test_both_domains_have_the_same_arms_and_only_photographs_train_the_classifier_that_was_taken(tmp_path):
    near, far = (arms_of(d, 0, device="cpu", work=tmp_path, out=tmp_path, until=0) for d in (NEAR, FAR))
    assert [arm.label for arm in near] == [arm.label for arm in far]
    frozen = {arm.name for arm in (*near, *far) if arm.minutes and "frozen" in arm.call["set"]}
    assert frozen == {"near-0-zoo-2", "near-0-zoo-5", "near-0-zoo-10"}
    started = {arm.start for arm in (*near, *far) if arm.call.get("start_from") == "zoo:faces"}
    assert started == {"zoo"}


def test_the_untrained_model_is_one_arm_for_all_seeds(tmp_path):
    first, second = ({arm.name for arm in arms(NEAR, tmp_path, tmp_path, seed)} for seed in (0, 1))
    assert first & second == {"near-zoo-0"}


def test_every_training_reaches_its_last_stage_with_the_whole_decorrelation(tmp_path):
    for arm in arms_of(FAR, 0, device="cpu", work=tmp_path, out=tmp_path, until=0)[1:]:
        assert arm.steps == STEPS[False][arm.minutes]
        settings = arm.call["set"]
        assert settings["classifier_steps"] + settings["decorrelation.over"] < arm.steps / 2


def test_a_domain_is_a_folder_of_pictures_with_attributes_and_others_judge_it(near):
    dataset = open_dataset(near.pictures, size=64)
    assert len(dataset) == SIZES.pictures
    assert set(dataset.attribute_names) == set(ATTRIBUTES)
    images, attributes = near.held_out()
    assert (images.shape, attributes.shape) == ((12, 3, 64, 64), (12, 8))
    assert near.reader()(images).shape == (12, 8)
    held_out = (images.permute(0, 2, 3, 1).numpy() * 127.5 + 127.5).round().astype(np.uint8)
    assert not any((picture == own).all() for picture in held_out for own in dataset.images)


def test_photographs_are_taken_from_the_splits_of_their_set(tmp_path):
    with pytest.raises(UsageError, match="--data"):
        prepare(FAR, tmp_path, None, SIZES)
    faces = write_folder("faces", tmp_path / "faces", 160, 64, 3)
    with pytest.raises(UsageError, match="at least 120"):
        prepare(FAR, tmp_path, faces, replace(SIZES, held_out=120))
    far = prepare(FAR, tmp_path, faces, Sizes(pictures=20, held_out=2, photographs=10, reader_steps=1))
    whole = open_dataset(faces, size=64)
    pictures = open_dataset(far.pictures, size=64, attributes=list(ATTRIBUTES))
    assert (pictures.images[0] == whole.images[whole.indices("train")[0]]).all()
    columns = [whole.attribute_names.index(name) for name in ATTRIBUTES]
    assert (pictures.attributes == whole.attributes[whole.indices("train")[:20]][:, columns]).all()


def test_what_is_prepared_can_be_carried_to_a_machine_without_the_photographs(tmp_path, monkeypatch):
    faces = write_folder("faces", tmp_path / "faces", 160, 64, 3)
    monkeypatch.setattr(
        fine_tuning, "Sizes", lambda **_: Sizes(pictures=20, held_out=2, photographs=10, reader_steps=1)
    )
    call = ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "carried"), "--toy", "--domains", "far"]
    assert main([*call, "--data", str(faces), "--prepare"]) == 0
    assert not list((tmp_path / "out").iterdir())
    assert (tmp_path / "carried" / "commit.txt").is_file()
    carried = prepare(FAR, tmp_path / "carried", None, SIZES)
    assert len(open_dataset(carried.pictures, size=64)) == 20


def test_an_arm_leaves_its_figures_and_the_sheets_are_drawn_from_all(near, work, tmp_path, monkeypatch):
    whole = arms(NEAR, work, tmp_path)
    group = [arm for arm in whole if arm.name in ("near-zoo-0", "near-0-nothing-2")]
    monkeypatch.setattr(fine_tuning, "FIRST", (("zoo", 0), ("nothing", 2)))
    for arm in group:
        do(arm)
    figures = {arm.name: json.loads((tmp_path / f"{arm.name}.json").read_text()) for arm in group}
    assert [arm["steps"] for arm in figures.values()] == [0, 3]
    untrained, nothing = figures.values()
    assert untrained["psnr"] > nothing["psnr"]
    assert untrained["edits"]["Eyeglasses"].keys() >= {"kid_features", "rank_correlation", "balanced_change"}
    draw_sheets(near, group, "near-0", tmp_path)
    with Image.open(tmp_path / "near-0.png") as few, Image.open(tmp_path / "near-0-edits.png") as more:
        assert few.width * few.height < more.width * more.height  # 3 rows, and 5
    monkeypatch.setattr(fine_tuning, "NRDS_SEEDS", 1)
    result = assemble({NEAR: near}, {(NEAR, 0): whole, (NEAR, 1): arms(NEAR, work, tmp_path, 1)}, tmp_path, "cpu")
    assert result["nrds"].keys() == {"near-0"}
    assert result["nrds"]["near-0"]["scores"].keys() == {arm.label for arm in group}
    assert len(result["arms"]) == 2
    (tmp_path / "nrds-near-0.json").write_text('{"scores": {"zoo untrained": 1.0}}')
    ranked_again = assemble({NEAR: near}, {(NEAR, 0): whole}, tmp_path, "cpu")["nrds"]["near-0"]
    assert ranked_again["scores"].keys() == {arm.label for arm in group}, "ranked before an arm was done"
