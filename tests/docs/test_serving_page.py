"""The server of docs/serving.md runs as it stands there."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

import edgan
from edgan.synthetic import write_folder

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


@pytest.fixture(scope="module")
def code() -> str:
    """The example: the page's only block of Python."""
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return block


@pytest.fixture(scope="module")
def server(code: str) -> dict[str, Any]:
    """The names that the example defines."""
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A drawn face in a wide JPEG."""
    (face,) = sorted((write_folder("faces", tmp_path_factory.mktemp("one") / "faces", 1, 96) / "images").iterdir())
    wide = Image.new("RGB", (140, 96))
    wide.paste(Image.open(face), (22, 0))
    buffer = io.BytesIO()
    wide.save(buffer, "JPEG")
    return buffer.getvalue()


def send(server: dict[str, Any], photo: bytes, **options: str | float) -> Any:
    head = {"Content-Type": "image/jpeg"}
    return TestClient(server["app"]).post("/edit", params=options, content=photo, headers=head)


def test_the_server_sends_the_picture_that_the_model_edits(server: dict[str, Any], photo: bytes) -> None:
    answer = send(server, photo, attribute="Smiling", value=2.0)
    assert answer.status_code == 200, answer.text
    drawn = np.asarray(Image.open(io.BytesIO(answer.content)))
    (expected,) = edgan.load("zoo:faces", device="cpu").edit(photo, {"Smiling": 2.0}, as_pil=True)
    assert np.array_equal(drawn, np.asarray(expected))


def test_the_server_says_what_is_wrong(server: dict[str, Any], photo: bytes) -> None:
    answer = send(server, photo, attribute="Smilin")
    assert (answer.status_code, answer.json()["detail"].split(". ")[1]) == (422, "Did you mean 'Smiling'?")
    assert "not an image" in send(server, b"rubbish", attribute="Smiling").json()["detail"]


def test_the_server_answers_several_at_once(server: dict[str, Any], photo: bytes) -> None:
    values = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda value: send(server, photo, attribute="Smiling", value=value), values))
    alone = [send(server, photo, attribute="Smiling", value=value) for value in values]
    assert [answer.content for answer in together] == [answer.content for answer in alone]


def test_the_server_says_what_the_model_is(server: dict[str, Any]) -> None:
    assert "Smiling" in TestClient(server["app"]).get("/").json()["attributes"]


def test_the_example_is_short(code: str) -> None:
    assert len([line for line in code.splitlines() if line.strip()]) <= 25
