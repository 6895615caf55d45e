"""The volume goes with the noise: slowly, within bounds, and nobody's hand is fought."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.sonos.errors import SpeakerUnreachableError
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.volume_follow import Bounds, VolumeFollow
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

BOUNDS = Bounds(0.1, 0.4)


@pytest.fixture
async def speaker(household: SimulatedHousehold, entry: MockConfigEntry) -> Speaker:
    speaker: Speaker = entry.runtime_data.household.speakers[household.uids[0]]
    await household.user(1, "volume", volume=20)
    await until(lambda: speaker.own.volume == 0.2)
    return speaker


@pytest.mark.parametrize(
    ("noise", "level"), [(0, 0.1), (40, 0.1), (57.5, 0.25), (75, 0.4), (120, 0.4)]
)
def test_level(noise: float, level: float) -> None:
    assert BOUNDS.level(noise) == pytest.approx(level)


def test_bounds() -> None:
    assert Bounds.of(None) is None
    assert Bounds.of([10.0, 40.0]) == BOUNDS
    assert [BOUNDS.hold(volume) for volume in (0, 0.3, 1)] == [0.1, 0.3, 0.4]


async def test_one_step_a_minute(speaker: Speaker) -> None:
    follow = VolumeFollow()
    for at in (0, 10, 60, 70, 120):
        await follow.step(speaker, BOUNDS, 75, at)
    assert speaker.own.volume == 0.23


@pytest.mark.parametrize("noise", [50, 51.6])
async def test_a_little_is_nothing(speaker: Speaker, noise: float) -> None:
    follow = VolumeFollow()
    await follow.step(speaker, BOUNDS, noise, 0)
    assert speaker.own.volume == 0.2


async def test_down_again(speaker: Speaker) -> None:
    follow = VolumeFollow()
    for minute in range(30):
        await follow.step(speaker, BOUNDS, 30, 60.0 * minute)
    assert speaker.own.volume == pytest.approx(0.11, abs=0.01)


async def test_a_hand_at_the_volume(household: SimulatedHousehold, speaker: Speaker) -> None:
    follow = VolumeFollow()
    assert not follow.turned(0.2)
    await follow.step(speaker, BOUNDS, 75, 0)
    assert not follow.turned(0.21)
    assert follow.turned(0.25)
    assert not follow.turned(0.25)


async def test_a_muted_speaker_stays(household: SimulatedHousehold, speaker: Speaker) -> None:
    await speaker.set_muted(True)
    await until(lambda: speaker.own.muted is True)
    await VolumeFollow().step(speaker, BOUNDS, 75, 0)
    assert speaker.own.volume == 0.2


async def test_a_fixed_volume_stays(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.fault("error", action="SetVolume", code=800)
    follow = VolumeFollow()
    await follow.step(speaker, BOUNDS, 75, 0)
    assert not follow.turned(0.2)
    assert speaker.own.volume == 0.2


async def test_a_speaker_that_is_off(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.offline(1)
    with pytest.raises(SpeakerUnreachableError):
        await VolumeFollow().step(speaker, BOUNDS, 75, 0)
