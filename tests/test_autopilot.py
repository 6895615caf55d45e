"""Whether, what and how loud: decided from the moment, and told."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.quiet_hours import QuietHours
from tests.evening import LIVING_ROOM, Evening
from tests.household import SimulatedHousehold
from tests.people import add_listener
from tests.sonos.conftest import until

OFFICE = "media_player.office_office"
CALL = "input_boolean.call"
SLEEP = "input_boolean.sleep"
PEOPLE = "zone.home"


@pytest.fixture
async def evening(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    catalog: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Evening:
    evening = Evening(household, hass, entry, monkeypatch)
    hass.states.async_set(CALL, "off")
    hass.states.async_set(SLEEP, "off")
    hass.states.async_set(PEOPLE, "1")
    await evening.furnish(bindings={"call": CALL, "people_home": PEOPLE})
    return evening


async def decide(evening: Evening, entity_id: str = LIVING_ROOM, **fields: Any) -> dict[str, Any]:
    """Ask for music for now; return the decision."""
    response = await evening.hass.services.async_call(
        DOMAIN,
        "play_for_now",
        {"entity_id": entity_id, **fields},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    decisions: list[dict[str, Any]] = response["decisions"]  # type: ignore[assignment]
    (decision,) = decisions
    return decision


async def plays(evening: Evening) -> bool:
    state = await evening.household.speaker(1)
    return bool(state["transport"]["state"] == "PLAYING")


async def test_nothing_speaks_against_it(evening: Evening) -> None:
    decision = await decide(evening)
    await evening.household.wait_playing(1)
    assert decision.pop("id")
    assert decision.pop("because_of") is not None
    assert decision == {
        "rooms": ["Living Room"],
        "entity_ids": [LIVING_ROOM],
        "played": True,
        "reason": "moment",
        "text": "Nothing speaks against music",
        "tracks": 20,
        "mood": None,
        "listeners": [],
        "personal": [],
        "volumes": {},
    }


async def test_the_mood_of_the_room(evening: Evening) -> None:
    evening.room.mood = "calm"
    decision = await decide(evening)
    assert decision["mood"] == "calm"
    assert "Mood" in decision["because_of"]


@pytest.mark.parametrize(
    ("entity_id", "state", "reason", "text"),
    [
        (CALL, "on", "call", "Somebody is on a call"),
        (PEOPLE, "0", "nobody_home", "Nobody is at home"),
        (SLEEP, "on", "sleep", "Because of sleep, which somebody shares with RhythmIQ"),
    ],
)
async def test_what_speaks_against_it(
    evening: Evening, entity_id: str, state: str, reason: str, text: str
) -> None:
    await add_listener(evening.hass, evening.entry, "Ada", bindings={"sleep": SLEEP})
    evening.hass.states.async_set(entity_id, state)
    decision = await decide(evening)
    assert decision == {
        "rooms": ["Living Room"],
        "entity_ids": [LIVING_ROOM],
        "played": False,
        "reason": reason,
        "text": text,
    }
    assert not await plays(evening)


@pytest.mark.parametrize("entity_id", [CALL, PEOPLE, SLEEP])
async def test_what_nobody_knows_speaks_against_nothing(evening: Evening, entity_id: str) -> None:
    await add_listener(evening.hass, evening.entry, "Ada", bindings={"sleep": SLEEP})
    evening.hass.states.async_set(entity_id, STATE_UNAVAILABLE)
    assert (await decide(evening))["played"]


async def test_who_sleeps_elsewhere_sleeps(evening: Evening) -> None:
    await add_listener(evening.hass, evening.entry, "Ada", bindings={"sleep": SLEEP})
    evening.hass.states.async_set(SLEEP, "on")
    evening.hass.states.async_set("person.ada", "not_home")
    assert (await decide(evening))["played"]


async def test_only_if_nothing_plays(evening: Evening) -> None:
    assert (await decide(evening, only_if_idle=True))["played"]
    await evening.household.wait_playing(1)
    speaker = evening.room.speaker
    assert speaker is not None
    await until(lambda: speaker.state.state == "playing")
    before = await evening.queue()
    decision = await decide(evening, only_if_idle=True)
    assert (decision["played"], decision["reason"]) == (False, "playing")
    assert await evening.queue() == before
    assert (await decide(evening))["played"]


async def test_quiet_hours(evening: Evening, freezer: FrozenDateTimeFactory) -> None:
    await evening.hass.config.async_set_time_zone("Europe/Berlin")
    await evening.furnish(quiet=["22:00:00", "07:00:00"])
    freezer.move_to(datetime(2026, 6, 1, 21, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    decision = await decide(evening)
    assert decision["played"]
    assert 5 <= decision["tracks"] <= 12  # half an hour of music
    freezer.move_to(datetime(2026, 6, 1, 23, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    decision = await decide(evening)
    assert (decision["played"], decision["reason"]) == (False, "quiet_hours")
    assert decision["text"] == "These are the room's quiet hours"
    freezer.move_to(datetime(2026, 6, 2, 7, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    decision = await decide(evening)
    assert (decision["played"], decision["tracks"]) == (True, 20)


async def test_a_minute_before_quiet_hours(
    evening: Evening, freezer: FrozenDateTimeFactory
) -> None:
    await evening.hass.config.async_set_time_zone("UTC")
    await evening.furnish(quiet=["22:00:00", "07:00:00"])
    freezer.move_to("2026-06-01 21:59:30+00:00")
    assert (await decide(evening))["tracks"] == 1


async def test_how_loud(evening: Evening) -> None:
    await evening.furnish(
        bindings={"noise_level": "sensor.noise", "time_of_day": None}, volume=[10, 30]
    )
    decision = await decide(evening)
    assert decision["volumes"] == {"Living Room": 10}
    state = await evening.household.wait_playing(1)
    assert state["volume"] == 10
    await evening.household.user(1, "volume", volume=25)
    speaker = evening.room.speaker
    assert speaker is not None
    await until(lambda: speaker.state.volume == 0.25 and speaker.state.state == "playing")
    assert (await decide(evening))["volumes"] == {}  # somebody listens, and chose it


async def test_within_the_bounds_where_noise_is_not_known(evening: Evening) -> None:
    await evening.furnish(volume=[10, 12])
    assert (await decide(evening))["volumes"] == {"Living Room": 12}


async def test_a_call_in_any_room_of_the_group(evening: Evening) -> None:
    await evening.household.topology([["2", "1"]])
    speaker = evening.room.speaker
    assert speaker is not None
    await until(lambda: speaker.coordinator is not speaker)
    evening.hass.states.async_set(CALL, "on")
    decision = await decide(evening, "media_player.kitchen_kitchen")
    assert decision["rooms"] == ["Kitchen", "Living Room"]
    assert (decision["played"], decision["reason"]) == (False, "call")


async def test_without_being_asked_it_says_nothing(evening: Evening) -> None:
    response = await evening.hass.services.async_call(
        DOMAIN, "play_for_now", {"entity_id": LIVING_ROOM}, blocking=True
    )
    assert response is None
    await evening.household.wait_playing(1)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "no_target"),
        ({"entity_id": OFFICE}, "no_room"),
        ({"entity_id": "light.lamp"}, "unknown_player"),
    ],
)
async def test_nowhere_to_play(evening: Evening, fields: dict[str, Any], key: str) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await evening.hass.services.async_call(DOMAIN, "play_for_now", fields, blocking=True)
    assert refused.value.translation_key == key


async def test_a_speaker_that_is_off(evening: Evening) -> None:
    await evening.household.offline(1)
    with pytest.raises(HomeAssistantError) as failed:
        await decide(evening)
    assert failed.value.translation_key == "speaker_unreachable"


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "clock", "quiet"),
    [
        (("22:00", "07:00"), "23:00", True),
        (("22:00", "07:00"), "06:59", True),
        (("22:00", "07:00"), "07:00", False),
        (("22:00", "07:00"), "21:59", False),
        (("13:00", "15:00"), "14:00", True),
        (("13:00", "15:00"), "15:00", False),
    ],
)
def test_hours_that_are_quiet(hours: tuple[str, str], clock: str, quiet: bool) -> None:
    held = QuietHours.of(hours)
    assert held is not None
    local = datetime.combine(date(2026, 6, 1), time.fromisoformat(clock), BERLIN)
    assert held.hold(local) is quiet


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        (datetime(2026, 6, 1, 20, tzinfo=BERLIN), 2),
        (datetime(2026, 6, 1, 22, tzinfo=BERLIN), 24),
        # The clock goes from 2 to 3 in the night to 29 March, from 3 to 2 in that to 25 October
        (datetime(2026, 3, 28, 23, tzinfo=BERLIN), 22),
        (datetime(2026, 10, 24, 23, tzinfo=BERLIN), 24),
    ],
)
def test_until_they_begin(local: datetime, hours: int) -> None:
    held = QuietHours(time(22), time(7))
    assert held.seconds_left(local) == timedelta(hours=hours).total_seconds()


def test_the_night_whose_clock_is_changed() -> None:
    held = QuietHours(time(2, 30), time(7))
    assert not held.hold(datetime(2026, 3, 29, 1, 59, tzinfo=BERLIN))
    assert held.hold(datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN))
    twice = [datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]
    assert all(held.hold(local) for local in twice)
    assert QuietHours.of(None) is None
