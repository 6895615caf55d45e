"""Sonos playlists that RhythmIQ writes: to be started from the Sonos app, a switch or an alarm.

A playlist is written anew under its own id, so that whatever starts it goes on doing so. The new
tracks are added first, then the old ones go: one that could not be written to the end holds music
nevertheless, and the next time it is put right. Only playlists written here are written over; a
person's own of the same name stays.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.helpers.storage import Store

from .content import PLAYLISTS, read_folder
from .errors import PlaybackError, SpeakerUnreachableError
from .media import Form, Playable, forms_of

if TYPE_CHECKING:
    from .control import Control
    from .household import Household
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_URI: Final = "file:///jffs/settings/savedqueues.rsq#"
_END: Final = 2**32 - 1
_TRIES: Final = 2
_ADD_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist as it was written; ``note`` is the writer's, to know again what it holds.

    ``written`` is when, in seconds since the epoch.
    """

    id: str
    title: str
    note: str
    written: float

    @property
    def uri(self) -> str:
        """What a queue names that was filled from the playlist."""
        return _URI + self.id.partition(":")[2]


class Playlists:
    """The playlists of a household that were written here, by title."""

    def __init__(self, household: Household, key: str) -> None:
        """Keep them under a key."""
        self._store = Store[dict[str, dict[str, str | float]]](household.hass, _VERSION, key)
        self._household = household
        self._lock = asyncio.Lock()
        self._written: dict[str, Playlist] = {}
        self._loaded = False

    async def load(self) -> None:
        """Read which there are, the first time."""
        if not self._loaded:
            data = await self._store.async_load() or {}
            self._written = {title: _playlist(each) for title, each in data.items()}
            self._loaded = True

    async def forget(self) -> None:
        """Remove what is kept; the playlists stay in the household."""
        await self._store.async_remove()

    def get(self, title: str) -> Playlist | None:
        """Return a playlist by its title."""
        return self._written.get(title)

    def named_by(self, uri: str | None) -> Playlist | None:
        """Return the playlist a queue was filled from."""
        return next((each for each in self._written.values() if each.uri == uri), None)

    async def write(
        self, speaker: Speaker, title: str, tracks: Sequence[Playable], note: str, now: float
    ) -> Playlist:
        """Write a playlist, over the last one of this title; what the player refuses is left out.

        Raises ``SonosError``.
        """
        async with self._lock:
            await self.load()
            object_id = await self._find_or_create(speaker.control, title)
            # Ours from now on, and due again until it is complete
            await self._note(Playlist(object_id, title, note, 0))
            await _Writing(speaker, object_id).run(tracks)
            return await self._note(Playlist(object_id, title, note, now))

    async def _find_or_create(self, control: Control, title: str) -> str:
        before = {node.id for node in (await read_folder(control, PLAYLISTS)).nodes}
        known = self._written.get(title)
        if known is not None and known.id in before:
            return known.id
        try:
            answer = await control.transport(
                "CreateSavedQueue",
                ("Title", title),
                ("EnqueuedURI", ""),
                ("EnqueuedURIMetaData", ""),
            )
            return control.expect(answer, "AssignedObjectID")
        except PlaybackError, SpeakerUnreachableError:
            # Was it made, and only the answer lost?
            for node in (await read_folder(control, PLAYLISTS)).nodes:
                if node.id not in before and node.title == title:
                    return node.id
            raise

    async def _note(self, playlist: Playlist) -> Playlist:
        self._written[playlist.title] = playlist
        await self._store.async_save({title: asdict(each) for title, each in self._written.items()})
        return playlist


class _Writing:
    """New tracks on their way into one playlist."""

    def __init__(self, speaker: Speaker, object_id: str) -> None:
        self._speaker = speaker
        self._id = object_id
        self._length = 0
        self._update_id = 0

    async def run(self, tracks: Sequence[Playable]) -> None:
        await self._look()
        old = self._length
        for track in tracks:
            await self._add_any(forms_of(track), track.uri)
        if old:
            await self._remove(old)

    async def _look(self) -> int:
        """Ask for the playlist's length and version."""
        control = self._speaker.control
        answer = await control.call(
            "contentDirectory",
            "Browse",
            [
                ("ObjectID", self._id),
                ("BrowseFlag", "BrowseDirectChildren"),
                ("Filter", "*"),
                ("StartingIndex", 0),
                ("RequestedCount", 1),
                ("SortCriteria", ""),
            ],
        )
        self._length = control.number(answer, "TotalMatches")
        self._update_id = control.number(answer, "UpdateID")
        return self._length

    async def _add_any(self, forms: Sequence[Form], uri: str) -> None:
        known = self._speaker.household.spotify_service
        for form in sorted(forms, key=lambda form: form.service != known):
            try:
                await self._add(form)
            except PlaybackError as err:
                if err.code is None:
                    raise
                _LOGGER.debug("%s does not take %s: %s", self._speaker.name, uri, err)
            else:
                return

    async def _add(self, form: Form) -> None:
        await self._change(
            "AddURIToSavedQueue",
            self._length + 1,
            ("EnqueuedURI", form.uri),
            ("EnqueuedURIMetaData", form.metadata),
            ("AddAtIndex", _END),
        )

    async def _remove(self, count: int) -> None:
        await self._change(
            "ReorderTracksInSavedQueue",
            self._length - count,
            ("TrackList", ",".join(str(number) for number in range(count))),
            ("NewPositionList", ""),
        )

    async def _change(self, action: str, length: int, *arguments: tuple[str, object]) -> None:
        """Change the playlist once: where no clear answer comes, its length tells."""
        control = self._speaker.control
        for left in reversed(range(_TRIES)):
            given = [("InstanceID", 0), ("ObjectID", self._id), ("UpdateID", self._update_id)]
            try:
                answer = await control.call(
                    "avTransport", action, [*given, *arguments], _ADD_SECONDS
                )
                self._length = control.number(answer, "NewQueueLength")
                self._update_id = control.number(answer, "NewUpdateID")
            except (PlaybackError, SpeakerUnreachableError) as err:
                if isinstance(err, PlaybackError) and err.code is not None:
                    raise
                if await self._look() == length:
                    return
                if not left:
                    raise
            else:
                return


def _playlist(data: Mapping[str, str | float]) -> Playlist:
    return Playlist(str(data["id"]), str(data["title"]), str(data["note"]), float(data["written"]))
