"""The house: Home Assistant with RhythmIQ in it, and the simulated household around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

from aiohttp import web
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.models import RhythmiqConfigEntry
from tests.household import ControlError, Json, SimulatedHousehold
from tests.invented import write_tracks

# A theatre of two and a pair of two are one room each; the last speaker takes no clips
NAMES: Final = "Living Room,Kitchen,Office,TV Room,Low,Hall,Hall Right,Bath"
MODELS: Final = "one,era100,five,arc,sub,one,one,play1"
BONDS: Final = ("4=5:SW", "6=7:RF")
SPEAKERS: Final = 8

# What is waited for in real time between tries; shorter, so that a thousand steps end
_PATIENCE: Final = {
    "custom_components.rhythmiq.sonos.speaker._RETRY_SECONDS": 0.5,
    "custom_components.rhythmiq.sonos.speaker._RETRY_SECONDS_MAX": 0.5,
    "custom_components.rhythmiq.sonos.events.POLL_SECONDS": 1.0,
    "custom_components.rhythmiq.sonos.events.RESUBSCRIBE_SECONDS": 2.0,
    "custom_components.rhythmiq.sonos.shared_feed.ASK_SECONDS": 2.0,
    "custom_components.rhythmiq.sonos.filling._RETRY_SECONDS": 0.2,
    "custom_components.rhythmiq.sonos.filling._RETRY_SECONDS_MAX": 0.5,
}
_OPERATION_SECONDS: Final = 45.0


class RefusedError(Exception):
    """An operation was refused, by Home Assistant in words that can be translated."""

    def __init__(self, key: str, error: Exception) -> None:
        """Keep the key of the sentence; "app" where it was the Sonos app that refused."""
        super().__init__(f"{key}: {error}")
        self.key = key
        told = error.translation_placeholders if isinstance(error, HomeAssistantError) else None
        self.speaker = (told or {}).get("speaker")


class Home:
    """What operations and checks work on."""

    def __init__(self, hass: HomeAssistant, household: SimulatedHousehold, sound: str) -> None:
        """Take the parts; `sound` is the address of a short sound to announce."""
        self.hass = hass
        self.household = household
        self.sound = sound
        self.uids: tuple[str, ...] = ()
        self._entry: MockConfigEntry | None = None

    @property
    def entry(self) -> RhythmiqConfigEntry:
        """The config entry of the household."""
        entry: RhythmiqConfigEntry | None = self._entry
        assert entry is not None
        return entry

    async def furnish(self) -> None:
        """Set the integration up, with a room for two of the speakers and a catalog."""
        hass, household = self.hass, self.household
        hass.config.internal_url = "http://127.0.0.1:8123"
        await async_setup_component(hass, "homeassistant", {})
        names, uids = household.names, household.uids
        rooms = [
            ConfigSubentryData(
                subentry_type="room",
                title=name,
                unique_id=uid,
                data={"speaker": uid, "area_id": None, "bindings": {"time_of_day": None}},
            )
            for name, uid in zip(names, uids, strict=True)
        ]
        self._entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id=household.household_id,
            data={"host": household.hosts[0]},
            subentries_data=rooms,
        )
        self._entry.add_to_hass(hass)
        if not await hass.config_entries.async_setup(self._entry.entry_id):
            raise RuntimeError("RhythmIQ cannot be set up")
        await hass.async_block_till_done()
        tracks = Path(hass.config.path("tracks.csv"))
        hass.config.allowlist_external_dirs = {hass.config.config_dir}
        await hass.async_add_executor_job(write_tracks, tracks)
        await self.call(DOMAIN, "import_catalog", path=str(tracks))
        await household.catalog(tracks={self.sound: {"duration": 0.3}})
        for uid in uids[:3]:
            await household.demo(uid)
        self.meet(await household.state())

    def meet(self, household: Json) -> None:
        """Take note of the speakers that have, or had, a player."""
        seen = [each["uid"] for each in household["speakers"] if each["bonded_to"] is None]
        self.uids = tuple(dict.fromkeys([*self.uids, *seen]))

    async def leave(self) -> None:
        """Unload the integration."""
        await self.hass.config_entries.async_unload(self.entry.entry_id)

    # -- players ------------------------------------------------------------------------------

    async def visible(self) -> list[Json]:
        """Read the speakers that are there and no part of another one."""
        speakers: list[Json] = (await self.household.state())["speakers"]
        return [each for each in speakers if each["online"] and each["bonded_to"] is None]

    async def some(self, chance: Random, count: int = 1) -> list[Json]:
        """Choose so many of the visible speakers, rather those that have something to play."""
        visible = await self.visible()
        chosen = chance.sample(visible, min(max(count, 3), len(visible)))
        if chance.random() < 0.7:
            chosen.sort(key=lambda each: -each["queue"]["length"])
        return chosen[:count]

    def player(self, uid: str) -> str:
        """Return the entity id of our player for a speaker; empty while there is none."""
        registry = er.async_get(self.hass)
        return registry.async_get_entity_id("media_player", DOMAIN, uid) or ""

    def alarm(self, uid: str, alarm_id: object) -> str:
        """Return the entity id of our switch for an alarm in a speaker's room; empty without."""
        registry = er.async_get(self.hass)
        return registry.async_get_entity_id("switch", DOMAIN, f"{uid}_alarm_{alarm_id}") or ""

    # -- Home Assistant -----------------------------------------------------------------------

    async def call(
        self, domain: str, service: str, speaker: Json | None = None, **data: object
    ) -> Mapping[str, Any]:
        """Call an action, on a speaker's player where one is given; return its response.

        Raises ``RefusedError`` where it is refused in a translated sentence; any other error is a
        mistake of ours.
        """
        if speaker is not None:
            data["entity_id"] = self.player(speaker["uid"])
        wants = self.hass.services.supports_response(domain, service).value != "none"
        try:
            async with asyncio.timeout(_OPERATION_SECONDS):
                answer = await self.hass.services.async_call(
                    domain, service, data, blocking=True, return_response=wants
                )
        except HomeAssistantError as err:
            if err.translation_key is None:
                raise
            raise RefusedError(err.translation_key, err) from err
        return answer or {}

    async def act(self, speaker: Json, action: str, **data: object) -> None:
        """Act as a person in the Sonos app; raises ``RefusedError`` where the app would not."""
        try:
            await self.household.user(speaker["uid"], action, **data)
        except ControlError as err:
            raise RefusedError("app", err) from err


@asynccontextmanager
async def short_patience() -> AsyncIterator[None]:
    """Wait shorter between tries."""
    patches = [patch(name, seconds) for name, seconds in _PATIENCE.items()]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


@asynccontextmanager
async def sound_server(host: str) -> AsyncIterator[str]:
    """Serve a short sound; the context is its address."""

    async def answer(_: web.BaseRequest) -> web.Response:
        response = web.Response(body=b"ID3" + bytes(997), content_type="audio/mpeg")
        response.force_close()
        return response

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 8099, reuse_address=True).start()
        yield f"http://{host}:8099/bell.mp3"
    finally:
        await runner.cleanup()


def simulated() -> SimulatedHousehold:
    """Make the household; it starts when entered."""
    return SimulatedHousehold(speakers=SPEAKERS, names=NAMES, models=MODELS, bonds=BONDS)


type Condition = Callable[[Json], str | None]
