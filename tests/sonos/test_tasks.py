"""Several things at once, and none of them left behind."""

import asyncio

import pytest

from custom_components.rhythmiq.sonos.tasks import all_of, finish, first_of


async def test_the_first_ends_the_others() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("long")

    await first_of(long(), asyncio.sleep(0))
    assert ended == ["long"]


async def test_the_first_failure_ends_the_others() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("long")

    async def wrong() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await all_of(long(), wrong())
    assert ended == ["long"]
    assert await all_of(asyncio.sleep(0, 1), asyncio.sleep(0, 2)) == [1, 2]


async def test_cleaning_up_is_waited_for_even_if_cancelled_twice() -> None:
    cleaning, may_end = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await may_end.wait()
            ended.append("long")

    task = asyncio.create_task(first_of(long(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    await cleaning.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["long"]


async def test_what_must_not_be_left_half_done_is_done_even_if_cancelled_before_it_began() -> None:
    done: list[str] = []

    async def goodbye() -> None:
        await asyncio.sleep(0)
        done.append("goodbye")

    task = asyncio.create_task(finish(goodbye()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["goodbye"]
    await finish(goodbye())
    assert done == ["goodbye"] * 2
