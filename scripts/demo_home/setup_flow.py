"""Set RhythmIQ up as a person would: through its config flow, room by room."""

import asyncio
from collections.abc import Mapping
from typing import Any

from .home import OUTDOOR, QUANTITIES, ROOMS, WEATHER, Room
from .home_assistant import HomeAssistant
from .household import SimulatedHousehold
from .processes import StartError
from .waiting import holds

type Answers = Mapping[str, Mapping[str, object]]

FLOWS = "/api/config/config_entries/flow"
RELOADED_WITHIN = 30.0
SETTLED = 0.1
"""Seconds after which a change of the entry has begun to show."""
ROOM_FLOWS = "/api/config/config_entries/subentries/flow"


async def furnish(home: HomeAssistant) -> None:
    """Put each room's sensors into its area, which then proposes them for the room."""
    await home.command(
        *(
            {
                "type": "config/entity_registry/update",
                "entity_id": room.sensor(quantity),
                "area_id": room.area_id,
            }
            for room in ROOMS
            for quantity in QUANTITIES
        )
    )


async def set_up(home: HomeAssistant, household: SimulatedHousehold) -> str:
    """Add the household and its rooms, every variable switched on; return the entry's id.

    The address makes sure of the simulated household: the search may find a real one, too.
    """
    answers: dict[str, Mapping[str, object]] = {
        "household": {"household": "address"},
        "address": {"host": household.host},
    }
    created = await _walk(home, FLOWS, {"handler": "rhythmiq"}, answers)
    entry_id: str = created["result"]["entry_id"]
    if "next_flow" in created:  # the form of the first room that the user interface would open
        await home.request("DELETE", f"{ROOM_FLOWS}/{created['next_flow'][1]}")
    uids = await household.uids()
    for room in ROOMS:
        await _wait_until_loaded(home, entry_id)
        await _walk(
            home, ROOM_FLOWS, {"handler": [entry_id, "room"]}, _room_answers(room, uids[room.name])
        )
    await _wait_until_loaded(home, entry_id)
    await _name_entities(home, {uids[room.name]: room for room in ROOMS})
    return entry_id


async def _name_entities(home: HomeAssistant, rooms: Mapping[str, Room]) -> None:
    """Give the players and buttons of the rooms, by their speakers' ids, the demo's entity ids."""
    wanted = {uid: room.player for uid, room in rooms.items()}
    wanted |= {f"{uid}_play_for_now": room.button for uid, room in rooms.items()}
    [entries] = await home.command({"type": "config/entity_registry/list"})
    await home.command(
        *(
            {
                "type": "config/entity_registry/update",
                "entity_id": entry["entity_id"],
                "new_entity_id": wanted[entry["unique_id"]],
            }
            for entry in entries
            if entry["platform"] == "rhythmiq" and entry["unique_id"] in wanted
        )
    )


async def connect_cloud(
    home: HomeAssistant, entry_id: str, host: str, url: str, token: str
) -> None:
    """Give the entry a cloud, by its reconfigure step."""
    answers = {
        "reconfigure": {
            "host": host,
            "cloud": {"cloud_url": url, "cloud_token": token},
        }
    }
    await _walk(home, FLOWS, {"handler": "rhythmiq", "entry_id": entry_id}, answers)
    await _wait_until_loaded(home, entry_id)


async def _wait_until_loaded(home: HomeAssistant, entry_id: str) -> None:
    """Wait until the entry is through with setting itself up again after a change."""

    async def loaded() -> bool:
        [entry] = await home.request("GET", "/api/config/config_entries/entry?domain=rhythmiq")
        return bool(entry["state"] == "loaded")

    await asyncio.sleep(SETTLED)
    if not await holds(loaded, RELOADED_WITHIN):
        raise StartError(f"RhythmIQ (entry {entry_id}) is not set up")


def _room_answers(room: Room, uid: str) -> Answers:
    sensors = {quantity.key: room.sensor(quantity) for quantity in QUANTITIES}
    sensors |= {"weather": WEATHER, OUTDOOR.key: f"sensor.{OUTDOOR.key}"}
    return {
        "user": {"speaker": uid},
        "variables": {
            "area_id": room.area_id,
            "variables": ["time_of_day", "day_type", *sensors],
        },
        "sensors": sensors,
    }


async def _walk(
    home: HomeAssistant, flows: str, start: Mapping[str, object], answers: Answers
) -> dict[str, Any]:
    """Answer a flow's forms by their step until it is done; return its last result.

    Raises `StartError` for a form that refuses its answer or that nobody can answer.
    """
    result: dict[str, Any] = await home.request("POST", flows, json=start)
    answered: set[str] = set()
    while True:
        match result["type"]:
            case "create_entry":
                return result
            case "abort" if result["reason"] == "reconfigure_successful":
                return result
            case "progress":
                await asyncio.sleep(0.2)
                result = await home.request("GET", f"{flows}/{result['flow_id']}")
            case "form" if (step := result["step_id"]) in answers and step not in answered:
                answered.add(step)
                result = await home.request(
                    "POST", f"{flows}/{result['flow_id']}", json=answers[step]
                )
            case _:
                raise StartError(f"the set-up did not go through: {_essence(result)}")


def _essence(result: Mapping[str, Any]) -> str:
    essence = {key: result.get(key) for key in ("type", "step_id", "errors", "reason")}
    return ", ".join(f"{key} {value}" for key, value in essence.items() if value)
