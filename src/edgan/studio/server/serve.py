"""Running the server: a free port, the printed address, the browser."""

from __future__ import annotations

import asyncio
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from edgan.errors import EdganError
from edgan.studio.server.application import create_app
from edgan.studio.server.security import Policy
from edgan.studio.server.state import Studio

TRIED = 20
CONNECTIONS = 400


def bind(host: str, port: int, free: bool) -> socket.socket:
    """A listening socket.

    Args:
        host, port: to listen at.
        free: whether to take one of the next ports where this one is taken.

    Raises:
        EdganError: it cannot be had.
    """
    reason = ""
    for number in range(port, port + (TRIED if free else 1)):
        try:
            family = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0][0]
            # Named as TCP, so that asyncio turns Nagle's algorithm off: it would hold each picture back for 40 ms.
            bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, number))
            bound.listen(128)
            return bound
        except OSError as error:
            reason = error.strerror or str(error)
    raise EdganError(f"The studio cannot listen at {host}, port {port}: {reason}. Give another --port.")


def address(bound: socket.socket, policy: Policy) -> str:
    """The address to open, with the token where one is needed."""
    host, port = bound.getsockname()[:2]
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/" + (f"?token={policy.token}" if policy.token else "")


def serve(studio: Studio, bound: socket.socket, policy: Policy, say: Callable[[str], None], browser: bool) -> None:
    """Serve until Ctrl-C.

    Args:
        studio: the state.
        bound: a listening socket.
        policy: who may speak to the server.
        say: called with the address.
        browser: whether to open it.
    """
    config = uvicorn.Config(
        create_app(studio, policy),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    url = address(bound, policy)

    async def run() -> None:
        serving = asyncio.create_task(server.serve([bound]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if server.started:
            say(f"The studio is at {url}  (Ctrl-C ends it)")
            if browser:
                await asyncio.to_thread(webbrowser.open, url)
        await serving

    asyncio.run(run())
