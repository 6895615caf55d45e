"""A listener's entities: what was learned of them, and what of it changed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.library import LIBRARY
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

TASTE = "sensor.ada_taste"
LEARNED = "sensor.ada_learned_from"
CHANGED = "sensor.ada_changed_last_week"


@pytest.fixture
async def ada(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigSubentry:
    """Let Ada listen."""
    return await add_listener(hass, entry, "Ada")


def state(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that is there."""
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found


async def heard(
    hass: HomeAssistant, listener: ConfigSubentry, days_ago: float, likes: Mapping[str, bool]
) -> int:
    """Let somebody hear ten tracks of each genre, to the end where they like it."""
    library = hass.data[LIBRARY]
    tracks = await hass.async_add_executor_job(library.tracks.load)
    when = (dt_util.utcnow() - timedelta(days=days_ago)).timestamp()
    rows = [
        Interaction(
            happened=when + number,
            kind=Kind.FINISHED if liked else Kind.SKIPPED,
            uri=tracks.uri[row],
            artist=f"Artist {row}",
            reward=float(liked),
            weight=1.0,
            listeners=[listener.subentry_id],
        )
        for genre, liked in likes.items()
        for number, row in enumerate(
            [row for row in range(tracks.n_tracks) if tracks.genres[row] == (genre,)][:10]
        )
    ]
    await hass.async_add_executor_job(Interactions(library.store).append, rows, when)
    return len(rows)


async def look(hass: HomeAssistant, after: timedelta = timedelta(minutes=1)) -> None:
    """Let it be the time for a look, and wait for what it tells."""
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)
    told = asyncio.Event()
    stop = entry.runtime_data.recommender.tastes.add_listener(told.set)
    async_fire_time_changed(hass, dt_util.utcnow() + after)
    await told.wait()
    stop()


async def preferences(hass: HomeAssistant) -> Sequence[Mapping[str, Any]]:
    response = await hass.services.async_call(
        DOMAIN,
        "list_preferences",
        {"listener": "person.ada"},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    found: Sequence[Mapping[str, Any]] = response["preferences"]  # type: ignore[assignment]
    return found


@pytest.mark.usefixtures("all_enabled")
async def test_what_was_learned_shows(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    assert state(hass, TASTE).state == state(hass, LEARNED).state == "unknown"
    count = await heard(hass, ada, 20, {"jazz": True, "techno": False})
    count += await heard(hass, ada, 2, {"ambient": True, "pop": False})
    await look(hass)

    assert state(hass, LEARNED).state == str(count) == "40"
    taste = state(hass, TASTE)
    assert taste.state == "ambient, jazz"
    assert taste.attributes["likings"] == [
        "ambient: finished 10 of 10",
        "jazz: finished 10 of 10",
    ]
    assert taste.attributes["dislikings"] == [
        "pop: finished 0 of 10",
        "techno: finished 0 of 10",
    ]
    learned = {each["value"]: each["origin"] for each in await preferences(hass)}
    assert learned == dict.fromkeys(("ambient", "jazz", "pop", "techno"), "learned")


@pytest.mark.usefixtures("all_enabled")
async def test_what_changed_within_a_week(
    hass: HomeAssistant, ada: ConfigSubentry, freezer: FrozenDateTimeFactory
) -> None:
    """Techno was liked and is not any more, jazz is new; a week later that is no news."""
    await heard(hass, ada, 10, {"techno": True, "pop": False})
    await heard(hass, ada, 2, {"jazz": True, "ambient": False})
    await heard(hass, ada, 1, {"techno": False})
    await look(hass, timedelta(days=1))
    changed = state(hass, CHANGED)
    assert sorted(changed.attributes["came"]) == ["ambient", "jazz"]
    assert changed.attributes["went"] == ["techno"]
    assert changed.state == "3"

    freezer.tick(timedelta(days=7))
    await look(hass, timedelta(days=1))
    assert state(hass, CHANGED).state == "0"
    assert state(hass, CHANGED).attributes["came"] == []


async def test_outcomes_count_at_once(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    track = {"track": f"spotify:track:{7:022d}"}
    await hass.services.async_call(DOMAIN, "rate", {**track, "rating": 4}, blocking=True)
    assert state(hass, LEARNED).state == "unknown"  # until somebody looked
    await look(hass)
    assert state(hass, LEARNED).state == "1"
    await hass.services.async_call(DOMAIN, "rate", {**track, "rating": 5}, blocking=True)
    assert state(hass, LEARNED).state == "1"  # in the place of the one before
    track["track"] = f"spotify:track:{8:022d}"
    await hass.services.async_call(DOMAIN, "rate", {**track, "rating": 5}, blocking=True)
    assert state(hass, LEARNED).state == "2"
    await hass.services.async_call(DOMAIN, "rate", {**track, "take_back": True}, blocking=True)
    assert state(hass, LEARNED).state == "1"


async def test_forgetting_and_rebuilding_look_again(
    hass: HomeAssistant, ada: ConfigSubentry
) -> None:
    await look(hass)
    assert state(hass, LEARNED).state == "0"
    await heard(hass, ada, 3, {"jazz": True, "techno": False})
    await hass.services.async_call(DOMAIN, "rebuild", {}, blocking=True)
    assert state(hass, LEARNED).state == "20"
    await hass.services.async_call(DOMAIN, "forget", {"listener": "person.ada"}, blocking=True)
    assert state(hass, LEARNED).state == "0"
    assert await preferences(hass) == []


async def test_likings_are_off_until_somebody_wants_them(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    registry = er.async_get(hass)
    entities = [
        entity
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.config_subentry_id == ada.subentry_id
    ]
    disabled = {entity.entity_id for entity in entities if entity.disabled_by is not None}
    assert {entity.entity_id for entity in entities} == {TASTE, LEARNED, CHANGED}
    assert disabled == {TASTE, CHANGED}
    (device_id,) = {entity.device_id for entity in entities}
    assert device_id is not None
    device = dr.async_get(hass).async_get(device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model) == ("Ada", "Listener")

    hass.config_entries.async_remove_subentry(entry, ada.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get(LEARNED) is None


async def test_a_store_that_cannot_be_read_is_said(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was known before stays; a corrupt table stands for all that can go wrong."""
    await look(hass)
    await heard(hass, ada, 3, {"jazz": True, "techno": False})

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE interactions RENAME TO elsewhere")

    await hass.async_add_executor_job(hass.data[LIBRARY].store.write, spoil)
    await entry.runtime_data.recommender.tastes.look()
    assert "What listeners like cannot be told now" in caplog.text
    assert state(hass, LEARNED).state == "0"
