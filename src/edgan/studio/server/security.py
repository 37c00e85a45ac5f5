"""What every request passes first: Host, Origin, token, and the size of its body. Every answer gets strict headers."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 16 * 2**20
"""Bytes of a request's body."""
COOKIE = "edgan-studio"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY_ADDRESS = ("0.0.0.0", "::", "")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TOO_LARGE = f"The file is larger than {MAX_BODY // 2**20} MiB. Save it smaller and try again."


@dataclass(frozen=True)
class Policy:
    """Who may speak to the server.

    Attributes:
        host: that it is bound to.
        token: that every request must carry; None where it is bound to a loopback address.
    """

    host: str = "127.0.0.1"
    token: str | None = None

    @classmethod
    def of(cls, host: str) -> Policy:
        """The policy of a host: a token of its own unless it is a loopback address."""
        return cls(host, None if is_loopback(host) else secrets.token_urlsafe(24))

    def knows_host(self, header: str) -> bool:
        """Whether a Host header names this server. Pages of foreign sites whose name was made to point here do not."""
        name = header.rsplit(":", 1)[0] if not header.endswith("]") else header
        name = name.lower()
        if self.token is None:
            return name in LOOPBACK or name == self.host
        own = {self.host, f"[{self.host}]", socket.gethostname().lower(), socket.getfqdn().lower()}
        return name in own or name in LOOPBACK or (self.host in ANY_ADDRESS and _is_address(name.strip("[]")))

    def knows_token(self, headers: Headers) -> bool:
        """Whether a request carries the token, in its cookie or as a bearer."""
        if self.token is None:
            return True
        kind, _, bearer = headers.get("authorization", "").partition(" ")
        given = [bearer] if kind.lower() == "bearer" else []
        with contextlib.suppress(CookieError):  # a damaged cookie is none
            cookies = SimpleCookie(headers.get("cookie", ""))
            given += [cookies[COOKIE].value] if COOKIE in cookies else []
        return any(secrets.compare_digest(value.encode(), self.token.encode()) for value in given)


class Guard:
    """The outermost layer of the application.

    Args:
        app: what a request that passes reaches.
        policy: who may speak to it.
    """

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app, self._policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answered[name] = value
                answered.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            status, sentence = refusal
            await JSONResponse({"error": sentence}, status)(scope, receive, send_guarded)
        elif self._policy.token and not self._policy.knows_token(headers):
            await self._let_in(scope, receive, send_guarded)
        else:
            await self._app(scope, _bounded(receive), send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._policy.knows_host(host):
            return 403, f"This server does not answer to the name {host!r}."
        if origin is not None and origin != f"{scope.get('scheme', 'http')}://{host}":
            return 403, "Requests from pages of another origin are refused."
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and scope["method"] != "GET":
            return 403, "Requests from pages of another origin are refused."
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400, "The length of the request is not a number."
        return (413, TOO_LARGE) if int(length) > MAX_BODY else None

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn the token of the printed address into a cookie; without it, say how to get in."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        assert self._policy.token is not None
        if scope["path"] == "/" and secrets.compare_digest(given.encode(), self._policy.token.encode()):
            response = RedirectResponse("/", 303)
            response.set_cookie(COOKIE, self._policy.token, httponly=True, samesite="strict", path="/")
            await response(scope, receive, send)
            return
        sentence = "Open the address that edgan studio printed, with its token, or send the token as a bearer."
        await JSONResponse({"error": sentence}, 401)(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bounded(receive: Receive) -> Receive:
    """`receive` that ends a body of unknown length as soon as it is too long."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message: Message = await receive()
        taken += len(_body(message))
        if taken > MAX_BODY:
            raise HTTPException(413, TOO_LARGE)
        return message

    return bounded


def _body(message: Mapping[str, object]) -> bytes:
    body = message.get("body", b"")
    return body if isinstance(body, bytes) else b""
