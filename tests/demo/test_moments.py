"""What the demo calls a success: the first track sounds, and the queue is the list."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from scripts.demo_home import moments
from scripts.demo_home.home import LIVING_ROOM, MOMENTS, Moment
from scripts.demo_home.household import SimulatedHousehold as ControlClient, share_uri
from tests.household import SimulatedHousehold

URIS = [f"spotify:track:InventedTrack{number:09}" for number in (1, 2, 3)]
MOMENT: Moment = next(moment for moment in MOMENTS if moment.room == LIVING_ROOM)


@pytest.fixture
async def client(
    household: SimulatedHousehold, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ControlClient]:
    """The demo's view of a simulated household, and no patience."""
    monkeypatch.setattr(moments, "FIRST_MUSIC_WITHIN", 0.5)
    monkeypatch.setattr(moments, "QUEUE_WITHIN", 0.2)
    async with aiohttp.ClientSession(household.control_url) as session:
        yield ControlClient(session, household.hosts[0])


async def test_music_that_plays(household: SimulatedHousehold, client: ControlClient) -> None:
    await household.user(1, "enqueue", uris=URIS)
    await household.user(1, "play_queue", track=1)
    assert await moments._check(MOMENT, client, URIS) is None
    assert await moments._check_queue(MOMENT, client, URIS) is None


async def test_an_empty_list_is_a_problem(client: ControlClient) -> None:
    assert await moments._check(MOMENT, client, []) == "the list is empty"


async def test_silence_is_a_problem(household: SimulatedHousehold, client: ControlClient) -> None:
    await household.user(1, "enqueue", uris=URIS)
    assert "does not play" in str(await moments._check(MOMENT, client, URIS))


async def test_other_music_is_a_problem(
    household: SimulatedHousehold, client: ControlClient
) -> None:
    await household.user(1, "enqueue", uris=URIS[::-1])
    await household.user(1, "play_queue", track=1)
    assert "does not play" in str(await moments._check(MOMENT, client, URIS))
    assert "is not the list" in str(await moments._check_queue(MOMENT, client, URIS))


async def test_the_service_knows_what_it_was_taught(
    household: SimulatedHousehold, client: ControlClient
) -> None:
    await client.teach([(URIS[0], {"title": "Slow Lantern", "artist": "Maren", "duration": 61})])
    await household.user(1, "enqueue", uris=URIS[:1])
    [item] = (await household.speaker(1))["queue"]["items"]
    assert (item["title"], item["artist"], item["duration"]) == ("Slow Lantern", "Maren", 61)
    assert share_uri(item["uri"]) == URIS[0]


def test_other_uris_stay_what_they_are() -> None:
    assert share_uri("http://127.0.0.1/a%20b.mp3?x=1") == "http://127.0.0.1/a%20b.mp3?x=1"
