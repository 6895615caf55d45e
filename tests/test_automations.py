"""Triggers, conditions and the logbook: what automations and people see of the rooms."""

from typing import Any

from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.helpers import (
    area_registry as ar,
    condition as condition_helper,
    entity_registry as er,
    trigger as trigger_helper,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
import voluptuous as vol

from custom_components.rhythmiq import logbook
from custom_components.rhythmiq.const import DOMAIN
from tests.evening import LIVING_ROOM, SWITCH, TELEVISION, Evening
from tests.household import SimulatedHousehold

KITCHEN = "media_player.kitchen_kitchen"


@pytest.fixture
async def evening(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    catalog: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Evening:
    evening = Evening(household, hass, entry, monkeypatch)
    evening.television(on=False)
    await evening.furnish(bindings={"television": TELEVISION})
    return evening


@pytest.fixture
def runs(hass: HomeAssistant) -> list[ServiceCall]:
    calls: list[ServiceCall] = async_mock_service(hass, "test", "automation")
    return calls


async def automate(hass: HomeAssistant, trigger: str, **target: Any) -> None:
    """Set up an automation that says what triggered it."""
    given = {"target": target} if target else {}
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "triggers": {"trigger": f"{DOMAIN}.{trigger}", **given},
                "actions": {
                    "action": "test.automation",
                    "data": {"told": "{{ trigger.event.data }}"},
                },
            }
        },
    )
    await hass.async_block_till_done()


async def test_a_recommendation_starts(evening: Evening, runs: list[ServiceCall]) -> None:
    await automate(evening.hass, "recommendation_started", entity_id=LIVING_ROOM)
    made = await evening.play()
    (run,) = runs
    assert run.data["told"]["id"] == made["id"]
    assert run.data["told"]["rooms"] == [evening.room.id]


async def test_elsewhere_is_not_here(evening: Evening, runs: list[ServiceCall]) -> None:
    await automate(evening.hass, "recommendation_started", entity_id=KITCHEN)
    await evening.play()
    assert runs == []


async def test_a_moment_changes(evening: Evening, runs: list[ServiceCall]) -> None:
    await automate(evening.hass, "moment_changed")
    await evening.minutes(2)
    evening.television(on=True)
    await evening.minutes(5)
    (run,) = runs
    assert run.data["told"] == {
        "room": evening.room.id,
        "name": "Living Room",
        "reason": "television",
        "text": "Television is on or off",
    }


async def test_an_area_stands_for_its_rooms(evening: Evening, runs: list[ServiceCall]) -> None:
    area = ar.async_get(evening.hass).async_create("Downstairs")
    er.async_get(evening.hass).async_update_entity(SWITCH, area_id=area.id)
    await automate(evening.hass, "recommendation_started", area_id=area.id)
    await evening.play()
    assert len(runs) == 1


async def test_triggers_and_conditions_are_described(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    triggers = await trigger_helper.async_get_all_descriptions(hass)
    ours = {key: value for key, value in triggers.items() if key.startswith(DOMAIN)}
    assert {*ours} == {
        f"{DOMAIN}.{name}"
        for name in ("moment_changed", "reaimed", "recommendation_started", "skipped_twice")
    }
    assert all(each and each["target"] for each in ours.values())
    conditions = await condition_helper.async_get_all_descriptions(hass)
    described = conditions[f"{DOMAIN}.room_is_in_mood"]
    assert described is not None
    assert described["fields"]["mood"]["selector"]["select"]["multiple"]


async def check(hass: HomeAssistant, *moods: str, **target: Any) -> bool | None:
    """Ask whether a room is in one of these moods."""
    config: dict[str, Any] = {
        "condition": f"{DOMAIN}.room_is_in_mood",
        "options": {"mood": list(moods)},
    }
    if target:
        config["target"] = target
    valid = await condition_helper.async_validate_condition_config(hass, config)
    checker = await condition_helper.async_from_config(hass, valid)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_a_room_is_in_the_mood_of_its_music(evening: Evening) -> None:
    await evening.play(mood="party")
    assert await check(evening.hass, "party", entity_id=LIVING_ROOM)
    assert await check(evening.hass, "calm", "party")
    assert not await check(evening.hass, "party", entity_id=KITCHEN)
    assert not await check(evening.hass, "calm", entity_id=LIVING_ROOM)


async def test_a_room_is_in_the_mood_of_its_moment(evening: Evening) -> None:
    assert not await check(evening.hass, "focus", entity_id=LIVING_ROOM)
    evening.television(on=True)
    await evening.hass.async_block_till_done()
    assert await check(evening.hass, "focus", entity_id=LIVING_ROOM)
    evening.room.mood = "happy"
    assert await check(evening.hass, "happy", entity_id=LIVING_ROOM)


@pytest.mark.parametrize("options", [{}, {"mood": []}, {"mood": ["furious"]}, {"tempo": 1}])
async def test_no_such_mood(
    hass: HomeAssistant, entry: MockConfigEntry, options: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await condition_helper.async_validate_condition_config(
            hass, {"condition": f"{DOMAIN}.room_is_in_mood", "options": options}
        )


async def test_without_a_household_no_room_is_in_a_mood(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not await check(hass, "calm", "focus")


def described(hass: HomeAssistant, name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return what the logbook says of an event."""
    found: dict[str, Any] = {}

    def take(domain: str, event: str, describe: logbook.Describe) -> None:
        assert domain == DOMAIN
        if event == name:
            found.update(describe(Event(name, data)))  # type: ignore[arg-type]

    logbook.async_describe_events(hass, take)
    return found


async def test_the_logbook(evening: Evening) -> None:
    hass, room = evening.hass, evening.room
    assert described(hass, "rhythmiq_recommended", {"rooms": [room.id], "tracks": 20}) == {
        "name": "Living Room",
        "message": "plays a recommendation of 20 tracks",
        "icon": "mdi:music-circle-outline",
        "entity_id": LIVING_ROOM,
    }
    told = {"room": room.id, "name": "Living Room", "reason": "call", "text": "A call", "tracks": 3}
    messages = {
        name: described(hass, f"rhythmiq_{name}", told)["message"]
        for name in ("reaimed", "moment_changed", "skipped_twice")
    }
    assert messages == {
        "reaimed": "has 3 other tracks ahead now: A call",
        "moment_changed": "has another moment: A call",
        "skipped_twice": "skipped two of the last four tracks",
    }
    rated = {"kind": "rated", "room": None, "title": "Song"}
    assert described(hass, "rhythmiq_feedback", rated) == {
        "name": "RhythmIQ",
        "message": "rated Song",
        "icon": "mdi:star-outline",
    }
    gone = described(hass, "rhythmiq_skipped_twice", {"room": "gone", "name": "Attic"})
    assert gone["name"] == "Attic"
    assert "entity_id" not in gone
