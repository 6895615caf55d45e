"""The queue through SoCo: what is added, where, in which order, and what a player refuses."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from soco import SoCo
from soco.exceptions import SoCoUPnPException
from soco.plugins.sharelink import ShareLinkPlugin

from tests.household import QUICK, SimulatedHousehold

TRACKS = [f"http://127.0.0.1/{name}.mp3" for name in "abcdef"]
SPOTIFY = "spotify:track:6NmXV4o6bmp704aPGyTVVG"


async def call[T](work: Callable[[], T]) -> T:
    """Run a blocking SoCo call as Home Assistant does."""
    return await asyncio.to_thread(work)


async def fill(speaker: SoCo, uris: list[str]) -> None:
    for uri in uris:
        await call(lambda uri=uri: speaker.add_uri_to_queue(uri))  # type: ignore[misc]


async def test_tracks_are_added_inserted_and_played_next(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    a, b, c, d = TRACKS[:4]
    await fill(speaker, [a, b])
    assert await call(lambda: speaker.add_uri_to_queue(c, position=1)) == 1
    assert await household.queue_uris() == [c, a, b]
    assert await call(lambda: speaker.add_uri_to_queue(d)) == 4
    assert [item.resources[0].uri for item in await call(speaker.get_queue)] == [c, a, b, d]


async def test_a_batch_keeps_its_order_and_is_one_call(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await fill(speaker, TRACKS)
    items = await call(speaker.get_queue)
    await call(speaker.clear_queue)
    await household.clear_calls()
    await call(lambda: speaker.add_multiple_to_queue(items))
    assert await household.queue_uris() == TRACKS
    assert await household.call_counts() == {"AVTransport.AddMultipleURIsToQueue": 1}


async def test_a_failing_batch_adds_nothing(household: SimulatedHousehold, speaker: SoCo) -> None:
    await fill(speaker, TRACKS)
    items = await call(speaker.get_queue)
    await call(speaker.clear_queue)
    await household.settings(max_multi_add=4)
    with pytest.raises(SoCoUPnPException) as refused:
        await call(lambda: speaker.add_multiple_to_queue(items))
    assert refused.value.error_code == "402"
    assert await household.queue_uris() == []


async def test_a_speaker_that_takes_less_than_it_is_sent(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await fill(speaker, TRACKS)
    items = await call(speaker.get_queue)
    await call(speaker.clear_queue)
    await household.batches(1, adds=2)
    await call(lambda: speaker.add_multiple_to_queue(items))
    assert await household.queue_uris() == TRACKS[:2]
    await household.batches(1, most=3)
    with pytest.raises(SoCoUPnPException):
        await call(lambda: speaker.add_multiple_to_queue(items))
    # The others are as ever
    await call(lambda: SoCo(household.hosts[1]).add_multiple_to_queue(items))
    assert await household.queue_uris(2) == TRACKS


async def test_reordering_keeps_what_plays(household: SimulatedHousehold, speaker: SoCo) -> None:
    a, b, c, d, e, f = TRACKS
    await fill(speaker, TRACKS)
    await call(lambda: speaker.play_from_queue(1))
    await household.wait_playing()
    await call(
        lambda: speaker.avTransport.ReorderTracksInQueue(
            [
                ("InstanceID", 0),
                ("StartingIndex", 1),
                ("NumberOfTracks", 2),
                ("InsertBefore", 5),
                ("UpdateID", 0),
            ]
        )
    )
    assert await household.queue_uris() == [c, d, a, b, e, f]
    state = await household.speaker()
    assert state["transport"]["track"]["uri"] == b
    assert state["transport"]["track_number"] == 4


async def test_removing_and_clearing(household: SimulatedHousehold, speaker: SoCo) -> None:
    await fill(speaker, TRACKS)
    await call(lambda: speaker.remove_from_queue(0))
    assert await household.queue_uris() == TRACKS[1:]
    await call(lambda: speaker.play_from_queue(0))
    await household.wait_playing()
    await call(speaker.clear_queue)
    state = await household.speaker()
    assert state["queue"]["length"] == 0
    assert state["transport"]["state"] == "STOPPED"


async def test_clearing_an_empty_queue_may_fail(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await call(speaker.clear_queue)
    await household.settings(clear_empty_error=True)
    with pytest.raises(SoCoUPnPException) as refused:
        await call(speaker.clear_queue)
    assert refused.value.error_code == "804"


async def test_a_page_holds_at_most_486_entries(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await household.user(1, "enqueue", uris=TRACKS * 100)
    first = await call(lambda: speaker.get_queue(max_items=600))
    rest = await call(lambda: speaker.get_queue(start=486, max_items=600))
    assert (len(first), len(rest)) == (486, 114)
    assert first.total_matches == 600


@pytest.mark.parametrize(
    ("region", "calls", "sid"), [("eu", 1, "sid=9"), ("us", 2, "sid=12")], ids=["eu", "us"]
)
async def test_share_links_by_region(
    loopback_sockets: None, region: str, calls: int, sid: str
) -> None:
    """SoCo asks for the European service first, then for the American one."""
    with SimulatedHousehold(speakers=1, spotify=region) as household:  # type: ignore[arg-type]
        speaker = SoCo(household.hosts[0])
        await household.catalog(tracks={SPOTIFY: {"title": "Nocturne", "artist": "Field"}})
        await call(lambda: ShareLinkPlugin(speaker).add_share_link_to_queue(SPOTIFY))
        assert (await household.call_counts())["AVTransport.AddURIToQueue"] == calls
        [item] = (await household.speaker())["queue"]["items"]
        assert sid in item["uri"]
        assert "spotify%3atrack%3a6NmXV4o6bmp704aPGyTVVG" in item["uri"]
        assert (item["title"], item["artist"]) == ("Nocturne", "Field")


async def test_share_links_without_the_service(loopback_sockets: None) -> None:
    with SimulatedHousehold(speakers=1, spotify="none") as household:
        speaker = SoCo(household.hosts[0])
        with pytest.raises(SoCoUPnPException) as refused:
            await call(lambda: ShareLinkPlugin(speaker).add_share_link_to_queue(SPOTIFY))
        assert refused.value.error_code == "800"
        assert await household.queue_uris() == []


async def test_an_unavailable_track_is_refused(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await household.catalog(unavailable=[SPOTIFY])
    with pytest.raises(SoCoUPnPException):
        await call(lambda: ShareLinkPlugin(speaker).add_share_link_to_queue(SPOTIFY))
    await household.catalog(clear=True)
    await call(lambda: ShareLinkPlugin(speaker).add_share_link_to_queue(SPOTIFY))
    assert len(await household.queue_uris()) == 1


async def test_an_unplayable_track_is_skipped(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.catalog(unplayable=[TRACKS[0]])
    await fill(speaker, TRACKS[:2])
    await call(lambda: speaker.play_from_queue(0))
    assert (await household.wait_playing())["transport"]["track"]["uri"] == TRACKS[1]


async def test_lookups_cost_time_and_run_one_after_the_other(loopback_sockets: None) -> None:
    """Threads bring nothing: a player works on its queue serially."""
    with SimulatedHousehold(speakers=1, settings=replace(QUICK, per_track_ms=60)) as household:
        links = ShareLinkPlugin(SoCo(household.hosts[0]))
        await call(lambda: links.soco.household_id)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(
            *(call(lambda: links.add_share_link_to_queue(SPOTIFY)) for _ in range(3))
        )
        assert asyncio.get_running_loop().time() - began >= 3 * 0.06
        assert all(row["ms"] >= 60 for row in await household.calls(action="AddURIToQueue"))
