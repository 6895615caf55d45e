"""Exchanging what is not heard yet, as the simulated players see it."""

import asyncio

import pytest

from custom_components.rhythmiq.sonos.errors import PlaybackError, SpeakerUnreachableError
from custom_components.rhythmiq.sonos.exchange import QueueChangedError, exchange_rest
from custom_components.rhythmiq.sonos.queue import Enqueue, play_tracks
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .conftest import Connect, until
from .test_queue import TRACKS, calm, queued, uris

OLD, NEW = TRACKS[:10], TRACKS[20:26]


@pytest.fixture
async def speaker(household: SimulatedHousehold, connect: Connect) -> Speaker:
    ours = await connect()
    speaker = ours.speakers[household.uids[0]]
    started = await play_tracks(speaker, OLD, Enqueue.REPLACE)
    await started.finished
    await household.wait_playing(1)
    await until(lambda: speaker.state.queue_position == 1)
    return speaker


async def test_the_rest_is_another(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.clear_calls()
    finished = await exchange_rest(speaker, uris(OLD), 4, NEW)
    result = await finished
    assert result.complete
    assert uris(list(result.tracks)) == uris(NEW)
    assert await queued(household) == uris(OLD[:4]) + uris(NEW)
    state = await household.speaker(1)
    assert state["transport"]["state"] == "PLAYING"
    called = [call["action"] for call in await household.calls()]
    assert called.count("AddURIToQueue") == 1
    assert not {"Seek", "Play", "Stop", "Pause", "SetAVTransportURI"} & {*called}


async def test_the_next_track_stays(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.user(1, "next")
    await until(lambda: speaker.state.queue_position == 2)
    await (await exchange_rest(speaker, uris(OLD), 1, NEW))
    assert await queued(household) == uris(OLD[:3]) + uris(NEW)


async def test_somebodys_queue_is_left_alone(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=[TRACKS[40].uri])
    with pytest.raises(QueueChangedError):
        await exchange_rest(speaker, uris(OLD), 4, NEW)
    assert await queued(household) == uris([*OLD, TRACKS[40]])


async def test_somebody_is_faster(household: SimulatedHousehold, speaker: Speaker) -> None:
    await calm(household)
    await household.fault("delay", action="GetPositionInfo", ms=400, count=1)
    work = speaker.hass.async_create_task(exchange_rest(speaker, uris(OLD), 4, NEW))
    while not await household.calls(action="Browse"):  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0.01)
    await household.user(1, "enqueue", uris=[TRACKS[40].uri])
    with pytest.raises(QueueChangedError):
        await work
    assert [call["action"] for call in await household.calls()].count("AddURIToQueue") == 1
    assert await queued(household) == uris([*OLD, TRACKS[40]])


async def test_nothing_is_left_to_exchange(speaker: Speaker) -> None:
    with pytest.raises(QueueChangedError):
        await exchange_rest(speaker, uris(OLD), 10, NEW)


async def test_not_while_it_is_filled(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.settings(soap_ms=100)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    with pytest.raises(QueueChangedError):
        await exchange_rest(speaker, uris(TRACKS), 4, NEW)
    await household.settings(soap_ms=0)
    assert (await started.finished).complete


async def test_refused_tracks_change_nothing(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.catalog(unavailable=uris(NEW))
    with pytest.raises(PlaybackError):
        await exchange_rest(speaker, uris(OLD), 4, NEW)
    assert await queued(household) == uris(OLD)


async def test_a_speaker_that_is_off(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.offline(1)
    with pytest.raises(SpeakerUnreachableError):
        await exchange_rest(speaker, uris(OLD), 4, NEW)
    await until(lambda: not speaker.available)
