"""Findings name what is wrong with a model's pictures, and real pictures give none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from edgan.metrics.findings import Reference
from edgan.synthetic import render_faces

COUNT = 60


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Rendered faces of 32 pixels, (180, 32, 32, 3) uint8."""
    return render_faces(3 * COUNT, 32)[0]


@pytest.fixture(scope="module")
def reference(faces: np.ndarray) -> Reference:
    return Reference(faces[: 2 * COUNT])


@pytest.fixture
def held(faces: np.ndarray) -> np.ndarray:
    return faces[2 * COUNT :]


def kinds(reference: Reference, pictures: np.ndarray) -> list[str]:
    return [finding.kind for finding in reference.findings(pictures)]


def test_held_out_pictures_are_found_wrong_in_nothing(reference: Reference, held: np.ndarray) -> None:
    assert kinds(reference, held) == []


def test_a_memoriser_repeats_itself_and_copies(reference: Reference, faces: np.ndarray) -> None:
    few, copies = reference.findings(faces[np.arange(COUNT) % 10])
    assert (few.kind, few.figure) == ("few-distinct", 10)
    assert "10 of 60" in few.sentence
    assert (copies.kind, copies.figure) == ("copies", 1)


def test_copies_without_repeats_are_copies_alone(reference: Reference, faces: np.ndarray) -> None:
    assert kinds(reference, faces[:COUNT]) == ["copies"]


def test_small_changes_do_not_hide_a_repeat(reference: Reference, held: np.ndarray) -> None:
    noise = np.random.default_rng(0).normal(0, 3, held.shape)
    again = np.clip(held[np.arange(COUNT) % 10] + noise, 0, 255).astype(np.uint8)
    assert reference.findings(again)[0].figure == 10


@pytest.mark.parametrize(
    ("value", "words"), [(128, "all its pictures are a plain colour"), (None, "all its pictures are the same picture")]
)
def test_one_picture_for_all_is_constant(value: int | None, words: str, reference: Reference, held: np.ndarray) -> None:
    same = np.repeat(held[:1], COUNT, 0) if value is None else np.full_like(held, value)
    (finding,) = reference.findings(same)
    assert finding.kind == "constant"
    assert words in finding.sentence


def test_plain_colours_are_told_from_one_picture(reference: Reference, held: np.ndarray) -> None:
    plain = np.broadcast_to(np.arange(COUNT, dtype=np.uint8)[:, None, None, None] * 4, held.shape)
    assert "each of its pictures is a plain colour" in reference.findings(plain)[0].sentence


def test_noise_is_called_noise(reference: Reference, held: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 256, held.shape, dtype=np.uint8)
    assert kinds(reference, noise) == ["noise"]


def test_blur_and_grain_are_found(reference: Reference, held: np.ndarray) -> None:
    blurred = np.stack([np.asarray(Image.fromarray(face).filter(ImageFilter.GaussianBlur(1))) for face in held])
    grain = np.clip(held + np.random.default_rng(0).normal(0, 25, held.shape), 0, 255).astype(np.uint8)
    assert kinds(reference, blurred) == ["blurry"]
    assert "grainy" in kinds(reference, grain)


def test_a_checkerboard_is_found(reference: Reference, held: np.ndarray) -> None:
    board = np.indices((32, 32)).sum(0)[None, :, :, None] % 2 * 10
    sentences = {finding.kind: finding.sentence for finding in reference.findings((held // 2 + board).astype(np.uint8))}
    assert "2 pixels" in sentences["pattern"]


def test_grey_pictures_against_coloured_ones_are_found(reference: Reference, held: np.ndarray) -> None:
    grey = held.mean(3, keepdims=True).astype(np.uint8).repeat(3, 3)
    assert "grey" in kinds(reference, grey)


def test_one_kind_of_picture_out_of_many_is_narrow() -> None:
    """Real pictures of six colours; a model that only ever draws two of them."""
    rng = np.random.default_rng(0)

    def draw(colours: int, count: int) -> np.ndarray:
        tones = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200], [200, 200, 30], [30, 200, 200], [200, 30, 200]])
        rough = rng.normal(0, 40, (count, 8, 8, 3)).repeat(4, 1).repeat(4, 2)
        return np.clip(tones[np.arange(count) % colours][:, None, None] + rough, 0, 255).astype(np.uint8)

    reference = Reference(draw(6, 240))
    assert kinds(reference, draw(6, 120)) == []
    assert kinds(reference, draw(2, 120)) == ["narrow"]


def test_pictures_that_lie_elsewhere_are_away(reference: Reference, held: np.ndarray) -> None:
    assert "away" in kinds(reference, 255 - held)


def test_a_finding_does_not_depend_on_the_other_models(reference: Reference, held: np.ndarray) -> None:
    first = reference.findings(held[:, :, ::-1])
    reference.findings(np.zeros_like(held))
    assert reference.findings(held[:, :, ::-1]) == first
