"""Who plays with whom, and what the household publishes about it."""

import asyncio
import time
from typing import TYPE_CHECKING

from .errors import SonosError
from .player import Group, Player
from .xmlutil import esc, flag

if TYPE_CHECKING:
    from .household import Household


class Grouping:
    """The groups of a household and its published topology."""

    def __init__(self, household: Household) -> None:
        self._hh = household
        self._last_number = 1000
        self._publishing: asyncio.TimerHandle | None = None
        # Elements about players that are gone for a reason, by uid
        self.vanished: dict[str, str] = {}
        self.published = ""

    def new_number(self) -> int:
        """The number that makes the next group's id unlike all before."""
        self._last_number += 7
        return self._last_number

    def groups(self) -> list[Group]:
        seen: list[Group] = []
        for player in self._hh.players:
            if player.online and not player.is_satellite and player.group not in seen:
                seen.append(player.group)
        return seen

    def render(self) -> str:
        parts = ["<ZoneGroupState><ZoneGroups>"]
        for group in self.groups():
            coordinator = group.coordinator
            parts.append(f'<ZoneGroup Coordinator="{coordinator.uid}" ID="{group.group_id}">')
            parts.extend(self._member_xml(m) for m in group.members if m.online)
            parts.append("</ZoneGroup>")
        parts.append("</ZoneGroups>")
        parts.append("<VanishedDevices>")
        parts.extend(self.vanished.values())
        parts.append("</VanishedDevices></ZoneGroupState>")
        return "".join(parts)

    @staticmethod
    def _vanished_xml(player: Player, reason: str) -> str:
        seen = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return (
            f'<Device UUID="{player.uid}" ZoneName="{esc(player.name)}" Reason="{esc(reason)}"'
            f' ModelInfo="{player.model.number}" Mac="{player.mac}" LastKnownIP="{player.ip}"'
            f' LastSeenUTC="{seen}" MoreInfo="" SWGen="{player.model.firmware.generation}"/>'
        )

    def _member_xml(self, player: Player, tag: str = "ZoneGroupMember") -> str:
        firmware = player.model.firmware
        extra = ' Invisible="1"' if player.invisible else ""
        if player.channel_map:
            extra += f' ChannelMapSet="{player.channel_map}"'
        if player.theatre_map:
            extra += f' HTSatChanMapSet="{player.theatre_map}"'
        satellites = "".join(
            self._member_xml(part, "Satellite")
            for part in player.bonded
            if part.online and part.is_satellite
        )
        more = ""
        if player.model.battery:
            more = (
                f"RawBattPct:{player.battery_level},BattPct:{player.battery_level},"
                "BattChg:NOT_CHARGING,BattTmp:25"
            )
        idle = "0" if player.coordinator.transport.state == "PLAYING" else "1"
        return (
            f'<{tag} UUID="{player.uid}"'
            f' Location="http://{player.ip}:1400/xml/device_description.xml"'
            f' ZoneName="{esc(player.name)}" Icon="{esc(player.icon)}" Configuration="1"{extra}'
            f' SoftwareVersion="{firmware.version}" SWGen="{firmware.generation}"'
            f' MinCompatibleVersion="{firmware.min_compatible}"'
            f' LegacyCompatibleVersion="{firmware.legacy_compatible}"'
            f' BootSeq="{player.boot_seq}" TVConfigurationError="0" HdmiCecAvailable="0"'
            ' WirelessMode="1" ConnectionType="5" ChannelFreq="5220" BehindWifiExtender="0"'
            ' WifiEnabled="1" EthLink="0" Orientation="0" RoomCalibrationState="4"'
            f' SecureRegState="3" VoiceConfigState="{player.voice_config}"'
            f' MicEnabled="{player.mic_enabled}" HeadphoneSwapActive="0"'
            f' AirPlayEnabled="{flag(self._hh.is_s2)}"'
            f' IdleState="{idle}" MoreInfo="{more}" SSLPort="1443" HHSSLPort="1843"'
        ) + (f">{satellites}</{tag}>" if satellites else "/>")

    def changed(self) -> None:
        """Publish the new group state after the time real systems take."""
        if self._publishing:
            self._publishing.cancel()
            self._publishing = None
        delay = self._hh.settings.topology_ms / 1000

        def publish() -> None:
            self._publishing = None
            self.published = self.render()
            for player in self._hh.players:
                self._hh.mark(player, "ZoneGroupTopology")
                self._hh.mark(player, "GroupManagement")
                if player.is_coordinator:
                    self._hh.mark(player, "GroupRenderingControl")

        if delay and self._hh.running:
            self._publishing = asyncio.get_running_loop().call_later(delay, publish)
        else:
            publish()

    def join(self, player: Player, target: Player) -> None:
        """Make a player a member of the target's group."""
        group = target.coordinator.group
        if player.is_satellite:
            raise SonosError(800)
        if player.group is group:
            if player is group.coordinator:
                raise SonosError(800)
            return
        unit = self._unit(player)
        self.leave(player, standalone=False)
        for part in unit:
            group.members.append(part)
            part.group = group
            self._follow(part)
        self.changed()

    @staticmethod
    def _unit(player: Player) -> list[Player]:
        """The player and what no group can part from it: the other speakers of its pair."""
        head = player.main or player
        return [head] if head.model.soundbar else [head, *head.bonded]

    def _alone(self, player: Player) -> None:
        """Give a player, and its pair, a group of their own and their queue."""
        unit = self._unit(player)
        group = Group(unit[0], unit, self.new_number())
        for part in unit:
            part.group = group
        self._own_queue(unit[0])
        for part in unit[1:]:
            self._follow(part)

    def _follow(self, player: Player) -> None:
        transport = player.transport
        transport.end_alarm()
        transport.end_sleep_timer()
        transport.cancel_transition()
        transport.uri = f"x-rincon:{player.coordinator.uid}"
        transport.uri_meta = ""
        transport.kind = "slave"
        transport.single = None
        transport.state = "PLAYING"
        transport.position_base = 0.0
        self._hh.mark(player, "AVTransport")
        self._hh.mark(player, "DeviceProperties", "play")

    def _own_queue(self, player: Player) -> None:
        transport = player.transport
        transport.end_alarm()
        transport.cancel_transition()
        transport.uri, transport.uri_meta = player.queue_uri, ""
        transport.kind, transport.single = "queue", None
        transport.state, transport.position_base = "STOPPED", 0.0
        transport.index = min(transport.index, max(0, len(player.queue.items) - 1))
        transport.rebuild_order()
        self._hh.mark(player, "AVTransport")
        self._hh.mark(player, "DeviceProperties", "play")

    def leave(self, player: Player, standalone: bool = True) -> Player | None:
        """Take a player out of its group; return who took over, if anyone."""
        group, unit = player.group, self._unit(player)
        others = [member for member in group.members if member not in unit]
        heir: Player | None = None
        if others and not player.is_satellite:
            if group.coordinator in unit:
                heir = next(m for m in others if m.online and not m.invisible)
                self._hand_over(unit[0], heir, group)
                for member in others:
                    if member is not heir:
                        self._follow(member)
            group.members = [m for m in group.members if m not in unit]
            if standalone:
                self._alone(player)
                self.changed()
        return heir

    def _hand_over(self, old: Player, new: Player, group: Group) -> None:
        """Pass coordination, queue and playback to another member."""
        source, target = old.transport, new.transport
        position = source.position()
        was_state = source.state
        new.queue.items = [t.copy() for t in old.queue.items]
        new.queue.touch()
        target.index, target.play_mode = source.index, source.play_mode
        target.crossfade = source.crossfade
        target.kind, target.single = source.kind, source.single
        target.uri = new.queue_uri if source.kind == "queue" else source.uri
        target.uri_meta = source.uri_meta
        target.position_base = position
        target.started_at = self._hh.clock.now()
        target.state = "PLAYING" if was_state in ("PLAYING", "TRANSITIONING") else was_state
        if source.sleep_deadline is not None:
            target.sleep_deadline, source.sleep_deadline = source.sleep_deadline, None
            target.sleep_generation += 1
            source.sleep_generation += 1
        target.rebuild_order()
        group.coordinator = new
        group.members.sort(key=lambda m: m is not new)
        self._hh.bump_container("Q:0", new)
        target.changed()

    def delegate(self, player: Player, new: Player, rejoin: bool) -> None:
        group, unit = player.group, self._unit(player)
        if new not in group.members or new in unit or new.invisible:
            raise SonosError(701)
        self._hand_over(player, new, group)
        if not rejoin:
            group.members = [m for m in group.members if m not in unit]
            self._alone(player)
        for member in group.members:
            if member is not new:
                self._follow(member)
        self.changed()

    def detach_for_load(self, player: Player) -> None:
        """A grouped member that is given its own URI leaves its group."""
        if not player.is_coordinator and not player.invisible:
            unit = self._unit(player)
            player.group.members = [m for m in player.group.members if m not in unit]
            self._alone(player)
            self.changed()

    def set_groups(self, layout: list[list[Player]]) -> None:
        """Force a topology: first of each list coordinates; the rest stand alone."""
        for player in self._hh.players:
            if not player.is_coordinator and not player.invisible:
                self.leave(player)
        for names in layout:
            for member in names[1:]:
                self.join(member, names[0])
        self.changed()

    def bond(self, head: Player, parts: dict[Player, str]) -> None:
        """Bond speakers to one: a home theatre around a soundbar, else a stereo pair (and sub).

        `parts` maps each further speaker to its channel: RF or SW, in a theatre LR, RR or SW.
        800 for speakers that are bonded already and for channels that make no such set.
        """
        channels = sorted(parts.values())
        theatre = head.model.soundbar
        fits = set(channels) <= ({"LR", "RR", "SW"} if theatre else {"RF", "SW"})
        taken = head.main or (head.bonded and not theatre) or any(p.main or p.bonded for p in parts)
        if (
            not parts
            or not fits
            or head in parts
            or taken
            or (not theatre and "RF" not in channels)
        ):
            raise SonosError(800)
        for part, channel in parts.items():
            self.leave(part)
            if not theatre:
                self.join(part, head)
            part.main, part.channel, part.own_name = head, channel, part.name
            part.name = head.name
            head.bonded.append(part)
            if theatre:
                self._follow(part)
        self.changed()

    def bond_map(self, channel_map: str) -> None:
        """Bond what a ChannelMapSet or HTSatChanMapSet names, the head first."""
        named = [entry.partition(":") for entry in channel_map.split(";")]
        players = [self._hh.by_uid(uid) for uid, _colon, _channels in named]
        found = [player for player in players if player is not None]
        if len(found) < len(players):
            raise SonosError(800)
        channels = [channel.split(",")[0] for _uid, _colon, channel in named]
        rest = zip(found[1:], channels[1:], strict=True)
        self.bond(found[0], {p: c for p, c in rest if p not in found[0].bonded})

    def unbond(self, player: Player) -> None:
        """Part a bonded set, or one satellite from its theatre; 800 for a single speaker."""
        head = player.main or player
        if not head.bonded:
            raise SonosError(800)
        for part in [player] if player.is_satellite else list(head.bonded):
            head.group.members = [m for m in head.group.members if m is not part]
            head.bonded.remove(part)
            part.main, part.channel, part.name = None, "", part.own_name
            self._alone(part)
        self.changed()

    def rename(self, player: Player, name: str) -> None:
        """Give a room its name, all that is bonded in it too."""
        head = player.main or player
        for part in (head, *head.bonded):
            part.name = name
            self._hh.mark(part, "DeviceProperties")
        self.changed()

    def player_gone(self, player: Player, reason: str | None) -> None:
        """Bookkeeping for a player that dropped off the network."""
        player.online = False
        group = player.group
        if not player.is_satellite and len(group.members) > 1:
            if group.coordinator is player:
                rest = [member for member in group.members if member is not player]
                player.group = Group(player, [player], self.new_number())
                for member in rest:
                    member.group = Group(member, [member], self.new_number())
                    self._own_queue(member)
                for member in rest:
                    if not member.invisible:
                        self._alone(member)
            else:
                group.members.remove(player)
                player.group = Group(player, [player], self.new_number())
        transport = player.transport
        transport.cancel_transition()
        transport.state, transport.position_base = "STOPPED", 0.0
        if transport.kind == "slave":
            self._own_queue(player)
        if reason:
            self.vanished[player.uid] = self._vanished_xml(player, reason)
        self.changed()

    def player_back(self, player: Player, rebooted: bool) -> None:
        player.online = True
        if rebooted:
            player.boot_seq += 1
        head, *parts = self._unit(player)
        for part in parts:
            if head.online and part.group is not head.group:
                part.group.members.remove(part)
                part.group = head.group
                head.group.members.append(part)
                self._follow(part)
        self.vanished.pop(player.uid, None)
        self.changed()
