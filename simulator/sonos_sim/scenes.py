"""Whole situations: six tracks playing, or everything quiet."""

from .network import Network
from .player import Player


def play_demo(network: Network, speaker: str = "1") -> None:
    """Six tracks in a queue, playing."""
    household = network.hh
    player = household.select(speaker)[0]
    tracks = [track.copy() for track in household.library.tracks[:4]]
    if household.spotify_sid in household.linked_services:
        for ident in ("6cpcorzV5cmVjBsuAXq4wD", "7snQQk1zcKl8gZ92AnueZW"):
            uri = f"x-sonos-spotify:spotify%3atrack%3a{ident}"
            uri += f"?sid={household.spotify_sid}&flags=8224&sn=7"
            tracks += household.resolver.resolve(uri, "")
    player.queue.items.clear()
    player.enqueue(tracks, 0, False)
    player.transport.load(player.queue_uri, "")
    player.transport.play()


async def quiet(network: Network) -> None:
    """No faults, empty queues, single groups, everything online."""
    household = network.hh
    network.faults.remove(None)
    for player in household.players:
        if not player.online:
            await network.online(player)
    household.grouping.set_groups([])
    for player in household.players:
        _silence(player)
    household.catalog.clear()
    household.history.clear()


def _silence(player: Player) -> None:
    player.queue.items.clear()
    player.transport.reset()
    player.clips.all.clear()
    player.batch_most = player.batch_adds = None
    player.volume, player.mute, player.bass, player.treble = 20, False, 0, 0
    player.queue_changed()
    player.household.mark(player, "RenderingControl", "All")
