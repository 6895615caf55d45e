"""When listeners are usually at home: learned only of those who share their place."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    flush_store,
)

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.presences import Presences
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household")

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ADA = "person.ada"


@pytest.fixture
async def ada(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry
) -> ConfigSubentry:
    """Ada shares her place from a Monday on."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(MONDAY)
    return await add_listener(hass, entry, "Ada", bindings={"place": ADA})


async def live(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, weeks: int, person: str = ADA
) -> None:
    """Let weeks pass in which somebody is away from nine to five on workdays."""
    for day in range(7 * weeks):
        for hour, state in ((9, "not_home"), (17, "home")) if day % 7 < 5 else ():
            freezer.move_to(MONDAY + timedelta(days=day, hours=hour))
            hass.states.async_set(person, state)
            await hass.async_block_till_done()
    freezer.move_to(MONDAY + timedelta(weeks=weeks))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


def place(entry: MockConfigEntry) -> object:
    """Return what the moment of those at home says of their place."""
    rooms = entry.runtime_data.recommender.rooms
    return rooms.personal(rooms.listeners()).values.get("place")


def kept(entry: MockConfigEntry) -> dict[str, Any]:
    known: dict[str, Any] = entry.runtime_data.recommender.rooms.presences.known()
    return known


def at_noon(freezer: FrozenDateTimeFactory, weeks: int) -> None:
    """Go to the noon of a Monday, for which she did not leave."""
    freezer.move_to(MONDAY + timedelta(weeks=weeks, hours=12))


async def test_somebody_is_at_home_who_usually_is_not(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    await live(hass, freezer, 4)
    assert place(entry) == "at_home"  # a Monday at midnight
    at_noon(freezer, 4)
    assert place(entry) == "usually_away"
    hass.states.async_set(ADA, "not_home")
    assert place(entry) == "away"
    hass.states.async_set(ADA, "home")
    assert place(entry) == "just_arrived"
    hass.states.async_set(ADA, "unavailable")
    assert place(entry) is None


async def test_it_outlives_a_restart(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
    hass_storage: dict[str, Any],
) -> None:
    await live(hass, freezer, 4)
    await hass.config_entries.async_reload(entry.entry_id)
    at_noon(freezer, 4)
    assert place(entry) == "usually_away"
    stored = hass_storage[f"rhythmiq.{entry.entry_id}.presence"]["data"]
    assert stored.keys() == {ada.subentry_id}


async def test_time_that_nobody_saw_says_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    hass.states.async_set(ADA, "unknown")
    before = kept(entry)
    freezer.move_to(MONDAY + timedelta(days=3))
    hass.states.async_set(ADA, "home")
    await hass.async_block_till_done()
    assert kept(entry) == before


async def test_a_clock_that_jumps_is_borne(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    freezer.move_to(MONDAY - timedelta(days=400))
    before = kept(entry)
    freezer.move_to(MONDAY + timedelta(days=4000))
    after = kept(entry)
    assert sum(before[ada.subentry_id]["watched"]) == 0
    assert sum(after[ada.subentry_id]["watched"]) == pytest.approx(168)  # at most a week


def opt_out(hass: HomeAssistant, entry: MockConfigEntry, listener: ConfigSubentry) -> None:
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[listener.subentry_id], data={**listener.data, "bindings": {}}
    )


def be_removed(hass: HomeAssistant, entry: MockConfigEntry, listener: ConfigSubentry) -> None:
    hass.config_entries.async_remove_subentry(entry, listener.subentry_id)


@pytest.mark.parametrize("leave", [opt_out, be_removed])
async def test_it_is_forgotten_with_the_consent(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
    hass_storage: dict[str, Any],
    leave: Callable[[HomeAssistant, MockConfigEntry, ConfigSubentry], None],
) -> None:
    await live(hass, freezer, 4)
    leave(hass, entry, ada)
    await hass.async_block_till_done()
    assert kept(entry) == {}
    freezer.tick(1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert hass_storage[f"rhythmiq.{entry.entry_id}.presence"]["data"] == {}
    hass.states.async_set(ADA, "not_home")
    await hass.async_block_till_done()
    assert kept(entry) == {}


@pytest.mark.parametrize(
    ("scope", "forgotten"),
    [
        ({"everything": True}, True),
        ({"listener": "Ada"}, True),
        ({"listener": "Ben"}, False),
        ({"variable": "place"}, True),
        ({"variable": "heart_rate"}, False),
        ({"since": "2026-03-20 00:00:00"}, True),  # nobody can take some days out of a habit
    ],
)
async def test_it_is_forgotten_on_request(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
    hass_storage: dict[str, Any],
    scope: dict[str, Any],
    forgotten: bool,
) -> None:
    await add_listener(hass, entry, "Ben", bindings={"place": "person.ben"})
    await live(hass, freezer, 4)
    await hass.services.async_call(DOMAIN, "forget", scope, blocking=True)
    weeks = max(kept(entry)[ada.subentry_id]["watched"])
    assert (weeks < 2) is forgotten
    if forgotten:
        stored = hass_storage[f"rhythmiq.{entry.entry_id}.presence"]["data"][ada.subentry_id]
        assert max(stored["watched"]) < 2


async def test_what_cannot_be_read_is_learned_anew(
    hass: HomeAssistant, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hass_storage["rhythmiq.spoiled.presence"] = {
        "version": 1,
        "minor_version": 1,
        "key": "rhythmiq.spoiled.presence",
        "data": {"one": {"home": [1, 2], "watched": []}, "two": {}, "three": None},
    }
    presences = Presences(hass, "spoiled")
    await presences.start()
    assert presences.known() == {}
    assert caplog.text.count("cannot be read") == 3
    await presences.stop()
    await presences.stop()


async def test_a_renamed_entity_is_followed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
) -> None:
    """What is bound is bound by its id in the registry."""
    tracker = er.async_get(hass).async_get_or_create("device_tracker", "test", "phone")
    hass.states.async_set(tracker.entity_id, "home")
    ben = await add_listener(hass, entry, "Ben", bindings={"place": tracker.id})
    await live(hass, freezer, 4, tracker.entity_id)
    assert max(kept(entry)[ben.subentry_id]["watched"]) > 2


async def test_nothing_stays_of_a_removed_household(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    ada: ConfigSubentry,
    hass_storage: dict[str, Any],
) -> None:
    await live(hass, freezer, 1)
    await flush_store(entry.runtime_data.recommender.rooms.presences._store)
    assert f"rhythmiq.{entry.entry_id}.presence" in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    assert f"rhythmiq.{entry.entry_id}.presence" not in hass_storage
