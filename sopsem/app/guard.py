"""The door of the local page: this machine only, this address only, with the token only, and not too much at once.

Another page in the same browser can send requests here; it knows neither the token nor may it name itself as the
origin, and a name that was rebound to this machine is not the host we answer to (OWASP ASVS 4.0, 13.2, 14.5.3).
"""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

__all__ = ["LARGEST_UPLOAD", "Guard"]

LARGEST_UPLOAD = 50_000_000  # bytes
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The framework's own scripts stand on this address; nothing may come from or go to another one.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode("ascii")),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """An ASGI application around another one that lets in who may enter.

    Parameters
    ----------
    app : ASGI application
    token : str
        Stands in the address that the user opens; a cookie for this browser takes its place then.
    port : int
        The port we listen on; the ``Host`` of a request must name it.
    largest : int
        Bytes that one request may bring.

    """

    def __init__(self, app: Application, *, token: str, port: int, largest: int = LARGEST_UPLOAD) -> None:
        """Keep the application and who may enter."""
        self._app, self._token, self._largest = app, token, largest
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"sopsem-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
        elif scope["type"] == "http" and self._asked(scope):
            await _redirect(send, f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict")
        elif scope.get("path") == "/favicon.ico":
            await _respond(send, 204, [], b"")  # browsers ask for it unasked
        else:
            await self._app(scope, self._counted(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Say why a request is not answered, or None."""
        if headers.get("host") not in self._hosts:
            return 403, "this page answers to 127.0.0.1 only"
        origin = headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return 403, "requests from other pages are not answered"
        if not (self._asked(scope) or self._known(headers)):
            return 403, "open the address that the terminal shows; it holds the token"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._largest:
            return 413, f"larger than the limit of {self._largest:,} bytes"
        return None

    def _asked(self, scope: Scope) -> bool:
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])
        return self._is_token(given[0])

    def _known(self, headers: dict[str, str]) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode("utf-8", "replace"), self._token.encode("ascii"))

    def _counted(self, receive: Receive) -> Receive:
        """Return a reader that hangs up when more comes than was announced to be allowed."""
        taken = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._largest:
                    return {"type": "http.disconnect"}
            return message

        return counted


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await _respond(
        send, status, [(b"content-type", b"text/plain; charset=utf-8")], f"sopsem: {why}\n".encode()
    )


async def _redirect(send: Send, cookie: str) -> None:
    """Give the browser its cookie and an address without the token, which would stay in its history."""
    headers = [(b"location", b"/"), (b"set-cookie", cookie.encode("ascii"))]
    await _respond(send, 303, headers, b"")


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})
