"""One subscription for what all speakers of a household tell alike, such as its alarms.

It goes to whichever speaker is there, moves on when that one goes, and rests while core runs: two
subscribers of one process would silence each other.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from soco.events_asyncio import Event, Subscription

from .control import Control
from .errors import SonosError
from .events import FIRST_EVENT_SECONDS, RESUBSCRIBE_SECONDS, SUBSCRIPTION_SECONDS, unsubscribe
from .tasks import finish, first_of

if TYPE_CHECKING:
    from .household import Household
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

ASK_SECONDS: Final = 60.0

type Read = Callable[[str | None], Awaitable[None]]


class SharedFeed:
    """Follows one service of a household.

    ``read`` is awaited after each event that has a ``version``, with its value, and every
    ``ASK_SECONDS`` with None while no event comes; when it raises ``SonosError``, it is awaited
    again by then.
    """

    def __init__(self, household: Household, service: str, version: str, read: Read) -> None:
        """Follow nothing yet."""
        self._household = household
        self._service = service
        self._version = version
        self._read = read
        self._control: Control | None = None
        self._again = asyncio.Event()
        self._stops: dict[Speaker | None, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None

    @callback
    def start(self) -> None:
        """Begin to follow."""
        household = self._household
        self._stops[None] = household.add_listener(self._speakers_changed)
        self._unwatch = household.core.watch(self._look)
        self._speakers_changed()
        self._task = household.hass.async_create_background_task(
            self._run(), f"rhythmiq {self._service}"
        )

    async def stop(self) -> None:
        """Say goodbye."""
        self._unwatch()
        for stop in self._stops.values():
            stop()
        self._stops.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @callback
    def _speakers_changed(self) -> None:
        for speaker in self._household.speakers.values():
            if speaker not in self._stops:
                self._stops[speaker] = speaker.add_listener(self._look)
        self._look()

    @callback
    def _look(self) -> None:
        """Start over when the speaker is gone, at another address, or not ours to ask."""
        if self._choose() is not self._control:
            self._again.set()

    def _choose(self) -> Control | None:
        """Return the present choice while it stands, else the first speaker that is there."""
        if self._household.core.running:
            return None
        there = [each.control for each in self._household.speakers.values() if each.available]
        return self._control if self._control in there else next(iter(there), None)

    async def _run(self) -> None:
        while True:
            self._again.clear()
            self._control = self._choose()
            if self._control is None:
                await self._again.wait()
            else:
                await first_of(self._follow(self._control), self._again.wait())

    async def _follow(self, control: Control) -> None:
        """Subscribe and read at every event; return when it is time to subscribe anew."""
        told = asyncio.Event()
        versions = deque[str](maxlen=1)
        lost: list[Exception] = []
        live = False

        def receive(event: Event) -> None:
            nonlocal live
            live = True
            if (version := event.variables.get(self._version)) is not None:
                versions.append(str(version))
                told.set()

        def renewal_failed(err: Exception) -> None:
            lost.append(err)
            told.set()

        try:
            await control.household_id()
        except SonosError as err:
            _LOGGER.debug("%s cannot be followed: %s", control.name, err)
            await asyncio.sleep(RESUBSCRIBE_SECONDS)
            return
        subscription = Subscription(getattr(control.soco, self._service), receive)
        subscription.auto_renew_fail = renewal_failed
        starting = subscription.subscribe(requested_timeout=SUBSCRIPTION_SECONDS, auto_renew=True)
        try:
            # SoCo sets this future itself and stumbles over a cancelled one
            await asyncio.wait([starting])
            if (failure := starting.exception()) is not None:
                lost.append(failure)
            patience: float | None = FIRST_EVENT_SECONDS
            while not lost:
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await told.wait()
                told.clear()
                read = await self._try(versions[-1] if versions else None)
                patience = None if live and read else ASK_SECONDS
        finally:
            await finish(_leave(starting, subscription))
        _LOGGER.debug("%s is not followed any more: %s", control.name, lost[0])
        await self._try(None)
        await asyncio.sleep(RESUBSCRIBE_SECONDS if not live else 0)

    async def _try(self, version: str | None) -> bool:
        """Read, and return whether that went well."""
        try:
            await self._read(version)
        except SonosError as err:
            _LOGGER.debug("What %s tells cannot be read: %s", self._service, err)
            return False
        return True


async def _leave(starting: asyncio.Future[Subscription], subscription: Subscription) -> None:
    await asyncio.wait([starting])
    starting.exception()
    await unsubscribe(subscription)
