"""The names of favourites: read once, told by one subscription per household, idle otherwise."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from custom_components.rhythmiq.sonos import shared_feed
from custom_components.rhythmiq.sonos.favorite_names import FavoriteNames
from custom_components.rhythmiq.sonos.household import Household
from tests.household import SimulatedHousehold

from .conftest import Connect, until

PLAYABLE = ("Harbour FM 98.2", "Dinner Playlist", "Salt", "Kite Theory radio")
NEW = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"'
    ' xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"><item><dc:title>{title}</dc:title>'
    '<res protocolInfo="http-get:*:audio/mpeg:*">http://a.example/{number}</res>'
    "<r:resMD>&lt;DIDL-Lite xmlns=&quot;urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/&quot;&gt;"
    "&lt;item id=&quot;{number}&quot;/&gt;&lt;/DIDL-Lite&gt;</r:resMD></item></DIDL-Lite>"
)
_numbers = count(1)


@pytest.fixture
async def ours(connect: Connect) -> AsyncIterator[Household]:
    ours = await connect()
    ours.favorites.start()
    yield ours
    await ours.favorites.stop()


@pytest.fixture
def names(ours: Household) -> FavoriteNames:
    return ours.favorites


async def keep(ours: Household, household: SimulatedHousehold, title: str) -> None:
    """Keep something at the second speaker, as the Sonos app does."""
    control = ours.speakers[household.uids[1]].control
    made: list[tuple[str, object]] = [
        ("ContainerID", "FV:2"),
        ("Elements", NEW.format(title=title, number=next(_numbers))),
    ]
    await control.call("contentDirectory", "CreateObject", made)


async def browsed(household: SimulatedHousehold) -> int:
    return len(await household.calls(action="Browse"))


async def test_what_plays_is_named_and_what_comes_is_told(
    household: SimulatedHousehold, ours: Household, names: FavoriteNames
) -> None:
    assert names.titles is None
    told: list[tuple[str, ...] | None] = []
    stop = names.add_listener(lambda: told.append(names.titles))
    await until(lambda: names.titles == PLAYABLE)
    live = [each for each in await household.subscriptions() if "Content" in each["service"]]
    assert len(live) == 1
    await keep(ours, household, "Rain")
    await until(lambda: names.titles == (*PLAYABLE, "Rain"))
    await keep(ours, household, "Salt")  # the second of this name adds none
    await until(lambda: len(told) == 2)
    stop()
    await keep(ours, household, "Fog")
    await until(lambda: names.titles == (*PLAYABLE, "Rain", "Fog"))
    assert told == [PLAYABLE, (*PLAYABLE, "Rain")]


async def test_what_else_changes_asks_for_nothing(
    household: SimulatedHousehold, names: FavoriteNames
) -> None:
    await until(lambda: names.titles == PLAYABLE)
    await household.clear_calls()
    await household.user(1, "enqueue", uris=["spotify:track:0000000000000000000001"])
    await household.wait_event("ContentDirectory")
    await asyncio.sleep(0.1)
    assert await browsed(household) == 0


async def test_what_was_refused_is_asked_for_again(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_feed, "ASK_SECONDS", 0.1)
    await household.fault("error", action="Browse", code=501, count=2)
    ours = await connect()
    ours.favorites.start()
    await until(lambda: ours.favorites.titles == PLAYABLE)
    await household.clear_calls()
    await asyncio.sleep(0.3)
    assert await browsed(household) == 0
    await ours.favorites.stop()


async def test_without_events_favourites_are_asked_for(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_feed, "FIRST_EVENT_SECONDS", 0.05)
    monkeypatch.setattr(shared_feed, "ASK_SECONDS", 0.1)
    await household.fault("drop", action="NOTIFY")
    ours = await connect()
    ours.favorites.start()
    await until(lambda: ours.favorites.titles == PLAYABLE)
    await keep(ours, household, "Rain")
    await until(lambda: ours.favorites.titles == (*PLAYABLE, "Rain"))
    await ours.favorites.stop()
