"""GRIT and UU-Net on the command line: classes and colours, batches of one, styles, what explain shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calling import call, done, refused
from PIL import Image

from edgan.data.build import PALETTE

TINY = (
    *("--preset", "small", "--size", "32", "--steps", "2", "--device", "cpu"),
    *("--set", "network.width=4", "--set", "network.max_width=8"),
    *("--set", "discriminator.width=4", "--set", "discriminator.max_width=8"),
)


def street(folder: Path, count: int) -> Path:
    """Pairs in images/ and labels/ with maps of three classes."""
    maps = np.random.default_rng(0).integers(0, 3, (count, 40, 48), dtype=np.uint8)
    for number, indices in enumerate(maps):
        for side, pixels in (("images", PALETTE[indices]), ("labels", indices)):
            (folder / side).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / side / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return street(tmp_path_factory.mktemp("sets") / "street", 8)


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("method", ["grit", "uu-net"])
def test_index_maps_train_as_colours_and_as_classes(method: str, classes: int, pairs: Path, tmp_path: Path) -> None:
    options = ("--set", f"source_classes={classes}", "--set", "preview_every=2")
    done(call("train", method, "--data", pairs, "--out", tmp_path / "run", *TINY, *options))
    assert list((tmp_path / "run" / "previews").iterdir())
    figures = json.loads(done(call("evaluate", tmp_path / "run", "--data", pairs, "--json")).out)["figures"]
    assert figures["psnr_output"] > 0
    done(call("translate", tmp_path / "run", pairs / "labels", tmp_path / "maps"))
    done(call("translate", tmp_path / "run", pairs, tmp_path / "pairs"))
    ours, theirs = (np.asarray(Image.open(tmp_path / name / "3.png")) for name in ("maps", "pairs"))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("method", ["grit", "uu-net"])
def test_a_single_pair_is_learnt_by_batches_of_one(method: str, tmp_path: Path) -> None:
    pair = street(tmp_path / "one", 1)
    done(call("train", method, "--data", pair, "--out", tmp_path / "run", *TINY, "--batch", "1"))
    many = call("train", method, "--data", pair, "--out", tmp_path / "other", *TINY, "--batch", "4")
    refused(many, 2, "--batch must be at most 1")


def test_a_class_beyond_the_classes_is_a_wrong_call(pairs: Path, tmp_path: Path) -> None:
    words = ("train", "grit", "--data", pairs, "--out", tmp_path / "run", *TINY, "--set", "source_classes=2")
    refused(call(*words), 2, "holds class 2")


def test_exchanged_sides_are_told_when_training_begins(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(5):
        for side in "AB":
            (tmp_path / "sets" / side).mkdir(parents=True, exist_ok=True)
        plain = np.full((32, 32, 3), 30 * number, dtype=np.uint8)
        Image.fromarray(plain).save(tmp_path / "sets" / "A" / f"{number}.png")
        noise = random.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / "sets" / "B" / f"{number}.png")
    said = done(call("train", "grit", "--data", tmp_path / "sets", "--out", tmp_path / "run", *TINY, "--batch", "2"))
    assert "the sides are swapped" in said.err


def test_explain_shows_the_links_as_columns_and_cuts() -> None:
    shares = ("--set", "link_gradient.discriminate=0.5", "--set", "link_gradient.translate=0.5")
    small = ("--preset", "small", "--size", "32")
    shown = done(call("explain", "uu-net", *small, "--set", "variant=v4", *shares)).out
    assert "discriminator+encoder+decoder by discrimination" in shown
    assert "output -> every reader is multiplied by 0 in discriminate" in shown
    assert "links -> every reader is multiplied by 0.5" in shown
    result = json.loads(done(call("explain", "uu-net", *small, "--set", "variant=v1", "--json")).out)
    assert [cut["name"] for cut in result["cuts"]] == ["pixels", "links"]
    assert result["phases"][0]["phases"][0]["terms"] == ["discrimination"]


def test_the_critic_stands_in_a_column_of_its_own_and_says_what_it_is() -> None:
    shown = done(call("explain", "uu-net", "--preset", "quick", "--size", "32")).out
    assert "discriminator+critic+encoder+decoder by discrimination" in shown
    assert "-critic(output)" in shown


def test_variants_differ_in_style_unless_a_style_is_given(pairs: Path, tmp_path: Path) -> None:
    """Without noise in the residual, which starts at 0, what varies is the base's style."""
    run = tmp_path / "run"
    done(call("train", "grit", "--data", pairs, "--out", run, *TINY))
    source = pairs / "labels" / "0.png"
    options = ("--variants", "2", "--what", "base")
    done(call("translate", run, source, tmp_path / "free", *options))
    said = done(call("translate", run, source, tmp_path / "held", *options, "--style", pairs / "images" / "1.png"))
    assert "writable" not in said.err

    def differ(folder: str) -> bool:
        first, second = (np.asarray(Image.open(path)) for path in sorted((tmp_path / folder).iterdir()))
        return not np.array_equal(first, second)

    assert differ("free")
    assert not differ("held")
