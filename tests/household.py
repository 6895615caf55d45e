"""A simulated Sonos household for tests, and the fixtures that make SoCo usable under pytest.

The household runs in a thread of its own with its own event loop: SoCo's calls block executor
threads, and Home Assistant's loop runs the test. Every pytest process claims a network 127.x of
its own and every household a /24 inside it, so that parallel runs never meet.

Ask for `household` before `hass` in a test's arguments: fixtures are torn down in reverse order,
and Home Assistant unsubscribes while it stops.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime
import fcntl
import functools
import itertools
import os
from pathlib import Path
import socket
import tempfile
import threading
import time
from types import TracebackType
from typing import Any, Final, Literal, Self, TextIO, override

import aiohttp
from aiohttp import web
import freezegun
import pytest
import pytest_socket
from soco import config, events_asyncio
from soco.core import soco_reset

from simulator.sonos_sim.hardware import DEFAULT_MODELS, DEFAULT_NAMES
from simulator.sonos_sim.options import CommandLine, Options, Settings, Spotify
from simulator.sonos_sim.simulation import Simulation

# Tests freeze the clock of what they test; the household plays on.
freezegun.configure(extend_ignore_list=["simulator", "tests.household"])

type Json = dict[str, Any]

# Real players take longer; tests of what happens meanwhile choose their own
QUICK: Final = Settings(transition_ms=30, topology_ms=30, event_ms=20)
_START_SECONDS: Final = 10.0
_households = itertools.count(1)
_ports = itertools.count()


class ControlError(Exception):
    """The simulator refused a control call; `status` is its HTTP status, `reason` its answer."""

    def __init__(self, status: int, reason: Json) -> None:
        super().__init__(f"HTTP {status}: {reason}")
        self.status = status
        self.reason = reason


@contextmanager
def alone_in_discovery() -> Iterator[None]:
    """Keep other test processes from answering searches at the same time.

    All households on a machine hear the same multicast group. Held by every household with
    `ssdp=True`, by several of one test together; raises TimeoutError after 60 s.
    """
    if _alone:
        yield
        return
    deadline = _RealTimeLoop.time() + 60
    with Path(tempfile.gettempdir(), "rhythmiq-ssdp.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if _RealTimeLoop.time() >= deadline:
                    raise TimeoutError("another household answers searches") from None
                time.sleep(0.05)
            else:
                break
        _alone.append(lock)
        try:
            yield
        finally:
            _alone.clear()


_alone: list[TextIO] = []


class _RealTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that no test can freeze."""

    time = staticmethod(time.monotonic)


@functools.cache
def _own_network() -> int:
    """Second octet of the 127.x network this process has to itself (held by an open socket)."""
    first = os.getpid() % 200
    for offset in range(200):
        octet = 20 + (first + offset) % 200
        claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            claim.bind((f"127.{octet}.0.1", 1399))
        except OSError:
            claim.close()
        else:
            _claims.append(claim)
            return octet
    raise RuntimeError("no loopback network is free")


_claims: list[socket.socket] = []


