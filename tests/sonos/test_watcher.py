"""A person at a simulated household, and what the watcher says they did."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
import random
from time import monotonic

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from soco import events_asyncio

from custom_components.rhythmiq.engine.rewards import OUTCOMES
from custom_components.rhythmiq.sonos import own_hand, plays, watcher as watcher_module
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.identity import track_name
from custom_components.rhythmiq.sonos.queue import Enqueue, Playable, play_tracks
from custom_components.rhythmiq.sonos.snapshot import restore, take
from custom_components.rhythmiq.sonos.watcher import Happening, OpenPlay, Watcher
from tests.household import ControlError, SimulatedHousehold

from .conftest import Connect, until
from .test_core import set_up_core

TRACKS = [f"spotify:track:{number:022d}" for number in range(1, 9)]
LENGTH = 200


class VirtualTime:
    """The clock of the household and of whoever watches it: real time, and jumps."""

    def __init__(self, household: SimulatedHousehold, hass: HomeAssistant) -> None:
        self._household = household
        self._hass = hass
        self.ahead = 0.0

    async def advance(self, seconds: float) -> None:
        """Let time pass everywhere, once all that was asked is answered."""
        count = -1
        while (now := len(await self._household.calls())) != count:
            count = now
            await asyncio.sleep(0.1)
        self.ahead += seconds
        await self._household.clock(advance=seconds)

    async def wait(self, seconds: float) -> None:
        """Let time pass where nothing happens, and fire what waits for it."""
        await self.advance(seconds)
        async_fire_time_changed(self._hass, dt_util.utcnow() + timedelta(seconds=1))
        await asyncio.sleep(0)


@pytest.fixture
def time(
    household: SimulatedHousehold, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> VirtualTime:
    virtual = VirtualTime(household, hass)
    utcnow = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + timedelta(seconds=virtual.ahead))
    for module in (watcher_module, own_hand):
        monkeypatch.setattr(module, "monotonic", lambda: monotonic() + virtual.ahead)
    return virtual


class Watched:
    """What was told, in the order it was told."""

    def __init__(self) -> None:
        self.told: list[Happening] = []

    @property
    def story(self) -> list[tuple[str, int | None]]:
        """Kinds and the numbers of tracks."""
        return [(each.kind.value, number(each.uri)) for each in self.told]

    async def until(self, *story: tuple[str, int | None]) -> None:
        """Wait until this was told, and nothing else."""
        try:
            await until(lambda: len(self.story) >= len(story))
        finally:
            assert self.story == list(story)


def number(uri: str) -> int | None:
    name = track_name(uri)
    return TRACKS.index(name) + 1 if name in TRACKS else None


type Watch = Callable[..., Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return how to begin to watch; it ends after the test."""
    running: list[Watcher] = []

    def start(ours: Household, *open_plays: OpenPlay) -> Watched:
        watched = Watched()
        running.append(Watcher(ours, watched.told.append))
        running[-1].start(open_plays)
        return watched

    yield start
    for each in running:
        each.stop()


@pytest.fixture
async def ours(household: SimulatedHousehold, connect: Connect) -> Household:
    """Return our household, whose music is known and lasts 200 s a track."""
    tracks = {uri: {"title": f"Title {uri[-1]}", "duration": LENGTH} for uri in TRACKS}
    await household.catalog(tracks=tracks)
    return await connect()


async def play(household: SimulatedHousehold, *numbers: int, speaker: int = 1) -> None:
    """Put a list on, as a person with the app does."""
    await household.user(speaker, "clear_queue")
    await household.user(speaker, "enqueue", uris=[TRACKS[number - 1] for number in numbers])
    await household.user(speaker, "play_queue")
    await household.wait_playing(speaker)


async def test_an_evening(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1, 2, 3, 4)
    story: list[tuple[str, int | None]] = [("started", 1)]
    await watched.until(*story)
    await time.advance(LENGTH)
    story += [("finished", 1), ("started", 2)]
    await watched.until(*story)
    await time.advance(20)
    await household.user(1, "next")
    story += [("skipped", 2), ("started", 3)]
    await watched.until(*story)
    await time.advance(150)
    await household.user(1, "next")
    story += [("left_late", 3), ("started", 4)]
    await watched.until(*story)
    await time.advance(30)
    await household.user(1, "previous")
    story += [("skipped", 4), ("started", 3), ("replayed", 3)]
    await watched.until(*story)
    await time.advance(10)
    await household.user(1, "stop")
    speaker = next(iter(ours.speakers.values()))
    await until(lambda: speaker.state.state.value == "paused")
    await time.wait(plays.SETTLE_SECONDS)
    story += [("stopped", 3)]
    await watched.until(*story)
    heard = [each.listened for each in watched.told if each.kind.value in {"finished", "left_late"}]
    assert heard == [pytest.approx(LENGTH, abs=1), pytest.approx(150, abs=1)]
    assert watched.told[0].title == "Title 1"
    assert watched.told[0].duration == LENGTH
    assert {each.speaker for each in watched.told} == {household.uids[0]}


