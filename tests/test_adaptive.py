"""What is not heard yet follows the moment, and nobody's hand is fought."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine import Request, TuneVector
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import Interaction
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.recommender import SIGNAL_HAPPENED, play
from custom_components.rhythmiq.sonos.identity import track_name
from custom_components.rhythmiq.sonos.play_mode import set_shuffle
from tests.evening import LIVING_ROOM, SWITCH, TELEVISION, Evening
from tests.household import SimulatedHousehold
from tests.people import add_listener
from tests.sonos.conftest import until

BEYOND = 900  # no track of the catalog: nobody but a person plays it


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


async def test_off_until_somebody_wants_it(evening: Evening) -> None:
    assert evening.switch.state == "off"
    await evening.play()
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(5)
    assert await evening.queue() == before
    assert evening.reaimed == []


async def test_the_rest_follows_a_change(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(2)
    assert evening.reaimed == []
    await evening.minutes(2)
    (event,) = evening.reaimed
    assert event.data == {
        "id": event.data["id"],
        "room": evening.room.id,
        "name": "Living Room",
        "reason": "television",
        "text": "Television is on or off",
        "tracks": 8,
    }
    after = await evening.queue()
    assert len(after) == len(before)
    assert after[:2] == before[:2]
    assert after[2:] != before[2:]
    assert evening.switch.attributes["last_reason"] == "Television is on or off"


async def test_it_does_not_flutter(evening: Evening) -> None:
    await evening.turn()
    await evening.play(count=30)
    for minute in range(12):
        evening.television(on=minute % 2 == 0)
        await evening.minutes()
    assert evening.reaimed == []


async def test_at_most_six_an_hour(evening: Evening) -> None:
    told: list[float] = []
    evening.hass.bus.async_listen("rhythmiq_reaimed", lambda _: told.append(evening.ahead))
    await evening.turn()
    await evening.play(count=60)
    for third in range(16):
        evening.television(on=third % 2 == 0)
        await evening.minutes(4)
    assert len(told) >= 4
    assert all(later - earlier >= 600 for earlier, later in pairwise(told))


async def test_a_sensor_that_fails_changes_nothing(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    for state in ("unavailable", "unknown", "900"):
        evening.hass.states.async_set(TELEVISION, state)
        await evening.minutes(4)
    assert evening.reaimed == []


async def test_two_skips_say_so(evening: Evening) -> None:
    skipped = async_capture_events(evening.hass, "rhythmiq_skipped_twice")
    await evening.turn()
    await evening.play(genres=["jazz"], count=30)  # there are not many more
    before = await evening.queue()
    await evening.skip()
    assert skipped == []
    await evening.skip()
    await until(lambda: bool(evening.reaimed))
    assert [event.data for event in skipped] == [{"room": evening.room.id, "name": "Living Room"}]
    (event,) = evening.reaimed
    assert event.data["reason"] == "skips"
    assert event.data["text"] == "Two tracks were skipped"
    after = await evening.queue()
    assert after[:4] == before[:4]
    assert {*after[4:]}.isdisjoint(before)
    rows = evening.rows()
    assert [row["kind"] for row in rows if row["kind"] != "started"] == ["skipped", "skipped"]
    artists = {row["artist"] for row in rows if row["kind"] == "skipped"}
    catalog = evening.hass.data[LIBRARY].tracks.load()
    ahead = [catalog.index_of(track_name(uri) or uri) for uri in after[4:]]
    assert artists.isdisjoint(catalog.artist[row] for row in ahead if row is not None)
    assert None not in ahead


async def test_skips_of_a_room_that_is_not_adaptive(evening: Evening) -> None:
    await evening.play()
    await evening.skip()
    await evening.skip()
    await evening.minutes(2)
    assert evening.reaimed == []


async def test_people_walk_in(evening: Evening) -> None:
    await add_listener(evening.hass, evening.entry, "Ada")
    await add_listener(evening.hass, evening.entry, "Ben")
    evening.hass.states.async_set("person.ben", "not_home")
    await evening.turn()
    await evening.play()
    evening.hass.states.async_set("person.ben", "home")
    await evening.minutes(4)
    (event,) = evening.reaimed
    assert (event.data["reason"], event.data["text"]) == ("people", "Somebody came or went")
    stored = evening.hass.data[LIBRARY].store.recommendation(event.data["id"])
    assert stored is not None


async def test_another_mood_is_chosen(evening: Evening) -> None:
    await evening.turn()
    await evening.play(mood="calm")
    evening.room.mood = "party"
    await evening.minutes()
    (event,) = evening.reaimed
    assert (event.data["reason"], event.data["text"]) == ("mood", "Another mood was chosen")
    assert evening.entry.runtime_data.adaptive.mood_of(evening.room) == "party"


async def test_somebody_changed_the_queue(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    theirs = f"spotify:track:{BEYOND:022d}"
    await evening.household.user(1, "enqueue", uris=[theirs], position=5)
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(4)
    assert evening.reaimed == []
    assert await evening.queue() == before
    until_then = evening.switch.attributes["following_you_until"]
    assert until_then - dt_util.utcnow() > timedelta(minutes=28)
    await evening.household.user(1, "pause")
    await evening.minutes(30)
    assert evening.switch.attributes["following_you_until"] is None
    await evening.household.user(1, "play")
    await evening.until_playing()
    await evening.minutes(2)
    assert len(evening.reaimed) == 1
    after = await evening.queue()
    place = next(at for at, uri in enumerate(before) if track_name(uri) == theirs)
    assert after[: place + 1] == before[: place + 1]
    assert after[place + 1 :] != before[place + 1 :]


@pytest.mark.parametrize("look", [0, 1])
async def test_somebody_changes_the_queue_meanwhile(evening: Evening, look: int) -> None:
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(2)
    await evening.settle()
    await evening.household.fault("delay", action="GetPositionInfo", ms=500, skip=look, count=1)
    await evening.household.clear_calls()
    evening.ahead += 60
    async_fire_time_changed(evening.hass, dt_util.utcnow() + timedelta(seconds=1))
    while len(await evening.household.calls(action="Browse")) <= look:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await evening.household.user(1, "enqueue", uris=[f"spotify:track:{BEYOND:022d}"])
    mine = await evening.household.queue_uris(1)
    await until(lambda: not evening.mode.busy)
    assert evening.reaimed == []
    assert await evening.queue() == mine
    assert evening.mode.following is not None


async def test_what_happens_in_other_homes(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    elsewhere = Interaction(happened=0, kind=Kind.VOLUME, room="elsewhere")
    async_dispatcher_send(evening.hass, SIGNAL_HAPPENED, elsewhere)
    assert evening.mode.following is None


async def test_another_list_is_somebody_elses(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    await evening.household.user(1, "clear_queue")
    theirs = [f"spotify:track:{number:022d}" for number in range(BEYOND, BEYOND + 9)]
    await evening.household.user(1, "enqueue", uris=theirs)
    await evening.household.user(1, "play_queue")
    await evening.until_playing()
    evening.television(on=True)
    await evening.minutes(4)
    assert evening.mode.playing is None
    assert evening.reaimed == []


async def test_somebody_turned_the_volume(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    await evening.minutes()
    await evening.household.user(1, "volume", volume=44)
    await until(lambda: evening.volume == 0.44)
    evening.television(on=True)
    await evening.minutes(6)
    assert evening.mode.following is not None
    assert evening.reaimed == []
    await evening.turn()  # "go on, then"
    assert evening.switch.attributes["following_you_until"] is None


async def test_a_shuffled_queue_is_somebodys_choice(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    speaker = evening.speaker
    await set_shuffle(speaker, shuffle=True)
    await until(lambda: speaker.own.shuffle is True)
    evening.television(on=True)
    await evening.minutes(4)
    assert evening.reaimed == []
    assert evening.mode.following is not None


async def test_undo_knows_what_was_exchanged(evening: Evening) -> None:
    await evening.household.user(1, "enqueue", uris=[f"spotify:track:{BEYOND:022d}"])
    before = await evening.queue()
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(4)
    assert len(evening.reaimed) == 1
    await evening.queue()
    response = await evening.hass.services.async_call(
        DOMAIN, "undo", {"entity_id": LIVING_ROOM}, blocking=True, return_response=True
    )
    assert response is not None
    groups: list[dict[str, Any]] = response["groups"]  # type: ignore[assignment]
    assert [group["changed_by_hand"] for group in groups] == [False]
    assert await evening.queue() == before


async def test_the_end_of_a_list_stays(evening: Evening) -> None:
    await evening.turn()
    await evening.play(count=2)
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(3)
    assert await evening.queue() == before
    assert evening.reaimed == []


async def test_a_path_is_not_left(evening: Evening) -> None:
    await evening.turn()
    recommender = evening.entry.runtime_data.recommender
    request = Request(path=TuneVector(shape="ascent", seconds=1800.0))
    await play(await recommender.answer(request, [evening.speaker]))
    assert evening.mode.playing is None


async def test_a_list_added_to_somebodys_queue(evening: Evening) -> None:
    await evening.turn()
    await evening.household.user(1, "enqueue", uris=[f"spotify:track:{BEYOND:022d}"])
    await evening.household.user(1, "play_queue")
    await evening.until_playing()
    await evening.play(enqueue="add")
    assert evening.mode.playing is None


async def test_a_speaker_that_is_gone(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(2)
    await evening.household.offline(1)
    await evening.minutes(3)
    assert evening.reaimed == []
    await evening.household.online(1)
    await evening.household.tell()
    speaker = evening.speaker
    await until(lambda: not speaker.available or not evening.mode.busy)


async def test_a_follower_leaves_the_group(evening: Evening) -> None:
    await evening.household.topology([["1", "2"]])
    kitchen = evening.entry.runtime_data.household.speakers[evening.household.uids[1]]
    await until(lambda: kitchen.coordinator is evening.speaker)
    await evening.turn()
    await evening.play()
    await evening.household.topology([["1"], ["2"]])
    await until(lambda: kitchen.coordinator is kitchen)
    evening.television(on=True)
    await evening.minutes(4)
    assert [event.data["room"] for event in evening.reaimed] == [evening.room.id]


async def test_the_leader_leaves_the_group(evening: Evening) -> None:
    await evening.household.topology([["1", "2"]])
    kitchen = evening.entry.runtime_data.household.speakers[evening.household.uids[1]]
    await until(lambda: kitchen.coordinator is evening.speaker)
    await evening.turn()
    await evening.play()
    before = await evening.queue()
    await evening.household.user(1, "leave")
    await until(lambda: kitchen.coordinator is kitchen)
    evening.television(on=True)
    await evening.minutes(4)
    assert evening.reaimed == []
    assert await evening.household.queue_uris(2) == before


async def test_nothing_else_matches(evening: Evening) -> None:
    await evening.turn()
    await evening.play(artists=["Invented Artist 7"], count=5)
    before = await evening.queue()
    await evening.skip()
    await evening.skip()
    await evening.minutes(2)
    assert evening.reaimed == []
    assert await evening.queue() == before
    assert evening.mode.wish is None  # nobody asks again every minute
    assert evening.mode.rests_until > evening.now


async def test_what_is_personal_goes_by_name(evening: Evening) -> None:
    evening.hass.states.async_set("sensor.heart", "60", {"unit_of_measurement": "bpm"})
    await add_listener(evening.hass, evening.entry, "Ada", bindings={"heart_rate": "sensor.heart"})
    moments = async_capture_events(evening.hass, "rhythmiq_moment_changed")
    await evening.turn()
    await evening.play()
    evening.hass.states.async_set("sensor.heart", "160.0625", {"unit_of_measurement": "bpm"})
    await evening.minutes(4)
    (event,) = evening.reaimed
    assert event.data["reason"] == "heart_rate"
    assert "160.0625" not in str(event.data)
    assert moments == []  # the room's moment is everybody's
    assert "160.0625" not in str(evening.switch.attributes)


async def test_a_night_whose_clock_is_changed(evening: Evening) -> None:
    await evening.hass.config.async_set_time_zone("Europe/Berlin")
    await evening.furnish(bindings={"time_of_day": None})
    night = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
    evening.ahead = (night - dt_util.utcnow()).total_seconds()
    await evening.turn()
    await evening.play(count=30)
    await evening.minutes(20)
    assert dt_util.as_local(dt_util.utcnow()).hour == 3
    assert evening.reaimed == []  # an hour later by the clock is no other night


async def test_it_is_remembered(evening: Evening) -> None:
    await evening.turn()
    assert await evening.hass.config_entries.async_reload(evening.entry.entry_id)
    await evening.hass.async_block_till_done()
    assert evening.switch.state == "on"
    await evening.turn(on=False)
    assert await evening.hass.config_entries.async_reload(evening.entry.entry_id)
    await evening.hass.async_block_till_done()
    assert evening.switch.state == "off"


async def test_a_room_that_is_gone(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    room = evening.room
    evening.hass.config_entries.async_remove_subentry(evening.entry, evening.subentry.subentry_id)
    await evening.hass.async_block_till_done()
    async_fire_time_changed(evening.hass, dt_util.utcnow() + timedelta(seconds=61))
    await evening.hass.async_block_till_done()
    assert evening.entry.runtime_data.recommender.rooms.get(room.id) is None
    assert evening.hass.states.get(SWITCH) is None


async def test_switched_on_while_it_plays(evening: Evening) -> None:
    await evening.play()
    evening.television(on=True)
    await evening.minutes(3)
    await evening.turn()
    await evening.minutes(4)
    assert evening.reaimed == []  # it begins with the moment as it is
    evening.television(on=False)
    await evening.minutes(4)
    assert len(evening.reaimed) == 1


async def test_the_volume_follows_the_noise(evening: Evening) -> None:
    await evening.furnish(bindings={"noise_level": "sensor.noise"}, volume=[10, 30])
    await evening.household.user(1, "volume", volume=20)
    await until(lambda: evening.volume == 0.2)
    await evening.play()
    await evening.minutes(2)
    assert evening.volume == 0.2  # not switched on
    await evening.turn()
    await evening.minutes(4)
    await until(lambda: evening.volume == 0.16)
    assert (await evening.household.speaker(1))["volume"] == 16
    await evening.minutes(10)
    assert evening.volume == pytest.approx(0.11, abs=0.01)
    await evening.minutes()
    assert {row["kind"] for row in evening.rows()}.isdisjoint({"volume"})


@pytest.mark.parametrize(("volume", "told"), [(19, False), (19, True), (28, True)])
async def test_whoever_turns_the_volume_is_right(evening: Evening, volume: int, told: bool) -> None:
    await evening.furnish(bindings={"noise_level": "sensor.noise"}, volume=[10, 30])
    await evening.household.user(1, "volume", volume=20)
    await until(lambda: evening.volume == 0.2)
    await evening.turn()
    await evening.play(count=30)
    await evening.minutes(2)
    assert evening.volume == 0.18
    await evening.household.user(1, "volume", volume=volume)
    await until(lambda: evening.volume == volume / 100)
    if told:
        turned = Interaction(happened=0, kind=Kind.VOLUME, room=evening.room.id)
        async_dispatcher_send(evening.hass, SIGNAL_HAPPENED, turned)
    await evening.minutes(20)
    assert evening.volume == volume / 100
    assert evening.switch.attributes["following_you_until"] is not None
    await evening.minutes(13)
    assert evening.switch.attributes["following_you_until"] is None
    assert (await evening.household.speaker(1))["volume"] < volume


async def test_where_the_noise_is_not_known_the_volume_stays(evening: Evening) -> None:
    await evening.furnish(volume=[10, 30])
    await evening.household.user(1, "volume", volume=50)
    await until(lambda: evening.volume == 0.5)
    await evening.turn()
    await evening.play()
    await evening.minutes(3)
    assert evening.volume == 0.5


async def test_what_is_revoked_is_compared_with_nothing(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(2)
    await evening.furnish(bindings={})
    await evening.furnish(bindings={"television": TELEVISION})
    await evening.minutes(4)
    assert evening.reaimed == []
    assert evening.mode.playing is not None


async def test_a_list_that_begins_meanwhile(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(2)
    await evening.settle()
    await evening.household.fault("delay", action="GetPositionInfo", ms=400, count=1)
    evening.ahead += 60
    async_fire_time_changed(evening.hass, dt_util.utcnow() + timedelta(seconds=1))
    await until(lambda: evening.mode.busy)
    made = await evening.play(count=12)
    await until(lambda: not evening.mode.busy)
    assert evening.reaimed == []
    assert evening.mode.following is None
    assert [track_name(uri) for uri in await evening.queue()] == [
        track["uri"] for track in made["tracks"]
    ]


async def test_what_failed_is_tried_again(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    evening.television(on=True)
    await evening.minutes(2)
    await evening.household.fault("error", action="GetPositionInfo", code=501)
    await evening.minutes(2)
    assert evening.reaimed == []
    await evening.household.clear_faults()
    await evening.minutes(1)
    assert len(evening.reaimed) == 1


async def test_hands_count_only_where_it_is_adaptive(evening: Evening) -> None:
    await evening.play()
    await evening.minutes()
    await evening.household.user(1, "volume", volume=44)
    await evening.minutes(2)
    assert [row["kind"] for row in evening.rows()][-1] == "volume"
    assert evening.switch.attributes["following_you_until"] is None
