"""What people and automations do, each with what must come of it when nothing goes wrong."""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final

from custom_components.rhythmiq.const import DOMAIN
from tests.household import Json

from .home import Condition, Home

type Note = Callable[[str], None]
type Operation = Callable[[Home, Random, Note], Awaitable[Condition | None]]

PLAYER: Final = "media_player"
OPERATIONS: Final[dict[str, tuple[Operation, int]]] = {}
_MOODS: Final = ("calm", "energetic", "focus", "happy", "party", "sleep")
_SONGS: Final = tuple(f"spotify:track:{number:022d}" for number in range(1000, 1040))
_ALBUM: Final = "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"
_MODES: Final = (
    *("NORMAL", "REPEAT_ALL", "REPEAT_ONE"),
    *("SHUFFLE_NOREPEAT", "SHUFFLE", "SHUFFLE_REPEAT_ONE"),
)


def operation(weight: int) -> Callable[[Operation], Operation]:
    """Make a function one of the operations, drawn in proportion to its weight."""

    def register(function: Operation) -> Operation:
        name = getattr(function, "__name__", "").removeprefix("do_")
        OPERATIONS[name] = function, weight
        return function

    return register


def draw(chance: Random) -> tuple[str, Operation]:
    """Draw the next operation."""
    names = list(OPERATIONS)
    [name] = chance.choices(names, [OPERATIONS[each][1] for each in names])
    return name, OPERATIONS[name][0]


def _of(uid: str, household: Json) -> Json:
    found: Json = next(each for each in household["speakers"] if each["uid"] == uid)
    return found


def _uris(speaker: Json) -> list[str]:
    return [_id(item["uri"]) for item in speaker["queue"]["items"]]


def _id(uri: str) -> str:
    """Return the service's own id in a queued uri; any other uri as it is."""
    if uri.startswith("x-sonos-spotify:"):
        return uri.partition(":")[2].partition("?")[0].replace("%3a", ":")
    return uri


def _speaker_is(uid: str, **wanted: object) -> Condition:
    def check(household: Json) -> str | None:
        speaker = _of(uid, household)
        flat = {**_of(speaker["coordinator_uid"], household)["transport"], **speaker}
        wrong = {name: flat[name] for name, value in wanted.items() if flat[name] != value}
        return f"{speaker['name']}: {wrong}, not {wanted}" if wrong else None

    return check


# -- playback ------------------------------------------------------------------------------------


@operation(12)
async def do_recommend(home: Home, chance: Random, note: Note) -> Condition | None:
    """Ask for a list and play it."""
    [speaker] = await home.some(chance)
    enqueue = chance.choice(("replace", "replace", "play", "next", "add"))
    count = chance.randint(1, 30)
    data: Json = {"enqueue": enqueue, "count": count}
    if chance.random() < 0.5:
        data["mood"] = chance.choice(_MOODS)
    note(f"{speaker['name']}: {data}")
    answer = await home.call(DOMAIN, "recommend_playlist", speaker, **data)
    wanted = [track["uri"] for track in answer["recommendations"][0]["tracks"]]
    if enqueue != "replace":
        return _holds(speaker["uid"], wanted)
    return _queue_is(speaker["uid"], wanted)


def _queue_is(uid: str, wanted: Sequence[str]) -> Condition:
    def check(household: Json) -> str | None:
        head = _of(_of(uid, household)["coordinator_uid"], household)
        if (found := _uris(head)) != list(wanted):
            return f"{head['name']}: the queue holds {len(found)}, not the {len(wanted)} in order"
        if head["transport"]["state"] not in ("PLAYING", "TRANSITIONING"):
            return f"{head['name']} does not play: {head['transport']['state']}"
        return None

    return check


def _holds(uid: str, wanted: Sequence[str]) -> Condition:
    """All of a list stands in the queue, one after the other."""

    def check(household: Json) -> str | None:
        head = _of(_of(uid, household)["coordinator_uid"], household)
        found, size = _uris(head), len(wanted)
        if any(found[at : at + size] == list(wanted) for at in range(len(found) - size + 1)):
            return None
        return f"{head['name']}: the queue does not hold the {size} in order"

    return check


