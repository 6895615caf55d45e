"""The JSON API of S2 players on port 1443: TLS websocket, groups and audio clips.

A message is a list of two objects, header and body; an answer says `success` in its header.
"""

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from .player import Player

if TYPE_CHECKING:
    from .faults import Fault
    from .network import Network

PROTOCOL: Final = "v1.api.smartspeaker.audio"
HANG_SECONDS: Final = 300.0
_TELL_SECONDS: Final = 0.02

type Json = dict[str, Any]


class ApiError(Exception):
    """A refusal; `kind` is the type its header names."""

    def __init__(self, code: str, kind: str = "globalError") -> None:
        super().__init__(code)
        self.code = code
        self.kind = kind


class Gone(Exception):  # noqa: N818 (an event, not an error of ours)
    """Close the connection without an answer."""


class LocalApi:
    """One player's side of the websocket."""

    def __init__(self, network: Network, player: Player) -> None:
        self._network = network
        self._player = player

    def app(self) -> web.Application:
        """Return what listens on port 1443."""
        app = web.Application()
        app.router.add_get("/websocket/api", self._serve)
        app.router.add_get("/api/v1/players/local/info", self._info)
        return app

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response(player_info(self._player))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        fault = self._network.faults.match(self._player, "WEBSOCKET", "CONNECT")
        try:
            await _spoil(fault)
        except Gone:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault is not None and fault.kind == "http":
            return web.Response(status=fault.status)
        if "X-Sonos-Api-Key" not in request.headers:
            return web.Response(status=401)
        socket = web.WebSocketResponse(protocols=(PROTOCOL,))
        await socket.prepare(request)
        try:
            await self._talk(socket)
        except Gone:
            if request.transport is not None:
                request.transport.abort()
        return socket

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        telling: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                await socket.send_str(await self._reply(message.data))
                if telling is None and json.loads(message.data)[0].get("command") == "subscribe":
                    telling = asyncio.create_task(self._tell(socket))
        finally:
            if telling is not None:
                telling.cancel()

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        """Send what becomes of clips, as it changes."""
        told = None
        while not socket.closed:
            clips = [
                {"_objectType": "audioClip", "id": clip["id"], "status": clip["status"]}
                for clip in self._player.clips.report()
            ]
            if clips != told:
                told = clips
                header = {
                    "namespace": "audioClip:1",
                    "householdId": self._player.household.muse_id,
                    "playerId": self._player.uid,
                    "type": "audioClipStatus",
                }
                body = {"_objectType": "audioClipStatus", "audioClips": clips}
                await socket.send_json([header, body])
            await asyncio.sleep(_TELL_SECONDS)

    async def _reply(self, text: str) -> str:
        try:
            header, options = json.loads(text)
            namespace = str(header.get("namespace", ""))
            command = str(header.get("command", ""))
        except ValueError, AttributeError:
            raise Gone from None
        record = self._network.record(
            self._player, "WEBSOCKET", command, {k: str(v) for k, v in options.items()}, None
        )
        fault = self._network.faults.match(self._player, "WEBSOCKET", command, text)
        record["result"] = "dropped"
        await _spoil(fault)
        if fault is not None and fault.kind == "garbage":
            return "[{"
        answer: Json = {
            "namespace": namespace,
            "response": command,
            "householdId": self._player.household.muse_id,
        }
        if "playerId" in header:
            answer["playerId"] = header["playerId"]
        try:
            if fault is not None and fault.kind == "error":
                body = _refuse()
            else:
                body = self._answer(namespace, command, header, options)
        except ApiError as err:
            record["result"] = err.code
            answer |= {"success": False, "type": err.kind}
            return json.dumps([answer, {"_objectType": err.kind, "errorCode": err.code}])
        record["result"] = "200"
        if fault is not None and fault.kind == "drop_after":
            raise Gone
        return json.dumps([answer | {"success": True, "type": body["_objectType"]}, body])

    def _answer(self, namespace: str, command: str, header: Json, options: Json) -> Json:
        match namespace.partition(":")[0], command:
            case "groups", "getGroups":
                return self._groups()
            case "audioClip", _:
                if not self._player.model.audio_clip:
                    raise ApiError("ERROR_UNSUPPORTED_NAMESPACE")
                if header.get("playerId") != self._player.uid:
                    raise ApiError("ERROR_INVALID_OBJECT_ID")
                return self._clip(command, options)
        raise ApiError("ERROR_UNSUPPORTED_NAMESPACE")

    def _groups(self) -> Json:
        household = self._player.household
        return {
            "_objectType": "groups",
            "groups": [
                {
                    "id": group.group_id,
                    "name": group.coordinator.name,
                    "coordinatorId": group.coordinator.uid,
                    "playerIds": [m.uid for m in group.members if not m.invisible],
                }
                for group in household.grouping.groups()
            ],
            "players": [
                player_info(player)["device"]
                for player in household.players
                if player.online and not player.invisible
            ],
            "partial": False,
        }

    def _clip(self, command: str, options: Json) -> Json:
        clips = self._player.clips
        if command == "subscribe":
            return {"_objectType": "none"}
        if command == "cancelAudioClip":
            if not clips.cancel(str(options.get("id"))):
                raise ApiError("ERROR_AUDIO_CLIP_ID_NOT_FOUND", "audioClipError")
            return {"_objectType": "none"}
        if command != "loadAudioClip":
            raise ApiError("ERROR_UNSUPPORTED_COMMAND")
        if not options.get("name") or not options.get("appId"):
            raise ApiError("ERROR_MISSING_PARAMETERS")
        volume = options.get("volume")
        if volume is not None and (type(volume) is not int or not -1 <= volume <= 100):
            raise ApiError("ERROR_INVALID_PARAMETER")
        priority = options.get("priority", "LOW")
        url = options.get("streamUrl", "")
        if priority not in ("LOW", "HIGH") or not isinstance(url, str):
            raise ApiError("ERROR_INVALID_PARAMETER")
        if url and not url.startswith(("http://", "https://")):
            raise ApiError("ERROR_INVALID_PARAMETER")
        clip = clips.load(
            url=url,
            # -1 stands for the player's own choice
            volume=None if volume == -1 else volume,
            name=options["name"],
            app_id=options["appId"],
            priority=priority,
        )
        return {
            "_objectType": "audioClip",
            "id": clip.clip_id,
            "name": clip.name,
            "appId": clip.app_id,
            "priority": priority,
            "clipType": "CUSTOM" if url else "CHIME",
            "status": "ACTIVE",
        }


