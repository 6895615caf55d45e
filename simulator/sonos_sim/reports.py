"""The household's state as the control API tells it."""

from dataclasses import asdict
from typing import Any

from .network import Network
from .player import Player

type Json = dict[str, Any]


def speaker_report(player: Player) -> Json:
    """One speaker: settings, group, transport and queue."""
    return {
        "index": player.index,
        "name": player.name,
        "uid": player.uid,
        "ip": player.ip,
        "model": player.model.name,
        "online": player.online,
        "boot_seq": player.boot_seq,
        "volume": player.volume,
        "mute": player.mute,
        "bass": player.bass,
        "treble": player.treble,
        "loudness": player.loudness,
        "is_coordinator": player.is_coordinator,
        "bonded_to": player.main.name if player.main else None,
        "channel": player.channel,
        "bonded": [part.uid for part in player.bonded],
        "coordinator": player.coordinator.name,
        "coordinator_uid": player.coordinator.uid,
        "group_members": [member.name for member in player.group.members],
        "group_uids": [member.uid for member in player.group.members],
        "transport": _transport_report(player),
        "clips": player.clips.report(),
        "queue": {
            "update_id": player.queue.update_id,
            "length": len(player.queue.items),
            "items": [track.to_json() for track in player.queue.items],
        },
    }


def _transport_report(player: Player) -> Json:
    transport = player.transport
    track = transport.track()
    numbers = {item.tid: number for number, item in enumerate(player.queue.items, 1)}
    return {
        "state": transport.state,
        "status": transport.status,
        "source": transport.kind,
        "uri": transport.uri,
        "play_mode": transport.play_mode,
        "crossfade": transport.crossfade,
        "track_number": transport.index + 1 if transport.kind == "queue" and track else 0,
        "position": round(transport.position(), 2),
        "track": track.to_json() if track else None,
        "play_order": [numbers[tid] for tid in transport.order if tid in numbers],
        "sleep_timer": transport.sleep_deadline is not None,
        "alarm": transport.ringing.alarm_id if transport.ringing else None,
        "snoozing": transport.ringing is not None and transport.ringing.snoozed_until is not None,
    }


def household_report(network: Network) -> Json:
    """Everything there is to know."""
    household, alarms = network.hh, network.hh.alarms
    return {
        "household_id": household.household_id,
        "clock": {
            "speed": household.clock.speed,
            "now": round(household.clock.now(), 2),
            "wall": household.clock.wall().isoformat(timespec="seconds"),
        },
        "settings": asdict(household.settings),
        "linked_services": {str(sid): sn for sid, sn in household.linked_services.items()},
        "speakers": [speaker_report(player) for player in household.players],
        "groups": [
            {
                "id": group.group_id,
                "coordinator": group.coordinator.name,
                "members": [member.name for member in group.members],
            }
            for group in household.grouping.groups()
        ],
        "published_topology": household.grouping.published,
        "saved_queues": [
            {
                "id": saved.object_id,
                "title": saved.title,
                "length": len(saved.items),
                "items": [track.to_json() for track in saved.items],
            }
            for saved in household.saved_queues.values()
        ],
        "favorites": [asdict(favorite) for favorite in household.favorites],
        "alarms": [{"id": alarm.alarm_id, **alarm.values} for alarm in alarms.by_id.values()],
        "finished_tracks": [{"uid": uid, "uri": uri} for uid, uri in household.history],
        "busy": network.busy,
        "soap_calls": sum(sum(counts.values()) for counts in network.counts.values()),
        "subscriptions": len(network.events.subs),
    }