@operation(3)
async def do_two_groups(home: Home, chance: Random, note: Note) -> None:
    """Ask for lists for several speakers at once."""
    speakers = await home.some(chance, chance.randint(2, 3))
    note(", ".join(each["name"] for each in speakers))
    players = [home.player(each["uid"]) for each in speakers]
    await home.call(DOMAIN, "recommend_playlist", entity_id=players, count=chance.randint(3, 12))


@operation(5)
async def do_play_media(home: Home, chance: Random, note: Note) -> Condition | None:
    """Play something particular."""
    [speaker] = await home.some(chance)
    media_type, media_id = chance.choice(
        (
            ("music", chance.choice(_SONGS)),
            ("music", _ALBUM),
            ("music", home.sound),
            ("favorite", "Harbour FM 98.2"),
            ("favorite", "Dinner Playlist"),
            ("playlist", "Sunday Mix"),
            ("music", "A:ALBUM/Salt"),
            ("music", "no such thing"),
        )
    )
    enqueue = chance.choice(("replace", "play", "next", "add"))
    note(f"{speaker['name']}: {media_type} {media_id} {enqueue}")
    await home.call(
        PLAYER,
        "play_media",
        speaker,
        media_content_type=media_type,
        media_content_id=media_id,
        enqueue=enqueue,
    )
    return None


@operation(8)
async def do_command(home: Home, chance: Random, note: Note) -> None:
    """Press a button of our player."""
    [speaker] = await home.some(chance)
    command = chance.choice(
        (
            "media_play",
            "media_pause",
            "media_stop",
            "media_next_track",
            "media_next_track",
            "media_previous_track",
            "media_play_pause",
            "clear_playlist",
        )
    )
    note(f"{speaker['name']}: {command}")
    await home.call(PLAYER, command, speaker)


@operation(6)
async def do_in_the_app(home: Home, chance: Random, note: Note) -> None:
    """Press a button in the Sonos app."""
    [speaker] = await home.some(chance)
    action, data = chance.choice(
        (
            ("play", {}),
            ("pause", {}),
            ("stop", {}),
            ("next", {}),
            ("previous", {}),
            ("play_mode", {"mode": chance.choice(_MODES)}),
            ("clear_queue", {}),
            ("enqueue", {"uris": list(chance.sample(_SONGS, 3))}),
            ("play_queue", {"track": chance.randint(1, 3)}),
            ("spotify_connect", {}),
            ("airplay", {}),
            ("play_uri", {"uri": "x-rincon-mp3radio://127.0.0.1/live"}),
            ("mute", {}),
        )
    )
    note(f"{speaker['name']}: {action} {data}")
    await home.act(speaker, action, **data)


@operation(4)
async def do_seek(home: Home, chance: Random, note: Note) -> None:
    """Go to a position of the track, possible or not."""
    [speaker] = await home.some(chance)
    position = chance.choice((0, 10, 65, 140, 10_000))
    note(f"{speaker['name']}: {position} s")
    await home.call(PLAYER, "media_seek", speaker, seek_position=position)


@operation(3)
async def do_modes(home: Home, chance: Random, note: Note) -> Condition | None:
    """Shuffle or repeat."""
    [speaker] = await home.some(chance)
    if chance.random() < 0.5:
        on = chance.random() < 0.5
        note(f"{speaker['name']}: shuffle {on}")
        await home.call(PLAYER, "shuffle_set", speaker, shuffle=on)
        return None
    repeat = chance.choice(("off", "all", "one"))
    note(f"{speaker['name']}: repeat {repeat}")
    await home.call(PLAYER, "repeat_set", speaker, repeat=repeat)
    return None