def _refuse() -> Json:
    raise ApiError("ERROR_COMMAND_FAILED")


async def _spoil(fault: Fault | None) -> None:
    """Do what a fault does before the work."""
    if fault is None:
        return
    if fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    if fault.kind == "hang":
        await asyncio.sleep(fault.ms / 1000 or HANG_SECONDS)
    if fault.kind in ("drop", "hang"):
        raise Gone


def player_info(player: Player) -> Json:
    """How a player describes itself in JSON."""
    firmware = player.model.firmware
    capabilities = ["CLOUD", "PLAYBACK", "AIRPLAY"]
    if player.model.line_in:
        capabilities.append("LINE_IN")
    if player.model.soundbar:
        capabilities.append("HT_PLAYBACK")
    if player.model.audio_clip:
        capabilities.append("AUDIO_CLIP")
    return {
        "device": {
            "id": player.uid,
            "name": player.name,
            "serialNumber": player.serial,
            "model": player.model.number,
            "modelDisplayName": player.model.display,
            "softwareVersion": firmware.version,
            "swGen": firmware.generation,
            "apiVersion": firmware.api_version,
            "minApiVersion": "1.1.0",
            "websocketUrl": f"wss://{player.ip}:1443/websocket/api",
            "capabilities": capabilities,
        },
        "householdId": player.household.muse_id,
        "playerId": player.uid,
        "groupId": player.group.group_id,
    }
