"""Playback of one player, driven by the household's clock."""

import asyncio
from typing import TYPE_CHECKING

from .errors import SonosError
from .resolver import RADIO_SCHEMES
from .tracks import Track
from .xmlutil import DidlInfo

if TYPE_CHECKING:
    from .alarms import Ringing
    from .household import Household
    from .player import Player

PLAY_MODES = {
    # mode: (shuffle, repeat all, repeat one)
    "NORMAL": (False, False, False),
    "REPEAT_ALL": (False, True, False),
    "REPEAT_ONE": (False, False, True),
    "SHUFFLE_NOREPEAT": (True, False, False),
    "SHUFFLE": (True, True, False),
    "SHUFFLE_REPEAT_ONE": (True, False, True),
}


class Transport:
    """What one player would play if it is a coordinator."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.uri = player.queue_uri
        self.uri_meta = ""
        self.kind = "queue"  # none queue track stream line_in tv vli slave
        self.state = "STOPPED"
        self.status = "OK"
        self.single: Track | None = None
        self.index = 0
        self.position_base = 0.0
        self.started_at = 0.0
        self.play_mode = "NORMAL"
        self.crossfade = False
        self.order: list[int] = []
        self.sleep_deadline: float | None = None
        self.sleep_generation = 0
        self.ringing: Ringing | None = None
        # What an alarm plays after the present track, over and over
        self.programme: list[Track] = []
        self.transition: asyncio.TimerHandle | None = None

    # -- reading ------------------------------------------------------------
    @property
    def hh(self) -> Household:
        return self.player.household

    @property
    def items(self) -> list[Track]:
        return self.player.queue.items

    def track(self) -> Track | None:
        if self.kind == "queue":
            return self.items[self.index] if self.index < len(self.items) else None
        return self.single

    def position(self) -> float:
        if self.state != "PLAYING":
            return self.position_base
        return self.position_base + self.hh.clock.now() - self.started_at

    def actions(self) -> str:
        """CurrentTransportActions for the present source."""
        if self.kind == "slave":
            return "Stop, Play"
        if self.kind == "none":
            return "Set, Stop, Play"
        if self.kind in ("line_in", "tv"):
            return "Set, Stop, Play"
        if self.kind == "stream":
            return "Set, Stop, Pause, Play"
        base = "Set, Stop, Pause, Play, X_DLNA_SeekTime, Next, Previous, X_DLNA_SeekTrackNr"
        return base if self.kind in ("queue", "vli") else "Set, Stop, Pause, Play, X_DLNA_SeekTime"

    def valid_modes(self) -> str:
        if self.kind == "queue":
            return "SHUFFLE,REPEAT,REPEATONE,CROSSFADE"
        return "" if self.kind != "slave" else "CROSSFADE"

    # -- order (shuffle) ----------------------------------------------------
    def rebuild_order(self, keep_current: bool = True) -> None:
        ids = [t.tid for t in self.items]
        if not PLAY_MODES[self.play_mode][0]:
            self.order = ids
            return
        current = self.track() if keep_current and self.kind == "queue" else None
        rest = [i for i in ids if current is None or i != current.tid]
        self.hh.random.shuffle(rest)
        self.order = ([current.tid] if current else []) + rest

    def queue_changed(self, added: list[Track] | None = None, as_next: bool = False) -> None:
        """Keep the play order consistent after the queue was edited."""
        ids = {t.tid for t in self.items}
        if not PLAY_MODES[self.play_mode][0]:
            self.order = [t.tid for t in self.items]
            return
        self.order = [i for i in self.order if i in ids]
        known = set(self.order)
        fresh = [t.tid for t in (added or self.items) if t.tid not in known and t.tid in ids]
        current = self.track()
        at = self.order.index(current.tid) + 1 if current and current.tid in known else 0
        if as_next:
            self.order[at:at] = fresh
        else:
            for tid in fresh:
                self.order.insert(self.hh.random.randint(at, len(self.order)), tid)

    def _step(self, delta: int, wrap: bool) -> int | None:
        """Queue index of the following or preceding track in play order."""
        current = self.track()
        if current is None or current.tid not in self.order:
            return None
        at = self.order.index(current.tid) + delta
        if not 0 <= at < len(self.order):
            if not wrap:
                return None
            at %= len(self.order)
        wanted = self.order[at]
        return next(i for i, t in enumerate(self.items) if t.tid == wanted)

    def next_track(self) -> Track | None:
        if self.kind != "queue":
            return None
        _shuffle, repeat_all, repeat_one = PLAY_MODES[self.play_mode]
        if repeat_one:
            return self.track()
        index = self._step(1, repeat_all)
        return self.items[index] if index is not None else None

    # -- writing ------------------------------------------------------------
    def changed(self) -> None:
        self.hh.mark(self.player, "AVTransport")
        for member in self.player.followers():
            self.hh.mark(member, "AVTransport")
        self.hh.kick()

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.hh.mark(self.player, "DeviceProperties", "play")
        self.changed()

    def cancel_transition(self) -> None:
        if self.transition:
            self.transition.cancel()
            self.transition = None

    def stop(self) -> None:
        self.end_alarm()
        self.cancel_transition()
        self.position_base = 0.0
        self._set_state("STOPPED")

    def pause(self) -> None:
        self.end_alarm()
        self.cancel_transition()
        self.position_base = self.position()
        self._set_state("PAUSED_PLAYBACK")

    def play(self) -> None:
        """Start or resume, going through TRANSITIONING as players do."""
        if self.state == "PLAYING":
            return
        if self.kind == "none" or (self.kind == "queue" and not self.items):
            raise SonosError(701)
        self.status = "OK"
        if self.kind == "queue" and self.index >= len(self.items):
            self.index = 0
        self._begin()

    def _begin(self) -> None:
        self.cancel_transition()
        self._set_state("TRANSITIONING")
        delay = self.hh.settings.transition_ms / 1000
        loop = asyncio.get_running_loop()
        self.transition = loop.call_later(delay, self._begin_done)

    def _begin_done(self) -> None:
        self.transition = None
        track = self.track()
        if track is not None and not track.playable:
            self.status = "ERROR_CANT_REACH_SERVER"
            if self.kind == "queue":
                index = self._step(1, False)
                if index is not None:
                    self.index, self.position_base = index, 0.0
                    self._begin()
                    return
            self.stop()
            return
        self.started_at = self.hh.clock.now()
        self._set_state("PLAYING")

    def reset(self) -> None:
        """Go back to the queue, stopped at its start, nothing special switched on."""
        self.end_alarm()
        self.cancel_transition()
        self.index, self.position_base, self.state = 0, 0.0, "STOPPED"
        self.uri, self.uri_meta, self.kind = self.player.queue_uri, "", "queue"
        self.single = None
        self.play_mode, self.crossfade, self.sleep_deadline = "NORMAL", False, None

    def jump(self, index: int, position: float = 0.0) -> None:
        """Make another queue entry current, keeping on playing when playing."""
        was_active = self.state in ("PLAYING", "TRANSITIONING")
        self.cancel_transition()
        self.state = "PAUSED_PLAYBACK" if was_active else self.state
        self.index, self.position_base = index, position
        if was_active:
            self._begin()
        else:
            self.changed()

    def seek(self, seconds: float) -> None:
        self.position_base = seconds
        self.started_at = self.hh.clock.now()
        self.changed()

    def go_next(self) -> None:
        self._go(1)

    def go_previous(self) -> None:
        self._go(-1)

    def _go(self, delta: int) -> None:
        if self.kind == "vli":
            self.hh.vli_step(self.player)
            return
        if self.kind != "queue":
            raise SonosError(701)
        mode = PLAY_MODES[self.play_mode]
        index = self._step(delta, mode[1] or mode[2])
        if index is None:
            raise SonosError(711)
        self.jump(index)

    def set_play_mode(self, mode: str) -> None:
        if mode not in PLAY_MODES or self.kind not in ("queue", "none"):
            raise SonosError(712)
        shuffle_before = PLAY_MODES[self.play_mode][0]
        self.play_mode = mode
        if PLAY_MODES[mode][0] != shuffle_before:
            self.rebuild_order()
        self.changed()

    def load(self, uri: str, meta: str) -> None:
        """SetAVTransportURI for anything but joining a group."""
        self.cancel_transition()
        kind, single = self._source(uri, meta)
        self.end_alarm()
        self.hh.grouping.detach_for_load(self.player)
        self.uri, self.uri_meta, self.kind, self.single = uri, meta, kind, single
        self.position_base = 0.0
        self.status = "OK"
        if kind == "queue":
            self.index = min(self.index, max(0, len(self.items) - 1))
            if set(self.order) != {t.tid for t in self.items}:
                self.rebuild_order()
        self.state = "STOPPED"
        self.hh.mark(self.player, "DeviceProperties", "play")
        self.changed()

    # -- alarms -------------------------------------------------------------
    def program(self, uri: str, meta: str) -> list[Track]:
        """The tracks, or the one station, behind an alarm's program."""
        if uri.partition(":")[0].lower() in RADIO_SCHEMES:
            return [self._radio(uri, meta)]
        return self.hh.resolver.resolve(uri, meta)

    def start_alarm(self, ringing: Ringing, uri: str, tracks: list[Track]) -> None:
        """Play an alarm's program in place of whatever played; the queue stays as it is."""
        self.end_alarm()
        self.cancel_transition()
        first, *self.programme = tracks
        self.kind = "track" if first.duration else "stream"
        self.uri, self.uri_meta, self.single = uri, "", first
        self.position_base, self.status = 0.0, "OK"
        self.ringing = ringing
        self.hh.mark(self.player, "GroupManagement")
        self._begin()

    def snooze(self, seconds: float) -> None:
        """Be silent for a while; 701 while no alarm rings."""
        if self.ringing is None:
            raise SonosError(701)
        self.ringing.snoozed_until = self.hh.clock.now() + seconds
        self.cancel_transition()
        self.position_base = 0.0
        self._set_state("STOPPED")
        self.hh.kick()

    def end_alarm(self) -> None:
        """Go back to the volumes of before, unless somebody turned them meanwhile."""
        ringing, self.ringing, self.programme = self.ringing, None, []
        if ringing is None:
            return
        alarm = self.hh.alarms.by_id.get(ringing.alarm_id)
        for uid, volume in ringing.volumes.items():
            member = self.hh.by_uid(uid)
            if alarm and member and member.volume == int(alarm.values["Volume"]):
                member.set_volume(volume)
        self.hh.mark(self.player, "GroupManagement")
        self.changed()

    def end_sleep_timer(self) -> None:
        """Let the music go on."""
        if self.sleep_deadline is not None:
            self.sleep_deadline = None
            self.sleep_generation += 1

    def _tick_alarm(self, now: float) -> list[float]:
        """End or wake a ringing alarm when it is time; virtual seconds to what comes next."""
        ringing = self.ringing
        if ringing is None:
            return []
        if ringing.until is not None and now >= ringing.until:
            self.stop()
            return []
        waits = [] if ringing.until is None else [ringing.until - now]
        if ringing.snoozed_until is not None:
            if now >= ringing.snoozed_until:
                ringing.snoozed_until = None
                self._begin()
            else:
                waits.append(ringing.snoozed_until - now)
        return waits

    def _source(self, uri: str, meta: str) -> tuple[str, Track | None]:
        """Kind of source behind a uri, and its one track unless it is the queue."""
        scheme = uri.partition(":")[0].lower() if ":" in uri else ""
        if not uri:
            return "none", None
        if scheme == "x-rincon-queue":
            if not uri.startswith(f"x-rincon-queue:{self.player.uid}#"):
                raise SonosError(714)
            return "queue", None
        if scheme in ("x-rincon-stream", "x-sonos-htastream"):
            return self._input(uri, scheme)
        if scheme in RADIO_SCHEMES:
            return "stream", self._radio(uri, meta)
        if scheme in ("http", "https", "x-file-cifs", "x-sonos-spotify", "x-sonos-http"):
            return "track", self.hh.resolver.resolve(uri, meta)[0]
        raise SonosError(714)

    def _input(self, uri: str, scheme: str) -> tuple[str, Track]:
        """The line-in of some player, or the television at this one."""
        if scheme == "x-sonos-htastream":
            if not self.player.model.soundbar:
                raise SonosError(714)
            return "tv", Track(uri=uri, title=" ", protocol="spdif", item_class="object.item")
        source = self.hh.by_uid(uri.partition(":")[2])
        if source is None or not source.model.line_in:
            raise SonosError(714)
        return "line_in", Track(
            uri=uri,
            title=source.line_in_name,
            protocol="x-rincon-stream:*:*:*",
            item_class="object.item",
        )

    def _radio(self, uri: str, meta: str) -> Track:
        """A station; 800 when its service is not linked."""
        if "sid=" in uri and "sid=254" not in uri:
            sid = uri.partition("sid=")[2].partition("&")[0]
            if sid.isdigit() and int(sid) not in (*self.hh.linked_services, 254, 303):
                raise SonosError(800)
        stream = uri.partition(":")[2].lstrip("/").partition("?")[0].rpartition("/")[2]
        return Track(
            uri=uri,
            title=stream,
            protocol="x-rincon-mp3radio:*:*:*",
            item_class="object.item",
            art=DidlInfo(meta).art,
            stream_content="The Low Tides - Salt",
        )

    def tick(self) -> float | None:
        """Advance past finished tracks; return real seconds to the next end."""
        now = self.hh.clock.now()
        if self.sleep_deadline is not None and now >= self.sleep_deadline:
            self.sleep_deadline = None
            self.sleep_generation += 1
            if self.state == "PLAYING":
                self.pause() if self.kind in ("queue", "track", "vli") else self.stop()
            self.changed()
        waits = self._tick_alarm(now)
        while self.state == "PLAYING":
            track = self.track()
            if track is None or not track.duration or self.kind in ("stream", "vli"):
                break
            over = self.position() - track.duration
            if over < 0:
                break
            self._track_ended(over)
        if self.state == "PLAYING":
            track = self.track()
            if track and track.duration and self.kind in ("queue", "track"):
                waits.append(track.duration - self.position())
        if self.sleep_deadline is not None:
            waits.append(self.sleep_deadline - now)
        if not waits or self.hh.clock.speed <= 0:
            return None
        return max(0.0, min(waits) / self.hh.clock.speed)

    def _track_ended(self, over: float) -> None:
        if self.kind == "track" and self.programme and self.single is not None:
            self.programme.append(self.single)
            self.single = self.programme.pop(0)
            self.position_base, self.started_at = over, self.hh.clock.now()
            self.changed()
            return
        if self.kind == "track":
            self.stop()
            return
        _shuffle, repeat_all, repeat_one = PLAY_MODES[self.play_mode]
        self.hh.history.append((self.player.uid, self.items[self.index].uri))
        index = self.index if repeat_one else self._step(1, repeat_all)
        if index is None:
            # Players go back to the start of the queue and stop there
            first = self.order[0] if self.order else None
            self.index = next((i for i, t in enumerate(self.items) if t.tid == first), 0)
            self.stop()
            return
        self.index = index
        track = self.items[index]
        if not track.playable:
            self.position_base = 0.0
            self.state = "TRANSITIONING"
            self._begin()
            return
        self.position_base, self.started_at = over, self.hh.clock.now()
        self.changed()
