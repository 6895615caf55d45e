"""Following a speaker by its events, and by asking while no event comes through.

SoCo's asyncio subscriptions are made directly, with their callback in place before the first
event, and without touching SoCo's settings for the process.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
import logging
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientError
from homeassistant.core import callback
from homeassistant.util import dt as dt_util
from soco.events_asyncio import Event, Subscription, event_listener
from soco.exceptions import SoCoException

from .errors import PlaybackError
from .play_mode import facts as play_mode_facts
from .sleep_timer import read_sleep_timer
from .sound import read_sound, sound_facts
from .state import Playback, Source, playback, seconds, source_of, track_facts
from .tasks import all_of, finish, first_of
from .topology import Topology

if TYPE_CHECKING:
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

POLL_SECONDS: Final = 10.0
# Nobody turns at the sound as often as at the volume: asked for every so many times
SOUND_POLLS: Final = 6
FIRST_EVENT_SECONDS: Final = 2.0
SUBSCRIPTION_SECONDS: Final = 300
RESUBSCRIBE_SECONDS: Final = 60.0
_UNSUBSCRIBE_SECONDS: Final = 3.0
# A command without any effect has no event
_NEWS_SECONDS: Final = 2.0
# An event that was only overtaken comes within
_CATCH_UP_SECONDS: Final = 0.3
_FAILURES: Final = (ClientError, SoCoException, OSError)

type Variables = Mapping[str, Any]
type Handler = Callable[[Variables], None]


class EventFeed:
    """The subscriptions to one speaker, from subscribing to losing them.

    Events are numbered per subscription: what comes twice or too late is not heard again, and
    where a number is missing the speaker is asked once for what it said.
    """

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._heard = 0
        self._any = asyncio.Event()
        self._all = asyncio.Event()
        self._ended = asyncio.Event()
        self._wanted = asyncio.Event()
        self._missed = False
        self._moved = False
        self._timer = "0"
        self._timer_changed = False
        self._numbers: dict[Handler, int] = {}
        self._track: tuple[object, ...] = ()
        self._restarting = False
        self._check: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def live(self) -> bool:
        """Whether events come."""
        return self._any.is_set() and not self._closed

    async def run(self) -> None:
        """Subscribe and follow; return when it is time to subscribe anew.

        Raises ``SpeakerUnreachableError`` when the speaker does not answer either.
        """
        soco = self._speaker.control.soco
        handlers: dict[Any, Handler] = {
            soco.zoneGroupTopology: self._topology,
            soco.avTransport: self._transport,
            soco.renderingControl: self._rendering,
        }
        subscriptions: list[Subscription] = []
        starting: list[asyncio.Future[Subscription]] = []
        try:
            for service, handler in handlers.items():
                self._numbers[handler] = -1
                subscription = Subscription(service, self._receiver(handler))
                subscription.auto_renew_fail = self._renewal_failed
                subscriptions.append(subscription)
                starting.append(
                    subscription.subscribe(requested_timeout=SUBSCRIPTION_SECONDS, auto_renew=True)
                )
            # SoCo sets these futures itself and stumbles over cancelled ones
            await asyncio.wait(starting)
            await self._follow(subscribed=self._succeeded(starting))
        finally:
            self._closed = True
            self._check_later(None)
            await finish(self._leave(starting, subscriptions))

    async def _leave(
        self, starting: list[asyncio.Future[Subscription]], subscriptions: list[Subscription]
    ) -> None:
        await asyncio.wait(starting)
        self._succeeded(starting)
        await asyncio.gather(*(unsubscribe(each) for each in subscriptions))

    def _succeeded(self, started: list[asyncio.Future[Subscription]]) -> bool:
        failures = [err for each in started if (err := each.exception()) is not None]
        for err in failures:
            _LOGGER.debug("%s takes no subscription: %s", self._speaker.name, err)
        return not failures

    async def _follow(self, *, subscribed: bool) -> None:
        speaker = self._speaker
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_EVENT_SECONDS if subscribed else 0):
                await self._all.wait()
        if not self._any.is_set():
            speaker.household.events_missing(speaker, event_listener.address)
            until = asyncio.get_running_loop().time() + RESUBSCRIBE_SECONDS
            for turn in count():
                if not subscribed and asyncio.get_running_loop().time() >= until:
                    return
                await poll(speaker)
                if turn % SOUND_POLLS == 0:
                    await read_sound(speaker)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._any.wait()
                        # What was lost until now comes with new subscriptions
                        return
        speaker.household.no_events.clear(speaker.uid)
        if not self._all.is_set():
            self._ask_again()
        await first_of(self._ask(), self._ended.wait())

    @callback
    def sending(self, action: str) -> Callable[[], None]:
        """Tell of a command that an event should follow; return what to call when it is through."""
        heard = self._heard
        jump = action == "Seek"
        self._restarting |= jump

        def sent() -> None:
            # An event in between may have been about something else
            self._restarting |= jump
            self._check_later(heard)

        return sent

    def _check_later(self, heard: int | None) -> None:
        """Ask after a while if no event followed what was heard by then."""
        if self._check is not None:
            self._check.cancel()
            self._check = None
        if heard is not None and not self._closed:
            self._check = asyncio.get_running_loop().call_later(
                _NEWS_SECONDS, lambda: self._ask_again() if self._heard == heard else None
            )

    @callback
    def _ask_again(self) -> None:
        """Ask for everything once: something was not told."""
        self._missed = True
        self._wanted.set()

    async def _ask(self) -> None:
        """Ask for what events leave out: where a jump led, a timer, all after one was lost."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            missed, self._missed = self._missed, False
            moved, self._moved = self._moved, False
            timer_changed, self._timer_changed = self._timer_changed, False
            try:
                if missed:
                    await self._catch_up()
                elif moved:
                    await read_position(self._speaker)
                if timer_changed:
                    await read_sleep_timer(self._speaker)
            except PlaybackError as err:
                _LOGGER.debug("%s does not tell: %s", self._speaker.name, err)
                if timer_changed:
                    self._timer = ""  # its next event is reason to ask again

    async def _catch_up(self) -> None:
        """Ask for everything, once nothing else comes that would be newer."""
        heard = -1
        while heard != self._heard:
            await asyncio.sleep(_CATCH_UP_SECONDS)
            heard = self._heard
            self._speaker.household.refresh()
            await poll(self._speaker)

    def _receiver(self, handler: Handler) -> Callable[[Event], None]:
        def receive(event: Event) -> None:
            number, last = int(event.seq), self._numbers[handler]
            self._any.set()
            if number <= last:
                return
            self._heard += 1
            self._numbers[handler] = number
            if -1 not in self._numbers.values():
                self._all.set()
            if number > last + 1:
                self._ask_again()
            try:
                handler(event.variables)
            except (LookupError, TypeError, ValueError) as err:
                _LOGGER.debug("%s sent an odd event: %s", self._speaker.name, err)
                self._ask_again()

        return receive

    def _renewal_failed(self, err: Exception) -> None:
        _LOGGER.debug("%s does not renew: %s", self._speaker.name, err)
        self._ended.set()

    def _topology(self, variables: Variables) -> None:
        if text := variables.get("zone_group_state"):
            speaker = self._speaker
            speaker.household.topology_arrived(Topology.from_xml(text), speaker)

    def _rendering(self, variables: Variables) -> None:
        changes: dict[str, Any] = {}
        if (volume := variables.get("volume", {}).get("Master")) is not None:
            changes["volume"] = int(volume) / 100
        if (mute := variables.get("mute", {}).get("Master")) is not None:
            changes["muted"] = mute == "1"
        self._speaker.update(**changes)
        self._speaker.hear(sound_facts(variables))

    def _transport(self, variables: Variables) -> None:
        speaker = self._speaker
        state = variables.get("transport_state")
        transport_uri: str = variables.get("av_transport_uri") or ""
        # A member of a group repeats its coordinator; a transition ends in another event
        if state in (None, "TRANSITIONING") or transport_uri.startswith("x-rincon:"):
            self._restarting = state == "TRANSITIONING"
            if transport_uri.startswith("x-rincon:"):
                # What it is set to once it leads again, it tells then
                speaker.transport_uri = None
            return
        restarted, self._restarting = self._restarting, False
        source = source_of(transport_uri)
        number = int(variables.get("current_track") or 0)
        uri = variables.get("current_track_uri") or None
        facts = track_facts(variables.get("current_track_meta_data"), speaker.host)
        now = playback(state, facts.get("title"))
        track = (transport_uri, uri, number)
        visible = (
            state,
            *(variables.get(name) for name in ("number_of_tracks", "next_track_uri")),
            *(variables.get(name) for name in ("current_play_mode", "current_crossfade_mode")),
        )
        changes: dict[str, Any] = {"title": None, "artist": None, "album": None, "artwork": None}
        if now is Playback.IDLE:
            changes |= {"position": None, "position_updated_at": None}
        elif state == "STOPPED" or (self._track and uri != speaker.own.uri):
            changes |= {"position": 0.0, "position_updated_at": dt_util.utcnow()}
        elif uri != speaker.own.uri:
            # It may have been playing for long
            changes |= {"position": None, "position_updated_at": None}
        # What changed nothing one can see was a jump within the track; so was a transition in it
        moved = (*track, state) != self._track[:4]
        jumped = moved or restarted or (*track, *visible) == self._track
        # The announced track begins where tracks begin
        advanced = (
            self._track
            and uri != speaker.own.uri
            and ((transport_uri, state, uri) == (self._track[0], self._track[3], self._track[5]))
        )
        if jumped and not advanced and state != "STOPPED":
            self._moved = True
            self._wanted.set()
        # It counts the sleep timers since the speaker started
        if (timer := variables.get("sleep_timer_generation", self._timer)) != self._timer:
            self._timer = timer
            self._timer_changed = True
            self._wanted.set()
        self._track = (*track, *visible)
        speaker.transport_uri = transport_uri
        speaker.update(
            **changes
            | facts
            | play_mode_facts(variables.get("current_play_mode"))
            | {
                "state": now,
                "duration": seconds(variables.get("current_track_duration")),
                "queue_position": number if source is Source.QUEUE and number else None,
                "source": source,
                "uri": uri,
                "container": variables.get("enqueued_transport_uri") or None,
                "crossfade": variables.get("current_crossfade_mode") == "1",
            }
        )


