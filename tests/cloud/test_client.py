"""The client against a real HTTP server that behaves as clouds do, and as they should not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import gzip
import logging
import time

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port
import pytest
import pytest_socket

from custom_components.rhythmiq.cloud import client as module
from custom_components.rhythmiq.cloud.address import CloudAddressError
from custom_components.rhythmiq.cloud.client import (
    CloudAuthError,
    CloudClient,
    CloudError,
    CloudUnavailableError,
)
from custom_components.rhythmiq.engine.errors import EngineError

TOKEN = f"rq1_{'0' * 16}_{'s3cr3t-_' * 5}abc"
ORDER = {"seed": 1, "request": {"context": {}}}

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Cloud:
    """A server whose one answer a test chooses, and a client of it."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.requests: list[tuple[str, str, str, bytes]] = []
        self.server = TestServer(self._app(), host="127.0.0.1")
        self.client: CloudClient

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        self.requests.append((request.method, request.path, authorization, await request.read()))
        assert self.answer is not None
        return await self.answer(request)

    def gives(self, status: int = 200, *, text: str | None = None, json: object = None) -> None:
        async def answer(_request: web.Request) -> web.StreamResponse:
            if text is not None:
                return web.Response(status=status, text=text)
            return web.json_response(json, status=status)

        self.answer = answer


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.0/8"], allow_unix_socket=True)
    cloud = Cloud()
    await cloud.server.start_server()
    async with ClientSession() as session:
        cloud.client = CloudClient(session, f"{cloud.server.make_url('/live')}", TOKEN)
        yield cloud
    await cloud.server.close()


async def test_a_recommendation_is_asked_for_once(cloud: Cloud) -> None:
    cloud.gives(json={"tracks": [], "context": {}})
    assert await cloud.client.recommend(ORDER) == {"tracks": [], "context": {}}
    ((method, path, authorization, body),) = cloud.requests
    assert (method, path) == ("POST", "/live/v1/recommendations")
    assert authorization == f"Bearer {TOKEN}"
    assert body.replace(b" ", b"") == b'{"seed":1,"request":{"context":{}}}'


async def test_the_check_is_cheap(cloud: Cloud) -> None:
    cloud.gives(json={"profile_id": "home-1", "tracks": 5})
    await cloud.client.check()
    ((method, path, _, body),) = cloud.requests
    assert (method, path, body) == ("GET", "/live/v1/household", b"")


async def test_the_check_knows_a_stranger(cloud: Cloud) -> None:
    cloud.gives(json={"hello": "world"})
    with pytest.raises(CloudUnavailableError, match="not the address"):
        await cloud.client.check()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token(cloud: Cloud, status: int) -> None:
    cloud.gives(status, json={"message": "Unauthorized"})
    with pytest.raises(CloudAuthError) as refused:
        await cloud.client.recommend(ORDER)
    assert refused.value.key == "cloud_auth"


@pytest.mark.parametrize(
    "status", [204, 206, 301, 302, 307, 400, 404, 413, 429, 500, 502, 503, 504]
)
async def test_every_other_status_is_no_answer(cloud: Cloud, status: int) -> None:
    cloud.gives(status, text="{}")
    with pytest.raises(CloudUnavailableError, match=str(status)) as refused:
        await cloud.client.recommend(ORDER)
    assert (refused.value.key, refused.value.placeholders) == (
        "cloud_unavailable",
        {"reason": f"HTTP {status}"},
    )


async def test_the_token_does_not_follow_a_redirect(cloud: Cloud) -> None:
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    cloud.answer = elsewhere
    with pytest.raises(CloudUnavailableError):
        await cloud.client.recommend(ORDER)
    assert len(cloud.requests) == 1


