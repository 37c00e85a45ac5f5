"""An exported page, opened in Chromium from its file without a network, draws what Python draws."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from exported_page import PAGES, OpenPage, pixels, set_slider, settled
from PIL import Image
from playwright.sync_api import Browser, Page

import edgan
from edgan.data import from_uint8, load_image
from edgan.data.crops import parse_crop
from edgan.models.pixels import to_uint8

LEVELS = 2
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def tensor_of(picture: np.ndarray) -> torch.Tensor:
    """(H, W, 3) to (1, 3, H, W) in [-1, 1]."""
    return from_uint8(torch.from_numpy(picture.astype(np.uint8))[None])


def photo(width: int, height: int) -> Image.Image:
    """A picture with smooth and sharp places."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin(x / 9.0) * np.cos(y / 13.0), np.sin((x + y) / 5.0), ((x // 16 + y // 16) % 2) - 0.5], -1)
    return Image.fromarray(np.uint8(np.clip(128 + 100 * waves, 0, 255)))


def choose(page: Page, picture: Image.Image, name: str = "mine.png") -> None:
    """Choose a photo by the page's button."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    page.locator("input.from-file").first.set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}
    )
    page.wait_for_timeout(100)


def drop(page: Page, picture: Image.Image) -> None:
    """Drop a photo on the page."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "mine.png", {type: "image/png"}));
          document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
        list(buffer.getvalue()),
    )
    page.wait_for_timeout(100)


def begin(page: Page) -> None:
    """Take the first example again, which forgets all changes."""
    page.get_by_role("button", name="Example 1").click()
    page.wait_for_timeout(100)
    settled(page)


def test_an_edit_is_pythons_within_two_grey_levels(open_page: OpenPage) -> None:
    page, model = open_page("editor"), edgan.load("zoo:faces", "cpu")
    begin(page)
    face = pixels(page, "canvas.before")
    changes = {"Eyeglasses": set_slider(page, "Eyeglasses", 3.0), "Blond_Hair": set_slider(page, "Blond Hair", -0.5)}
    expected = to_uint8(model.edit(tensor_of(face), changes))[0].numpy().astype(int)
    plain = to_uint8(model.reconstruct(tensor_of(face)).output)[0].numpy().astype(int)
    made = settled(page)
    assert np.abs(made - expected).max() <= LEVELS
    assert np.abs(plain - expected).max() > 20
    page.get_by_role("button", name="Reset", exact=True).click()
    assert np.abs(settled(page) - plain).max() <= LEVELS


def test_the_picture_is_saved(open_page: OpenPage) -> None:
    page = open_page("editor")
    begin(page)
    shown = pixels(page, "canvas.after")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the picture").click()
    saved = np.asarray(Image.open(waiting.value.path()).convert("RGB")).astype(int)
    assert waiting.value.suggested_filename == "editor-edited.png"
    assert np.array_equal(saved, shown)


@pytest.mark.parametrize(
    ("size", "how"), [((300, 200), drop), ((90, 131), choose), ((64, 64), choose), ((48, 40), choose)]
)
def test_a_photo_is_cropped_and_resized_as_in_python(open_page: OpenPage, tmp_path: Path, size, how) -> None:
    page = open_page("editor")
    picture = photo(*size)
    picture.save(tmp_path / "mine.png")
    settled(page)
    how(page, picture)
    shown = settled(page, "canvas.before")
    expected = load_image(tmp_path / "mine.png", 64, 3)
    assert np.abs(shown - expected).max() <= 1
    model = edgan.load("zoo:faces", "cpu")
    drawn = to_uint8(model.reconstruct(tensor_of(expected)).output)[0].numpy().astype(int)
    assert np.abs(pixels(page, "canvas.after") - drawn).max() <= LEVELS


def open_with_crop(browser: Browser, pages: Path, tmp_path: Path, crop: str) -> Page:
    """The editor's page, with another crop in what it knows of the model."""
    text = (pages / "editor.html").read_text()
    square, other = (json.dumps({"crop": asdict(parse_crop(name))})[1:-1] for name in ("square", crop))
    assert text.count(square) == 1
    (tmp_path / "other.html").write_text(text.replace(square, other))
    page = browser.new_page()
    page.goto((tmp_path / "other.html").as_uri())
    page.locator("main.ready").wait_for()
    return page


@pytest.mark.parametrize(("crop", "sizes"), [("celeba-148", [(178, 218), (120, 90)]), ("celeba-128", [(89, 109)])])
def test_a_photo_is_cropped_as_the_run_says(browser, pages: Path, tmp_path: Path, crop: str, sizes) -> None:
    page = open_with_crop(browser, pages, tmp_path, crop)
    for size in sizes:
        photo(*size).save(tmp_path / "mine.png")
        choose(page, photo(*size))
        shown = settled(page, "canvas.before")
        expected = load_image(tmp_path / "mine.png", 64, 3, parse_crop(crop))
        assert np.abs(shown - expected).max() <= (2 if parse_crop(crop).blur else 1)
    page.close()