class _LoopThread:
    """An event loop running in a thread, with a body that starts and stops inside it."""

    def __init__(self, name: str) -> None:
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: Future[None] = Future()
        self._done: asyncio.Event | None = None

    async def _serve(self, stop: asyncio.Event) -> None:
        """Start, call `self._ready.set_result(None)`, wait for `stop`, clean up."""
        raise NotImplementedError

    async def _body(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        try:
            await self._serve(self._done)
        except BaseException as err:
            if self._ready.done():
                raise
            self._ready.set_exception(err)

    def _main(self) -> None:
        with asyncio.Runner(loop_factory=_RealTimeLoop) as runner:
            runner.run(self._body())

    def start(self) -> Self:
        """Start the thread and wait until everything listens."""
        self._thread.start()
        self._ready.result(_START_SECONDS)
        return self

    def stop(self) -> None:
        """Close everything and wait for the thread to end."""
        if self._loop is not None and self._done is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(_START_SECONDS)
        assert not self._thread.is_alive(), "the simulator's thread does not stop"

    async def _in_thread[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the thread's loop and await its result on the caller's."""
        if self._loop is None or not self._thread.is_alive():
            work.close()
            raise RuntimeError("the simulator is not running")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class SimulatedHousehold(_LoopThread):
    """A household of `speakers` players and the means to steer it.

    Every method is awaited on the test's loop and speaks to the simulator's control API (its
    README lists the fields). A speaker is named by index ("1"), address, room name or uid;
    "*" means all of them. `ControlError` is raised where the API refuses.
    """

    def __init__(
        self,
        *,
        speakers: int = 3,
        names: str = ",".join(DEFAULT_NAMES),
        models: str = ",".join(DEFAULT_MODELS),
        spotify: Spotify = "eu",
        bonds: Sequence[str] = (),
        library_tracks: int = 0,
        ssdp: bool = False,
        settings: Settings = QUICK,
    ) -> None:
        number = next(_households)
        super().__init__(f"sonos-{number}")
        prefix = f"127.{_own_network()}.{number % 250}"
        options = Options(
            speakers=speakers,
            base_ip=f"{prefix}.11",
            names=tuple(names.split(",")),
            models=tuple(models.split(",")),
            number=number,
            spotify=spotify,
            bonds=tuple(bonds),
            library_tracks=library_tracks,
            # A Friday; the household's own alarm is three days away
            began=datetime(2026, 1, 2, 8),  # noqa: DTZ001 (local time, as on the wall)
            settings=settings,
        )
        given = CommandLine(
            options=options,
            control_host=f"{prefix}.1",
            control_port=1499,
            demo=False,
            ssdp=ssdp,
            verbose=False,
        )
        self.control_url = f"http://{given.control_host}:{given.control_port}"
        self._simulation = Simulation(given)
        self._household = self._simulation.household
        self._session: aiohttp.ClientSession | None = None
        self._held = ExitStack()
        self._ssdp = ssdp

    @override
    def start(self) -> Self:
        with ExitStack() as held:
            if self._ssdp:
                held.enter_context(alone_in_discovery())
            super().start()
            self._held = held.pop_all()
        return self

    @override
    def stop(self) -> None:
        with self._held:
            super().stop()

    @override
    async def _serve(self, stop: asyncio.Event) -> None:
        patience = aiohttp.ClientTimeout(total=10)
        async with (
            self._simulation,
            aiohttp.ClientSession(self.control_url, timeout=patience) as self._session,
        ):
            await self._simulation.start()
            self._ready.set_result(None)
            await stop.wait()

    # -- what it is ---------------------------------------------------------------------------

    @property
    def household_id(self) -> str:
        """The id `DeviceProperties.GetHouseholdID` answers."""
        return self._household.household_id

    @property
    def hosts(self) -> list[str]:
        """Addresses of the speakers, in order."""
        return [player.ip for player in self._household.players]

    @property
    def uids(self) -> list[str]:
        """Ids of the speakers (RINCON_…), in order."""
        return [player.uid for player in self._household.players]

    @property
    def names(self) -> list[str]:
        """Room names of the speakers, in order."""
        return [player.name for player in self._household.players]

    # -- reading ------------------------------------------------------------------------------

    async def state(self) -> Json:
        """Read the whole household: `speakers`, `groups`, `settings`, `favorites` and more."""
        return await self._request("GET", "/state")

    async def speaker(self, speaker: str | int = 1) -> Json:
        """Read one speaker: `volume`, `mute`, `transport`, `queue`, `group_members` and more."""
        return await self._request("GET", f"/state/{speaker}")

    async def queue_uris(self, speaker: str | int = 1) -> list[str]:
        """Uris in one speaker's queue, in order."""
        return [item["uri"] for item in (await self.speaker(speaker))["queue"]["items"]]

    async def calls(self, *, action: str | None = None) -> list[Json]:
        """SOAP calls since the last `clear_calls`, oldest first, with `action`, `args`, `ms`."""
        query = f"?action={action}" if action else ""
        calls: list[Json] = (await self._request("GET", f"/calls{query}"))["calls"]
        return calls

    async def call_counts(self) -> dict[str, int]:
        """Count SOAP calls by `Service.Action` since the last `clear_calls`."""
        counts: dict[str, int] = (await self._request("GET", "/calls/counts"))["by_action"]
        return counts

    async def clear_calls(self) -> None:
        """Forget calls, counts and the event log."""
        await self._request("DELETE", "/calls")

    async def subscriptions(self) -> list[Json]:
        """Live event subscriptions with `speaker`, `service`, `callback`, `seconds_left`."""
        subscriptions: list[Json] = (await self._request("GET", "/subscriptions"))["subscriptions"]
        return subscriptions

    async def events(self) -> list[Json]:
        """NOTIFY messages sent, oldest first, with `service`, `names` and `outcome`."""
        events: list[Json] = (await self._request("GET", "/events"))["events"]
        return events

    async def wait_until(
        self,
        predicate: Callable[[Json], bool],
        within: float = 5.0,
        *,
        speaker: str | int | None = None,
    ) -> Json:
        """Poll until the predicate holds for the household's state, or for one speaker's.

        Returns that state; raises TimeoutError with the last one after `within` seconds.
        """
        path = "/state" if speaker is None else f"/state/{speaker}"
        return await self._poll(path, predicate, within)

    async def wait_event(self, service: str, outcome: str = "200", within: float = 5.0) -> None:
        """Wait until a NOTIFY of a service has ended so ("suppressed" for one a fault lost)."""
        await self._poll(
            "/events",
            lambda log: any(
                (row["service"], row["outcome"]) == (service, outcome) for row in log["events"]
            ),
            within,
        )

    async def _poll(self, path: str, predicate: Callable[[Json], bool], within: float) -> Json:
        deadline = _RealTimeLoop.time() + within
        while True:
            answer = await self._request("GET", path)
            if predicate(answer):
                return answer
            if _RealTimeLoop.time() >= deadline:
                raise TimeoutError(f"not within {within} s: {answer}")
            await self._in_thread(asyncio.sleep(0.01))

    async def wait_playing(self, speaker: str | int = 1, within: float = 5.0) -> Json:
        """Wait until one speaker plays; return its state."""
        return await self.wait_until(
            lambda state: bool(state["transport"]["state"] == "PLAYING"), within, speaker=speaker
        )

    # -- steering -----------------------------------------------------------------------------

    async def fault(self, kind: str, **rule: object) -> int:
        """Add a fault rule (`speaker`, `service`, `action`, `ms`, `code`, `count` …); its id."""
        fault_id: int = (await self._post("/faults", {"kind": kind, **rule}))["fault_id"]
        return fault_id

    async def clear_faults(self) -> None:
        """Remove every fault rule."""
        await self._request("DELETE", "/faults")

    async def settings(self, **changes: object) -> Json:
        """Change `soap_ms`, `per_track_ms`, `replace_same_callback` …; return all settings."""
        return await self._post("/settings", changes)

    async def clock(self, *, advance: float | None = None, speed: float | None = None) -> None:
        """Move playback on by `advance` virtual seconds, or change its speed."""
        given = {"advance": advance, "speed": speed}
        await self._post("/clock", {k: v for k, v in given.items() if v is not None})

    async def services(self, **changes: object) -> Json:
        """Link streaming services: `spotify="us"`, `link=[204]`, `unlink=[204]`."""
        return await self._post("/services", changes)

    async def catalog(self, **changes: object) -> None:
        """Tell what tracks are: `tracks={uri: {"title": …}}`, `unavailable`, `unplayable`."""
        await self._post("/catalog", changes)

    async def topology(self, groups: list[list[str]]) -> None:
        """Group speakers; the first of each list coordinates, the others stand alone."""
        await self._post("/topology", {"groups": groups})

    async def flap(self, *layouts: list[list[str]], times: int = 10, ms: float = 50) -> None:
        """Go from one grouping to the next, `times` times, `ms` apart."""
        await self._post("/topology", {"flap": layouts, "times": times, "ms": ms})

    async def batches(
        self, speaker: str | int, *, most: int | None = None, adds: int | None = None
    ) -> None:
        """Let AddMultipleURIsToQueue refuse more than `most` uris, or add the first `adds` only."""
        await self._post(f"/speakers/{speaker}/batches", {"most": most, "adds": adds})

    async def bond(self, speaker: str | int, parts: dict[str, str]) -> None:
        """Bond speakers to one: `{"2": "RF"}` is a stereo pair, `{"2": "SW"}` a soundbar's sub."""
        await self._post(f"/speakers/{speaker}/bond", {"with": parts})

    async def unbond(self, speaker: str | int) -> None:
        """Part a bonded set, or one satellite from its theatre."""
        await self._post(f"/speakers/{speaker}/unbond", {})

    async def offline(self, speaker: str | int, *, mode: str = "refuse", **more: object) -> None:
        """Take a speaker off the network: `mode` refuse, hang or blackhole; `seconds`, `reason`."""
        await self._post(f"/speakers/{speaker}/offline", {"mode": mode, **more})

    async def online(self, speaker: str | int) -> None:
        """Bring a speaker back."""
        await self._post(f"/speakers/{speaker}/online", {})

    async def reboot(
        self, speaker: str | int, *, seconds: float = 0.1, new_ip: str | None = None
    ) -> None:
        """Reboot a speaker; it returns after `seconds`, at `new_ip` where one is given."""
        body: Json = {"seconds": seconds}
        if new_ip is not None:
            body["new_ip"] = new_ip
        await self._post(f"/speakers/{speaker}/reboot", body)

    async def buy(self, name: str, *, model: str = "one", **more: str) -> Json:
        """Add a speaker to the running household; return its state (`uid`, `ip` …)."""
        return await self._post("/speakers", {"name": name, "model": model, **more})

    async def sell(self, speaker: str | int) -> None:
        """Take a speaker out of the household for good."""
        await self._request("DELETE", f"/speakers/{speaker}")

    async def tell(self, speaker: str | int = "*") -> None:
        """Let a speaker send events although nothing changed, as the next change would."""
        await self._post(f"/speakers/{speaker}/tell", {})

    async def drop_subscriptions(self, speaker: str | int) -> None:
        """Make a speaker forget its subscribers without telling them."""
        await self._post(f"/speakers/{speaker}/drop_subscriptions", {})

    async def user(self, speaker: str | int, action: str, **data: object) -> None:
        """Act as a person in the Sonos app: play, pause, next, volume, enqueue, join …."""
        await self._post(f"/user/{speaker}/{action}", data)

    async def add_alarm(self, **fields: object) -> int:
        """Set an alarm in the app: `RoomUUID` (any name), `StartLocalTime`, `Volume` …; its id."""
        alarm_id: int = (await self._post("/alarms", fields))["id"]
        return alarm_id

    async def change_alarm(self, alarm_id: int, **fields: object) -> None:
        """Change an alarm in the app."""
        await self._post(f"/alarms/{alarm_id}", fields)

    async def remove_alarm(self, alarm_id: int) -> None:
        """Delete an alarm in the app; one that rings goes on."""
        await self._request("DELETE", f"/alarms/{alarm_id}")

    async def ring(self, alarm_id: int) -> None:
        """Let an alarm go off now."""
        await self._post(f"/alarms/{alarm_id}/ring", {})

    async def demo(self, speaker: str | int = 1) -> None:
        """Let a speaker play a queue of six tracks."""
        await self._post("/demo", {"speaker": str(speaker)})

    async def reset(self) -> None:
        """Go back to quiet: queues empty, single groups, no faults, everything online."""
        await self._post("/reset", {})

    async def _post(self, path: str, body: Json) -> Json:
        return await self._request("POST", path, body)

    async def _request(self, method: str, path: str, body: Json | None = None) -> Json:
        async def request() -> Json:
            assert self._session is not None
            async with self._session.request(method, path, json=body) as response:
                answer: Json = await response.json()
                if response.status != 200:
                    raise ControlError(response.status, answer)
                return answer

        return await self._in_thread(request())


class NotASonos(_LoopThread):
    """A web server on port 1400 that is no Sonos player.

    `answer` "404" refuses every path, "html" answers a web page to everything, "xml" a device
    description of some other maker's media renderer.
    """

    _PAGES: Final = {
        "404": (404, "text/plain", "not found"),
        "html": (200, "text/html", "<!doctype html><title>Router</title><p>Please log in.<br>"),
        "xml": (
            200,
            "text/xml",
            (
                '<root xmlns="urn:schemas-upnp-org:device-1-0"><device>'
                "<deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>"
                "<manufacturer>Someone Else</manufacturer><modelName>Radio</modelName>"
                "<UDN>uuid:4d696e69-444c-164e-9d41-000000000001</UDN></device></root>"
            ),
        ),
    }

    def __init__(self, answer: Literal["404", "html", "xml"] = "404") -> None:
        number = next(_households)
        super().__init__(f"not-a-sonos-{number}")
        self.host = f"127.{_own_network()}.{number % 250}.11"
        self._status, self._type, self._text = self._PAGES[answer]
        self.requests: list[str] = []

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        self.requests.append(f"{request.method} {request.path}")
        return web.Response(status=self._status, content_type=self._type, text=self._text)

    @override
    async def _serve(self, stop: asyncio.Event) -> None:
        runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, 1400, reuse_address=True).start()
            self._ready.set_result(None)
            await stop.wait()
        finally:
            await runner.cleanup()


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def loopback_sockets() -> Iterator[None]:
    """Allow sockets to all of 127.0.0.0/8; the test plugin allows 127.0.0.1 only."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.0/8"], allow_unix_socket=True)
    yield
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture
async def soco_clean(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Start and end without SoCo's process-wide state: instances, settings, event listener."""
    for setting in ("EVENTS_MODULE", "EVENT_ADVERTISE_IP", "EVENT_LISTENER_IP", "REQUEST_TIMEOUT"):
        monkeypatch.setattr(config, setting, getattr(config, setting))
    listener = events_asyncio.event_listener
    # SoCo cannot take a port again for a minute
    monkeypatch.setattr(listener, "requested_port_number", 21400 + next(_ports) % 300 * 100)
    # The listener lives on for 5 s after the last unsubscribe: Home Assistant's harness would
    # call that a lingering task.
    monkeypatch.setattr(listener, "_stop_grace_seconds", 0)
    soco_reset()
    yield
    stopping = listener._stop_grace_task
    if stopping is not None and stopping.get_loop() is asyncio.get_running_loop():
        await asyncio.wait([stopping])
    await listener.async_stop()
    # Locks belong to the loop they were used on
    listener.start_lock = listener.stop_lock = listener._stop_grace_task = None
    events_asyncio.subscriptions_map.subscriptions.clear()
    soco_reset()


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """A household of three S2 speakers: Living Room, Kitchen, Office."""
    with SimulatedHousehold() as running:
        yield running