async def test_what_the_engine_refused_keeps_its_key(cloud: Cloud) -> None:
    error = {"key": "key_invalid", "placeholders": {"key": "13", "mode": 0}, "message": "…"}
    cloud.gives(422, json={"error": error})
    with pytest.raises(EngineError) as refused:
        await cloud.client.recommend(ORDER)
    assert refused.value.key == "key_invalid"
    assert refused.value.placeholders == {"key": "13", "mode": "0"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": None},
        {"error": "count_out_of_range"},
        {"error": {"key": "count_out_of_range"}},
        {"error": {"key": 5, "placeholders": {}}},
        {"error": {"key": "no such key", "placeholders": {}}},
        {"error": {"key": "count_out_of_range", "placeholders": []}},
    ],
)
async def test_a_refusal_without_a_reason(cloud: Cloud, body: object) -> None:
    cloud.gives(422, json=body)
    with pytest.raises(CloudUnavailableError, match="without a reason"):
        await cloud.client.recommend(ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>Welcome to the hotel</html>",
        "[]",
        "null",
        '"text"',
        "5",
        '{"tracks": ',
        '{"score": NaN}',
        pytest.param("[" * 100_000, id="deep"),
        pytest.param('{"a":' * 100_000, id="deep object"),
    ],
)
async def test_garbage_is_no_answer(cloud: Cloud, text: str) -> None:
    cloud.gives(text=text)
    with pytest.raises(CloudUnavailableError, match="JSON"):
        await cloud.client.recommend(ORDER)


async def test_bytes_that_are_no_text(cloud: Cloud) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"a": "\xff\xfe"}')

    cloud.answer = answer
    with pytest.raises(CloudUnavailableError, match="JSON"):
        await cloud.client.recommend(ORDER)


async def test_an_endless_answer_is_not_read(cloud: Cloud) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(1024**3)})
        await response.prepare(request)
        piece = b" " * 65_536
        while sent < 1024**3:
            await response.write(piece)
            sent += len(piece)
        return response

    cloud.answer = flood
    with pytest.raises(CloudUnavailableError, match="too long"):
        await cloud.client.recommend(ORDER)
    assert sent < 10 * module.ANSWER_LIMIT


async def test_a_small_answer_that_unpacks_to_a_huge_one(cloud: Cloud) -> None:
    packed = gzip.compress(b" " * (64 * 1024**2))

    async def bomb(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    cloud.answer = bomb
    with pytest.raises(CloudUnavailableError):
        await cloud.client.recommend(ORDER)


@pytest.mark.parametrize("where", ["before the head", "within the body"])
async def test_two_seconds_in_all(cloud: Cloud, where: str) -> None:
    over = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if where == "within the body":
            await response.prepare(request)
        while not over.is_set():
            await asyncio.sleep(0.05)
            if where == "within the body":
                await response.write(b" ")
        return response

    cloud.answer = drip
    start = time.monotonic()
    with pytest.raises(CloudUnavailableError, match="2 s"):
        await cloud.client.recommend(ORDER)
    over.set()
    assert 1.9 < time.monotonic() - start < 2.6


async def test_a_connection_cut_short(cloud: Cloud) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"tracks": [')
        assert request.transport is not None
        request.transport.abort()
        return response

    cloud.answer = cut
    with pytest.raises(CloudUnavailableError):
        await cloud.client.recommend(ORDER)


async def test_nobody_there(cloud: Cloud) -> None:
    async with ClientSession() as session:
        client = CloudClient(session, f"http://127.0.0.1:{unused_port()}", TOKEN)
        with pytest.raises(CloudUnavailableError, match="ClientConnectorError"):
            await client.check()


async def test_what_does_not_speak_http(cloud: Cloud) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_10.2\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, ClientSession() as session:
        with pytest.raises(CloudUnavailableError):
            await CloudClient(session, f"http://127.0.0.1:{port}", TOKEN).check()


async def test_the_token_is_never_shown(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert TOKEN not in repr(cloud.client)
    assert str(cloud.server.port) in repr(cloud.client)
    for status in (200, 401, 422, 500):
        cloud.gives(status, text="{")
        with pytest.raises(CloudError) as failed:
            await cloud.client.recommend(ORDER)
        assert TOKEN not in f"{failed.value!r} {failed.value} {failed.value.placeholders}"
    assert TOKEN not in caplog.text


async def test_what_is_no_address_or_no_token(cloud: Cloud) -> None:
    async with ClientSession() as session:
        with pytest.raises(CloudAddressError):
            CloudClient(session, "http://music.example", TOKEN)
        for token in ("", "secret", "rq1_", f"{TOKEN}\r\nX-Evil: 1", f"{TOKEN} ", "rq1_é"):
            with pytest.raises(CloudAuthError):
                CloudClient(session, "https://music.example", token)
