"""Sonos favourites and radio stations."""

from dataclasses import dataclass

from .streaming import service_type
from .xmlutil import didl, esc


@dataclass
class Favorite:
    object_id: str
    title: str
    uri: str
    protocol: str
    res_md: str
    kind: str = "instantPlay"
    description: str = ""
    art: str = ""

    def element(self, ordinal: int) -> str:
        parts = [
            f'<item id="{self.object_id}" parentID="FV:2" restricted="false">',
            f"<dc:title>{esc(self.title)}</dc:title>",
            "<upnp:class>object.itemobject.item.sonos-favorite</upnp:class>",
            f"<r:ordinal>{ordinal}</r:ordinal>",
        ]
        if self.uri:
            parts.append(f'<res protocolInfo="{esc(self.protocol)}">{esc(self.uri)}</res>')
        else:
            parts.append("<res></res>")
        if self.art:
            parts.append(f"<upnp:albumArtURI>{esc(self.art)}</upnp:albumArtURI>")
        parts.append(f"<r:type>{self.kind}</r:type>")
        if self.description:
            parts.append(f"<r:description>{esc(self.description)}</r:description>")
        parts.append(f"<r:resMD>{esc(self.res_md)}</r:resMD></item>")
        return "".join(parts)


def res_md(item_id: str, parent: str, title: str, cls: str, desc: str) -> str:
    return didl(
        f'<item id="{esc(item_id)}" parentID="{esc(parent)}" restricted="true">'
        f"<dc:title>{esc(title)}</dc:title><upnp:class>{cls}</upnp:class>"
        '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">'
        f"{esc(desc)}</desc></item>"
    )


RADIO_STATIONS = [
    ("R:0/0/1", "Harbour FM 98.2", "x-sonosapi-stream:s90001?sid=254&flags=8224&sn=0"),
    ("R:0/0/2", "Night Jazz & More", "x-sonosapi-stream:s90002?sid=254&flags=8224&sn=0"),
]


def default_favorites(owner_uid: str, spotify_sid: int, serial: int) -> list[Favorite]:
    spotify = f"SA_RINCON{service_type(spotify_sid)}_X_#Svc{service_type(spotify_sid)}-0-Token"
    suffix = f"?sid={spotify_sid}&flags=8300&sn={serial}"
    return [
        Favorite(
            "FV:2/1", "Harbour FM 98.2", RADIO_STATIONS[0][2], "x-rincon-mp3radio:*:*:*",
            res_md("F00092020s90001", "L", "Harbour FM 98.2",
                   "object.item.audioItem.audioBroadcast", "SA_RINCON65031_"),
            description="TuneIn Station",
        ),
        Favorite(
            "FV:2/2", "Dinner Playlist",
            "x-rincon-cpcontainer:1006206cspotify%3aplaylist%3a37i9dQZF1DX4xuWVBs4FgJ" + suffix,
            "x-rincon-cpcontainer:*:*:*",
            res_md("1006206cspotify%3aplaylist%3a37i9dQZF1DX4xuWVBs4FgJ", "10fe2664playlists",
                   "Dinner Playlist", "object.container.playlistContainer", spotify),
            description="From Spotify",
        ),
        Favorite(
            "FV:2/3", "Salt", f"x-rincon-playlist:{owner_uid}#A:ALBUMARTIST/The%20Low%20Tides/Salt",
            "x-rincon-playlist:*:*:*",
            res_md("A:ALBUMARTIST/The%20Low%20Tides/Salt", "A:ALBUMARTIST/The%20Low%20Tides",
                   "Salt", "object.container.album.musicAlbum", "RINCON_AssociatedZPUDN"),
            description="The Low Tides",
        ),
        Favorite(
            "FV:2/4", "Kite Theory radio",
            "x-sonosapi-radio:spotify%3aartistRadio%3a1XpDYCrUJnvCo9Ez6yeMWh" + suffix,
            "x-sonosapi-radio:*:*:*",
            res_md("100c206cspotify%3aartistRadio%3a1XpDYCrUJnvCo9Ez6yeMWh",
                   "10052064spotify%3aartist", "Kite Theory radio",
                   "object.item.audioItem.audioBroadcast.#artistRadio", spotify),
            description="Spotify Radio",
        ),
        Favorite(
            "FV:2/5", "An Artist Page", "", "",
            res_md("10052064spotify%3aartist%3a1XpDYCrUJnvCo9Ez6yeMWh", "root",
                   "An Artist Page", "object.container.person.musicArtist", spotify),
            kind="shortcut", description="Spotify",
        ),
    ]  # fmt: skip
