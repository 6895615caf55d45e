"""Audio clips over the websocket, as core's `sonos_websocket` plays them."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from sonos_websocket import SonosWebsocket
from sonos_websocket.exception import (
    SonosWebsocketError,
    SonosWSConnectionError,
    Unauthorized,
    Unsupported,
)

from tests.household import SimulatedHousehold

BELL = "http://127.0.0.1/bell.mp3"


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """Living Room takes clips; Kitchen, an older player, does not."""
    with SimulatedHousehold(speakers=2, models="one,play1") as running:
        yield running


@pytest.fixture
async def living_room(household: SimulatedHousehold) -> AsyncIterator[SonosWebsocket]:
    """Return a client of the first speaker that knows nothing yet."""
    client = SonosWebsocket(household.hosts[0], timeout=1)
    yield client
    await client.close()


async def test_a_clip_plays_over_the_music(
    household: SimulatedHousehold, living_room: SonosWebsocket
) -> None:
    await household.demo()
    await household.wait_playing()
    header, clip = await living_room.play_clip(BELL, volume=35)
    assert header["success"]
    state = await household.speaker(1)
    assert state["transport"]["state"] == "PLAYING"
    assert state["volume"] == 20
    [played] = state["clips"]
    assert (played["id"], played["url"], played["volume"]) == (clip["id"], BELL, 35)
    assert played["status"] == "ACTIVE"
    await household.clock(advance=10)
    assert (await household.speaker(1))["clips"][0]["status"] == "DONE"
    assert (await household.speaker(2))["clips"] == []


async def test_a_clip_is_cancelled_once(
    household: SimulatedHousehold, living_room: SonosWebsocket
) -> None:
    _header, clip = await living_room.play_clip(BELL)
    header, _body = await living_room.cancel_clip(clip["id"])
    assert header["success"]
    assert (await household.speaker(1))["clips"][0]["status"] == "DISMISSED"
    header, body = await living_room.cancel_clip(clip["id"])
    assert (header["success"], body["errorCode"]) == (False, "ERROR_AUDIO_CLIP_ID_NOT_FOUND")


async def test_a_second_clip_interrupts_the_first(
    household: SimulatedHousehold, living_room: SonosWebsocket
) -> None:
    await living_room.play_clip(BELL)
    await living_room.play_clip(BELL, volume=10)
    states = [clip["status"] for clip in (await household.speaker(1))["clips"]]
    assert states == ["INTERRUPTED", "ACTIVE"]


async def test_a_file_no_player_can_play_still_succeeds(
    household: SimulatedHousehold, living_room: SonosWebsocket
) -> None:
    """Players say yes at once and find out later."""
    await household.catalog(unplayable=[BELL])
    header, _body = await living_room.play_clip(BELL)
    assert header["success"]
    assert (await household.speaker(1))["clips"][0]["status"] == "ERROR"


@pytest.mark.parametrize(
    ("uri", "volume", "code"),
    [(BELL, 101, "ERROR_INVALID_PARAMETER"), ("file:///a.mp3", 5, "ERROR_INVALID_PARAMETER")],
)
async def test_nonsense_is_refused(
    living_room: SonosWebsocket, uri: str, volume: int, code: str
) -> None:
    header, body = await living_room.play_clip(uri, volume)
    assert (header["success"], header["type"]) == (False, "globalError")
    assert body["errorCode"] == code


async def test_an_older_player_cannot(household: SimulatedHousehold) -> None:
    unknown = SonosWebsocket(household.hosts[1], timeout=1)
    with pytest.raises(Unsupported):
        await unknown.play_clip(BELL)
    await unknown.close()
    # Core names the player itself and asks for no capabilities
    named = SonosWebsocket(household.hosts[1], player_id=household.uids[1], timeout=1)
    header, _body = await named.play_clip(BELL)
    assert (header["success"], header["type"]) == (False, "globalError")
    await named.close()


async def test_s1_has_no_websocket(loopback_sockets: None) -> None:
    with SimulatedHousehold(speakers=1, models="one-s1") as old:
        client = SonosWebsocket(old.hosts[0], timeout=1)
        with pytest.raises(SonosWSConnectionError):
            await client.connect()
        await client.close()


async def test_strangers_are_turned_away(household: SimulatedHousehold) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"wss://{household.hosts[0]}:1443/websocket/api", ssl=False)
    assert refused.value.status == 401


async def test_faults(household: SimulatedHousehold, living_room: SonosWebsocket) -> None:
    await household.fault("http", service="WEBSOCKET", action="CONNECT", status=401, count=1)
    with pytest.raises(Unauthorized):
        await living_room.connect()
    await household.fault("error", service="WEBSOCKET", action="loadAudioClip", count=1)
    header, _body = await living_room.play_clip(BELL)
    assert not header["success"]
    # One lost connection is tried again, two are not
    await household.fault("drop", service="WEBSOCKET", action="loadAudioClip", count=1)
    header, _body = await living_room.play_clip(BELL)
    assert header["success"]
    await household.fault("drop_after", service="WEBSOCKET", action="loadAudioClip", count=2)
    with pytest.raises(SonosWebsocketError):
        await living_room.play_clip(BELL)
    assert len((await household.speaker(1))["clips"]) == 3


@pytest.mark.parametrize("mode", ["refuse", "hang", "blackhole"])
async def test_outages(household: SimulatedHousehold, mode: str) -> None:
    await household.offline(1, mode=mode)
    client = SonosWebsocket(household.hosts[0], timeout=1)
    with pytest.raises(SonosWSConnectionError):
        await client.connect()
    await household.online(1)
    await client.connect()
    await client.close()


async def test_subscribers_hear_what_becomes_of_clips(
    household: SimulatedHousehold, living_room: SonosWebsocket
) -> None:
    _header, clip = await living_room.play_clip(BELL)
    player = await living_room.get_player_id()
    header, _body = await living_room.send_command(
        {"namespace": "audioClip:1", "command": "subscribe", "playerId": player}
    )
    assert header["success"]
    assert living_room.ws is not None
    for status in ("ACTIVE", "DONE"):
        header, body = await living_room.ws.receive_json(timeout=3)
        assert header["type"] == "audioClipStatus"
        assert [(told["id"], told["status"]) for told in body["audioClips"]] == [
            (clip["id"], status)
        ]
        await household.clock(advance=10)
