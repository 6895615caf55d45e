"""Answers no sound player gives."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from .faults import Fault
from .pages import xml_response

_CHUNK = 64 * 1024
_TRICKLE = 16


def spoilt(fault: Fault) -> web.Response | None:
    """The answer a rule puts in place of the player's, if it does."""
    match fault.kind:
        case "http":
            return web.Response(status=fault.status)
        case "redirect":
            return web.Response(status=302, headers={"Location": fault.location or "/elsewhere"})
        case "garbage":
            return xml_response("<s:Envelope><s:Body><u:oops")
        case "empty":
            return xml_response("")
        case "flood":
            return web.Response(body=_flood(fault), content_type="text/xml")
    return None


async def trickled(answer: web.Response, fault: Fault | None) -> web.Response:
    """The answer itself, a few bytes at a time where a rule says so."""
    if fault is None or fault.kind != "trickle" or not isinstance(answer.body, bytes):
        return answer
    return web.Response(
        body=_trickle(answer.body, fault.ms / 1000),
        status=answer.status,
        content_type=answer.content_type,
    )


async def _flood(fault: Fault) -> AsyncIterator[bytes]:
    """The start of a document, then nothing but more of it."""
    sent = 0
    piece = b"<root>" + b"x" * (_CHUNK - 6)
    while sent < fault.size:
        yield piece[: fault.size - sent]
        sent += _CHUNK
        piece = b"x" * _CHUNK
        await asyncio.sleep(fault.ms / 1000)


async def _trickle(body: bytes, pause: float) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _TRICKLE):
        yield body[start : start + _TRICKLE]
        await asyncio.sleep(pause)