async def unsubscribe(subscription: Subscription) -> None:
    """Say goodbye where somebody listens; forget the subscription in any case."""
    try:
        async with asyncio.timeout(_UNSUBSCRIBE_SECONDS):
            await subscription.unsubscribe()
    except (*_FAILURES, AttributeError) as err:
        # Core may have stopped the listener, through which SoCo sends, for the whole process
        _LOGGER.debug("Nobody took the goodbye: %s", err)
    finally:
        if subscription.is_subscribed:
            # SoCo forgets a subscription only when its own request ends
            subscription._cancel_subscription()  # noqa: SLF001


async def poll(speaker: Speaker) -> None:
    """Ask a speaker for everything events would tell. Raises ``SonosError``."""
    control = speaker.control
    _, volume, mute = await all_of(
        speaker.household.poll_topology(control),
        control.rendering("GetVolume"),
        control.rendering("GetMute"),
    )
    speaker.update(
        volume=control.number(volume, "CurrentVolume") / 100,
        muted=mute.get("CurrentMute") == "1",
    )
    if speaker.coordinator is not speaker:
        return
    transport, media, settings, crossfade, position = await all_of(
        control.transport("GetTransportInfo"),
        control.transport("GetMediaInfo"),
        control.transport("GetTransportSettings"),
        control.transport("GetCrossfadeMode"),
        control.position(),
    )
    source = source_of(media.get("CurrentURI", ""))
    changes: dict[str, Any] = {"title": None, "artist": None, "album": None, "artwork": None}
    changes |= position.facts | play_mode_facts(settings.get("PlayMode"))
    changes |= {
        "state": playback(transport.get("CurrentTransportState"), position.facts.get("title")),
        "duration": position.duration,
        "position": position.position,
        "position_updated_at": dt_util.utcnow(),
        "queue_position": position.track if source is Source.QUEUE else None,
        "source": source,
        "uri": position.uri,
        # Nobody tells when asked
        "container": speaker.own.container if position.uri == speaker.own.uri else None,
        "crossfade": crossfade.get("CrossfadeMode") == "1",
    }
    speaker.update(**changes)


async def read_position(speaker: Speaker) -> None:
    """Ask where in the track a speaker is. Raises ``SonosError``."""
    position = await speaker.control.position()
    if position.uri == speaker.own.uri:  # what is said of the next track comes with its event
        speaker.update(position=position.position, position_updated_at=dt_util.utcnow())
