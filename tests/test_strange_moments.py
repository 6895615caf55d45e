"""Sensors that say what cannot be and clocks that do what they should not: the music goes on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import logging
from typing import Any

import freezegun.api
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

LIVING_ROOM = "media_player.living_room_living_room"
NOISE = "sensor.noise"
DECIBELS = {"device_class": "sound_pressure", "unit_of_measurement": "dB"}
STRANGE = (
    *("unknown", "unavailable", "-40", "900", "loud", "", "nan", "inf", "-inf", "1e999"),
    *("34,5", "0x22", "34 dB", "x" * 255),
)


async def recommend(hass: HomeAssistant) -> Mapping[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "recommend_playlist",
        {"entity_id": LIVING_ROOM, "play": False, "count": 3},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    answers = response["recommendations"]
    assert isinstance(answers, list)
    (answer,) = answers
    assert isinstance(answer, dict)
    tracks = answer["tracks"]
    assert isinstance(tracks, list)
    assert len(tracks) == 3
    return answer


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was said of the sensor, and check that nothing was worse than a hint."""
    ours = [record for record in caplog.records if "rhythmiq" in record.name]
    assert [record for record in ours if record.levelno > logging.INFO] == []
    return [record.getMessage() for record in ours if NOISE in record.getMessage()]


@pytest.mark.parametrize("state", STRANGE)
async def test_what_cannot_be_is_absent_and_said_once(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture, state: str
) -> None:
    assert (await recommend(hass))["context"]["noise_level"] == 34
    caplog.clear()
    hass.states.async_set(NOISE, state, DECIBELS)
    for _ in range(3):
        assert (await recommend(hass))["context"].keys() == {"time_of_day"}
    (message,) = said(caplog)
    assert message.startswith("sensor.noise: noise_level is left out")
    caplog.clear()
    hass.states.async_set(NOISE, "34", DECIBELS)
    assert "noise_level" in (await recommend(hass))["context"]
    assert said(caplog) == ["sensor.noise: noise_level is back"]


async def test_a_sensor_that_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    hass.states.async_remove(NOISE)
    for _ in range(3):
        assert "noise_level" not in (await recommend(hass))["context"]
    assert len(said(caplog)) == 1


async def test_one_strange_thing_after_the_other_is_one(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    for state in STRANGE:
        hass.states.async_set(NOISE, state, DECIBELS)
        assert "noise_level" not in (await recommend(hass))["context"]
    assert len(said(caplog)) == 1


@pytest.mark.parametrize(
    ("before", "steps", "hours"),
    [
        # Berlin, 29 March 2026: after 1:59 comes 3:00
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), (1,), (1 + 59 / 60, 3.0)),
        # 25 October: after 2:59 comes 2:00
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), (1, 59, 1), (2 + 59 / 60, 2.0, 2 + 59 / 60, 3)),
    ],
)
async def test_hours_that_are_left_out_and_come_twice(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    before: datetime,
    steps: tuple[int, ...],
    hours: tuple[float, ...],
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    when = before
    found = []
    for step in (0, *steps):
        when += timedelta(minutes=step)
        freezer.move_to(when)
        found.append((await recommend(hass))["context"]["time_of_day"])
    assert found == pytest.approx(list(hours))


async def test_a_clock_that_jumps(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a board without a battery, which begins in 1970 and learns the time later."""
    # The loop's own time never jumps; freezegun would freeze a name of this module, too
    monkeypatch.setattr(hass.loop, "time", freezegun.api.real_monotonic)
    await add_listener(hass, entry, "Ada", bindings={"place": "person.ada"})
    ids: list[str] = []
    for when in (
        datetime(2026, 6, 1, 12, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 6, 1, 12, 5, tzinfo=UTC),
        datetime(2037, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 6, 1, 12, 10, tzinfo=UTC),
    ):
        freezer.move_to(when)
        hass.states.async_set(NOISE, str(30 + len(ids)), DECIBELS)
        answer = await recommend(hass)
        assert "noise_level" in answer["context"]
        assert answer["listeners"] == ["Ada"]
        track = answer["tracks"][0]["uri"]
        await hass.services.async_call(
            DOMAIN, "rate", {"track": track, "rating": "up", "listener": "Ada"}, blocking=True
        )
        ids.append(answer["id"])
    assert said(caplog) == []
    learning = hass.data[LIBRARY].learning
    known = await hass.async_add_executor_job(learning.learn)
    assert known.outcomes > 0
    assert (await hass.async_add_executor_job(learning.rebuild)).outcomes == known.outcomes
