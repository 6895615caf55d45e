"""What automations hear on Home Assistant's bus."""

from typing import Any

from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.rhythmiq.const import DOMAIN, EVENT_FEEDBACK, EVENT_RECOMMENDED
from tests.household import SimulatedHousehold
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

LIVING_ROOM = "media_player.living_room_living_room"
KITCHEN = "media_player.kitchen_kitchen"


def rooms(entry: MockConfigEntry, *titles: str) -> list[str]:
    """Return the ids of rooms by their names."""
    ids = {subentry.title: key for key, subentry in entry.subentries.items()}
    return [ids[title] for title in titles]


async def recommend(hass: HomeAssistant, **fields: Any) -> list[Event[dict[str, Any]]]:
    """Recommend, and return what the bus heard of it."""
    told: list[Event[dict[str, Any]]] = async_capture_events(hass, EVENT_RECOMMENDED)
    await hass.services.async_call(DOMAIN, "recommend_playlist", fields, blocking=True)
    await hass.async_block_till_done()
    return told


async def test_a_recommendation_that_plays(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add_listener(hass, entry, "Ada", bindings={"heart_rate": "sensor.pulse"})
    hass.states.async_set("sensor.pulse", "171", {"unit_of_measurement": "bpm"})
    (event,) = await recommend(hass, entity_id=LIVING_ROOM, count=7, mood="party")
    told = dict(event.data)
    assert len(told.pop("id")) == 26
    reasons = told.pop("reasons")
    assert "mood" in reasons
    assert 1 <= len(reasons) <= 3
    assert told == {
        "rooms": rooms(entry, "Living Room"),
        "entity_ids": [LIVING_ROOM],
        "mood": "party",
        "engine": "local",
        "fallback": None,
        "listeners": ["Ada"],
        "tracks": 7,
    }
    assert "171" not in str(event.data)


async def test_every_room_of_a_group_is_named(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.services.async_call(
        "media_player",
        "join",
        {"entity_id": LIVING_ROOM, "group_members": [KITCHEN]},
        blocking=True,
    )
    (event,) = await recommend(hass, entity_id=LIVING_ROOM)
    assert sorted(event.data["rooms"]) == sorted(rooms(entry, "Living Room", "Kitchen"))


async def test_nothing_is_told_of_what_does_not_play(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    assert not await recommend(hass, entity_id=LIVING_ROOM, play=False)
    await household.offline(1)
    with pytest.raises(HomeAssistantError):
        await recommend(hass, entity_id=LIVING_ROOM)


async def test_a_rating_and_taking_it_back(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    told = async_capture_events(hass, EVENT_FEEDBACK)
    track = f"spotify:track:{7:022d}"
    await hass.services.async_call(
        DOMAIN,
        "rate",
        {"track": track, "rating": "up", "entity_id": LIVING_ROOM},
        blocking=True,
    )
    await hass.services.async_call(
        DOMAIN, "rate", {"track": track, "take_back": True}, blocking=True
    )
    (living_room,) = rooms(entry, "Living Room")
    assert [event.data["kind"] for event in told] == ["rated", "retracted"]
    assert [event.data["room"] for event in told] == [living_room, None]
    assert told[0].data["title"] == told[1].data["title"] != ""
