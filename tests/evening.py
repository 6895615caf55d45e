"""A home on a clock that can jump, whose living room hears recommendations."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import sqlite3
from time import monotonic
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.rhythmiq import adaptive
from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.rooms import Room
from custom_components.rhythmiq.sonos import own_hand, watcher
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

LIVING_ROOM = "media_player.living_room_living_room"
SWITCH = "switch.living_room_adaptive_mode"
TELEVISION = "input_boolean.television"


class Evening:
    """The home, its clock, and what the bus was told."""

    def __init__(
        self,
        household: SimulatedHousehold,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.household = household
        self.hass = hass
        self.entry = entry
        self.ahead = 0.0
        self.reaimed = async_capture_events(hass, "rhythmiq_reaimed")
        utcnow = dt_util.utcnow
        monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + timedelta(seconds=self.ahead))
        for module in (adaptive, watcher, own_hand):
            monkeypatch.setattr(module, "monotonic", lambda: monotonic() + self.ahead)

    @property
    def now(self) -> float:
        """The clock that never jumps, in seconds."""
        return monotonic() + self.ahead

    @property
    def subentry(self) -> ConfigSubentry:
        """The living room's settings."""
        rooms: list[ConfigSubentry] = list(self.entry.get_subentries_of_type("room"))
        return rooms[0]

    @property
    def room(self) -> Room:
        """The living room."""
        room = self.entry.runtime_data.recommender.rooms.get(self.subentry.subentry_id)
        assert isinstance(room, Room)
        return room

    @property
    def mode(self) -> adaptive.RoomMode:
        """Its adaptive mode."""
        mode: adaptive.RoomMode = self.entry.runtime_data.adaptive.mode(self.room)
        return mode

    @property
    def switch(self) -> State:
        """Its switch."""
        state = self.hass.states.get(SWITCH)
        assert state is not None
        return state

    @property
    def speaker(self) -> Speaker:
        """Its speaker."""
        speaker = self.room.speaker
        assert speaker is not None
        return speaker

    @property
    def volume(self) -> float | None:
        """How loud it is there."""
        return self.speaker.state.volume

    async def until_playing(self) -> None:
        """Wait until everybody knows that it plays."""
        await self.household.wait_playing(1)
        await until(lambda: self.speaker.state.state == "playing")

    async def skip(self) -> None:
        """Leave a track some seconds after it began, once that is known."""
        before = len(self.rows())
        await self.settle()
        self.ahead += 10
        await self.household.clock(advance=10)
        await self.household.user(1, "next")
        await until(lambda: [row["kind"] for row in self.rows()[before:]][-2:-1] == ["skipped"])

    def rows(self) -> list[dict[str, Any]]:
        """Return what was written down, by id."""

        def read(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM interactions")]

        return self.hass.data[LIBRARY].store.read(read)

    async def settle(self) -> None:
        """Wait until all that was asked is answered."""
        before = -1
        while (now := len(await self.household.calls())) != before or self.mode.busy:
            before = now
            await asyncio.sleep(0.05)

    async def furnish(self, **changes: Any) -> None:
        """Change settings of the living room."""
        data = {**self.subentry.data, **changes}
        self.hass.config_entries.async_update_subentry(self.entry, self.subentry, data=data)
        await self.hass.async_block_till_done()

    async def turn(self, on: bool = True) -> None:
        """Switch adaptive mode."""
        await self.hass.services.async_call(
            "switch", f"turn_{'on' if on else 'off'}", {"entity_id": SWITCH}, blocking=True
        )

    def television(self, *, on: bool) -> None:
        """Switch the television, which is read in the living room."""
        self.hass.states.async_set(TELEVISION, "on" if on else "off")

    async def play(self, **fields: Any) -> Mapping[str, Any]:
        """Let the living room hear a recommendation; return it once all of it is queued."""
        await self.household.catalog(
            tracks={f"spotify:track:{number:022d}": {"duration": 200} for number in range(300)}
        )
        given = {"entity_id": LIVING_ROOM, "count": 10} | fields
        queued = async_capture_events(self.hass, "rhythmiq_playlist_queued")
        response = await self.hass.services.async_call(
            DOMAIN, "recommend_playlist", given, blocking=True, return_response=True
        )
        assert response is not None
        await self.household.wait_playing(1)
        await until(lambda: bool(queued))
        await self.until_playing()
        found: Mapping[str, Any] = response["recommendations"][0]  # type: ignore[assignment,index]
        return found

    async def minutes(self, count: int = 1) -> None:
        """Let time pass, minute by minute."""
        for _ in range(count):
            await self.settle()
            self.ahead += 60
            await self.household.clock(advance=60)
            async_fire_time_changed(self.hass, dt_util.utcnow() + timedelta(seconds=1))
            await asyncio.sleep(0)
        await until(lambda: not self.mode.busy)

    async def queue(self) -> list[str]:
        """Return the uris in the living room's queue, once nobody fills it."""
        filling = self.speaker.coordinator.filling
        await until(lambda: filling.task is None or filling.task.done())
        return await self.household.queue_uris(1)
