"""The panel Edit in a real browser, with real models."""

from __future__ import annotations

import io

import httpx2 as httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from studio_server import (
    SMILING,
    Open,
    changed,
    drag,
    open_editor,
    picture,
    pixels,
    settled,
    wait_until,
)


def upload(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Photo", exact=True).set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def png(size: tuple[int, int], seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def test_dragging_a_slider_changes_the_picture_after_the_divider_and_the_last_position_wins(
    open_page: Open, client: httpx.Client
) -> None:
    page = open_editor(open_page)
    before, input_picture = settled(page), pixels(page, "canvas.before")
    drag(page, SMILING, 1.0)
    after = settled(page)
    assert changed(before, after).mean() > 0.2
    assert not changed(input_picture, pixels(page, "canvas.before")).any()
    expect(page.locator(SMILING)).to_have_value("5")
    drag(page, SMILING, 0.1, steps=30)
    value = float(page.locator(SMILING).input_value())
    shown = settled(page)
    request = {"picture": {"split": "val", "index": 0}, "changes": {"Smiling": value}}
    alone = picture(client.post("/runs/editor/edit", json=request))
    assert np.abs(alone - shown).max() <= 1


def test_positions_that_come_while_a_picture_is_drawn_are_dropped_but_for_the_last(
    open_page: Open, client: httpx.Client
) -> None:
    page = open_editor(open_page)
    sent: list[float] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.post_data_json["changes"].get("Smiling"))
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/edit?*", slowly)
    page.locator(SMILING).evaluate(
        "s => { for (let i = 0; i <= 40; i++) { s.value = String(i / 10); s.dispatchEvent(new Event('input')); } }"
    )
    settled(page)
    page.unroute("**/edit?*")
    assert sent == [0.0, 4.0]
    request = {"picture": {"split": "val", "index": 0}, "changes": {"Smiling": 4.0}}
    assert np.abs(picture(client.post("/runs/editor/edit", json=request)) - settled(page)).max() <= 1


def test_raising_an_attribute_takes_back_and_lowers_those_that_it_excludes(open_page: Open) -> None:
    page = open_editor(open_page)

    def with_a_group(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "exclusive": [["Smiling", "Blond_Hair"]]})

    page.route("**/edit/controls", with_a_group)
    page.reload()
    page.locator(SMILING).wait_for()
    settled(page)
    blond = page.locator("css=.attribute:has(label:text-is('Blond Hair'))")
    drag(page, "css=.attribute:has(label:text-is('Blond Hair')) input", 0.8)
    expect(blond).to_have_class("slider attribute changed")
    drag(page, SMILING, 1.0)
    expect(blond).to_have_class("slider attribute")
    assert abs(float(blond.locator("output").inner_text())) < 0.005
    page.get_by_role("button", name="Reset Smiling").click()
    assert float(blond.locator("output").inner_text()) != 0


def test_the_divider_shows_the_input_on_its_left_and_moves_by_keyboard(open_page: Open) -> None:
    page = open_editor(open_page)
    handle = page.get_by_role("slider", name="Divider")
    handle.focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    expect(handle).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("Home")
    clip = page.locator("canvas.before").evaluate("c => getComputedStyle(c).clipPath")
    assert "100%" in clip


def test_undo_redo_and_reset_bring_pictures_back(open_page: Open) -> None:
    page = open_editor(open_page)
    original = settled(page)
    page.locator(SMILING).focus()
    page.keyboard.press("End")
    edited = settled(page)
    page.keyboard.press("Control+z")
    assert not changed(original, settled(page)).any()
    page.keyboard.press("Control+Shift+z")
    assert not changed(edited, settled(page)).any()
    page.get_by_role("button", name="Reset", exact=True).click()
    assert not changed(original, settled(page)).any()


def test_several_attributes_change_together_and_base_and_residual_add_up(open_page: Open) -> None:
    page = open_editor(open_page, "twin")
    page.locator(SMILING).focus()
    page.keyboard.press("End")
    one = settled(page)
    page.locator("css=.attribute:has(label:text-is('Eyeglasses')) input").focus()
    page.keyboard.press("End")
    output = settled(page)
    assert changed(one, output).any()
    page.get_by_role("button", name="Base").click()
    base = settled(page)
    page.get_by_role("button", name="Residual").click()
    residual = settled(page)
    sound = (output > 2) & (output < 253) & (base > 2) & (base < 253) & (residual > 2) & (residual < 253)
    assert np.abs(base + residual - 127.5 - output)[sound].max() <= 2


