"""Who may speak to the studio, what it opens, and what it refuses before any work."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient
from studio_server import in_own_loop

from edgan.studio.server import photo_routes
from edgan.studio.server.application import create_app
from edgan.studio.server.roots import Roots
from edgan.studio.server.security import MAX_BODY, Policy, is_loopback
from edgan.studio.server.serve import address, bind
from edgan.studio.server.state import Studio
from systems import posix_files

BASE = "http://127.0.0.1:8090"
ALONE = Policy()
Start = Callable[..., TestClient]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """`start(policy, waiting=2)`: a client of a server over an empty folder."""

    def make(policy: Policy = ALONE, base: str = BASE, **options: object) -> TestClient:
        (tmp_path / "runs").mkdir(exist_ok=True)
        studio = Studio(Roots(tmp_path / "runs"), "cpu", **options)  # type: ignore[arg-type]
        return TestClient(create_app(studio, policy), base_url=base, follow_redirects=False)

    return make


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


def test_it_listens_to_this_machine_alone_unless_told_otherwise() -> None:
    bound = bind("127.0.0.1", 0, free=True)
    assert bound.getsockname()[0] == "127.0.0.1"
    assert "token" not in address(bound, Policy.of("127.0.0.1"))
    bound.close()
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.4")] == [True] * 3 + [
        False
    ] * 2


def test_a_picture_is_not_held_back_by_nagles_algorithm() -> None:
    async def answer_once() -> int:
        bound, options = bind("127.0.0.1", 0, free=True), []

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(answer, sock=bound):
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            await reader.read()
            writer.close()
        return options[0]

    assert in_own_loop(answer_once) != 0


def test_beyond_this_machine_every_request_needs_the_token(start: Start) -> None:
    policy = Policy.of("0.0.0.0")
    assert policy.token
    client = start(policy, "http://192.168.1.4:8090")
    for path in ("/", "/api/v1/runs", "/page/app.js", "/api/v1/openapi.json"):
        assert client.get(path).status_code == 401
    assert client.get("/?token=wrong").status_code == 401
    bearer = {"authorization": f"Bearer {policy.token}"}
    assert client.get("/api/v1/runs", headers=bearer).status_code == 200
    assert client.get("/api/v1/runs", headers={"authorization": "Bearer wrong"}).status_code == 401
    answer = client.get(f"/?token={policy.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
    assert client.get("/api/v1/runs").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", ""])
def test_a_host_of_another_name_is_refused(start: Start, host: str) -> None:
    answer = start().get("/api/v1/runs", headers={"host": host})
    assert answer.status_code == 403
    assert "does not answer to the name" in answer.json()["error"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8090"])
def test_a_page_of_another_origin_is_refused(start: Start, origin: str) -> None:
    client = start()
    assert client.get("/api/v1/runs", headers={"origin": origin}).status_code == 403
    assert client.post("/api/v1/photos", content=png(4, 4), headers={"origin": origin}).status_code == 403
    assert client.post("/api/v1/photos", content=png(4, 4), headers={"origin": BASE}).status_code == 201


def test_a_form_of_another_site_is_refused_without_an_origin_too(start: Start) -> None:
    answer = start().post("/api/v1/photos", content=png(4, 4), headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/api/v1/runs", "/api/v1/nothing", "/api/v1/docs"])
def test_every_answer_has_a_strict_policy(start: Start, path: str) -> None:
    policy = start().get(path).headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_a_body_of_more_than_16_mib_is_refused_before_it_is_read(start: Start) -> None:
    answer = start().post("/api/v1/photos", content=b"0" * (MAX_BODY + 1))
    assert (answer.status_code, answer.json()["error"][:36]) == (413, "The file is larger than 16 MiB. Save")


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(start: Start) -> None:
    taken = 0

    def endless():  # type: ignore[no-untyped-def]
        nonlocal taken
        while taken < 2 * MAX_BODY:
            taken += 2**20
            yield b"0" * 2**20

    assert start().post("/api/v1/photos", content=endless()).status_code == 413


def test_more_than_24_megapixels_are_refused_by_the_header(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    monkeypatch.setattr(photo_routes, "read_upload", decoded.append)
    header = b"IHDR" + (6000).to_bytes(4, "big") + (5000).to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    bomb = (
        b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + zlib.crc32(header).to_bytes(4, "big") + b"\0\0\0\0IDAT\x35\xaf\x06\x1e"
    )
    answer = start().post("/api/v1/photos", content=bomb)
    assert (answer.status_code, answer.json()["error"]) == (
        422,
        "The image has 30 megapixels, and the most is 24. Save it smaller and try again.",
    )
    assert decoded == []


def test_decoding_has_a_time_limit_and_leaves_the_event_loop_free(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    free = threading.Event()

    def slow(_: bytes) -> None:
        threads.append(threading.current_thread().name)
        free.wait(20)

    monkeypatch.setattr(photo_routes, "read_upload", slow)
    with start(decoding_seconds=1.0) as client, ThreadPoolExecutor(1) as pool:
        upload = pool.submit(client.post, "/api/v1/photos", content=png(4, 4))
        while not threads:
            time.sleep(0.01)
        begun = time.monotonic()
        assert client.get("/api/v1/alive").status_code == 200
        assert time.monotonic() - begun < 0.9
        answer = upload.result()
        free.set()
    assert answer.status_code == 422
    assert "took more than 1 s to decode" in answer.json()["error"]
    assert threads[0].startswith("decode")


@posix_files
def test_no_path_leads_out_of_the_folders_of_the_start(tmp_path: Path, start: Start) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(png(4, 4))
    client = start()
    runs = tmp_path / "runs"
    (runs / "link").symlink_to(outside)
    for path in (
        str(outside),
        "../outside",
        "link",
        "link/..",
        "/etc",
        "~",
        "a\0b",
        f"{runs}/../outside",
        "http://evil.example/x",
    ):
        for answer in (
            client.post("/api/v1/checks", json={"path": path}),
            client.post("/api/v1/estimate", json={"method": "dcgan", "data": path}),
            client.post("/api/v1/trainings", json={"method": "dcgan", "data": path, "name": "new"}),
            client.post("/api/v1/rankings", json={"name": "x", "real": path, "fakes": {"a": path}}),
            client.get("/api/v1/folders", params={"path": path}),
        ):
            assert answer.status_code == 400, (path, answer.text)
            assert any(words in answer.json()["error"] for words in ("not in", "Give the path", "nothing at"))
    assert client.get("/api/v1/folders", params={"path": str(runs)}).status_code == 200


@pytest.mark.parametrize("name", ["../run", "a/b", ".hidden", "", "a" * 65, "-x"])
def test_a_run_is_named_by_a_plain_word(start: Start, tmp_path: Path, name: str) -> None:
    client = start()
    answer = client.post("/api/v1/trainings", json={"method": "dcgan", "data": str(tmp_path / "runs"), "name": name})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("name: ")


@pytest.mark.parametrize(
    "path", ["/page/..%2Fserver%2Fstate.py", "/page/../server/state.py", "/page/%2e%2e/__init__.py", "/page/"]
)
def test_only_files_of_the_page_are_served(start: Start, path: str) -> None:
    answer = start().get(path)
    assert answer.status_code in (404, 422)
    assert "import" not in answer.text


def test_a_request_that_is_wrong_gets_one_sentence(start: Start) -> None:
    client = start()
    for answer in (
        client.get("/api/v1/runs/none"),
        client.get("/api/v1/nothing"),
        client.put("/api/v1/runs"),
        client.post("/api/v1/photos", content=b""),
        client.post("/api/v1/checks", content=b"{", headers={"content-type": "application/json"}),
        client.get("/api/v1/jobs/none"),
        client.get("/api/v1/photos/none.png"),
    ):
        assert 400 <= answer.status_code < 500
        assert set(answer.json()) == {"error"}
        assert answer.json()["error"].endswith(".")
