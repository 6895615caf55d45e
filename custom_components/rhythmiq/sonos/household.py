"""One Sonos household: the owner of all its speakers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
import logging
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .alarms import AlarmClock
from .control import Control
from .core import CoreSonos
from .discovery import FoundHousehold, contact, discover
from .errors import SonosError, SpeakerUnreachableError
from .favorite_names import FavoriteNames
from .loudness import Loudness
from .playlists import Playlists
from .repairs import SharedRepair
from .speaker import Speaker
from .tasks import end
from .topology import Topology
from .undo import Memory

_LOGGER = logging.getLogger(__name__)

_SETTLE_SECONDS: Final = 5.0
_TOPOLOGY_SECONDS: Final = 5.0
_STORE_VERSION: Final = 1
_SAVE_SECONDS: Final = 10.0
_AGREE_SECONDS: Final = 2.0
_SEARCH_SECONDS: Final = 60.0


class Household:
    """Knows the speakers of one household and who plays with whom."""

    def __init__(self, hass: HomeAssistant, household_id: str, hosts: Iterable[str]) -> None:
        self.hass = hass
        self.household_id = household_id
        self.core = CoreSonos(hass)
        self.alarms = AlarmClock(self)
        self.favorites = FavoriteNames(self)
        self.spotify_service: int | None = None
        """The service number under which the household's Spotify took a track last."""
        self.working_services: set[str] = set()
        """Names of the music services that gave something since the start: they are linked."""
        # A name for the household that does not give its id away: files and issues get shared
        self._alias = blake2b(household_id.encode(), digest_size=8).hexdigest()
        self._hosts = list(hosts)
        self._store = Store[dict[str, str]](hass, _STORE_VERSION, f"{DOMAIN}.{self._alias}")
        self.loudness = Loudness(self, f"{DOMAIN}.{self._alias}.loudness")
        self.memory = Memory(self, f"{DOMAIN}.{self._alias}.memory")
        self.playlists = Playlists(self, f"{DOMAIN}.{self._alias}.playlists")
        self._addresses: dict[str, str] = {}
        self._speakers: dict[str, Speaker] = {}
        self._topology = Topology()
        self._topology_time = float("-inf")
        self._views: dict[str, Topology] = {}
        self._comparing: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[], None]] = []
        self._unwatch: Callable[[], None] | None = None
        self._followed: Mapping[str, str | None] = {}
        self._core_running = False
        self.no_events = SharedRepair(hass, "no_events", self._alias)
        self.upnp_disabled = SharedRepair(hass, "upnp_disabled", self._alias)
        self._stale = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None
        self._searching: asyncio.Task[None] | None = None
        self._next_search = float("-inf")

    @property
    def speakers(self) -> dict[str, Speaker]:
        """All speakers ever met since the start, by uid; some may be unavailable."""
        return self._speakers

    async def start(self) -> None:
        """Find the household and start with every speaker that answers.

        Raises ``SonosError`` when none does, at its known addresses or by discovery.
        """
        self._addresses = await self._store.async_load() or {}
        found = await self._find()
        self._unwatch = self.core.watch(self._core_changed)
        self._core_running = self.core.running
        self.topology_arrived(found.topology)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                # More may be met meanwhile
                for speaker in tuple(self._speakers.values()):
                    await speaker.settled.wait()
        await self.loudness.start()

    async def stop(self) -> None:
        """Let go of every speaker."""
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        await self.loudness.stop()
        await asyncio.gather(*(speaker.stop() for speaker in self._speakers.values()))
        if self._comparing is not None:
            self._comparing.cancel()
        await end([task for task in (self._refreshing, self._searching) if task is not None])
        self.no_events.clear()
        self.upnp_disabled.clear()
        if self._addresses:
            await self._store.async_save(self._addresses)  # what waits to be written, too

    async def forget(self) -> None:
        """Remove what is stored of the household."""
        await self._store.async_remove()
        await self.loudness.forget()
        await self.memory.forget()
        await self.playlists.forget()

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener when a speaker is met, bonded or parted; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def coordinator_of(self, speaker: Speaker) -> Speaker:
        """Return the speaker that leads a speaker's group."""
        uid = self._topology.coordinators.get(speaker.uid, speaker.uid)
        return self._speakers.get(uid, speaker)

    def members_of(self, speaker: Speaker) -> tuple[Speaker, ...]:
        """Return who plays together with a speaker, itself included, the coordinator first."""
        coordinator = self.coordinator_of(speaker)
        others = (
            self._speakers[uid]
            for uid, leader in self._topology.coordinators.items()
            if leader == coordinator.uid != uid
        )
        return coordinator, *others

    @callback
    def tell_group(self, speaker: Speaker) -> None:
        """Tell a speaker's whole group: all play its coordinator's music, and are loud together."""
        for member in self.members_of(speaker):
            member.tell()

    # -- topology ------------------------------------------------------------------------------

    @callback
    def topology_arrived(self, topology: Topology, source: Speaker | None = None) -> None:
        """Take over what a speaker published about the household, or answered when asked."""
        if source is not None:
            self._views[source.uid] = topology
            self._compare_soon()
        if topology == self._topology:
            return
        bonded = self._topology.bonded
        self._topology = topology
        self._meet()
        for uid, speaker in self._speakers.items():
            if (member := topology.members.get(uid)) is not None:
                speaker.moved(member)
            elif uid in topology.bonded:
                speaker.bond()
            elif uid in topology.vanished:
                speaker.lost("it said goodbye")
                speaker.reconnect()
            else:
                # One speaker's view: another may just be out of its reach
                speaker.doubt()
            speaker.tell()
        if topology.bonded != bonded:
            self._tell()

    @callback
    def unheard(self, speaker: Speaker) -> None:
        """Take over that a speaker publishes nothing to us any more."""
        self._views.pop(speaker.uid, None)

    @callback
    def _compare_soon(self) -> None:
        """Let the speakers finish telling each other; then they should all say the same."""
        if self._comparing is not None:
            self._comparing.cancel()
        self._comparing = self.hass.loop.call_later(_AGREE_SECONDS, self._compare)

    @callback
    def _compare(self) -> None:
        """Ask where the last word of some speaker, lost or late, would contradict the others'."""
        self._comparing = None
        views = (self._views.get(uid) for uid, each in self._speakers.items() if each.available)
        if not all(view is None or view.agrees(self._topology) for view in views):
            self.refresh()

    @callback
    def confirm(self, topology: Topology) -> None:
        """Add what a speaker knows to what is known, taking nothing away."""
        members = {**topology.members, **self._topology.members}
        for uid in self._topology.bonded:
            members.pop(uid, None)
        known = {**topology.coordinators, **self._topology.coordinators}
        coordinators = {uid: known[uid] for uid in members}
        if members.keys() != self._topology.members.keys():
            self._topology = replace(self._topology, members=members, coordinators=coordinators)
            self._meet()

    async def poll_topology(self, control: Control) -> None:
        """Ask for the topology unless somebody just did. Raises ``SonosError``."""
        now = asyncio.get_running_loop().time()
        if now - self._topology_time > _TOPOLOGY_SECONDS:
            self._topology_time = now
            self.topology_arrived(await control.topology())

    def _meet(self) -> None:
        """Begin with the speakers that are new, and remember where all of them are."""
        self._remember()
        new = [
            Speaker(self, member)
            for uid, member in self._topology.members.items()
            if uid not in self._speakers
        ]
        for speaker in new:
            self._speakers[speaker.uid] = speaker
            speaker.start()
        if new:
            self._followed = self._players()
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _remember(self) -> None:
        """Store the speakers' addresses: any of them leads to the household at the next start."""
        addresses = {uid: member.host for uid, member in self._topology.members.items()}
        if not addresses.items() <= self._addresses.items():
            self._addresses |= addresses
            self._store.async_delay_save(lambda: self._addresses, _SAVE_SECONDS)

    async def _find(self) -> FoundHousehold:
        remembered = set(self._addresses.values()).difference(self._hosts)
        results: list[FoundHousehold | SonosError] = []
        for hosts in (self._hosts, remembered):
            results += await asyncio.gather(*(self._contact(host) for host in hosts))
            for result in results:
                if isinstance(result, FoundHousehold):
                    return result
        # All addresses may have changed
        for found in await discover(self.hass, self.household_id):
            return found
        raise next(each for each in results if isinstance(each, SonosError))

    async def _contact(self, host: str) -> FoundHousehold | SonosError:
        try:
            found = await contact(self.hass, host)
        except SonosError as err:
            return err
        # Another household may have got the address
        return found if found.household_id == self.household_id else SpeakerUnreachableError(host)

    async def dismiss(self, uid: str) -> bool:
        """Forget a speaker that is no longer there; return whether it was gone.

        It is met anew when it comes back.
        """
        if uid in self._topology.members:
            return False
        self._addresses.pop(uid, None)
        self._store.async_delay_save(lambda: self._addresses, _SAVE_SECONDS)
        if (speaker := self._speakers.pop(uid, None)) is not None:
            await speaker.stop()
            self.no_events.clear(uid)
            self.upnp_disabled.clear(uid)
            self._tell()
        return True

    # -- core's integration --------------------------------------------------------------------

    def _players(self) -> dict[str, str | None]:
        return {uid: self.core.player(uid) for uid in self._speakers}

    @callback
    def _core_changed(self) -> None:
        """Switch every speaker whose source of state came, went or was renamed."""
        running, players = self.core.running, self._players()
        if running:
            self.no_events.clear()
            self.upnp_disabled.clear()
        for uid, speaker in self._speakers.items():
            if players[uid] != self._followed.get(uid) or (
                running != self._core_running and players[uid] is None
            ):
                speaker.reconnect()
                speaker.tell()
        self._followed, self._core_running = players, running
        if any(uid not in self._speakers for uid in self.core.players()):
            self.refresh()

    @callback
    def refresh(self) -> None:
        """Ask for the topology: core has seen something that its entities do not tell."""
        self._stale.set()
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = self.hass.async_create_background_task(
                self._ask_anyone(), "rhythmiq topology"
            )

    async def _ask_anyone(self) -> None:
        while self._stale.is_set():
            self._stale.clear()
            # Those that are there answer at once
            for speaker in sorted(self._speakers.values(), key=lambda each: not each.available):
                try:
                    self.topology_arrived(await speaker.control.topology())
                except SonosError as err:
                    _LOGGER.debug("%s tells no topology: %s", speaker.name, err)
                else:
                    break

    @callback
    def search(self) -> None:
        """Look for the household in the network when nobody is where they all were."""
        now = asyncio.get_running_loop().time()
        if (
            any(speaker.available for speaker in self._speakers.values())
            or self.core.running
            or now < self._next_search
        ):
            return
        self._next_search = now + _SEARCH_SECONDS
        self._searching = self.hass.async_create_background_task(self._search(), "rhythmiq search")

    async def _search(self) -> None:
        try:
            for found in await discover(self.hass, self.household_id):
                self.topology_arrived(found.topology)
        except SonosError as err:
            _LOGGER.debug("Nobody is found: %s", err)

    # -- events --------------------------------------------------------------------------------

    @callback
    def events_missing(self, speaker: Speaker, address: tuple[str, int] | tuple[()]) -> None:
        """Tell the user, once, that speakers cannot reach the address events are sent to.

        Without an address SoCo listens nowhere, and there is nothing the user could open.
        """
        if address and not self.core.running:
            host, port = address
            self.no_events.raise_for(speaker.uid, speaker.name, address=f"{host}:{port}")
