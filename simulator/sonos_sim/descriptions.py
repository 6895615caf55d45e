"""Device description and service descriptions, as XML."""

from .player import Player
from .services import SERVICES, Service
from .xmlutil import esc


def render_scpd(service: Service) -> str:
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<scpd xmlns="urn:schemas-upnp-org:service-1-0">',
        "<specVersion><major>1</major><minor>0</minor></specVersion>",
        "<serviceStateTable>",
    ]
    for name, variable in service.variables.items():
        parts.append(
            f'<stateVariable sendEvents="{"yes" if variable.evented else "no"}">'
            f"<name>{name}</name><dataType>{variable.kind}</dataType>"
        )
        if variable.allowed:
            parts.append(
                "<allowedValueList>"
                + "".join(f"<allowedValue>{esc(a)}</allowedValue>" for a in variable.allowed)
                + "</allowedValueList>"
            )
        if name == "Volume":
            parts.append(
                "<allowedValueRange><minimum>0</minimum><maximum>100</maximum>"
                "<step>1</step></allowedValueRange>"
            )
        parts.append("</stateVariable>")
    parts.append("</serviceStateTable><actionList>")
    for action in service.actions.values():
        parts.append(f"<action><name>{action.name}</name>")
        rows = [(n, "in", v) for n, v in action.inputs]
        rows += [(n, "out", v) for n, v in action.outputs]
        if rows:
            parts.append("<argumentList>")
            for name, direction, var in rows:
                parts.append(
                    f"<argument><name>{name}</name><direction>{direction}</direction>"
                    f"<relatedStateVariable>{var}</relatedStateVariable></argument>"
                )
            parts.append("</argumentList>")
        parts.append("</action>")
    parts.append("</actionList></scpd>")
    return "".join(parts)


def _service_list(device: str, skip: set[str]) -> str:
    rows = []
    for service in SERVICES:
        if service.device != device or service.name in skip:
            continue
        rows.append(
            f"<service><serviceType>{service.urn}</serviceType>"
            f"<serviceId>urn:{service.id_domain}:serviceId:{service.name}</serviceId>"
            f"<controlURL>{service.path}/Control</controlURL>"
            f"<eventSubURL>{service.path}/Event</eventSubURL>"
            f"<SCPDURL>/xml/{service.name}1.xml</SCPDURL></service>"
        )
    return "<serviceList>" + "".join(rows) + "</serviceList>"


def render_device_description(player: Player) -> str:
    """The root description, in the element order current S2 players use."""
    model = player.model
    skip: set[str] = set() if model.line_in else {"AudioIn"}
    maker = (
        "<manufacturer>Sonos, Inc.</manufacturer>"
        "<manufacturerURL>http://www.sonos.com</manufacturerURL>"
        f"<modelNumber>{model.number}</modelNumber>"
    )
    icon = (
        "<iconList><icon><id>0</id><mimetype>image/png</mimetype><width>48</width>"
        "<height>48</height><depth>24</depth>"
        f"<url>/img/icon-{model.number}.png</url></icon></iconList>"
    )
    name = esc(model.name)
    url = f"http://www.sonos.com/products/zoneplayers/{model.number}"
    firmware = model.firmware
    return (
        '<?xml version="1.0" encoding="utf-8" ?>'
        '<root xmlns="urn:schemas-upnp-org:device-1-0">'
        "<specVersion><major>1</major><minor>0</minor></specVersion><device>"
        "<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType>"
        f"<friendlyName>{player.ip} - {name} - {player.uid}</friendlyName>{maker}"
        f"<modelDescription>{name}</modelDescription><modelName>{name}</modelName>"
        f"<modelURL>{url}</modelURL><softwareVersion>{firmware.version}"
        f"</softwareVersion><swGen>{firmware.generation}</swGen>"
        f"<hardwareVersion>{model.hardware}</hardwareVersion>"
        f"<serialNum>{player.serial}</serialNum><MACAddress>{player.mac}</MACAddress>"
        f"<UDN>uuid:{player.uid}</UDN>{icon}"
        f"<minCompatibleVersion>{firmware.min_compatible}</minCompatibleVersion>"
        f"<legacyCompatibleVersion>{firmware.legacy_compatible}</legacyCompatibleVersion>"
        f"<apiVersion>{firmware.api_version}</apiVersion><minApiVersion>1.1.0</minApiVersion>"
        f"<displayVersion>{firmware.display_version}</displayVersion>"
        "<extraVersion></extraVersion><nsVersion>42</nsVersion>"
        f"<roomName>{esc(player.name)}</roomName>"
        f"<displayName>{esc(model.display)}</displayName>"
        f"<zoneType>{model.zone_type}</zoneType>"
        "<feature1>0x00000000</feature1><feature2>0x05c18332</feature2>"
        "<feature3>0x0541580e</feature3><feature4>0x00000000</feature4>"
        "<seriesid>A201</seriesid><variant>2</variant>"
        "<internalSpeakerSize>5</internalSpeakerSize><memory>1024</memory>"
        "<flash>1024</flash><ampOnTime>20</ampOnTime><retailMode>0</retailMode>"
        "<SSLPort>1443</SSLPort><securehhSSLPort>1843</securehhSSLPort>"
        + _service_list("root", skip)
        + "<deviceList><device>"
        "<deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType>"
        f"<friendlyName>{player.ip} - {name} Media Server - {player.uid}</friendlyName>"
        f"{maker}<modelDescription>{name} Media Server</modelDescription>"
        f"<modelName>{name}</modelName><modelURL>{url}</modelURL>"
        f"<UDN>uuid:{player.uid}_MS</UDN>" + _service_list("MS", skip) + "</device><device>"
        "<deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>"
        f"<friendlyName>{esc(player.name)} - {name} Media Renderer - {player.uid}"
        f"</friendlyName>{maker}<modelDescription>{name} Media Renderer"
        f"</modelDescription><modelName>{name}</modelName><modelURL>{url}</modelURL>"
        f"<UDN>uuid:{player.uid}_MR</UDN>"
        + _service_list("MR", skip)
        + f"{icon}</device></deviceList></device></root>"
    )