async def test_the_list_plays_to_its_end(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(LENGTH)
    await until(lambda: len(watched.told) == 3)
    await time.advance(LENGTH)
    await until(lambda: next(iter(ours.speakers.values())).state.state.value != "playing")
    await time.wait(plays.SETTLE_SECONDS)
    await watched.until(("started", 1), ("finished", 1), ("started", 2), ("finished", 2))


async def test_seeking_is_not_hearing(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(10)
    await household.user(1, "seek", position=190)
    speaker = next(iter(ours.speakers.values()))
    await until(lambda: (speaker.state.position or 0) >= 190)
    await time.advance(10)
    await watched.until(("started", 1), ("skipped", 1), ("started", 2))
    assert watched.told[1].listened == pytest.approx(20, abs=1)


async def test_repeat_one(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1)
    await household.user(1, "play_mode", mode="REPEAT_ONE")
    await watched.until(("started", 1))
    await time.advance(LENGTH)
    await watched.until(("started", 1), ("finished", 1), ("started", 1))


async def test_paused_and_overnight(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    speaker = next(iter(ours.speakers.values()))
    await time.advance(50)
    await household.user(1, "pause")
    await until(lambda: speaker.state.state.value == "paused")
    await time.wait(1200)
    await household.user(1, "play")
    await until(lambda: speaker.state.state.value == "playing")
    await time.advance(50)
    await household.user(1, "pause")
    await until(lambda: speaker.state.state.value == "paused")
    await watched.until(("started", 1))
    await time.wait(plays.PAUSE_SECONDS)
    await watched.until(("started", 1), ("paused", 1))
    assert watched.told[1].listened == pytest.approx(100, abs=1)
    await time.wait(8 * 3600)
    await household.user(1, "play")
    await until(lambda: speaker.state.state.value == "playing")
    await time.advance(100)
    await watched.until(("started", 1), ("paused", 1), ("started", 2))


@pytest.mark.parametrize("source", ["airplay", "spotify_connect"])
async def test_taken_over(
    household: SimulatedHousehold,
    ours: Household,
    watch: Watch,
    time: VirtualTime,
    source: str,
) -> None:
    watched = watch(ours)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(10)
    await household.user(1, source)
    await watched.until(("started", 1), ("taken_over", 1))
    assert watched.told[1].source == source


async def test_our_own_list_skips_nothing(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(20)
    speaker = next(iter(ours.speakers.values()))
    started = await play_tracks(speaker, [Playable(uri) for uri in TRACKS[4:7]], Enqueue.REPLACE)
    await started.finished
    await watched.until(("started", 1), ("replaced", 1), ("started", 5))
    await time.advance(2)
    await household.user(1, "next")
    await until(lambda: len(watched.told) == 5)
    assert watched.story[3:] == [("skipped", 5), ("started", 6)]


async def test_bringing_back_what_played_skips_nothing(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    speaker = next(iter(ours.speakers.values()))
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(120)
    before = await take(speaker)
    await play_tracks(speaker, [Playable(uri) for uri in TRACKS[4:7]], Enqueue.REPLACE)
    await watched.until(("started", 1), ("replaced", 1), ("started", 5))
    await time.advance(20)
    await restore(before)
    story = (("started", 1), ("replaced", 1), ("started", 5), ("replaced", 5), ("started", 1))
    await watched.until(*story)
    await until(lambda: (speaker.state.position or 0) >= 120)
    await time.advance(80)
    await watched.until(*story, ("unclear", 1), ("started", 2))


async def test_a_group_is_one_listener(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    living_room, kitchen, _ = ours.speakers.values()
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(50)
    await household.user(2, "join", to="1")
    await until(lambda: kitchen.coordinator is living_room)
    await time.advance(100)
    await household.user(2, "leave")
    await until(lambda: kitchen.coordinator is kitchen)
    await time.advance(50)
    await watched.until(("started", 1), ("finished", 1), ("started", 2))
    finished = watched.told[1]
    assert finished.listened == pytest.approx(LENGTH, abs=1)
    heard = dict(finished.speakers)
    assert heard == {
        living_room.uid: pytest.approx(LENGTH, abs=1),
        kitchen.uid: pytest.approx(100, abs=1),
    }


async def test_a_coordinator_leaves_its_group(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    living_room, kitchen, _ = ours.speakers.values()
    await household.topology([["1", "2"]])
    await until(lambda: kitchen.coordinator is living_room)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(120)
    await household.user(1, "leave")
    await until(lambda: kitchen.coordinator is kitchen)
    await household.wait_playing(2)
    await until(lambda: kitchen.state.state.value == "playing")
    await time.advance(80)
    await watched.until(("started", 1), ("finished", 1), ("started", 2))
    finished = watched.told[1]
    assert finished.speaker == kitchen.uid
    assert dict(finished.speakers) == {
        living_room.uid: pytest.approx(120, abs=1),
        kitchen.uid: pytest.approx(LENGTH, abs=1),
    }


async def test_joining_another_group_is_no_skip(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    living_room, kitchen, _ = ours.speakers.values()
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await play(household, 5, 6, speaker=2)
    await watched.until(("started", 1), ("started", 5))
    await time.advance(20)
    await household.user(1, "join", to="2")
    await until(lambda: living_room.coordinator is kitchen)
    await time.wait(plays.SETTLE_SECONDS)
    await watched.until(("started", 1), ("started", 5), ("stopped", 1))


async def test_the_volume(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    kitchen = ours.speakers[household.uids[1]]
    await household.user(1, "volume", volume=50)
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await household.topology([["1", "2"]])
    await until(lambda: kitchen.coordinator is not kitchen)
    assert kitchen.state.volume == 0.2
    for volume in (22, 24, 26):
        await household.user(2, "volume", volume=volume)
        await until(partial(lambda now: kitchen.state.volume == now / 100, volume))
    await time.wait(10)
    await watched.until(("started", 1), ("volume", 1))
    turned = watched.told[1]
    assert turned.change == pytest.approx(0.06)
    assert turned.speaker == kitchen.uid
    with kitchen.own_hand.at_work():
        await household.user(2, "volume", volume=10)
        await until(lambda: kitchen.state.volume == 0.1)
    await time.wait(10)
    assert len(watched.told) == 2


async def test_a_restart_starts_nothing(
    household: SimulatedHousehold,
    connect: Connect,
    ours: Household,
    watch: Watch,
    time: VirtualTime,
) -> None:
    await play(household, 1, 2, 3)
    await time.advance(120)
    await ours.stop()
    again = await connect()
    begun = dt_util.utcnow() - timedelta(seconds=121)
    uid = household.uids[0]
    watched = watch(again, OpenPlay(TRACKS[0], begun, frozenset({uid})))
    await until(lambda: next(iter(again.speakers.values())).state.position is not None)
    await time.advance(80)
    await watched.until(("finished", 1), ("started", 2))
    assert watched.told[0].listened == pytest.approx(LENGTH, abs=2)


async def test_out_of_reach(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    speaker = next(iter(ours.speakers.values()))
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(50)
    speaker.lost("test")
    await time.wait(60)
    speaker.reconnect()
    await until(lambda: speaker.available and (speaker.state.position or 0) > 100)
    await time.advance(90)
    await watched.until(("started", 1), ("finished", 1), ("started", 2))
    assert watched.told[1].listened == pytest.approx(LENGTH, abs=3)


async def test_stopping_tells_what_is_known(
    household: SimulatedHousehold, ours: Household, time: VirtualTime
) -> None:
    watched = Watched()
    watcher = Watcher(ours, watched.told.append)
    watcher.start()
    speaker = next(iter(ours.speakers.values()))
    await play(household, 1, 2)
    await watched.until(("started", 1))
    volume = round((speaker.state.volume or 0) * 100)
    await household.user(1, "volume", volume=volume + 5)
    await until(lambda: speaker.state.volume == pytest.approx((volume + 5) / 100))
    await time.advance(20)
    await household.user(1, "stop")
    await until(lambda: speaker.state.state.value == "paused")
    watcher.stop()
    await watched.until(("started", 1), ("volume", 1), ("stopped", 1))
    await household.user(1, "play")
    await until(lambda: speaker.state.state.value == "playing")
    assert len(watched.told) == 3


async def test_a_new_speaker_is_watched(
    household: SimulatedHousehold, connect: Connect, watch: Watch, time: VirtualTime
) -> None:
    await household.offline(2, reason="powered off")
    await asyncio.sleep(0.2)
    ours = await connect()
    watched = watch(ours)
    await household.online(2)
    await until(lambda: len(ours.speakers) == 3)
    await until(lambda: ours.speakers[household.uids[1]].available)
    await play(household, 1, 2, speaker=2)
    await until(lambda: len(watched.told) == 1)
    assert watched.told[0].speaker == household.uids[1]


async def test_a_speaker_is_taken_out_of_the_household_and_back(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    uid = household.uids[1]
    await play(household, 1, 2, speaker=2)
    await watched.until(("started", 1))
    await household.offline(2, reason="powered off")
    async with asyncio.timeout(3):
        while not await ours.dismiss(uid):  # noqa: ASYNC110 (until the others have noticed)
            await asyncio.sleep(0.01)
    await time.wait(plays.OUTAGE_SECONDS)
    await household.online(2)
    await until(lambda: uid in ours.speakers and ours.speakers[uid].available)
    assert watched.story == [("started", 1)]
    await play(household, 3, 4, speaker=2)
    await watched.until(("started", 1), ("unclear", 1), ("started", 3))


async def test_an_announcement_of_another_program(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime
) -> None:
    watched = watch(ours)
    speaker = next(iter(ours.speakers.values()))
    await play(household, 1, 2)
    await watched.until(("started", 1))
    await time.advance(100)
    await household.user(1, "play_uri", uri="http://192.0.2.1/doorbell.mp3")
    await until(lambda: speaker.state.source == "track")
    await time.advance(8)
    await household.user(1, "play_queue")
    await household.user(1, "seek", position=100)
    await until(lambda: speaker.state.source == "queue" and (speaker.state.position or 0) >= 100)
    await time.advance(100)
    await watched.until(("started", 1), ("finished", 1), ("started", 2))
    assert watched.told[1].listened == pytest.approx(LENGTH, abs=2)


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_a_person_does(
    household: SimulatedHousehold, ours: Household, watch: Watch, time: VirtualTime, seed: int
) -> None:
    """Seconds are heard once, and a play ends once."""
    chance = random.Random(seed)
    watched = watch(ours)
    began = monotonic()
    for speaker in (1, 2, 3):
        await play(household, *range(1, 9), speaker=speaker)
    actions: dict[str, Callable[[], dict[str, object]]] = {
        "next": dict,
        "previous": dict,
        "pause": dict,
        "play": dict,
        "stop": dict,
        "airplay": dict,
        "leave": dict,
        "seek": lambda: {"position": chance.randrange(LENGTH)},
        "play_queue": lambda: {"track": chance.randrange(1, 9)},
        "volume": lambda: {"volume": chance.randrange(100)},
        "join": lambda: {"to": str(chance.randrange(1, 4))},
        "play_mode": lambda: {"mode": chance.choice(("NORMAL", "REPEAT_ONE", "SHUFFLE"))},
    }
    for _ in range(16):
        action = chance.choice((*actions, "next", "next", "play_queue", "play_queue"))
        with suppress(ControlError):  # the player refuses what makes no sense
            await household.user(chance.choice((1, 2)), action, **actions[action]())
        await time.wait(chance.choice((0, 2, 20, 60, 150, 300)))
    for speaker in (1, 2, 3):
        with suppress(ControlError):
            await household.user(speaker, "stop")
    everybody = ours.speakers.values()
    await until(lambda: all(speaker.state.state != "playing" for speaker in everybody))
    for _ in range(2):
        await time.wait(plays.PAUSE_SECONDS)
    passed = monotonic() - began + time.ahead
    outcomes = [each for each in watched.told if each.kind in OUTCOMES]
    by_group: dict[str, float] = {}
    for each in outcomes:
        assert 0 <= each.listened <= passed
        assert all(seconds <= each.listened + 1e-6 for _, seconds in each.speakers)
        by_group[each.speaker] = by_group.get(each.speaker, 0) + each.listened
    assert all(heard <= passed for heard in by_group.values())
    started = [each for each in watched.told if each.kind == "started"]
    assert len(started) >= 5
    assert len(outcomes) == len(started)


async def test_beside_core(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    connect: Connect,
    watch: Watch,
    time: VirtualTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What core's players show is enough."""
    # SoCo's listener leaks when it is wanted again while it stops
    monkeypatch.setattr(events_asyncio.event_listener, "_stop_grace_seconds", 0.5)
    await household.catalog(tracks={uri: {"duration": LENGTH} for uri in TRACKS})
    core = await set_up_core(hass, household)
    ours = await connect()
    speaker = ours.speakers[household.uids[0]]
    await until(lambda: speaker.core_entity_id is not None and speaker.available)
    watched = watch(ours)
    await play(household, 1, 2, 3)
    await watched.until(("started", 1))
    await time.advance(LENGTH)
    await watched.until(("started", 1), ("finished", 1), ("started", 2))
    await time.advance(20)
    await household.user(1, "next")
    await until(lambda: len(watched.told) == 5)
    assert watched.story[3:] == [("skipped", 2), ("started", 3)]
    assert watched.told[1].listened == pytest.approx(LENGTH, abs=2)
    assert watched.told[3].listened == pytest.approx(20, abs=2)
    await ours.stop()
    await hass.config_entries.async_unload(core.entry_id)
