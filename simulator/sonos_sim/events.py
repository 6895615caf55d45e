"""What the events of each service say."""

# ruff: noqa: ARG002 (the events of all services are built alike)

from .household import Household
from .player import Player
from .xmlutil import NOT_IMPLEMENTED, didl, esc, flag, hms

type Properties = list[tuple[str, str]]

AVT_NS = (
    '<Event xmlns="urn:schemas-upnp-org:metadata-1-0/AVT/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"><InstanceID val="0">'
)

RCS_NS = '<Event xmlns="urn:schemas-upnp-org:metadata-1-0/RCS/"><InstanceID val="0">'

LAST_TAIL = "</InstanceID></Event>"


class EventContent:
    """Builds the property list of an event for one player and service."""

    def __init__(self, household: Household) -> None:
        self.hh = household
        self._services = {
            "AVTransport": self._av_transport,
            "RenderingControl": self._rendering_control,
            "GroupRenderingControl": self._group_rendering_control,
            "Queue": self._queue,
            "ZoneGroupTopology": self._zone_group_topology,
            "GroupManagement": self._group_management,
            "ContentDirectory": self._content_directory,
            "DeviceProperties": self._device_properties,
            "AlarmClock": self._alarm_clock,
            "MusicServices": self._music_services,
            "SystemProperties": self._system_properties,
            "AudioIn": self._audio_in,
            "ConnectionManager": self._connection_manager,
        }

    def build(self, player: Player, service: str, keys: set[str], *, initial: bool) -> Properties:
        """Properties that changed (`keys` says what), or all of them for the initial event."""
        content = self._services.get(service)
        return [] if content is None else content(player, keys, initial)

    def _av_transport(self, player: Player, keys: set[str], initial: bool) -> Properties:
        t = player.transport
        track = t.track()
        following = t.next_track()
        ringing = t.ringing
        state = "PLAYING" if t.kind == "slave" else t.state
        uri, meta, length = "", "", ""
        number, count = (0, 0)
        if t.kind == "slave":
            uri, number, count = t.uri, 1, 1
        elif track is not None:
            uri, meta = track.uri, track.now_playing()
            length = hms(track.duration) if track.duration and t.kind != "stream" else "0:00:00"
            if t.kind in ("line_in", "tv"):
                length = ""
            number, count = 1, 1
        if t.kind == "queue":
            count = len(player.queue.items)
            number = t.index + 1 if track else 0
        enqueued, enqueued_meta = "", ""
        if t.kind == "queue" and track is not None:
            enqueued = track.container_uri or track.uri
            enqueued_meta = track.container_meta or didl(track.element("-1", "-1"))
        elif t.kind in ("stream", "track"):
            enqueued, enqueued_meta = t.uri, t.uri_meta
        pairs = [
            ("TransportState", state),
            ("CurrentPlayMode", t.play_mode),
            ("CurrentCrossfadeMode", flag(t.crossfade)),
            ("NumberOfTracks", count),
            ("CurrentTrack", number),
            ("CurrentSection", 0),
            ("CurrentTrackURI", uri),
            ("CurrentTrackDuration", length),
            ("CurrentTrackMetaData", meta),
            ("r:NextTrackURI", following.uri if following else ""),
            ("r:NextTrackMetaData", following.now_playing() if following else ""),
            ("r:EnqueuedTransportURI", enqueued),
            ("r:EnqueuedTransportURIMetaData", enqueued_meta),
            ("PlaybackStorageMedium", "NETWORK" if t.uri else "NONE"),
            ("AVTransportURI", t.uri),
            ("AVTransportURIMetaData", t.uri_meta),
            ("NextAVTransportURI", ""),
            ("NextAVTransportURIMetaData", ""),
            ("CurrentTransportActions", t.actions()),
            ("r:CurrentValidPlayModes", t.valid_modes()),
            ("r:MuseSessions", ""),
            ("r:DirectControlClientID", ""),
            ("r:DirectControlIsSuspended", 0),
            ("r:DirectControlAccountID", ""),
            ("TransportStatus", t.status),
            ("r:SleepTimerGeneration", t.sleep_generation),
            ("r:AlarmRunning", flag(ringing is not None)),
            ("r:SnoozeRunning", flag(ringing is not None and ringing.snoozed_until is not None)),
        ]
        if t.status != "OK":
            pairs.append(("r:TransportErrorDescription", t.status))
            pairs.append(("r:TransportErrorURI", uri))
        if initial:
            pairs += [
                ("r:RestartPending", 0),
                ("TransportPlaySpeed", NOT_IMPLEMENTED),
                ("CurrentMediaDuration", NOT_IMPLEMENTED),
                ("RecordStorageMedium", NOT_IMPLEMENTED),
                ("PossiblePlaybackStorageMedia", "NONE, NETWORK"),
                ("PossibleRecordStorageMedia", NOT_IMPLEMENTED),
                ("RecordMediumWriteStatus", NOT_IMPLEMENTED),
                ("CurrentRecordQualityMode", NOT_IMPLEMENTED),
                ("PossibleRecordQualityModes", NOT_IMPLEMENTED),
            ]
        body = "".join(f'<{name} val="{esc(value)}"/>' for name, value in pairs)
        return [("LastChange", AVT_NS + body + LAST_TAIL)]

    def _rendering_control(self, player: Player, keys: set[str], initial: bool) -> Properties:
        everything = initial or not keys.isdisjoint({"All", "*"})
        body = "".join(
            f'<{name}{f' channel="{channel}"' if channel else ""} val="{esc(value)}"/>'
            for name, channel, value, reasons in self._sound(player)
            if everything or not keys.isdisjoint(reasons)
        )
        return [("LastChange", RCS_NS + body + LAST_TAIL)] if body else []

    @staticmethod
    def _sound(player: Player) -> list[tuple[str, str, object, tuple[str, ...]]]:
        """Name, channel, value and the changes that event it besides "All"."""
        volume = 100 if player.output_fixed else player.volume
        names = {"SubEnable": "SubEnabled", "SurroundEnable": "SurroundEnabled"}
        tone = [(names.get(kind, kind), "", v, (f"EQ:{kind}",)) for kind, v in player.eq.items()]
        return [
            ("Volume", "Master", volume, ("Volume", "Balance")),
            ("Volume", "LF", player.lf, ("Balance",)),
            ("Volume", "RF", player.rf, ("Balance",)),
            ("Mute", "Master", flag(player.mute), ("Mute",)),
            ("Mute", "LF", 0, ()),
            ("Mute", "RF", 0, ()),
            ("Bass", "", player.bass, ("Bass",)),
            ("Treble", "", player.treble, ("Treble",)),
            ("Loudness", "Master", flag(player.loudness), ("Loudness",)),
            ("OutputFixed", "", flag(player.output_fixed), ()),
            ("SpeakerSize", "", 5, ()),
            *tone,
            ("PresetNameList", "", "FactoryDefaults", ()),
            ("RoomCalibrationEnabled", "", flag(player.calibration), ()),
        ]

    def _group_rendering_control(self, player: Player, keys: set[str], initial: bool) -> Properties:
        if not player.is_coordinator:
            return [("GroupVolume", ""), ("GroupMute", ""), ("GroupVolumeChangeable", "")]
        return [
            ("GroupVolume", str(self.hh.group_volume(player))),
            ("GroupMute", flag(all(m.mute for m in player.group.members))),
            ("GroupVolumeChangeable", "1"),
        ]

    def _queue(self, player: Player, keys: set[str], initial: bool) -> Properties:
        body = (
            '<Event xmlns="urn:schemas-sonos-com:metadata-1-0/Queue/"><QueueID val="0">'
            f'<UpdateID val="{player.queue.update_id}"/><Curated val="0"/></QueueID></Event>'
        )
        return [("LastChange", body)]

    def _zone_group_topology(self, player: Player, keys: set[str], initial: bool) -> Properties:
        name, group_id, uids = player.group_attributes()
        props = [("ZoneGroupState", self.hh.grouping.published)]
        if initial:
            props = [
                ("AvailableSoftwareUpdate", player.model.firmware.update_item),
                *props,
                ("ThirdPartyMediaServersX", "2:c2ltdWxhdGVkIGFjY291bnRz"),
                ("MuseHouseholdId", self.hh.muse_id),
            ]
        if initial or "alarm" in keys:
            runs = self.hh.alarms.runs
            props.append(("AlarmRunSequence", f"{player.uid}:{player.boot_seq}:{runs}"))
        props += [
            ("ZoneGroupName", name),
            ("ZoneGroupID", group_id),
            ("ZonePlayerUUIDsInGroup", uids),
        ]
        if initial and self.hh.is_s2:
            props += [
                ("AreasUpdateID", f"{player.uid},1"),
                ("SourceAreasUpdateID", f"{player.uid},1"),
                ("NetsettingsUpdateID", f"{player.uid},1"),
            ]
        return props

    def _group_management(self, player: Player, keys: set[str], initial: bool) -> Properties:
        return [
            ("GroupCoordinatorIsLocal", flag(player.is_coordinator)),
            ("LocalGroupUUID", player.group.group_id),
            ("VirtualLineInGroupID", ""),
            ("ResetVolumeAfter", flag(player.transport.ringing is not None)),
            ("VolumeAVTransportURI", player.transport.uri),
        ]

    def _content_directory(self, player: Player, keys: set[str], initial: bool) -> Properties:
        counters = self.hh.counters
        owner = self.hh.players[0].uid
        changed = []
        for key in sorted(keys - {"*"}):
            value = player.queue.update_id if key == "Q:0" else counters.containers.get(key, 1)
            changed.append(f"{key},{value}")
        props = [
            ("SystemUpdateID", str(counters.system)),
            ("ContainerUpdateIDs", ",".join(changed)),
        ]
        if initial or any(k.startswith("S:") for k in keys):
            props.append(
                ("ShareIndexInProgress", flag(self.hh.clock.now() < self.hh.indexing_until))
            )
            props.append(("ShareIndexLastError", ""))
        if initial:
            props.append(("UserRadioUpdateID", f"{owner},{counters.radio}"))
        if initial or any(k.startswith("SQ:") for k in keys):
            props.append(("SavedQueuesUpdateID", f"{owner},{counters.saved}"))
        if initial:
            props.append(("ShareListUpdateID", f"{owner},{counters.shares}"))
            props.append(("RecentlyPlayedUpdateID", f"{owner},1"))
            props.append(("Browseable", "1"))
            props.append(("RadioFavoritesUpdateID", f"{owner},{counters.radio}"))
            props.append(("RadioLocationUpdateID", f"{owner},1"))
        if initial or "FV:2" in keys:
            props.append(("FavoritesUpdateID", f"{owner},{counters.favorites}"))
        return props

    def _device_properties(self, player: Player, keys: set[str], initial: bool) -> Properties:
        state = "PLAYING" if player.transport.kind == "slave" else player.transport.state
        play = [
            ("IsIdle", flag(state != "PLAYING")),
            ("LastChangedPlayState", f"{state},,,"),
        ]
        if not initial and keys == {"play"}:
            return play
        more = ""
        if player.model.battery:
            more = (
                f"BattChg:NOT_CHARGING,RawBattPct:{player.battery_level},"
                f"BattPct:{player.battery_level},BattTmp:25"
            )
        return [
            ("ZoneName", player.name),
            ("Icon", player.icon),
            ("Configuration", "1"),
            ("Invisible", flag(player.invisible)),
            ("IsZoneBridge", "0"),
            ("AirPlayEnabled", flag(self.hh.is_s2)),
            ("SupportsAudioIn", flag(player.model.line_in)),
            ("SupportsAudioClip", flag(player.model.audio_clip)),
            *play,
            ("MoreInfo", more),
            ("ChannelMapSet", player.channel_map),
            ("HTSatChanMapSet", player.theatre_map),
            ("HTBondedZoneCommitState", "0"),
            ("Orientation", "0"),
            ("RoomCalibrationState", "4"),
            ("AvailableRoomCalibration", ""),
            ("TVConfigurationError", "0"),
            ("HdmiCecAvailable", "0"),
            ("WirelessMode", "1"),
            ("ConnectionType", "5"),
            ("HasConfiguredSSID", "1"),
            ("ChannelFreq", "5220"),
            ("BehindWifiExtender", "0"),
            ("WifiEnabled", "1"),
            ("EthLink", "0"),
            ("ConfigMode", ""),
            ("SettingsReplicationState", f"{player.uid},1,{player.uid},1"),
            ("SecureRegState", "3"),
            ("VoiceConfigState", str(player.voice_config)),
            ("MicEnabled", str(player.mic_enabled)),
        ]

    def _alarm_clock(self, player: Player, keys: set[str], initial: bool) -> Properties:
        props = [("AlarmListVersion", self.hh.alarm_version)]
        if initial:
            props = [
                ("TimeZone", "ffc40a000503000003000502ffc4"),
                ("TimeServer", "0.sonostime.pool.ntp.org,1.sonostime.pool.ntp.org"),
                ("TimeGeneration", "1"),
                *props,
                ("TimeFormat", "INV"),
                ("DateFormat", "INV"),
                ("DailyIndexRefreshTime", "02:00:00"),
            ]
        return props

    def _music_services(self, player: Player, keys: set[str], initial: bool) -> Properties:
        return [("ServiceListVersion", f"{self.hh.players[0].uid}:42")]

    def _system_properties(self, player: Player, keys: set[str], initial: bool) -> Properties:
        return [
            ("CustomerID", "123456789"),
            ("UpdateID", "1"),
            ("UpdateIDX", "1"),
            ("VoiceUpdateID", "1"),
            ("ThirdPartyHash", ""),
        ]

    def _audio_in(self, player: Player, keys: set[str], initial: bool) -> Properties:
        return [
            ("AudioInputName", player.line_in_name),
            ("Icon", "AudioComponent"),
            ("LineInConnected", "0"),
            ("LeftLineInLevel", "1"),
            ("RightLineInLevel", "1"),
            ("Playing", "0"),
        ]

    def _connection_manager(self, player: Player, keys: set[str], initial: bool) -> Properties:
        return [("SourceProtocolInfo", ""), ("SinkProtocolInfo", ""), ("CurrentConnectionIDs", "")]
