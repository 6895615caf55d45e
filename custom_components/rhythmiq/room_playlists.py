"""A Sonos playlist for each room that wants one, kept fresh.

"RhythmIQ · Kitchen" holds a recommendation for the room's moment. Starting it, from the Sonos app,
a switch on the wall or an alarm, is asking for a recommendation: it is remembered as given then,
and a fresh one is put in its place for the next time. Off unless a person switches it on.
"""

from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .cloud.client import CloudError
from .const import CONF_PLAYLIST, CONF_SPEAKER, SUBENTRY_ROOM
from .engine import EngineError, Request
from .recommender import NoRoomError, Recommender, save_as_playlist
from .sonos.errors import SonosError
from .sonos.household import Household
from .sonos.speaker import Speaker
from .store import StoreError

_LOGGER = logging.getLogger(__name__)

TRACKS: Final = 40
REFRESH: Final = timedelta(hours=3)
"""Another part of the day, another playlist: as often as that the moment is asked again."""

_FAILURES: Final = (CloudError, EngineError, NoRoomError, SonosError, StoreError)


class RoomPlaylists:
    """Keeps the playlists of one household's rooms."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        household: Household,
        recommender: Recommender,
    ) -> None:
        """Take what it needs; nothing happens before the start."""
        self._hass = hass
        self._entry = entry
        self._household = household
        self._recommender = recommender
        self._stops: list[CALLBACK_TYPE] = []
        self._watched: set[str] = set()
        self._sources: dict[str, str | None] = {}
        self._busy: set[str] = set()

    async def start(self) -> None:
        """Watch for playlists being started, and write those that are due."""
        await self._household.playlists.load()
        self._stops = [
            async_track_time_interval(self._hass, self._tick, REFRESH / 6),
            self._household.add_listener(self._watch),
            self._entry.add_update_listener(self._changed),
        ]
        self._watch()
        self._tick()

    @callback
    def stop(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()
        self._stops = []

    @callback
    def _watch(self) -> None:
        """Listen to the speakers that are new."""
        for uid, speaker in self._household.speakers.items():
            if uid not in self._watched:
                self._watched.add(uid)
                self._sources[uid] = speaker.own.container
                self._stops.append(speaker.add_listener(partial(self._see, speaker)))

    @callback
    def _see(self, speaker: Speaker) -> None:
        """Notice that a speaker's queue comes from a playlist of ours now."""
        container = speaker.own.container
        if speaker.coordinator is not speaker or container == self._sources[speaker.uid]:
            return
        self._sources[speaker.uid] = container
        playlist = self._household.playlists.named_by(container)
        if playlist is None:
            return
        for room in self._rooms():
            if playlist.title == title_of(room):
                self._entry.async_create_background_task(
                    self._hass,
                    self._started(room, speaker, playlist.note),
                    f"rhythmiq {playlist.title} started",
                )

    @callback
    def _tick(self, _: datetime | None = None) -> None:
        """Write the playlists that are missing or old."""
        due = dt_util.utcnow().timestamp() - REFRESH.total_seconds()
        for room in self._rooms():
            written = self._household.playlists.get(title_of(room))
            if written is None or written.written <= due:
                self._entry.async_create_background_task(
                    self._hass, self._refresh(room), f"rhythmiq {title_of(room)}"
                )

    async def _changed(self, _: HomeAssistant, __: ConfigEntry) -> None:
        self._tick()

    def _rooms(self) -> list[ConfigSubentry]:
        """Return the rooms that want a playlist."""
        return [
            room
            for room in self._entry.get_subentries_of_type(SUBENTRY_ROOM)
            if room.data.get(CONF_PLAYLIST)
        ]

    async def _started(self, room: ConfigSubentry, speaker: Speaker, recommendation: str) -> None:
        try:
            await self._recommender.again(recommendation, speaker)
        except _FAILURES as err:
            _LOGGER.debug("What %s holds is not remembered any more: %s", title_of(room), err)
        await self._refresh(room)

    async def _refresh(self, room: ConfigSubentry) -> None:
        """Recommend for the room's moment and write it down."""
        speaker = self._household.speakers.get(room.data[CONF_SPEAKER])
        if speaker is None or not speaker.available or room.subentry_id in self._busy:
            return
        self._busy.add(room.subentry_id)
        try:
            request = self._recommender.usual(Request(count=TRACKS), speaker)
            (answer,) = await self._recommender.answer(request, [speaker])
            await save_as_playlist(answer, title_of(room))
        except _FAILURES as err:
            _LOGGER.info("%s could not be written: %s", title_of(room), err)
        finally:
            self._busy.discard(room.subentry_id)


def title_of(room: ConfigSubentry) -> str:
    """Return what the room's playlist is called."""
    return f"RhythmIQ · {room.title}"
