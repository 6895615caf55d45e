"""Announcements: a sound over what plays, on one speaker, after which everything is as before.

S2 players mix a clip over their music themselves, each member of a group on its own (the websocket
of port 1443). A second clip would cut the first one short, so a speaker's announcements wait for
each other.

Players without that, and files of other types, get the old way: remember what the speaker's group
plays and how it is made up, take the speaker out, let it play the sound in place of everything,
and bring all of it back, its queue included.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
import logging
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientError, WSMsgType
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from sonos_websocket import CLIP_ID_KEY, SonosWebsocket
from sonos_websocket.exception import SonosWebsocketError, SonosWSConnectionError, Unauthorized
from yarl import URL

from .entries import read_queue
from .errors import SonosError
from .grouping import join, unjoin
from .snapshot import Snapshot, restore, take

if TYPE_CHECKING:
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

VOLUME_MIN: Final = 1
VOLUME_MAX: Final = 100
# No announcement is longer, and nobody waits for one that never tells its end
LONGEST_SECONDS: Final = 120.0
_CONNECT_SECONDS: Final = 6
_ASK_SECONDS: Final = 0.5
_FIRST_STATUS_SECONDS: Final = 2.0
# A player mixes mp3 and wav; an address that does not tell its type may be either
_OTHER_FILES: Final = (".m4a", ".mp4", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif")
_UNSUPPORTED: Final = "globalError"
_OVER: Final = ("DONE", "DISMISSED", "INTERRUPTED", "ERROR")
# What the library raises, and what it stumbles over when a player answers garbage
_FAILURES: Final = (
    SonosWebsocketError,
    ClientError,
    OSError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class AnnouncementError(SonosError):
    """The speaker plays no such announcement."""

    def __init__(self, speaker: str, reason: str) -> None:
        super().__init__("announcement_failed", speaker=speaker, reason=reason)


class Announcer:
    """One speaker's announcements, one after the other."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._turn = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    async def announce(self, url: str, volume: int | None = None) -> None:
        """Play an audio file on this speaker alone; return when it begins to sound.

        ``volume`` is in percent, between ``VOLUME_MIN`` and ``VOLUME_MAX``; without, the speaker
        chooses. Raises ``AnnouncementError`` and other ``SonosError``, everything being as before.
        """
        await self._turn.acquire()
        try:
            self._playing = self._speaker.hass.async_create_background_task(
                await self._begin(url, volume), f"rhythmiq {self._speaker.name} announcement"
            )
        except BaseException:
            self._turn.release()
            raise
        self._playing.add_done_callback(self._next)

    async def stop(self) -> None:
        """Cut the announcement short and bring back what played."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])

    @callback
    def _next(self, _: asyncio.Task[None]) -> None:
        self._playing = None
        self._turn.release()

    async def _begin(self, url: str, volume: int | None) -> Coroutine[Any, Any, None]:
        """Let it sound; return what is to be waited for."""
        if PurePosixPath(URL(url).path).suffix.lower() not in _OTHER_FILES:
            clip = _Clip(self._speaker)
            if await clip.play(url, volume):
                return clip.over()
        alone = _Alone(self._speaker)
        await alone.play(url, volume)
        return alone.over()


class _Clip:
    """A sound that the player mixes over its music itself."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._id: str | None = None
        self._socket = SonosWebsocket(
            speaker.host,
            player_id=speaker.uid,
            session=async_get_clientsession(speaker.hass),
            timeout=_CONNECT_SECONDS,
        )

    async def play(self, url: str, volume: int | None) -> bool:
        """Return whether the player plays it; False where it cannot mix any clip.

        Raises ``AnnouncementError`` when it cannot play this one, or may have.
        """
        plays = False
        try:
            plays = await self._load(url, volume)
        except (SonosWSConnectionError, Unauthorized) as err:
            _LOGGER.debug("%s mixes no clips: %s", self._speaker.name, err)
        except _FAILURES as err:
            # It may sound nevertheless: the other way would be a second time
            raise AnnouncementError(self._speaker.name, str(err) or "no answer") from err
        finally:
            if not plays:
                await self._socket.close()
        return plays

    async def _load(self, url: str, volume: int | None) -> bool:
        header, body = await self._socket.play_clip(url, volume)
        if not header["success"]:
            if header["type"] == _UNSUPPORTED:
                return False
            raise AnnouncementError(self._speaker.name, body["errorCode"])
        self._id = body[CLIP_ID_KEY]
        await self._socket.send_command(
            {
                "namespace": "audioClip:1",
                "command": "subscribe",
                "playerId": self._speaker.uid,
            }
        )
        failed = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_STATUS_SECONDS):
                failed = await anext(self._statuses(), None) == "ERROR"
        if failed:
            raise AnnouncementError(self._speaker.name, url)
        return True

    async def over(self) -> None:
        """Wait for its end; cut short, silence it."""
        assert self._id is not None  # it plays
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                async for status in self._statuses():
                    if status in _OVER:
                        return
        except (*_FAILURES, TimeoutError) as err:
            _LOGGER.debug("%s tells no end of its clip: %s", self._speaker.name, err)
        except asyncio.CancelledError:
            with suppress(*_FAILURES):
                await self._socket.cancel_clip(self._id)
            raise
        finally:
            await self._socket.close()

    async def _statuses(self) -> AsyncIterator[str]:
        """Yield what the player says of the clip, until it says nothing more."""
        assert self._socket.ws is not None  # connected by the first command
        async for message in self._socket.ws:
            if message.type is not WSMsgType.TEXT:
                break
            _, body = message.json()
            for clip in body.get("audioClips", ()):
                if clip[CLIP_ID_KEY] == self._id:
                    yield clip["status"]