def test_a_photo_for_a_model_of_cut_out_faces_is_cropped_by_hand_at_once(browser, pages: Path, tmp_path: Path) -> None:
    page = open_with_crop(browser, pages, tmp_path, "face")
    choose(page, photo(120, 90))
    page.get_by_role("button", name="Use this square").click()
    page.wait_for_timeout(100)
    photo(120, 90).save(tmp_path / "mine.png")
    assert np.abs(settled(page, "canvas.before") - load_image(tmp_path / "mine.png", 64, 3)).max() <= 1
    page.close()


def test_a_photo_is_cropped_by_hand(open_page: OpenPage) -> None:
    page = open_page("editor")
    picture = photo(300, 200)
    choose(page, picture)
    whole = settled(page, "canvas.before")
    page.get_by_role("button", name="Crop by hand").click()
    page.get_by_role("dialog").wait_for()
    set_slider(page, "Size", 64)
    set_slider(page, "Left", 20)
    set_slider(page, "Top", 30)
    page.get_by_role("button", name="Use this square").click()
    page.wait_for_timeout(100)
    cut = settled(page, "canvas.before")
    assert np.array_equal(cut, np.asarray(picture.crop((20, 30, 84, 94))).astype(int))
    assert not np.array_equal(cut, whole)


def test_a_translation_is_pythons_within_two_grey_levels(open_page: OpenPage) -> None:
    page, model = open_page("translator"), edgan.load("zoo:facades", "cpu")
    begin(page)
    source = pixels(page, "canvas.labels")
    page.get_by_role("button", name="Base", exact=True).click()
    base = settled(page)
    assert np.abs(base - to_uint8(model.translate(tensor_of(source)).base)[0].numpy()).max() <= LEVELS
    page.get_by_role("button", name="Another variant").click()
    other = settled(page)
    assert np.abs(other - base).max() > LEVELS


def test_a_stroke_changes_the_translation_where_it_is_drawn(open_page: OpenPage) -> None:
    page = open_page("translator")
    begin(page)
    page.get_by_role("button", name="Base", exact=True).click()
    before = settled(page)
    box = page.locator("canvas.labels").bounding_box()
    assert box is not None
    page.get_by_role("button", name="door", exact=True).click()
    set_slider(page, "Brush", 20)
    page.locator("canvas.labels").click(position={"x": box["width"] / 4, "y": box["height"] / 4})
    moved = np.abs(settled(page) - before).max(2)
    assert moved[24:40, 24:40].mean() > 2 * moved[80:, 80:].mean()
    page.keyboard.press("Control+z")
    assert np.abs(settled(page) - before).max() <= LEVELS


def test_samples_are_drawn_and_moved_and_repeat_by_seed(open_page: OpenPage) -> None:
    page = open_page("sampler")
    page.get_by_role("button", name="Seed 0", exact=True).click()
    first = settled(page)
    page.get_by_role("button", name="Seed 5").click()
    fifth = settled(page)
    set_slider(page, "Direction 1", 3)
    assert not np.array_equal(settled(page), fifth)
    page.get_by_role("button", name="Reset", exact=True).click()
    assert np.array_equal(settled(page), fifth)
    page.get_by_role("button", name="Seed 0", exact=True).click()
    assert np.array_equal(settled(page), first)
    page.get_by_role("button", name="Draw others").click()
    page.get_by_role("button", name="Seed 12").wait_for()


def test_a_reconstruction_is_pythons_and_shows_its_parts(open_page: OpenPage, runs: Path) -> None:
    page, model = open_page("twin"), edgan.load(runs / "vae", "cpu")
    picture = photo(32, 32)
    choose(page, picture)
    settled(page)
    made = model.reconstruct(tensor_of(np.asarray(picture)))
    for name, expected in (("Output", made.output), ("Base", made.base), ("Residual", made.residual)):
        page.get_by_role("button", name=name, exact=True).click()
        assert np.abs(settled(page) - to_uint8(expected)[0].numpy()).max() <= LEVELS


def test_a_file_that_is_no_picture_is_refused_with_a_sentence(open_page: OpenPage) -> None:
    page = open_page("editor")
    page.locator("input.from-file").set_input_files({"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.get_by_text("note.txt is not a picture that this browser can open").wait_for()


def test_the_policy_forbids_the_network(open_page: OpenPage) -> None:
    page = open_page("sampler")
    policy = page.locator("meta[http-equiv]").get_attribute("content") or ""
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits_a_phone(open_page: OpenPage, artefacts: Path, name: str) -> None:
    page = open_page(name)
    settled(page)
    for details in page.locator("details").all():
        details.evaluate("d => { d.open = true; }")
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=artefacts / f"exported-{name}-{scheme}.png", full_page=True)
        violations = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in violations] == []
