"""What our entities say, compared with what the household does."""

from datetime import datetime
from typing import Any, Final

from homeassistant.core import State
from homeassistant.util import dt as dt_util

from tests.household import Json

from .home import Home

_SOURCES: Final = {
    "queue": "queue",
    "track": "track",
    "stream": "radio",
    "line_in": "line_in",
    "tv": "tv",
    "none": "none",
}
_REPEAT: Final = {
    "NORMAL": (False, "off"),
    "REPEAT_ALL": (False, "all"),
    "REPEAT_ONE": (False, "one"),
    "SHUFFLE_NOREPEAT": (True, "off"),
    "SHUFFLE": (True, "all"),
    "SHUFFLE_REPEAT_ONE": (True, "one"),
}
_POSITION_SECONDS: Final = 3.0


def differences(home: Home, household: Json) -> list[str]:
    """Return where our players differ from the household's state, in words."""
    speakers = {each["uid"]: each for each in household["speakers"]}
    found = []
    for uid in home.uids:
        state = home.hass.states.get(home.player(uid))
        speaker = speakers.get(uid)
        if speaker is None or not speaker["online"] or speaker["bonded_to"] is not None:
            if state is not None and state.state != "unavailable":
                found.append(f"{uid} is gone, but our player is {state.state}")
        elif state is None or state.state == "unavailable":
            found.append(f"{speaker['name']} is there, but our player is not")
        else:
            wanted = _expected(home, speaker, speakers)
            shown = _shown(state, wanted)
            found += [
                f"{speaker['name']}: {name} is {shown[name]!r}, not {value!r}"
                for name, value in wanted.items()
                if shown[name] != value
            ]
            found += _position(state, speaker, speakers)
    for uid, speaker in speakers.items():
        if uid not in home.uids and speaker["bonded_to"] is None and speaker["online"]:
            found.append(f"{speaker['name']} has no player of ours")
    return found + _alarms(home, household, speakers)


def _alarms(home: Home, household: Json, speakers: dict[str, Json]) -> list[str]:
    """Compare the alarms of the rooms that are there with our switches."""
    found = []
    for alarm in household["alarms"]:
        room = speakers[alarm["RoomUUID"]]
        state = home.hass.states.get(home.alarm(room["uid"], alarm["id"]))
        if room["bonded_to"] is not None or not room["online"]:
            continue
        shown = state and (state.state, state.attributes.get("time"))
        wanted = ("on" if alarm["Enabled"] == "1" else "off", alarm["StartLocalTime"])
        if shown != wanted:
            found.append(f"{room['name']}: alarm {alarm['id']} is {shown}, not {wanted}")
    return found


def _expected(home: Home, speaker: Json, speakers: dict[str, Json]) -> Json:
    head = speakers[speaker["coordinator_uid"]]
    transport = head["transport"]
    track = transport["track"] or {}
    title = track.get("stream_content") or track.get("title", "").strip() or None
    state = "playing" if transport["state"] in ("PLAYING", "TRANSITIONING") else "idle"
    if state != "playing" and title:
        state = "paused"
    shuffle, repeat = _REPEAT[transport["play_mode"]]
    members = [uid for uid in head["group_uids"] if speakers[uid]["bonded_to"] is None]
    return {
        "state": state,
        "friendly_name": speaker["name"],
        "volume_level": speaker["volume"] / 100,
        "is_volume_muted": speaker["mute"],
        "media_title": title,
        "media_artist": track.get("artist") or None,
        "media_content_id": track.get("uri") or None,
        "queue_position": transport["track_number"] or None,
        "source_kind": _source(transport),
        "shuffle": shuffle,
        "repeat": repeat,
        "sleep_timer": transport["sleep_timer"],
        "group_members": [home.player(members[0]), *sorted(map(home.player, members[1:]))],
    }


def _source(transport: Json) -> str:
    if transport["source"] == "vli":
        return "airplay" if ",airplay:" in transport["uri"] else "spotify_connect"
    if transport["uri"].startswith("x-rincon-buzzer:"):
        return "track"
    return _SOURCES[transport["source"]]


def _shown(state: State, wanted: Json) -> Json:
    attributes: dict[str, Any] = dict(state.attributes)
    members = attributes.get("group_members") or [""]
    attributes |= {
        "state": state.state,
        "sleep_timer": attributes.get("sleep_timer_ends") is not None,
        "group_members": [members[0], *sorted(members[1:])],
    }
    return {name: attributes.get(name) for name in wanted}


def _position(state: State, speaker: Json, speakers: dict[str, Json]) -> list[str]:
    """Compare where in the track our player believes to be, where it says so."""
    transport = speakers[speaker["coordinator_uid"]]["transport"]
    position, told = (
        state.attributes.get(name) for name in ("media_position", "media_position_updated_at")
    )
    # Where a stopped track would go on, players do not agree upon
    plain = transport["source"] in ("queue", "track") and transport["state"] != "STOPPED"
    endless = not (transport["track"] or {}).get("duration")
    if position is None or not isinstance(told, datetime) or not plain or endless:
        return []
    if state.state == "playing":
        position += (dt_util.utcnow() - told).total_seconds()
    real = transport["position"]
    if abs(position - real) <= _POSITION_SECONDS:
        return []
    return [f"{speaker['name']}: position is {position:.1f} s, not {real:.1f} s"]
