"""Who may enter: this machine, this address, with the token, and not too much at once."""

import asyncio

import pytest

from sopsem.app.guard import Guard

TOKEN, PORT = "s3cret-token", 8123
HOST = (b"host", b"127.0.0.1:8123")
COOKIE = (b"cookie", f"other=1; sopsem-{PORT}={TOKEN}".encode())


async def inner(scope, receive, send):
    """Answer with what came; what a browser may never see without a token."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"") or (b"HUNG UP" if message["type"] == "http.disconnect" else b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside " + body})


def ask(*headers, kind="http", query=b"", bodies=(b"",), largest=100):
    """Return the messages that come back."""
    sent, parts = [], list(bodies)

    async def receive():
        body = parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "headers": list(headers), "query_string": query, "path": "/", "method": "POST"}
    asyncio.run(Guard(inner, token=TOKEN, port=PORT, largest=largest)(scope, receive, send))
    return sent


def entered(sent):
    return sent[0].get("status") == 200 or sent[0]["type"] == "websocket.accept"


def test_the_token_gives_a_cookie_and_an_address_without_it():
    """The browser is sent on, so that the token is not kept in its history."""
    answer = ask(HOST, query=b"token=" + TOKEN.encode())[0]
    headers = dict(answer["headers"])
    assert (answer["status"], headers[b"location"]) == (303, b"/")
    assert headers[b"set-cookie"] == f"sopsem-{PORT}={TOKEN}; Path=/; HttpOnly; SameSite=Strict".encode()


def test_with_the_cookie_one_is_in():
    """Page, upload and connection; every answer carries the policy."""
    sent = ask(HOST, COOKIE)
    assert entered(sent)
    headers = dict(sent[0]["headers"])
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert b"connect-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"cache-control"] == b"no-store"
    assert entered(ask(HOST, COOKIE, (b"origin", b"http://127.0.0.1:8123"), kind="websocket"))
    assert entered(ask((b"host", b"localhost:8123"), COOKIE))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        (HOST,),
        (HOST, (b"cookie", b"sopsem-8123=wrong")),
        (HOST, (b"cookie", b"sopsem-8123=")),
        (HOST, (b"cookie", b'sopsem-8123="s3cret;token')),
        (HOST, (b"cookie", f"sopsem-{PORT + 1}={TOKEN}".encode())),
        ((b"host", b"evil.example:8123"), COOKIE),
        ((b"host", b"127.0.0.1"), COOKIE),
        ((b"host", b"127.0.0.1:8124"), COOKIE),
        (COOKIE,),
        (HOST, COOKIE, (b"origin", b"http://evil.example")),
        (HOST, COOKIE, (b"origin", b"null")),
        (HOST, COOKIE, (b"origin", b"https://127.0.0.1:8123")),
    ],
)
def test_others_stay_outside(kind, headers):
    """No token, another host (a name bound to this machine), another page."""
    sent = ask(*headers, kind=kind)
    assert not entered(sent)
    assert sent[0].get("status") == 403 or sent == [{"type": "websocket.close", "code": 1008}]
    assert not any(b"inside" in message.get("body", b"") for message in sent)


def test_too_much_is_refused_before_and_while_it_comes():
    """By the announced length, and by counting where none or a false one is announced."""
    assert ask(HOST, COOKIE, (b"content-length", b"101"))[0]["status"] == 413
    assert ask(HOST, COOKIE, (b"content-length", b"-5"))[0]["status"] == 413
    assert ask(HOST, COOKIE, bodies=(b"x" * 60, b"y" * 40))[1]["body"] == b"inside " + b"x" * 60 + b"y" * 40
    assert ask(HOST, COOKIE, bodies=(b"x" * 60, b"y" * 41))[1]["body"] == b"inside " + b"x" * 60 + b"HUNG UP"


def test_starting_and_ending_pass():
    """The server's own messages are not requests."""
    seen = []

    async def application(scope, receive, send):
        del receive, send
        seen.append(scope["type"])

    asyncio.run(Guard(application, token=TOKEN, port=PORT)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