def test_a_class_is_chosen_and_gone_to_by_degrees(open_page: Open) -> None:
    page = open_page("runs/classes/edit")
    page.locator(".classes button").first.wait_for()
    start = settled(page)
    page.get_by_role("button", name="two").click()
    whole = settled(page)
    assert changed(start, whole).any()
    page.get_by_label("How far").fill("0")
    assert not changed(start, settled(page)).any()
    page.keyboard.press("Control+z")
    assert not changed(whole, settled(page)).any()
    expect(page.get_by_role("button", name="two")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Reset", exact=True).click()
    assert not changed(start, settled(page)).any()


def test_a_sweep_is_shown_saved_as_strip_and_gif_and_sets_the_slider(open_page: Open) -> None:
    page = open_editor(open_page)
    page.get_by_label("Sweep of", exact=True).select_option("Smiling")
    frames = page.locator(".frames button[aria-label^='Smiling']")
    expect(frames).to_have_count(9)
    frames.last.click()
    expect(page.locator(SMILING)).to_have_value("5")
    sizes = {}
    for name in ("Save as strip", "Save as GIF", "Download PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        image = Image.open(download.value.path())
        sizes[name] = (image.format, getattr(image, "n_frames", 1), image.size)
    assert sizes["Save as strip"][0] == "PNG"
    assert sizes["Save as strip"][2][0] > 9 * 64
    assert sizes["Save as GIF"] == ("GIF", 30, (256, 256))
    assert sizes["Download PNG"] == ("PNG", 1, (32, 32))


def test_a_photo_is_cropped_by_hand_and_edited(open_page: Open) -> None:
    page = open_editor(open_page)
    before = pixels(page, "canvas.before")
    upload(page, "photo.png", png((120, 80)))
    page.get_by_role("dialog").wait_for()
    page.get_by_label("Size").fill("40")
    page.get_by_label("Left").fill("70")
    page.get_by_label("Top").fill("10")
    corner = page.locator(".crop-square").evaluate("s => [s.style.left, s.style.top, s.style.width]")
    assert [float(part.rstrip("%")) for part in corner] == pytest.approx([100 * 70 / 120, 12.5, 100 / 3], abs=0.01)
    page.get_by_role("button", name="Use this square").click()
    wait_until(page, "!document.querySelector('dialog')")
    wait_until(
        page,
        "document.querySelector('canvas.before').getContext('2d').getImageData(0, 0, 1, 1).data[0] "
        f"!= {before[0, 0, 0]}",
    )
    pixel = np.asarray(
        Image.open(io.BytesIO(png((120, 80)))).crop((70, 10, 110, 50)).resize((32, 32), Image.Resampling.LANCZOS)
    )
    assert np.abs(pixels(page, "canvas.before") - pixel.astype(int)).mean() < 12


def test_a_picture_is_pasted_and_one_of_the_set_is_taken(open_page: Open, client: httpx.Client) -> None:
    page = open_editor(open_page)
    page.evaluate(
        """async () => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 50;
        const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([blob], "pasted.png", {type: "image/png"}));
        document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }"""
    )
    page.get_by_role("button", name="Use this square").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="From the data set").click()
    page.get_by_role("button", name="Training", exact=True).click()
    page.locator("dialog .grid button").nth(3).click()
    settled(page)
    stored = picture(client.get("/runs/editor/pictures/train/3/image.png"))
    page.wait_for_timeout(300)
    assert np.abs(pixels(page, "canvas.before") - stored).max() <= 1


def test_a_bad_file_is_refused_with_a_sentence_where_it_was_given(open_page: Open) -> None:
    page = open_editor(open_page)
    upload(page, "letter.png", b"Dear sir or madam")
    error = page.locator(".right section .error").first
    expect(error).to_have_text("The file cannot be used: not an image in a format that is read.")
    open_page.expect_errors()  # type: ignore[attr-defined]


def test_a_model_that_ships_is_edited_without_a_run_or_a_photo(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("link", name="Edit: zoo:faces").click()
    page.locator(SMILING).wait_for(timeout=60_000)
    start = settled(page)
    drag(page, "css=.attribute:has(label:text-is('Eyeglasses')) input", 1.0)
    difference = np.abs(settled(page) - start).sum(2)
    eyes, corners = difference[24:40, 18:46], np.concatenate([difference[:10, :10], difference[:10, -10:]])
    assert eyes.mean() > 4 * corners.mean()