@operation(3)
async def do_let_time_pass(home: Home, chance: Random, note: Note) -> None:
    """Let tracks end."""
    seconds = chance.choice((30, 200, 1000))
    note(f"{seconds} s")
    await home.household.clock(advance=seconds)
    # Nobody could know that the tracks are further by now, were nothing told of it
    for speaker in await home.visible():
        transport = speaker["transport"]
        if speaker["is_coordinator"] and transport["source"] in ("queue", "track"):
            await home.act(speaker, "seek", position=transport["position"])


@operation(3)
async def do_sleep_timer(home: Home, chance: Random, note: Note) -> Condition | None:
    """Set a sleep timer, or end it."""
    [speaker] = await home.some(chance)
    if chance.random() < 0.3:
        note(f"{speaker['name']}: none")
        await home.call(DOMAIN, "clear_sleep_timer", speaker)
        return _speaker_is(speaker["uid"], sleep_timer=False)
    minutes = chance.randint(1, 90)
    note(f"{speaker['name']}: {minutes} min")
    await home.call(DOMAIN, "set_sleep_timer", speaker, duration={"minutes": minutes})
    return _speaker_is(speaker["uid"], sleep_timer=True)


@operation(3)
async def do_source(home: Home, chance: Random, note: Note) -> None:
    """Choose an input."""
    [speaker] = await home.some(chance)
    state = home.hass.states.get(home.player(speaker["uid"]))
    sources = (state.attributes.get("source_list") if state else None) or ["Nothing"]
    source = chance.choice(sources)
    note(f"{speaker['name']}: {source}")
    await home.call(PLAYER, "select_source", speaker, source=source)


@operation(4)
async def do_announce(home: Home, chance: Random, note: Note) -> None:
    """Announce something."""
    [speaker] = await home.some(chance)
    note(speaker["name"])
    await home.call(
        PLAYER,
        "play_media",
        speaker,
        media_content_type="music",
        media_content_id=home.sound,
        announce=True,
    )


@operation(2)
async def do_alarm(home: Home, chance: Random, note: Note) -> None:
    """Let an alarm go off; somebody ends it."""
    [speaker] = await home.some(chance)
    note(speaker["name"])
    alarm = await home.household.add_alarm(
        RoomUUID=speaker["uid"], IncludeLinkedZones=chance.randint(0, 1), Enabled=0
    )
    await home.household.ring(alarm)
    await home.household.remove_alarm(alarm)
    if chance.random() < 0.5:
        await home.act(speaker, "stop")


@operation(4)
async def do_change_alarms(home: Home, chance: Random, note: Note) -> None:
    """Make, switch, change or delete alarms."""
    [speaker] = await home.some(chance)
    household = await home.household.state()
    there = {each["uid"] for each in await home.visible()}
    alarms = [each for each in household["alarms"] if each["RoomUUID"] in there]
    clock = f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:00"
    if len(alarms) < 3:
        note(f"{speaker['name']} at {clock}")
        await home.call(DOMAIN, "create_alarm", speaker, time=clock, enabled=chance.random() < 0.5)
        return
    alarm = chance.choice(alarms)
    match chance.choice(("switch", "change", "delete", "by hand")):
        case "switch":
            switch = home.alarm(alarm["RoomUUID"], alarm["id"])
            note(f"toggles {switch}")
            await home.call("switch", "toggle", entity_id=switch)
        case "change":
            note(f"{alarm['id']} at {clock}")
            await home.call(DOMAIN, "update_alarm", alarm_id=str(alarm["id"]), time=clock)
        case "delete":
            note(f"deletes {alarm['id']}")
            await home.call(DOMAIN, "delete_alarm", alarm_id=str(alarm["id"]))
        case _:
            note(f"{alarm['id']} at {clock} in the app")
            await home.household.change_alarm(alarm["id"], StartLocalTime=clock)


# -- sound ---------------------------------------------------------------------------------------


@operation(6)
async def do_volume(home: Home, chance: Random, note: Note) -> Condition | None:
    """Set the volume of one speaker."""
    [speaker] = await home.some(chance)
    volume = chance.randrange(101)
    note(f"{speaker['name']}: {volume}")
    await home.call(PLAYER, "volume_set", speaker, volume_level=volume / 100)
    return _speaker_is(speaker["uid"], volume=volume)


