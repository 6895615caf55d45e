"""A room's entities: its moment, its noise, and what it is in the mood for."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.rhythmiq.const import EVENT_RECOMMENDED
from custom_components.rhythmiq.engine import MOODS, Request
from custom_components.rhythmiq.moment.words import MOMENTS
from tests.household import SimulatedHousehold
from tests.people import add_listener

MOMENT = "sensor.living_room_moment"
ENERGY = "sensor.living_room_energy_target"
NOISE = "sensor.living_room_ambient_noise"
MOOD = "select.living_room_mood"
ADVENTUROUSNESS = "number.living_room_adventurousness"


def state(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that is there."""
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found


def value(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an entity says."""
    return state(hass, entity_id).state


async def noise(hass: HomeAssistant, level: float | str) -> None:
    """Let the microphone say something."""
    hass.states.async_set(
        "sensor.noise",
        str(level),
        {"device_class": "sound_pressure", "unit_of_measurement": "dB"},
    )
    await hass.async_block_till_done()


async def at(hass: HomeAssistant, freezer: FrozenDateTimeFactory, when: str) -> None:
    """Let it be some time; a minute passes for everybody who waits for one."""
    freezer.move_to(when)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()


async def choose(hass: HomeAssistant, mood: str) -> None:
    await hass.services.async_call(
        "select", "select_option", {"entity_id": MOOD, "option": mood}, blocking=True
    )


async def play(hass: HomeAssistant) -> dict[str, Any]:
    """Press the room's button, and return what the bus heard."""
    told = async_capture_events(hass, EVENT_RECOMMENDED)
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.living_room_play_for_now"}, blocking=True
    )
    await hass.async_block_till_done()
    (event,) = told
    return dict(event.data)


