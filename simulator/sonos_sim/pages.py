"""What a player serves to a plain GET."""

from collections.abc import Mapping

from aiohttp import web

from .artwork import picture
from .descriptions import render_device_description, render_scpd
from .local_api import player_info
from .player import Player
from .services import BY_NAME
from .xmlutil import esc


def xml_response(text: str, status: int = 200) -> web.Response:
    """An XML document, typed as players type it."""
    return web.Response(
        body=text.encode(), status=status, headers={"Content-Type": 'text/xml; charset="utf-8"'}
    )


def _picture(player: Player, path: str, uri: str) -> web.Response:
    """An icon, or the cover of a track's album; 404 for a track the library has not."""
    if path.startswith("/img/"):
        return web.Response(body=picture(path), content_type="image/png")
    known = path == "/getaa" and uri
    if not known or (
        uri.startswith("x-file-cifs:") and player.household.library.track(uri) is None
    ):
        return web.Response(status=404)
    return web.Response(body=picture(uri.rpartition("/")[0] or uri), content_type="image/png")


def page(player: Player, path: str, query: Mapping[str, str]) -> web.Response:
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
    if path == "/info" and player.household.is_s2:
        return web.json_response(player_info(player))
    return _picture(player, path, query.get("u", ""))


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
