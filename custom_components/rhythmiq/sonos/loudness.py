"""How loud speakers were before they fell silent, for when Home Assistant is restarted meanwhile.

Nobody is to be woken: what still plays stays as soft as it has become, and is as loud as before
once it has stopped. Whoever is louder by then was turned up by somebody, and stays.
"""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.storage import Store

from .errors import SonosError
from .state import Playback, playback
from .tasks import end

if TYPE_CHECKING:
    from .household import Household
    from .speaker import Speaker

_VERSION: Final = 1


class Loudness:
    """What is to come back in one household, by speaker, in percent."""

    def __init__(self, household: Household, key: str) -> None:
        """Write down under a key what there is to remember."""
        self._household = household
        self._store = Store[dict[str, int]](household.hass, _VERSION, key)
        self._before: dict[str, int] = {}
        self._left: set[str] = set()  # by the Home Assistant before this one
        self._watched: dict[str, CALLBACK_TYPE] = {}
        self._unmeet: CALLBACK_TYPE | None = None
        self._jobs: dict[str, asyncio.Task[None]] = {}

    @property
    def waiting(self) -> bool:
        """Whether anybody is still to be as loud as before."""
        return bool(self._before)

    async def start(self) -> None:
        """Look after those who were left soft."""
        self._before = await self._store.async_load() or {}
        self._left = set(self._before)
        if self._left:
            self._unmeet = self._household.add_listener(self._meet)
            self._meet()

    async def stop(self) -> None:
        """Look no longer."""
        if self._unmeet is not None:
            self._unmeet()
            self._unmeet = None
        while self._watched:
            self._watched.popitem()[1]()
        await end(self._jobs.values())

    async def forget(self) -> None:
        """Remove what is written down."""
        await self._store.async_remove()

    async def keep(self, volumes: Mapping[str, int]) -> None:
        """Write down how loud speakers are; what was written down before is how loud they were."""
        self._before = {**volumes, **self._before}
        await self._store.async_save(self._before)

    async def let_go(self, uids: Iterable[str]) -> None:
        """Cross out those who are as loud as before, or as loud as somebody wants them."""
        gone = set(uids)
        self._left -= gone
        self._before = {uid: loud for uid, loud in self._before.items() if uid not in gone}
        await self._store.async_save(self._before)

    @callback
    def _meet(self) -> None:
        for uid in self._left - self._watched.keys():
            if (speaker := self._household.speakers.get(uid)) is not None:
                self._watched[uid] = speaker.add_listener(partial(self._look, speaker))
                self._look(speaker)

    @callback
    def _look(self, speaker: Speaker) -> None:
        job = self._jobs.get(speaker.uid)
        quiet = speaker.available and speaker.state.state is not Playback.PLAYING
        if speaker.uid in self._left and quiet and (job is None or job.done()):
            self._jobs[speaker.uid] = speaker.hass.async_create_background_task(
                self._bring_back(speaker), f"rhythmiq {speaker.name} loudness"
            )

    async def _bring_back(self, speaker: Speaker) -> None:
        """Turn a speaker up again where nothing plays; events may not have told yet what does."""
        try:
            told = await speaker.coordinator.control.transport("GetTransportInfo")
            if playback(told.get("CurrentTransportState"), None) is Playback.PLAYING:
                return
            volume = speaker.own.volume
            if volume is None:
                return
            if round(volume * 100) < (before := self._before[speaker.uid]):
                with speaker.own_hand.at_work():
                    await speaker.set_volume(before / 100)
        except SonosError:
            return  # it tells when it is back
        await self.let_go([speaker.uid])
