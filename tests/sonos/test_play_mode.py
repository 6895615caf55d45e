"""Shuffle, repeat, crossfade and the container: by events and by asking."""

import pytest

from custom_components.rhythmiq.sonos.events import poll
from custom_components.rhythmiq.sonos.play_mode import facts, word_for
from custom_components.rhythmiq.sonos.state import Repeat
from tests.household import SimulatedHousehold

from .conftest import Connect, until

MODES = [
    ("NORMAL", False, Repeat.OFF),
    ("REPEAT_ALL", False, Repeat.ALL),
    ("REPEAT_ONE", False, Repeat.ONE),
    ("SHUFFLE_NOREPEAT", True, Repeat.OFF),
    ("SHUFFLE", True, Repeat.ALL),
    ("SHUFFLE_REPEAT_ONE", True, Repeat.ONE),
]


@pytest.mark.parametrize(("word", "shuffle", "repeat"), MODES)
def test_a_word_for_both(word: str, *, shuffle: bool, repeat: Repeat) -> None:
    assert facts(word) == {"shuffle": shuffle, "repeat": repeat}
    assert word_for(shuffle=shuffle, repeat=repeat) == word


@pytest.mark.parametrize("word", [None, "", "DIRECT_1"])
def test_no_play_mode(word: str | None) -> None:
    assert facts(word) == {"shuffle": None, "repeat": None}


async def test_events_tell_the_mode(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    speaker = ours.speakers[household.uids[0]]
    assert (speaker.state.shuffle, speaker.state.repeat) == (False, Repeat.OFF)
    assert speaker.state.crossfade is False
    await household.demo(1)
    await household.user(1, "play_mode", mode="SHUFFLE_REPEAT_ONE")
    await until(lambda: speaker.state.shuffle is True)
    assert speaker.state.repeat is Repeat.ONE
    await speaker.control.transport("SetCrossfadeMode", ("CrossfadeMode", 1))
    await until(lambda: speaker.state.crossfade is True)


async def test_events_tell_what_the_tracks_were_queued_from(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    speaker = ours.speakers[household.uids[0]]
    await household.demo(1)
    await until(lambda: speaker.state.container is not None)
    queue = (await household.speaker(1))["queue"]["items"]
    assert speaker.state.container == queue[0]["uri"]


async def test_asking_tells_the_mode(household: SimulatedHousehold, connect: Connect) -> None:
    await household.fault("drop", action="NOTIFY")
    ours = await connect()
    speaker = ours.speakers[household.uids[0]]
    await household.demo(1)
    await household.user(1, "play_mode", mode="SHUFFLE")
    await speaker.control.transport("SetCrossfadeMode", ("CrossfadeMode", 1))
    await poll(speaker)
    state = speaker.state
    assert (state.shuffle, state.repeat, state.crossfade) == (True, Repeat.ALL, True)
    assert state.container is None