class _Alone:
    """A sound that a speaker plays by itself, in place of everything."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._before: Snapshot | None = None
        self._group: tuple[Speaker, ...] = ()
        self._volume = speaker.own.volume

    async def play(self, url: str, volume: int | None) -> None:
        """Return when it sounds. Raises ``SonosError``, everything being as before."""
        try:
            with self._speaker.own_hand.at_work():
                await self._sound(url, volume)
        except BaseException:
            await self._step_back()
            raise

    async def _sound(self, url: str, volume: int | None) -> None:
        speaker, control = self._speaker, self._speaker.control
        await self._step_out()
        if volume is not None:
            await speaker.set_volume(volume / 100)
        await control.transport(
            "SetAVTransportURI", ("CurrentURI", url), ("CurrentURIMetaData", "")
        )
        await control.transport("Play", ("Speed", 1))
        answer = await self._answer_after("TRANSITIONING")
        # What is over by now was short, unless the player says that it failed
        if answer.get("CurrentTransportStatus") != "OK":
            raise AnnouncementError(speaker.name, url)

    async def over(self) -> None:
        """Wait for its end, and bring back what played; so it does when cut short."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._answer_after("PLAYING", "TRANSITIONING")
        except (SonosError, TimeoutError) as err:
            _LOGGER.debug("%s tells no end of the sound: %s", self._speaker.name, err)
        finally:
            await self._step_back()

    async def _answer_after(self, *passing: str) -> Mapping[str, str]:
        """Return what the transport says once it is in none of these states."""
        while True:
            answer = await self._speaker.control.transport("GetTransportInfo")
            if answer.get("CurrentTransportState") not in passing:
                return answer
            await asyncio.sleep(_ASK_SECONDS)

    async def _step_out(self) -> None:
        """Stand alone. The music of a group goes on without this speaker."""
        speaker = self._speaker
        if len(speaker.members) > 1:
            self._group = tuple(each for each in speaker.members if each is not speaker)
            await unjoin(speaker)
            return
        if (filling := speaker.filling.task) is not None:
            # What is still being queued would be lost
            await asyncio.wait([filling], timeout=LONGEST_SECONDS)
        self._before = await take(speaker)

    async def _step_back(self) -> None:
        """Bring back what was; a failure is not the announcement's, so it is only logged."""
        try:
            with self._speaker.own_hand.at_work():
                await self._bring_back()
        except SonosError as err:
            _LOGGER.warning(
                "%s is not as it was before the announcement: %s", self._speaker.name, err
            )

    async def _bring_back(self) -> None:
        speaker = self._speaker
        if self._group:
            if self._volume is not None:
                await speaker.set_volume(self._volume)
            await join(self._group[0], [speaker])
        elif self._before is not None:
            # The queue was not touched; what a person did to it meanwhile stays
            queue = await read_queue(speaker.control)
            [group] = self._before.groups
            await restore(replace(self._before, groups=(replace(group, queue=queue),)))