@operation(3)
async def do_mute(home: Home, chance: Random, note: Note) -> Condition | None:
    """Mute one speaker or let it be heard."""
    [speaker] = await home.some(chance)
    muted = chance.random() < 0.5
    note(f"{speaker['name']}: {muted}")
    await home.call(PLAYER, "volume_mute", speaker, is_volume_muted=muted)
    return _speaker_is(speaker["uid"], mute=muted)


@operation(3)
async def do_group_volume(home: Home, chance: Random, note: Note) -> None:
    """Change a group's volume."""
    [speaker] = await home.some(chance)
    change = chance.choice((-0.2, -0.05, 0.05, 0.2))
    note(f"{speaker['name']}: {change}")
    await home.call(DOMAIN, "set_group_volume", speaker, change=change)


@operation(4)
async def do_volume_by_hand(home: Home, chance: Random, note: Note) -> None:
    """Turn the volume at the speaker."""
    [speaker] = await home.some(chance)
    note(speaker["name"])
    for _ in range(chance.randint(1, 5)):
        await home.act(speaker, "volume", delta=chance.choice((-2, 2)))


# -- the queue -----------------------------------------------------------------------------------


@operation(5)
async def do_edit_queue(home: Home, chance: Random, note: Note) -> None:
    """Play, move or remove entries of a queue."""
    [speaker] = await home.some(chance)
    action = chance.choice(("play_queue", "remove_from_queue", "move_in_queue", "get_queue"))
    data: Json = {"position": chance.randint(1, 12)}
    if action == "move_in_queue":
        data["to"] = chance.randint(1, 12)
    if action != "play_queue":
        data["count"] = chance.randint(1, 3)
    note(f"{speaker['name']}: {action} {data}")
    answer = await home.call(DOMAIN, action, speaker, **data)
    if action == "get_queue":
        household = await home.household.state()
        head = _of(_of(speaker["uid"], household)["coordinator_uid"], household)
        told = answer["queues"][0]["total"]
        if told != head["queue"]["length"]:
            raise AssertionError(f"the queue has {head['queue']['length']}, not {told}")


@operation(3)
async def do_edit_queue_by_hand(home: Home, chance: Random, note: Note) -> None:
    """Remove or move an entry in the app."""
    [speaker] = await home.some(chance)
    if chance.random() < 0.5:
        note(f"{speaker['name']}: removes")
        await home.act(speaker, "remove", track=chance.randint(1, 5))
    else:
        note(f"{speaker['name']}: moves")
        await home.act(speaker, "reorder", start=chance.randint(1, 5), before=chance.randint(1, 5))


@operation(5)
async def do_undo(home: Home, chance: Random, note: Note) -> None:
    """Bring back what played before."""
    [speaker] = await home.some(chance)
    note(speaker["name"])
    await home.call(DOMAIN, "undo", speaker)


@operation(4)
async def do_snapshot(home: Home, chance: Random, note: Note) -> None:
    """Keep what plays, or bring back what was kept."""
    speakers = await home.some(chance, chance.randint(1, 2))
    action = chance.choice(("snapshot", "restore"))
    note(f"{action} {', '.join(each['name'] for each in speakers)}")
    players = [home.player(each["uid"]) for each in speakers]
    await home.call(DOMAIN, action, entity_id=players)


@operation(3)
async def do_recommend_and_undo(home: Home, chance: Random, note: Note) -> Condition | None:
    """Play a list and think better of it: all is as it was."""
    [speaker] = await home.some(chance)
    before = await home.household.state()
    head = _of(_of(speaker["uid"], before)["coordinator_uid"], before)
    note(f"{speaker['name']} with {len(_uris(head))} in the queue")
    await home.call(DOMAIN, "recommend_playlist", speaker, count=chance.randint(1, 20))
    await home.call(DOMAIN, "undo", speaker)
    if head["transport"]["source"] not in ("queue", "none"):
        return None
    was, uid = _uris(head), head["uid"]

    def check(household: Json) -> str | None:
        now = _of(uid, household)
        if _uris(now) != was:
            return f"{now['name']}: {len(_uris(now))} in the queue, not the {len(was)} of before"
        return None

    return check


