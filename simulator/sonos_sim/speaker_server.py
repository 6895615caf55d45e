"""The HTTP server of each speaker: descriptions, SOAP control and eventing."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import random
import socket
import ssl
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from aiohttp import web

from .actions import SERIAL_ACTIONS, Args, Handler, Out
from .certificate import server_context
from .errors import SonosError
from .faults import Fault
from .local_api import LocalApi
from .pages import page, xml_response
from .player import Player
from .services import BY_PATH, Action, Service
from .spoilt import spoilt, trickled
from .xmlutil import parse_soap, soap_fault, soap_response

if TYPE_CHECKING:
    from .network import Network


class Dropped(Exception):  # noqa: N818 (an event, not an error of ours)
    """Close the connection without an answer."""


class SpeakerServer:
    """One speaker's web server, which can go away and come back."""

    def __init__(self, network: Network, player: Player) -> None:
        self.network = network
        self.player = player
        self.runners: list[web.AppRunner] = []
        self.lock = asyncio.Lock()
        self.mode = "up"
        self._awake = asyncio.Event()
        self._awake.set()
        self._plug: list[socket.socket] = []

    async def start(self) -> None:
        self._unplug()
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self.handle)
        await self._listen(app, 1400)
        # S1 players have UPnP only
        if self.player.household.is_s2:
            api = LocalApi(self.network, self.player).app()
            api.middlewares.append(self._unless_hanging)
            await self._listen(api, 1443, server_context())
        self.mode = "up"

    async def _listen(
        self, app: web.Application, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self.runners.append(runner)
        await runner.setup()
        ip = self.player.ip
        await web.TCPSite(runner, ip, port, ssl_context=tls, reuse_address=True).start()

    @web.middleware
    async def _unless_hanging(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        await self._wait_if_hanging()
        return await handler(request)

    async def stop(self) -> None:
        runners, self.runners = self.runners, []
        await asyncio.gather(*(runner.cleanup() for runner in runners))
        self._unplug()

    async def go(self, mode: str) -> None:
        """Change reachability: up, refuse, hang or blackhole."""
        if mode == "hang":
            self._awake.clear()
        else:
            self._awake.set()
        if mode == "up":
            if not self.runners:
                await self.start()
            self.mode = "up"
        elif mode == "hang":
            if not self.runners:
                await self.start()
            self.mode = "hang"
        else:
            await self.stop()
            self.mode = mode
            if mode == "blackhole":
                self._plug_up()

    def _plug_up(self) -> None:
        """Fill the accept queues so that further connects time out unanswered."""
        self._plug = []
        for port in (1400, 1443):
            address = (self.player.ip, port)
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(0)
            self._plug.append(listener)
            for _ in range(3):
                filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                filler.setblocking(False)
                with suppress(BlockingIOError):
                    filler.connect(address)
                self._plug.append(filler)

    def _unplug(self) -> None:
        for sock in self._plug:
            sock.close()
        self._plug = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.network.busy += 1
        try:
            await self._wait_if_hanging()
            response = await self._route(request)
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            # aiohttp wants a response even though nobody will see it
            response = web.Response(status=500)
        finally:
            self.network.busy -= 1
        response.headers["Server"] = (
            f"Linux UPnP/1.0 Sonos/{self.player.model.firmware.version}"
            f" (ZP{self.player.model.number})"
        )
        response.force_close()
        return response

    async def _route(self, request: web.Request) -> web.Response:
        path = request.path
        if request.method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            return await self._event_request(request)
        if request.method == "POST" and path.endswith("/Control"):
            service = BY_PATH.get(path.removesuffix("/Control"))
            if service is None:
                return web.Response(status=404)
            return await self._control(request, service)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405)
        fault = self.network.faults.match(self.player, "HTTP", path)
        if fault:
            await self._before(fault)
            if spoiled := spoilt(fault):
                return spoiled
        return await trickled(page(self.player, path, request.query), fault)

    async def _wait_if_hanging(self) -> None:
        """Keep the client waiting for as long as the speaker hangs, then go away."""
        if not self._awake.is_set():
            await self._awake.wait()
            raise Dropped

    @staticmethod
    async def _hang(seconds: float = 300) -> None:
        """Keep the client waiting, then go away."""
        await asyncio.sleep(seconds)
        raise Dropped

    async def _before(self, fault: Fault) -> None:
        """Do what a fault does before the work."""
        if fault.kind == "drop":
            raise Dropped
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        if fault.kind == "hang":
            await self._hang(fault.ms / 1000 or 300)

    async def _control(self, request: web.Request, service: Service) -> web.Response:
        body = await request.read()
        began = time.monotonic()
        try:
            urn, action, args = parse_soap(body)
        except ET.ParseError, ValueError:
            return web.Response(status=400)
        network = self.network
        record = network.record(self.player, service.name, action, args, request.remote)
        text = body.decode("utf-8", "replace")
        fault = network.faults.match(self.player, service.name, action, text)
        if fault:
            record["fault"] = fault.kind
        record["result"] = "dropped"
        try:
            asked = request.headers.get("SOAPACTION", "").strip('"')
            known = urn == service.urn and asked == f"{service.urn}#{action}"
            response, record["result"] = await self._answer(
                service, action if known else "", args, fault
            )
        finally:
            record["ms"] = round((time.monotonic() - began) * 1000, 1)
        return response

    async def _answer(
        self, service: Service, action: str, args: Args, fault: Fault | None
    ) -> tuple[web.Response, str]:
        """Response to one SOAP call, spoiled by a fault if there is one, and its outcome."""
        if fault:
            await self._before(fault)
            if fault.kind == "error":
                return xml_response(soap_fault(fault.code), 500), f"error {fault.code}"
            if spoiled := spoilt(fault):
                return spoiled, str(spoiled.status)
        try:
            values = await self._execute(service, action, args)
        except SonosError as err:
            return xml_response(soap_fault(err.code), 500), f"error {err.code}"
        if fault and fault.kind == "drop_after":
            raise Dropped
        if fault and fault.kind == "hang_after":
            await asyncio.sleep(fault.ms / 1000 if fault.ms else 300)
        answer = xml_response(soap_response(service.urn, action, values))
        return await trickled(answer, fault), "200"

    async def _execute(self, service: Service, name: str, args: Args) -> Out:
        action = service.actions.get(name)
        if action is None or name in self.player.model.firmware.lacks:
            raise SonosError(401)
        if name == "AddHTSatellite" and "ChannelMapSet" in args:
            # SoCo names the argument as stereo pairs do
            args = {"HTSatChanMapSet": args["ChannelMapSet"]}
        if any(arg not in args for arg, _var in action.inputs):
            raise SonosError(402)
        if service.name == "AudioIn" and not self.player.model.line_in:
            raise SonosError(401)
        handler = self.network.soap.handler(service.name, name)
        if name in SERIAL_ACTIONS:
            async with self.lock:
                return await self._run(handler, action, args)
        return await self._run(handler, action, args)

    async def _run(self, handler: Handler | None, action: Action, args: Args) -> Out:
        settings = self.player.household.settings
        delay = settings.soap_ms
        if settings.soap_jitter_ms:
            delay += random.uniform(0, settings.soap_jitter_ms)
        if delay:
            await asyncio.sleep(delay / 1000)
        if handler is None:
            raise SonosError(602)
        answer = handler(self.player, args)
        out = answer if isinstance(answer, dict) else await answer
        return {name: out.get(name, "") for name, _var in action.outputs}

    async def _event_request(self, request: web.Request) -> web.Response:
        service = BY_PATH.get(request.path.removesuffix("/Event"))
        if service is None or not request.path.endswith("/Event"):
            return web.Response(status=404)
        verb = request.method
        if verb == "SUBSCRIBE" and request.headers.get("SID"):
            verb = "RENEW"
        fault = self.network.faults.match(self.player, service.name, verb)
        if fault:
            await self._before(fault)
            if fault.kind in ("http", "error"):
                return web.Response(status=fault.status)
        if verb == "UNSUBSCRIBE":
            status = self.network.events.unsubscribe(self.player, service, request.headers)
            return web.Response(status=status)
        status, headers = self.network.events.subscribe(self.player, service, request.headers)
        self.network.event_requests[verb] += 1
        return web.Response(status=status, headers=headers)
