"""One speaker: what it is, what it does, and what it can be told."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
import logging
from typing import TYPE_CHECKING, Any, Final, Literal

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .accompaniment import Accompaniment
from .control import Control
from .core import core_has, follow_core
from .discovery import describe
from .errors import (
    UPNP_ILLEGAL_SEEK_TARGET,
    UPNP_MODE_NOT_AVAILABLE,
    UPNP_TRANSITION_NOT_AVAILABLE,
    PlaybackError,
    SonosError,
    SpeakerUnreachableError,
    UpnpDisabledError,
)
from .events import POLL_SECONDS, SOUND_POLLS, EventFeed, poll
from .filling import Filling
from .own_hand import OwnHand
from .sound import read_sound
from .state import PlaybackState, clock
from .tasks import first_of
from .topology import Member

if TYPE_CHECKING:
    from .household import Household

_LOGGER = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 10.0
_RETRY_SECONDS_MAX: Final = 60.0

# Pausing what is stopped, skipping past the end, controlling a source without tracks: the speaker
# is where the person wants it, or there is nowhere to go
_HARMLESS: Final = (
    UPNP_TRANSITION_NOT_AVAILABLE,
    UPNP_ILLEGAL_SEEK_TARGET,
    UPNP_MODE_NOT_AVAILABLE,
)


class Speaker:
    """A visible player of the household.

    A background task of its own keeps it up to date, by events, by core's player or by asking,
    and finds it again after an outage; speakers never wait for each other.
    """

    def __init__(self, household: Household, member: Member) -> None:
        self.household = household
        self.uid = member.uid
        self.name = member.name
        self.model: str | None = None
        self.version: str | None = None
        self.available = False
        self.bonded = False
        """Whether it is part of another player, such as a stereo pair's right half."""
        self.control = self._control(member)
        self.transport_uri: str | None = None
        """What the transport is set to; None while nobody tells reliably."""
        self.filling = Filling()
        self.own_hand = OwnHand()
        self.accompaniment = Accompaniment(self)
        self.changing_mode = asyncio.Lock()
        self.channels = member.channels
        """The channels it plays with what is bonded to it; empty for a speaker alone."""
        self._sound: dict[str, int] = {}
        self._sleep_end: datetime | None = None
        self.settled = asyncio.Event()
        """Set once the speaker was heard or given up for the first time."""
        self._boot = member.boot
        self._own = PlaybackState()
        self._listeners: list[Callable[[], None]] = []
        self._again = asyncio.Event()
        self._was_lost = False
        self._task: asyncio.Task[None] | None = None
        self._doubting: asyncio.Task[None] | None = None
        self._feed: EventFeed | None = None

    def _control(self, member: Member) -> Control:
        return Control(self.household.hass, member.host, member.name, self._sending)

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant the household lives in."""
        return self.household.hass

    @property
    def host(self) -> str:
        """The speaker's address at present."""
        return self.control.host

    @property
    def coordinator(self) -> Speaker:
        """The speaker that leads this one's group, itself when it is alone."""
        return self.household.coordinator_of(self)

    @property
    def followed_by(self) -> Literal["core", "events", "asking", "nobody"]:
        """How its state is known at present."""
        if not self.available:
            return "nobody"
        if self.core_entity_id is not None:
            return "core"
        return "events" if self._feed is not None and self._feed.live else "asking"

    @property
    def members(self) -> tuple[Speaker, ...]:
        """Who plays together with this speaker, itself included, the coordinator first."""
        return self.household.members_of(self)

    @property
    def core_entity_id(self) -> str | None:
        """The entity id of core's player for this speaker, while core runs."""
        return self.household.core.player(self.uid)

    @property
    def state(self) -> PlaybackState:
        """What the speaker does: its group's music at its own volume."""
        return replace(self.coordinator.own, volume=self._own.volume, muted=self._own.muted)

    @property
    def own(self) -> PlaybackState:
        """What the speaker says of itself, to be read of coordinators."""
        return self._own

    @property
    def sleep_end(self) -> datetime | None:
        """When the group's sleep timer ends its music (UTC), None while none runs."""
        end = self.coordinator._sleep_end  # noqa: SLF001
        return end if end is not None and end > dt_util.utcnow() else None

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after every change; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- told by the feeds ---------------------------------------------------------------------

    @callback
    def update(self, **changes: Any) -> None:
        """Take over changed fields of the state; hearing from a speaker means it is there."""
        self.found(replace(self._own, **changes))

    @callback
    def found(self, state: PlaybackState) -> None:
        """Take over that the speaker is there, and in which state."""
        if state.volume is not None:
            self.settled.set()
        if self.available and state == self._own:
            return
        if self._was_lost and not self.available:
            _LOGGER.info("%s is back", self.name)
        self.available = True
        self._own = state
        self.household.tell_group(self)

    @property
    def sound(self) -> Mapping[str, int]:
        """The settings of its sound that it has told of, see ``sound.py``."""
        return self._sound

    @callback
    def hear(self, sound: Mapping[str, int]) -> None:
        """Take over settings of the sound."""
        if not sound.items() <= self._sound.items():
            self._sound |= sound
            self.tell()

    @callback
    def set_sleep_end(self, end: datetime | None) -> None:
        """Take over when a coordinator's sleep timer ends the music."""
        if end != self._sleep_end:
            self._sleep_end = end
            self.household.tell_group(self)

    @callback
    def lost(self, reason: object = "gone") -> None:
        """Take over that the speaker does not answer."""
        self.settled.set()
        self.transport_uri = None
        self.household.no_events.clear(self.uid)
        if isinstance(reason, UpnpDisabledError):
            self.household.upnp_disabled.raise_for(self.uid, self.name)
        else:
            self.household.upnp_disabled.clear(self.uid)
        if not self.available:
            return
        _LOGGER.info("%s is unavailable: %s", self.name, reason)
        self.available = False
        self._was_lost = True
        self.household.tell_group(self)

    @callback
    def tell(self) -> None:
        """Tell the listeners that something changed."""
        for listener in tuple(self._listeners):
            listener()

    # -- the background task -------------------------------------------------------------------

    @callback
    def start(self) -> None:
        """Begin to keep the speaker up to date."""
        self._task = self.hass.async_create_background_task(
            self._tend(), f"rhythmiq {self.name} state"
        )

    async def stop(self) -> None:
        """Stop queueing, say goodbye and forget."""
        await self.filling.cancel()
        self.accompaniment.cancel()
        tasks = [task for task in (self._task, self._doubting) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @callback
    def reconnect(self) -> None:
        """Start over at once: the address, the firmware or the source of the state changed."""
        self._again.set()

    @callback
    def moved(self, member: Member) -> None:
        """Take over what the topology says, and start over where that takes a new connection."""
        self.bonded = False
        self.channels = member.channels
        if member.name != self.name:
            self.name = self.control.name = member.name
            self.tell()
        if (member.host, member.boot) != (self.host, self._boot):
            self._boot = member.boot
            self.control = self._control(member)
            self.reconnect()
        elif not self.available and self.core_entity_id is None:
            self.reconnect()

    @callback
    def bond(self) -> None:
        """Take over that the speaker is part of another player now: nobody addresses it."""
        if not self.bonded:
            self.bonded = True
            self.lost("it is part of another player")
            self.reconnect()

    @callback
    def doubt(self) -> None:
        """Somebody misses this speaker: look for oneself, unless that is going on."""
        if self.available and (self._doubting is None or self._doubting.done()):
            self._doubting = self.hass.async_create_background_task(
                self._verify(), f"rhythmiq {self.name} check"
            )

    async def _verify(self) -> None:
        try:
            await self._introduce()
        except SonosError as err:
            self.lost(err)
            self.reconnect()

    async def _tend(self) -> None:
        while True:
            self._again.clear()
            if self.bonded:
                await self._again.wait()
            else:
                await first_of(self._follow(), self._again.wait())

    async def _follow(self) -> None:
        while True:
            if (entity_id := self.core_entity_id) is None:
                await self._follow_alone()
            else:
                await follow_core(self, entity_id)
                # Core has lost it, or is only beginning; perhaps it is there nevertheless
                await first_of(self._follow_alone(), core_has(self.hass, entity_id))

    async def _follow_alone(self) -> None:
        retry = _RETRY_SECONDS
        while True:
            try:
                await self._introduce()
                self.household.upnp_disabled.clear(self.uid)
                retry = _RETRY_SECONDS
                if self.household.core.running:
                    # Subscribing could silence core
                    await self._keep_asking()
                await self.control.household_id()
                self._feed = EventFeed(self)
                await self._feed.run()
            except SonosError as err:
                self.lost(err)
                self.household.search()
                await asyncio.sleep(retry)
                retry = min(2 * retry, _RETRY_SECONDS_MAX)
            finally:
                self._feed = None
                self.transport_uri = None
                self.household.unheard(self)

    async def _introduce(self) -> None:
        """Make sure that this is the speaker, and one that can be addressed."""
        description = await describe(self.hass, self.host)
        topology = await self.control.topology()
        if description.uid != self.uid or self.uid not in topology.members:
            raise SpeakerUnreachableError(self.name)
        self.model = description.model
        self.version = description.version
        self.household.confirm(topology)

    async def _keep_asking(self) -> None:
        for turn in count():
            await poll(self)
            if turn % SOUND_POLLS == 0:
                await read_sound(self)
            await asyncio.sleep(POLL_SECONDS)

    @callback
    def _sending(self, action: str) -> Callable[[], None]:
        return self._feed.sending(action) if self._feed else _nothing_to_do

    # -- commands ------------------------------------------------------------------------------

    async def ping(self) -> None:
        """Make sure that the group can be commanded now; raises ``SpeakerUnreachableError``."""
        await self._transport("GetTransportInfo")

    async def play(self) -> None:
        """Start or resume the group's music."""
        await self._transport("Play", ("Speed", 1))

    async def pause(self) -> None:
        """Pause the group's music."""
        await self._transport("Pause")

    async def stop_playing(self) -> None:
        """Stop the group's music."""
        await self._transport("Stop")

    async def next(self) -> None:
        """Skip to the next track."""
        await self._transport("Next")

    async def previous(self) -> None:
        """Go back to the previous track."""
        await self._transport("Previous")

    async def seek(self, seconds: float) -> None:
        """Go to a position in the group's track; whole seconds count."""
        await self._transport("Seek", ("Unit", "REL_TIME"), ("Target", clock(seconds)))

    async def set_volume(self, volume: float) -> None:
        """Set this speaker's own volume, from 0 to 1."""
        await self._rendering("SetVolume", ("DesiredVolume", round(volume * 100)))

    async def change_volume(self, change: float) -> None:
        """Turn this speaker's own volume up or down, by at most 1; it stops at its ends."""
        await self._rendering("SetRelativeVolume", ("Adjustment", round(change * 100)))

    async def set_muted(self, muted: bool) -> None:
        """Mute this speaker, or let it be heard again."""
        await self._rendering("SetMute", ("DesiredMute", int(muted)))

    async def _transport(self, action: str, *arguments: tuple[str, object]) -> None:
        coordinator = self.coordinator
        try:
            await coordinator.control.transport(action, *arguments)
        except PlaybackError as err:
            if err.code not in _HARMLESS or action in ("Play", "Seek"):
                raise
        except SpeakerUnreachableError:
            coordinator.doubt()
            raise

    async def _rendering(self, action: str, *arguments: tuple[str, object]) -> None:
        try:
            await self.control.rendering(action, *arguments)
        except SpeakerUnreachableError:
            self.doubt()
            raise


def _nothing_to_do() -> None:
    """Follow a command that no event follows."""
