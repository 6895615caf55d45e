"""A fixed sample of the soak, and that its checks notice what they are there for."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import logging
from random import Random
import time

from homeassistant.core import HomeAssistant
import pytest

from soak.faults import inject, mend
from soak.home import Home, short_patience, simulated, sound_server
from soak.leaks import left
from soak.log import ErrorLog
from soak.loop_watch import LoopWatch
from soak.operations import OPERATIONS, draw
from soak.run import Soak, SoakError, Step
from soak.truth import differences
from tests.household import SimulatedHousehold

SAMPLE = 40


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """The soak's household: six rooms, a theatre and a pair among them."""
    with simulated() as running:
        yield running


@pytest.fixture
async def home(household: SimulatedHousehold, hass: HomeAssistant) -> AsyncIterator[Home]:
    """Return a furnished home."""
    prefix = household.hosts[0].rpartition(".")[0]
    async with short_patience(), sound_server(f"{prefix}.2") as sound:
        home = Home(hass, household, sound)
        await home.furnish()
        yield home
        await home.leave()


@pytest.fixture
async def watch(home: Home) -> AsyncIterator[LoopWatch]:
    """Return what watches the loop."""
    watch = LoopWatch()
    with watch.watching():
        yield watch


async def test_a_sample(home: Home, watch: LoopWatch) -> None:
    log, steps = ErrorLog(), list[Step]()
    soak = Soak(home, 1, watch, log)
    with log.listening():
        await soak.run(0, SAMPLE, steps.append)
    assert soak.figures.steps == SAMPLE == len(steps)
    assert soak.figures.faulty > SAMPLE / 5
    assert soak.figures.longest_calm < 3


async def test_a_seed_is_always_the_same(home: Home) -> None:
    def story(seed: int) -> list[str]:
        return [draw(Random(f"{seed}:{number}"))[0] for number in range(200)]

    assert story(1) == story(1) != story(2)
    assert set(story(1) + story(2)) == set(OPERATIONS)


async def test_a_failure_tells_how_to_replay_it(
    home: Home, watch: LoopWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action that lies is found out by what the household does."""

    async def pretend(*_: object, **__: object) -> None:
        """Do nothing."""

    monkeypatch.setattr("custom_components.rhythmiq.sonos.speaker.Speaker.set_volume", pretend)
    monkeypatch.setattr("soak.run.draw", lambda _: ("volume", OPERATIONS["volume"][0]))
    monkeypatch.setattr("soak.run.CALM_SECONDS", 0.3)
    monkeypatch.setattr("soak.run._FAULTY", 0)
    with pytest.raises(SoakError, match=r"volume[\s\S]*Replay: scripts/soak --seed 5"):
        await Soak(home, 5, watch, ErrorLog()).run(0, 3, print)


async def test_a_player_that_is_wrong_is_noticed(home: Home) -> None:
    await home.household.wait_playing()
    player = home.player(home.household.uids[0])
    async with asyncio.timeout(3):
        while found := differences(home, await home.household.state()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    state = home.hass.states.get(player)
    assert state is not None
    home.hass.states.async_set(player, "paused", {**state.attributes, "media_title": "Other"})
    found = differences(home, await home.household.state())
    assert [line.partition(":")[2].split()[0] for line in found] == ["state", "media_title"]


async def test_what_stays_behind_is_noticed(home: Home) -> None:
    before = left()
    assert left().beyond(before) == []
    task = asyncio.create_task(asyncio.sleep(60), name="rhythmiq Kitchen 7 check")
    [found] = left().beyond(before)
    task.cancel()
    assert found == "1 more of tasks rhythmiq … check"


async def test_a_blocked_loop_is_noticed(watch: LoopWatch) -> None:
    def wait(seconds: float) -> None:
        time.sleep(seconds)

    # As if it were a file of the integration
    source = compile(
        "def block(wait):\n    wait(0.15)\n", "/x/custom_components/rhythmiq/slow.py", "exec"
    )
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102
    asyncio.get_running_loop().call_soon(names["block"], wait)  # type: ignore[arg-type]
    asyncio.get_running_loop().call_soon(wait, 0.1)
    await asyncio.sleep(0.3)
    [block] = watch.take()
    assert block.wall > 0.1
    assert "slow.py" in str(block)


def test_errors_are_kept() -> None:
    log = ErrorLog()
    with log.listening():
        logging.getLogger("somewhere").error("this went wrong")
        logging.getLogger("somewhere").warning("this not quite")
    assert log.take() == ["ERROR somewhere: this went wrong"]
    assert log.take() == []
    assert log.before[-1] == "WARNING somewhere: this not quite"


async def test_faults_are_mended(home: Home) -> None:
    for number in range(12):
        await inject(home, Random(number))
        await mend(home)
    state = await home.household.state()
    assert all(speaker["online"] for speaker in state["speakers"])
    assert state["settings"]["soap_ms"] == 0
