"""What goes along with a group's music: an end in silence, and a stream after the last song.

It lasts until other music is asked for, the music stops, or a person turns the volume. The
loudness and the crossfade that were there before come back then.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import pairwise
import logging
from time import monotonic as time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .errors import SonosError
from .filling import PlaybackFinished
from .loudness import Loudness
from .play_mode import set_crossfade
from .sleep_timer import MOST_SECONDS, clear_sleep_timer, set_sleep_timer
from .state import Playback, PlaybackState, Source
from .stream import Stream, start_stream

if TYPE_CHECKING:
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

FADE_STEPS: Final = 60
SPARE_SECONDS: Final = 20.0
"""After when it should have, the speaker's own sleep timer ends the music, whoever is away."""

RETRY_SECONDS: Final = 10.0
_STOP_TRIES: Final = 30
_SETTLE_SECONDS: Final = 5.0  # from one source to the other, in which nothing may sound
_LATE_SECONDS: Final = 3.0  # in which a speaker may still tell of the volume before
_BEFORE_END: Final = 1.0  # seconds of the last song that the stream may cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to go along with music that begins now.

    ``ends`` is when it falls silent (seconds from now, None: never), ``fade`` over how many seconds
    before; ``then`` plays after the last song, and ``crossfade`` lets the songs overlap.
    """

    ends: float | None = None
    fade: float = 0.0
    then: Stream | None = None
    crossfade: bool = False


class Accompaniment:
    """What goes along with the music of one coordinator, nothing at first."""

    def __init__(self, coordinator: Speaker) -> None:
        """Wait for a plan."""
        self._coordinator = coordinator
        self._plan = Plan()
        self._stops: list[CALLBACK_TYPE] = []
        self._timer: CALLBACK_TYPE | None = None
        self._next: CALLBACK_TYPE | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self._seen_playing = False
        self._settled_at = 0.0
        self._source = Source.NONE
        self._last: int | None = None
        self._step = 0
        self._stop_tries = 0
        self._said: set[str] = set()
        self._loud: dict[Speaker, int] = {}  # before the fade, in percent
        self._sent: dict[Speaker, list[tuple[int, float]]] = {}  # volumes, and when they were set
        self._changing = asyncio.Lock()
        self._sleeps = False
        self._crossfades = False

    @property
    def _loudness(self) -> Loudness:
        return self._coordinator.household.loudness

    @property
    def active(self) -> bool:
        """Whether anything goes along with the music."""
        return bool(self._stops)

    @property
    def fading(self) -> bool:
        """Whether the volume is falling."""
        return bool(self._loud)

    async def begin(
        self,
        plan: Plan,
        finished: asyncio.Future[PlaybackFinished] | None = None,
        first: int = 1,
    ) -> None:
        """Go along with what was just started; ``finished`` when its list is in, from ``first`` on.

        What cannot be prepared on the speaker is left out, and said in the log.
        """
        await self.end()
        async with self._changing:
            await self._begin(plan, finished, first)

    async def end(self) -> None:
        """Go along no longer, and bring back what was changed. Raises nothing."""
        async with self._changing:
            self.cancel()
            loud, sent, self._loud, self._sent = self._loud, self._sent, {}, {}
            for speaker, volume in loud.items():
                with self._coordinator.own_hand.at_work():
                    await self._tried(speaker.set_volume(volume / 100), "its old volume")
            if sent:
                await self._loudness.let_go(speaker.uid for speaker in sent)
            if self._crossfades:
                await self._tried(set_crossfade(self._coordinator, crossfade=False), "to crossfade")
            if self._sleeps:
                await self._tried(clear_sleep_timer(self._coordinator), "to clear its sleep timer")
            self._crossfades = self._sleeps = False

    @callback
    def cancel(self) -> None:
        """Go along no longer, and leave everything as it is."""
        while self._stops:
            self._stops.pop()()
        for timer in (self._timer, self._next):
            if timer is not None:
                timer()
        self._timer = self._next = None
        for job in self._jobs - {asyncio.current_task()}:
            job.cancel()
        self._seen_playing, self._last, self._step, self._stop_tries = False, None, 0, 0

    async def _begin(
        self, plan: Plan, finished: asyncio.Future[PlaybackFinished] | None, first: int
    ) -> None:
        self._plan = plan
        self._said.clear()
        self._source = Source.RADIO if finished is None else Source.QUEUE
        self._stops = [self._coordinator.add_listener(self._look)]
        if plan.crossfade and self._coordinator.own.crossfade is False:
            self._crossfades = await self._tried(
                set_crossfade(self._coordinator, crossfade=True), "to crossfade"
            )
        if plan.ends is not None:
            if (spare := plan.ends + SPARE_SECONDS) <= MOST_SECONDS:
                timer = set_sleep_timer(self._coordinator, spare)
                self._sleeps = await self._tried(timer, "a sleep timer")
            self._after(plan.ends - plan.fade, self._fade if plan.fade else self._silence)
        if finished is not None and plan.then is not None:
            finished.add_done_callback(lambda done: self._queued(done.result(), first))
        self._look()

    # -- looking -------------------------------------------------------------------------------

    @callback
    def _look(self) -> None:
        """See whether the music is still what this goes along with."""
        own = self._coordinator.own
        if self._next is not None:
            self._next()
            self._next = None
        if not self._coordinator.available:
            return  # it plays on, perhaps, and comes back
        if own.state is Playback.PLAYING and own.source is self._source:
            self._seen_playing = True
            self._await_last(own)
        elif self._seen_playing and time() >= self._settled_at:
            self._do(self.end())

    @callback
    def _queued(self, finished: PlaybackFinished, first: int) -> None:
        self._last = first + finished.queued - 1
        self._look()

    @callback
    def _await_last(self, own: PlaybackState) -> None:
        """Let the stream begin as the last song ends."""
        if (
            self._plan.then is None
            or self._last is None
            or own.queue_position != self._last
            or own.duration is None
            or own.position is None
        ):
            return
        passed = (dt_util.utcnow() - (own.position_updated_at or dt_util.utcnow())).total_seconds()
        left = max(own.duration - own.position - passed - _BEFORE_END, 0.0)

        @callback
        def follow(_: object) -> None:
            self._next = None
            self._do(self._follow())

        self._next = async_call_later(self._coordinator.hass, left, follow)

    async def _follow(self) -> None:
        stream = self._plan.then
        assert stream is not None
        self._last = None
        self._source = Source.RADIO
        self._settled_at = time() + _SETTLE_SECONDS
        try:
            with self._coordinator.own_hand.at_work():
                await start_stream(self._coordinator, stream)
        except SonosError as err:
            _LOGGER.warning("%s does not follow: %s", stream.title or stream.uri, err)
            await self.end()

    # -- falling silent ------------------------------------------------------------------------

    async def _fade(self) -> None:
        """Remember how loud everybody is, and begin to turn them down."""
        for speaker in self._coordinator.members:
            if speaker.available and (volume := speaker.own.volume) is not None:
                percent = round(volume * 100)
                self._loud[speaker] = percent
                self._sent[speaker] = [(percent, time())]
                self._stops.append(speaker.add_listener(self._by_hand))
        await self._loudness.keep({who.uid: loud for who, loud in self._loud.items()})
        await self._turn_down()

    async def _turn_down(self) -> None:
        self._step += 1
        left = 1 - self._step / FADE_STEPS
        for speaker, loud in list(self._loud.items()):
            volume = round(loud * left)
            if volume == self._sent[speaker][-1][0]:
                continue
            self._sent[speaker].append((volume, time()))
            with self._coordinator.own_hand.at_work():
                await self._tried(speaker.set_volume(volume / 100), "a lower volume")
        if self._step < FADE_STEPS:
            self._after(self._plan.fade / FADE_STEPS, self._turn_down)
        else:
            await self._silence()

    async def _silence(self) -> None:
        """Stop the music, and only then be as loud as before: nobody is to be woken."""
        with self._coordinator.own_hand.at_work():
            stopped = await self._tried(self._coordinator.stop_playing(), "to stop")
        self._stop_tries += 1
        if stopped or self._stop_tries == _STOP_TRIES:
            await self.end()
        else:
            self._after(RETRY_SECONDS, self._silence)

    @callback
    def _by_hand(self) -> None:
        """Leave a volume to the person who turned it."""
        for speaker, sent in self._sent.items():
            told = speaker.own.volume
            if told is None or round(told * 100) in _tellable(sent):
                continue
            self._loud.pop(speaker, None)
            self.cancel()
            self._do(self.end())
            return

    # -- doing ---------------------------------------------------------------------------------

    def _after(self, seconds: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        @callback
        def due(_: object) -> None:
            self._timer = None
            self._do(step())

        self._timer = async_call_later(self._coordinator.hass, max(seconds, 0.0), due)

    @callback
    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        job = self._coordinator.hass.async_create_background_task(
            work, f"rhythmiq {self._coordinator.name} accompaniment"
        )
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _tried(self, command: Coroutine[Any, Any, None], what: str) -> bool:
        try:
            await command
        except SonosError as err:
            if what not in self._said:
                self._said.add(what)
                _LOGGER.warning("%s refuses %s: %s", self._coordinator.name, what, err)
            return False
        return True


def _tellable(sent: list[tuple[int, float]]) -> set[int]:
    """Return the last volume that was set, and those that were the last one a moment ago."""
    now = time()
    return {sent[-1][0]} | {
        volume for (volume, _), (_, replaced) in pairwise(sent) if now - replaced < _LATE_SECONDS
    }
