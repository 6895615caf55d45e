"""What a player serves to a plain GET."""

import base64

from aiohttp import web

from .descriptions import render_device_description, render_scpd
from .local_api import player_info
from .player import Player
from .services import BY_NAME
from .xmlutil import esc

# a 1x1 PNG, for album art and icons
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def xml_response(text: str, status: int = 200) -> web.Response:
    """An XML document, typed as players type it."""
    return web.Response(
        body=text.encode(), status=status, headers={"Content-Type": 'text/xml; charset="utf-8"'}
    )


def page(player: Player, path: str) -> web.Response:
    """Descriptions, status pages and pictures; 404 for anything else."""
    if path == "/xml/device_description.xml":
        return xml_response(render_device_description(player))
    name = path.removeprefix("/xml/").removesuffix("1.xml")
    if path == f"/xml/{name}1.xml" and name in BY_NAME:
        return xml_response(render_scpd(BY_NAME[name]))
    if path.startswith("/status/"):
        inner = _status(player, path.removeprefix("/status/"))
        if inner is not None:
            return xml_response(f"<ZPSupportInfo>{inner}</ZPSupportInfo>")
    if path == "/info":
        return web.json_response(player_info(player))
    if path == "/getaa" or path.startswith("/img/"):
        return web.Response(body=PIXEL, content_type="image/png")
    return web.Response(status=404)


def _status(player: Player, name: str) -> str | None:
    match name:
        case "batterystatus" if player.model.battery:
            return (
                '<LocalBatteryStatus><Data name="Health">GREEN</Data>'
                f'<Data name="Level">{player.battery_level}</Data>'
                '<Data name="Temperature">NORMAL</Data><Data name="PowerSource">BATTERY</Data>'
                "</LocalBatteryStatus>"
            )
        case "batterystatus":
            return "<!-- SDT: 0 ms -->"
        case "zp":
            model = player.model
            return (
                f"<ZPInfo><ZoneName>{esc(player.name)}</ZoneName><LocalUID>{player.uid}</LocalUID>"
                f"<SerialNumber>{player.serial}</SerialNumber>"
                f"<SoftwareVersion>{model.firmware.version}</SoftwareVersion>"
                f"<SWGen>{model.firmware.generation}</SWGen>"
                f"<HardwareVersion>{model.hardware}</HardwareVersion>"
                f"<IPAddress>{player.ip}</IPAddress><MACAddress>{player.mac}</MACAddress></ZPInfo>"
            )
        case "accounts":
            return "<Accounts></Accounts>"
    return None
