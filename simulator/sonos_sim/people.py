"""What the people at home do with the Sonos app, a voice or the buttons."""

from collections.abc import Callable
from typing import Any, Final

from .errors import SonosError
from .household import Household
from .player import Player
from .transport import PLAY_MODES

type Data = dict[str, Any]


class People:
    """Actions by name; those on playback go to the coordinator of the speaker's group."""

    def __init__(self, household: Household) -> None:
        self.hh = household

    def act(self, player: Player, action: str, data: Data) -> None:
        """Do something; ValueError or KeyError for nonsense, SonosError where Sonos refuses."""
        try:
            method = _ACTIONS[action]
        except KeyError:
            raise ValueError(f"unknown user action {action}") from None
        method(self, player, data)

    # -- playback ---------------------------------------------------------------------------

    def _play(self, player: Player, _data: Data) -> None:
        player.coordinator.transport.play()

    def _pause(self, player: Player, _data: Data) -> None:
        transport = player.coordinator.transport
        if transport.state not in ("PLAYING", "TRANSITIONING"):
            raise SonosError(701)
        transport.pause()

    def _stop(self, player: Player, _data: Data) -> None:
        player.coordinator.transport.stop()

    def _next(self, player: Player, _data: Data) -> None:
        player.coordinator.transport.go_next()

    def _previous(self, player: Player, _data: Data) -> None:
        player.coordinator.transport.go_previous()

    def _seek(self, player: Player, data: Data) -> None:
        transport = player.coordinator.transport
        if "track" in data:
            transport.jump(int(data["track"]) - 1)
        if "position" in data:
            transport.seek(float(data["position"]))

    def _play_mode(self, player: Player, data: Data) -> None:
        if data["mode"] not in PLAY_MODES:
            raise ValueError("unknown play mode")
        player.coordinator.transport.set_play_mode(data["mode"])

    # -- sound ------------------------------------------------------------------------------

    def _volume(self, player: Player, data: Data) -> None:
        value = data["volume"] if "volume" in data else player.volume + data["delta"]
        player.set_volume(int(value))

    def _mute(self, player: Player, data: Data) -> None:
        player.set_mute(bool(data.get("mute", not player.mute)))

    # -- queue ------------------------------------------------------------------------------

    def _clear_queue(self, player: Player, _data: Data) -> None:
        player.coordinator.clear_queue()

    def _enqueue(self, player: Player, data: Data) -> None:
        for uri in data["uris"]:
            tracks = self.hh.resolver.resolve(self._streamable(uri), data.get("meta", ""))
            player.coordinator.enqueue(tracks, int(data.get("position", 0)), False)

    def _streamable(self, uri: str) -> str:
        """A bare spotify: uri as the household's account plays it."""
        if not uri.startswith("spotify:"):
            return uri
        sid = self.hh.spotify_sid
        return f"x-sonos-spotify:{uri.replace(':', '%3a')}?sid={sid}&flags=8224&sn=7"

    def _play_queue(self, player: Player, data: Data) -> None:
        target = player.coordinator
        target.transport.load(target.queue_uri, "")
        target.transport.jump(int(data.get("track", 1)) - 1)
        target.transport.play()

    def _remove(self, player: Player, data: Data) -> None:
        player.coordinator.remove_range(int(data["track"]) - 1, int(data.get("count", 1)))

    def _reorder(self, player: Player, data: Data) -> None:
        count = int(data.get("count", 1))
        player.coordinator.reorder(int(data["start"]), count, int(data["before"]))

    # -- other sources ----------------------------------------------------------------------

    def _play_uri(self, player: Player, data: Data) -> None:
        transport = player.coordinator.transport
        transport.load(data["uri"], data.get("meta", ""))
        transport.play()

    def _spotify_connect(self, player: Player, data: Data) -> None:
        self.hh.takeover(player, "spotify_connect", data.get("track", ""))

    def _airplay(self, player: Player, data: Data) -> None:
        if not self.hh.is_s2:
            raise SonosError(701)
        self.hh.takeover(player, "airplay", data.get("track", ""))

    def _snooze(self, player: Player, data: Data) -> None:
        player.coordinator.transport.snooze(60 * float(data.get("minutes", 9)))

    # -- the house --------------------------------------------------------------------------

    def _join(self, player: Player, data: Data) -> None:
        self.hh.grouping.join(player, self.hh.select(str(data["to"]))[0])

    def _leave(self, player: Player, _data: Data) -> None:
        self.hh.grouping.leave(player)

    def _rename(self, player: Player, data: Data) -> None:
        self.hh.grouping.rename(player, str(data["name"]))


_ACTIONS: Final[dict[str, Callable[[People, Player, Data], None]]] = {
    name: getattr(People, f"_{name}")
    for name in [
        "play",
        "pause",
        "stop",
        "next",
        "previous",
        "seek",
        "play_mode",
        "volume",
        "mute",
        "clear_queue",
        "enqueue",
        "play_queue",
        "remove",
        "reorder",
        "play_uri",
        "spotify_connect",
        "airplay",
        "snooze",
        "join",
        "leave",
        "rename",
    ]
}
