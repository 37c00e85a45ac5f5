"""Parts: the layout's own, or by a hash of the names that stays put as a set grows."""

import numpy as np

from edgan.data.splits import assign

NAMES = [f"{number:05d}.jpg" for number in range(4000)]


def shares(split):
    return {name: float(np.mean(split == name)) for name in ("train", "val", "test")}


def test_without_parts_about_90_5_and_5_percent_are_dealt_out():
    share = shares(assign(NAMES, None))
    assert abs(share["train"] - 0.9) < 0.02
    assert abs(share["val"] - 0.05) < 0.01
    assert abs(share["test"] - 0.05) < 0.01


def test_more_images_move_none_of_the_others():
    assert np.array_equal(assign(NAMES, None)[:2000], assign(NAMES[:2000], None))


def test_the_layouts_own_parts_are_kept():
    given = np.array(["train", "val", "test", "train"] * 1000)
    assert np.array_equal(assign(NAMES, given), given)


def test_val_is_carved_out_of_train_and_test_is_left_alone():
    given = np.array(["train", "train", "train", "test"] * 1000)
    split = assign(NAMES, given)
    assert np.array_equal(split == "test", given == "test")
    assert abs(np.sum(split == "val") - 150) < 40


def test_three_images_fill_three_parts():
    for names in (["a", "b", "c"], ["x.png", "y.png", "z.png"]):
        assert sorted(assign(names, None)) == ["test", "train", "val"]
    assert sorted(assign(["a", "b", "c"], np.array(["test"] * 3))) == ["test", "train", "val"]


def test_two_images_are_both_for_training_or_wherever_the_hash_puts_them():
    assert set(assign(["a", "b"], np.array(["train", "test"]))) == {"train", "test"}
