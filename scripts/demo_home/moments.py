"""Bring a moment about, ask for music that fits it, and check that the music plays."""

import asyncio
from dataclasses import dataclass
from typing import Any

from .home import OUTDOOR, QUANTITIES, SKY, WEATHER, Moment
from .home_assistant import HomeAssistant
from .household import SimulatedHousehold
from .waiting import holds

FIRST_MUSIC_WITHIN = 5.0
"""Seconds from the answer until the first track must sound."""
QUEUE_WITHIN = 60.0
"""Seconds until the whole list must be in the queue."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a moment; `problem` is what is wrong with it, if anything."""

    moment: Moment
    engine: str
    tracks: list[dict[str, Any]]
    seconds: float
    problem: str | None


async def live_through(
    moment: Moment, home: HomeAssistant, household: SimulatedHousehold, *, engine: str, count: int
) -> Outcome:
    """Move the sensors, recommend, play; `seconds` is the time to the first music."""
    await _arrange(moment, home)
    loop = asyncio.get_running_loop()
    start = loop.time()
    answer = await home.ask(
        "rhythmiq.recommend_playlist",
        entity_id=moment.room.player,
        count=count,
        context=moment.context,
        engine=engine,
    )
    made = answer["recommendations"][0]
    tracks: list[dict[str, Any]] = made["tracks"]
    problem = await _check(moment, household, [track["uri"] for track in tracks])
    seconds = loop.time() - start
    if problem is None:
        problem = await _check_queue(moment, household, [track["uri"] for track in tracks])
    if problem is None and made["engine"] != engine:
        problem = made.get("fallback") or f"ranked by {made['engine']} instead of {engine}"
    return Outcome(moment, made["engine"], tracks, seconds, problem)


async def _arrange(moment: Moment, home: HomeAssistant) -> None:
    """Move every slider and wait until the sensors have followed."""
    moves = {
        moment.room.slider(quantity): moment.sensors[quantity.key] for quantity in QUANTITIES
    } | {f"input_number.{OUTDOOR.key}": moment.outdoor_temperature}
    await home.action("input_select.select_option", entity_id=SKY, option=moment.sky)
    for entity_id, value in moves.items():
        await home.action("input_number.set_value", entity_id=entity_id, value=value)
    for entity_id, value in moves.items():
        await home.wait_for_state(entity_id.replace("input_number.", "sensor."), value)
    await home.wait_for_state(WEATHER, moment.sky)


async def _check(moment: Moment, household: SimulatedHousehold, uris: list[str]) -> str | None:
    """Return what is wrong with the first music."""
    if not uris:
        return "the list is empty"

    async def sounds() -> bool:
        return await household.playing(moment.room) == uris[0]

    if await holds(sounds, FIRST_MUSIC_WITHIN):
        return None
    return f"{moment.room.name} does not play the first track"


async def _check_queue(
    moment: Moment, household: SimulatedHousehold, uris: list[str]
) -> str | None:
    """Return what is wrong with the queue."""

    async def complete() -> bool:
        return await household.queue(moment.room) == uris

    if await holds(complete, QUEUE_WITHIN):
        return None
    return f"the queue of {moment.room.name} is not the list"