# -- the house -----------------------------------------------------------------------------------


@operation(5)
async def do_join(home: Home, chance: Random, note: Note) -> Condition | None:
    """Group speakers by our players."""
    leader, *others = await home.some(chance, chance.randint(2, 4))
    note(f"{leader['name']} leads {', '.join(each['name'] for each in others)}")
    await home.call(
        PLAYER, "join", leader, group_members=[home.player(each["uid"]) for each in others]
    )
    uids = {each["uid"] for each in (leader, *others)}

    def check(household: Json) -> str | None:
        together = {_of(uid, household)["coordinator_uid"] for uid in uids}
        return None if len(together) == 1 else f"{uids} play in {len(together)} groups"

    return check


@operation(4)
async def do_unjoin(home: Home, chance: Random, note: Note) -> Condition | None:
    """Take speakers out of their groups."""
    [speaker] = await home.some(chance)
    note(speaker["name"])
    await home.call(PLAYER, "unjoin", speaker)

    def check(household: Json) -> str | None:
        members = _of(speaker["uid"], household)["group_uids"]
        rooms = [uid for uid in members if _of(uid, household)["bonded_to"] is None]
        return None if len(rooms) == 1 else f"{speaker['name']} still plays with others"

    return check


@operation(4)
async def do_regroup_by_hand(home: Home, chance: Random, note: Note) -> None:
    """Group or part speakers in the app."""
    first, second = await home.some(chance, 2)
    if chance.random() < 0.6:
        note(f"{first['name']} joins {second['name']}")
        await home.act(first, "join", to=second["uid"])
    else:
        note(f"{first['name']} leaves")
        await home.act(first, "leave")


@operation(2)
async def do_rename(home: Home, chance: Random, note: Note) -> None:
    """Give a room another name."""
    [speaker] = await home.some(chance)
    name = f"{speaker['name'].split(' of ')[0]} of {chance.randint(1, 99)}"
    note(f"{speaker['name']} is {name}")
    await home.act(speaker, "rename", name=name)


@operation(1)
async def do_trade(home: Home, chance: Random, note: Note) -> None:
    """Buy a speaker, or sell the one that was bought last."""
    bought = [each for each in await home.visible() if each["name"].startswith("New")]
    if bought and chance.random() < 0.6:
        note(f"sells {bought[-1]['name']}")
        await home.household.sell(bought[-1]["uid"])
    elif len(bought) < 2:
        name = f"New {chance.randint(1, 99)}"
        note(f"buys {name}")
        await home.household.buy(name)
    else:
        note("wants nothing")


@operation(2)
async def do_bond(home: Home, chance: Random, note: Note) -> None:
    """Make a stereo pair of two speakers, or part one."""
    visible = await home.visible()
    pairs = [each for each in visible if each["model"] == "Sonos One" and each["bonded"]]
    single = [each for each in visible if each["model"] == "Sonos One" and not each["bonded"]]
    if pairs and chance.random() < 0.6:
        pair = chance.choice(pairs)
        note(f"parts {pair['name']}")
        await home.household.unbond(pair["uid"])
    elif len(single) > 1:
        left, right = chance.sample(single, 2)
        note(f"pairs {left['name']} with {right['name']}")
        await home.household.bond(left["uid"], {right["uid"]: "RF"})
    else:
        note("has nothing to pair")


@operation(2)
async def do_reload(home: Home, _: Random, note: Note) -> None:
    """Reload the integration."""
    note("")
    if not await home.hass.config_entries.async_reload(home.entry.entry_id):
        raise AssertionError(f"the entry is {home.entry.state} after a reload")