@pytest.mark.usefixtures("entry")
async def test_the_moment_follows_clock_and_noise(
    household: SimulatedHousehold, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    await at(hass, freezer, "2027-06-03T18:30:00+00:00")
    assert value(hass, MOMENT) == "evening"  # of the microphone nothing was heard for hours
    await noise(hass, 33)
    assert value(hass, MOMENT) == "quiet_evening"
    evening = float(value(hass, ENERGY))
    await at(hass, freezer, "2027-06-03T22:30:00+00:00")
    assert value(hass, MOMENT) == "night"
    await noise(hass, 34)
    assert value(hass, MOMENT) == "quiet_night"
    assert float(value(hass, ENERGY)) < evening
    await noise(hass, "unavailable")
    assert value(hass, MOMENT) == "night"
    assert value(hass, NOISE) == "unknown"


@pytest.mark.usefixtures("entry")
async def test_a_room_without_variables_has_no_moment_and_no_noise(hass: HomeAssistant) -> None:
    assert value(hass, "sensor.kitchen_moment") == "unknown"
    assert value(hass, "sensor.kitchen_energy_target") == "50"
    assert hass.states.get("sensor.kitchen_ambient_noise") is None


@pytest.mark.usefixtures("entry")
async def test_they_are_what_home_assistant_expects(hass: HomeAssistant) -> None:
    assert state(hass, MOMENT).attributes["device_class"] == "enum"
    assert state(hass, MOMENT).attributes["options"] == list(MOMENTS)
    assert value(hass, NOISE) == "34"
    for entity_id, unit in ((NOISE, "dB"), (ENERGY, "%")):
        attributes = state(hass, entity_id).attributes
        assert attributes["state_class"] == "measurement"
        assert attributes["unit_of_measurement"] == unit


async def test_variables_are_told_by_name_only(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.states.async_set("sensor.pulse", "171", {"unit_of_measurement": "bpm"})
    before = value(hass, ENERGY)
    await add_listener(hass, entry, "Ada", bindings={"heart_rate": "sensor.pulse"})
    await noise(hass, 34.4)
    attributes = state(hass, MOMENT).attributes
    assert attributes["variables"] == ["noise_level", "time_of_day"]
    assert attributes["personal"] == ["heart_rate"]
    hass.states.async_remove("sensor.pulse")
    assert "171" not in str([each.as_dict()["state"] for each in hass.states.async_all()])
    assert "171" not in str([each.attributes for each in hass.states.async_all()])
    assert value(hass, ENERGY) == before


async def test_the_noise_goes_when_it_is_switched_off(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    room = next(iter(entry.subentries.values()))
    hass.config_entries.async_update_subentry(
        entry, room, data={**room.data, "bindings": {"time_of_day": None}}
    )
    await hass.async_block_till_done()
    assert hass.states.get(NOISE) is None
    assert er.async_get(hass).async_get(NOISE) is None
    assert state(hass, MOMENT).attributes["variables"] == ["time_of_day"]

    hass.config_entries.async_update_subentry(
        entry, room, data={**room.data, "bindings": {"noise_level": "sensor.noise"}}
    )
    await hass.async_block_till_done()
    assert value(hass, NOISE) == "34"
    assert value(hass, MOMENT) == "quiet"


@pytest.mark.usefixtures("catalog")
async def test_the_mood_is_what_plays(hass: HomeAssistant) -> None:
    assert state(hass, MOOD).attributes["options"] == ["auto", *MOODS]
    assert value(hass, MOOD) == "auto"
    assert (await play(hass))["mood"] is None
    calm = float(value(hass, ENERGY))
    await choose(hass, "party")
    assert value(hass, MOOD) == "party"
    assert float(value(hass, ENERGY)) > calm
    told = await play(hass)
    assert told["mood"] == "party"
    assert "mood" in told["reasons"]
    await choose(hass, "auto")
    assert (await play(hass))["mood"] is None


@pytest.mark.usefixtures("catalog")
async def test_the_mood_gives_way_to_one_that_is_named(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await choose(hass, "party")
    recommender = entry.runtime_data.recommender
    living_room, kitchen = recommender.rooms
    assert recommender.usual(Request(mood="calm"), living_room.speaker).mood == "calm"
    assert recommender.usual(Request(count=3), living_room.speaker) == Request(
        count=3, mood="party"
    )
    assert recommender.usual(Request(), kitchen.speaker).mood is None
    (office,) = {*entry.runtime_data.household.speakers.values()} - {
        living_room.speaker,
        kitchen.speaker,
    }
    assert recommender.usual(Request(), office) == Request()


@pytest.mark.usefixtures("catalog")
async def test_the_media_browser_plays_in_that_mood(hass: HomeAssistant) -> None:
    await choose(hass, "sleep")
    told: list[Event[dict[str, Any]]] = async_capture_events(hass, EVENT_RECOMMENDED)
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": "media_player.living_room_living_room",
            "media_content_type": "playlist",
            "media_content_id": "rhythmiq:moment",
        },
        blocking=True,
    )
    await hass.async_block_till_done()
    assert [event.data["mood"] for event in told] == ["sleep"]


@pytest.mark.usefixtures("catalog")
async def test_adventurousness_scales_what_is_tried_out(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Nothing is tried out at 0; half as much at 50."""
    assert value(hass, ADVENTUROUSNESS) == "100"
    await add_listener(hass, entry, "Ada", adventurousness=1)
    recommender = entry.runtime_data.recommender
    (room, *_) = recommender.rooms
    track = f"spotify:track:{7:022d}"
    await hass.services.async_call("rhythmiq", "rate", {"track": track, "rating": 5}, blocking=True)

    async def explores() -> bool:
        (answer,) = await recommender.answer(Request(), [room.speaker])
        return any(
            reason.key == "exploration"
            for track in answer.recommendation.tracks
            for reason in track.reasons
        )

    assert await explores()
    await hass.services.async_call(
        "number", "set_value", {"entity_id": ADVENTUROUSNESS, "value": 0}, blocking=True
    )
    assert value(hass, ADVENTUROUSNESS) == "0"
    assert not await explores()


@pytest.mark.usefixtures("household")
class TestRestart:
    """What was chosen for a room outlasts a restart."""

    @pytest.fixture(autouse=True)
    def before(self, hass: HomeAssistant) -> None:
        mock_restore_cache_with_extra_data(
            hass,
            [
                (State(MOOD, "focus"), {}),
                (State("select.kitchen_mood", "gone"), {}),
                (
                    State(ADVENTUROUSNESS, "35"),
                    {
                        "native_value": 35,
                        "native_max_value": 100,
                        "native_min_value": 0,
                        "native_step": 5,
                        "native_unit_of_measurement": "%",
                    },
                ),
            ],
        )

    async def test_restored(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        assert value(hass, MOOD) == "focus"
        assert value(hass, "select.kitchen_mood") == "auto"
        assert value(hass, ADVENTUROUSNESS) == "35"
        living_room, _ = entry.runtime_data.recommender.rooms
        assert living_room.mood == "focus"
        assert living_room.adventurousness == pytest.approx(0.35)
