"""A moment that is followed."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.moment.live import LiveMoment
from custom_components.rhythmiq.moment.variables import STALE_SOONER_OR_LATER

DB: Mapping[str, str] = {"unit_of_measurement": "dB", "device_class": "sound_pressure"}
BINDINGS = {"noise_level": "sensor.noise", "television": "media_player.tv", "day_type": None}


@pytest.fixture
def moment(hass: HomeAssistant) -> Iterator[LiveMoment]:
    hass.states.async_set("sensor.noise", "42", DB)
    hass.states.async_set("media_player.tv", "off")
    moment = LiveMoment(hass, BINDINGS)
    moment.start()
    yield moment
    moment.stop()


async def test_it_reads_what_is_bound(moment: LiveMoment) -> None:
    values = moment.read().values
    assert values.keys() == BINDINGS.keys()
    assert values["noise_level"] == pytest.approx(42)
    assert values["television"] == "off"


async def test_it_tells_of_changes_until_it_stops(hass: HomeAssistant, moment: LiveMoment) -> None:
    told: list[float | str] = []
    stop = moment.add_listener(lambda: told.append(moment.read().values["television"]))
    hass.states.async_set("media_player.tv", "playing")
    await hass.async_block_till_done()
    hass.states.async_set("media_player.tv", "playing", {"media_title": "News"})
    hass.states.async_set("media_player.other", "playing")
    await hass.async_block_till_done()
    assert told == ["on"]

    stop()
    hass.states.async_set("media_player.tv", "off")
    await hass.async_block_till_done()
    assert told == ["on"]

    moment.add_listener(lambda: told.append("heard"))
    moment.stop()
    hass.states.async_set("media_player.tv", "playing")
    await hass.async_block_till_done()
    assert told == ["on"]


async def test_noise_is_averaged_over_all_reports(
    hass: HomeAssistant, moment: LiveMoment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of the same level counts: for as long as it was so loud."""
    start, passed = hass.loop.time(), 0.0
    monkeypatch.setattr(hass.loop, "time", lambda: start + passed)
    for level in ("40", "40", "60", "60", "60"):
        passed += 60
        hass.states.async_set("sensor.noise", level, DB)
        await hass.async_block_till_done()
    assert moment.read().values["noise_level"] == pytest.approx(58.3, abs=0.5)


async def test_the_rooms_own_music_is_no_noise(
    hass: HomeAssistant, moment: LiveMoment, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, passed = hass.loop.time(), 0.0
    monkeypatch.setattr(hass.loop, "time", lambda: start + passed)
    moment.music(0.4)
    for _ in range(10):
        passed += 30
        hass.states.async_set("sensor.noise", "65", DB)
        await hass.async_block_till_done()
    assert moment.read().values["noise_level"] == pytest.approx(42, abs=0.5)


@pytest.mark.parametrize("state", ["unavailable", "unknown", "-40", "900", "loud"])
async def test_what_the_sensor_does_not_know_is_absent_at_once(
    hass: HomeAssistant, moment: LiveMoment, state: str
) -> None:
    hass.states.async_set("sensor.noise", state, DB)
    assert "noise_level" not in moment.read().values


async def test_a_silent_sensor_is_stale(moment: LiveMoment, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(STALE_SOONER_OR_LATER["noise_level"] + timedelta(seconds=1))
    assert "noise_level" not in moment.read().values


async def test_what_others_know_is_added_where_it_is_switched_on(hass: HomeAssistant) -> None:
    asked: list[datetime] = []

    def tell(now: datetime) -> Mapping[str, float | str | None]:
        asked.append(now)
        return {"home_rhythm": 0.25, "recent_rating": 1.0}

    moment = LiveMoment(hass, {"home_rhythm": None}, tell)
    moment.start()
    now = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    assert moment.read(now).values == {"home_rhythm": 0.25}
    assert asked == [now]
    moment.stop()


async def test_an_entity_that_is_not_there_yet_is_waited_for(hass: HomeAssistant) -> None:
    moment = LiveMoment(hass, {"noise_level": "sensor.late"})
    moment.start()
    assert moment.read().values == {}
    hass.states.async_set("sensor.late", "50", DB)
    await hass.async_block_till_done()
    assert moment.read().values["noise_level"] == pytest.approx(50)
    moment.stop()
