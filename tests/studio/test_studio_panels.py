"""The other panels in a real browser, with real models: home, Translate, Sample, Invert, Table."""

from __future__ import annotations

from pathlib import Path

import httpx2 as httpx
import numpy as np
from playwright.sync_api import expect
from studio_server import (
    SMILING,
    Open,
    Server,
    changed,
    open_editor,
    pixels,
    settled,
    wait_until,
)


def test_home_shows_each_run_with_the_panels_of_its_model(open_page: Open) -> None:
    page = open_page()
    cards = page.locator(".card")
    expect(cards).to_have_count(11)
    links = {card.locator("h2").inner_text(): card.locator(".links").inner_text().split() for card in cards.all()}
    assert links == {
        "classes": ["Table", "Edit"],
        "editor": ["Table", "Edit"],
        "facades": ["Table", "Translate"],
        "gan": ["Table", "Sample", "Invert"],
        "inverse": ["Table", "Edit", "Sample", "Invert"],
        "twin": ["Table", "Edit"],
        "zoo:digits": ["Table", "Edit"],
        "zoo:ed-faces": ["Table", "Edit"],
        "zoo:garments": ["Table", "Sample", "Invert"],
        "zoo:faces": ["Table", "Edit"],
        "zoo:facades": ["Table", "Translate"],
    }


def test_a_window_drawn_on_the_map_changes_the_translation_there(open_page: Open) -> None:
    page = open_page("runs/facades/translate")
    wait_until(page, "performance.getEntriesByName('stroke to picture').length > 0")
    before = settled(page)
    page.get_by_role("button", name="window").click()
    page.get_by_role("button", name="Rectangle").click()
    box = page.locator("canvas.labels").bounding_box()
    assert box is not None
    left, top, side = box["x"], box["y"], box["width"]
    page.mouse.move(left + 0.1 * side, top + 0.1 * side)
    page.mouse.down()
    page.mouse.move(left + 0.35 * side, top + 0.35 * side, steps=6)
    page.mouse.up()
    after = settled(page)
    difference = np.abs(after - before).sum(2)
    assert difference[2:14, 2:14].mean() > 2 * difference[18:, 18:].mean()
    page.keyboard.press("Control+z")
    assert not changed(before, settled(page)).any()


def test_the_map_is_drawn_by_keyboard_filled_and_read_by_the_eyedropper(open_page: Open) -> None:
    page = open_page("runs/facades/translate")
    wait_until(page, "performance.getEntriesByName('stroke to picture').length > 0")
    labels = page.locator("canvas.labels")
    page.get_by_role("button", name="door").click()
    labels.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    drawn = pixels(page, "canvas.labels")
    assert tuple(drawn[16, 16]) == (0, 170, 255)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="shop").click()
    page.get_by_role("button", name="Fill").click()
    labels.click(position={"x": 5, "y": 5})
    page.get_by_role("button", name="Undo").focus()
    filled = pixels(page, "canvas.labels")
    assert (filled == filled[0, 0]).all()
    assert tuple(filled[0, 0]) == (170, 0, 0)
    page.get_by_role("button", name="Eyedropper").click()
    page.get_by_role("button", name="door").focus()
    labels.click(position={"x": 9, "y": 9})
    expect(page.get_by_role("button", name="shop")).to_have_attribute("aria-pressed", "true")


def test_variants_and_the_strength_of_the_residual_change_the_translation(open_page: Open) -> None:
    page = open_page("runs/facades/translate")
    wait_until(page, "performance.getEntriesByName('stroke to picture').length > 0")
    first = settled(page)
    page.get_by_role("button", name="Another variant").click()
    assert changed(first, settled(page)).any()
    page.get_by_label("Strength of the residual").fill("0")
    alone = settled(page)
    page.get_by_role("button", name="Base").click()
    assert not changed(alone, settled(page)).any()


def test_samples_follow_their_seed_and_two_of_them_are_walked_between(open_page: Open) -> None:
    page = open_page("runs/inverse/sample")
    tiles = page.locator(".samples button")
    expect(tiles).to_have_count(24)
    second = pixels(page, ".samples button:nth-child(2) canvas")
    page.get_by_label("First seed").fill("1")
    page.get_by_label("First seed").press("Enter")
    page.locator(".samples button[aria-label='Sample of seed 24']").wait_for()
    assert not changed(second, pixels(page, ".samples button:nth-child(1) canvas")).any()
    tiles.nth(0).click()
    tiles.nth(5).click()
    slider = page.get_by_label("From seed 1 to seed 6")
    slider.fill("0")
    assert np.abs(pixels(page, ".walk canvas") - second).max() <= 1
    slider.fill("16")
    assert changed(second, pixels(page, ".walk canvas")).any()


def test_a_sample_shows_its_nearest_training_picture_and_goes_to_edit(open_page: Open) -> None:
    page = open_page("runs/inverse/sample")
    page.locator(".samples button").nth(2).hover()
    expect(page.locator(".about")).to_contain_text("training pictures were compared")
    page.get_by_role("button", name="Edit this sample").click()
    page.locator(SMILING).wait_for()
    settled(page)
    page.locator(SMILING).focus()
    page.keyboard.press("End")
    assert changed(pixels(page, "canvas.before"), settled(page)).any()


def test_inverters_stand_side_by_side_and_a_latent_goes_to_edit(open_page: Open) -> None:
    page = open_page("runs/inverse/invert")
    page.get_by_label("Steps of L-BFGS").fill("10")
    articles = page.locator(".inversions .inversion")
    expect(articles).to_have_count(2)
    for article in articles.all():
        expect(article.locator("dd")).to_have_count(3, timeout=60_000)
        expect(article.locator("img")).to_have_count(2)
    page.get_by_role("button", name="Edit this latent").first.click()
    page.locator(SMILING).wait_for()
    start = settled(page)
    page.locator(SMILING).focus()
    page.keyboard.press("End")
    assert changed(start, settled(page)).any()


def test_the_table_shows_weights_and_measured_gradients(open_page: Open) -> None:
    page = open_page("runs/twin/table")
    expect(page.locator(".matrix thead th")).to_have_text(["Term", "encoder", "decoder", "generator", "discriminator"])
    row = page.locator(".matrix tbody tr").filter(has_text="adversarial")
    expect(row.locator("td").nth(0)).to_have_class("blocked")
    assert float(row.locator("td").nth(2).locator(".norm").inner_text()) > 0
    last = row.inner_text()
    page.get_by_label("Step").fill("0")
    assert row.inner_text() != last


def test_the_panels_work_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("aria-label") == "Edit: editor":
            break
    page.keyboard.press("Enter")
    page.locator(SMILING).wait_for()
    start = settled(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "range":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert changed(start, settled(page)).any()


def test_a_killed_server_is_reported_and_the_page_says_so_where_it_happens(open_page: Open, folder: Path) -> None:
    running = Server(folder / "runs", "--data", folder / "sets")
    try:
        page = open_editor(open_page, url=running.url)
    finally:
        running.kill()
    page.locator(SMILING).focus()
    page.keyboard.press("End")
    expect(page.locator("#gone")).to_contain_text("does not answer")
    expect(page.locator(".left > .error")).to_contain_text("The studio does not answer")
    open_page.expect_errors()  # type: ignore[attr-defined]


def test_the_interface_documents_itself(open_page: Open, client: httpx.Client) -> None:
    page = open_page("api/v1/docs")
    expect(page.locator("h1")).to_have_text("HTTP interface, version 1")
    assert page.locator(".operation").count() > 25
    described = client.get("/openapi.json").json()
    assert "/api/v1/runs/{run}/edit" in described["paths"]
