"""One media player per speaker."""

from typing import override

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.components.media_player.const import (
    MediaPlayerDeviceClass,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
    RepeatMode,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .beside_core import BESIDE_CORE, async_keep_precedence
from .checks import within
from .const import DOMAIN
from .entities.content_entity import CONTENT_FEATURES, ContentEntity
from .entity import async_add_for_speakers
from .exceptions import translated_errors
from .media.play_media import FAVORITE_TYPE
from .models import RhythmiqConfigEntry
from .sonos import inputs, play_mode, queue_control
from .sonos.grouping import Departure, join
from .sonos.speaker import Speaker
from .sonos.state import Playback, PlaybackState, Repeat
from .targets import async_speaker_of

# Commands of several speakers may run side by side: each speaker keeps its own order
PARALLEL_UPDATES = 0

_VOLUME_STEP = 0.02
_STATES = {
    Playback.PLAYING: MediaPlayerState.PLAYING,
    Playback.PAUSED: MediaPlayerState.PAUSED,
    Playback.IDLE: MediaPlayerState.IDLE,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a player for every speaker, now and when one is met later."""
    household = entry.runtime_data.household
    departure = Departure()

    def make(speaker: Speaker) -> list[SpeakerPlayer]:
        return [SpeakerPlayer(hass, speaker, departure)]

    @callback
    def came_back(uid: str) -> None:
        if (speaker := household.speakers.get(uid)) is not None:
            async_add_entities(make(speaker))

    entry.async_on_unload(async_keep_precedence(hass, entry, came_back))
    async_add_for_speakers(entry, async_add_entities, make)
    household.favorites.start()
    entry.async_on_unload(household.favorites.stop)


class SpeakerPlayer(ContentEntity):
    """A speaker: its group's music at its own volume."""

    _attr_name = None
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _attr_media_content_type = MediaType.MUSIC
    _attr_volume_step = _VOLUME_STEP
    _attr_supported_features = (
        CONTENT_FEATURES
        | MediaPlayerEntityFeature.CLEAR_PLAYLIST
        | MediaPlayerEntityFeature.GROUPING
        | MediaPlayerEntityFeature.NEXT_TRACK
        | MediaPlayerEntityFeature.PAUSE
        | MediaPlayerEntityFeature.PLAY
        | MediaPlayerEntityFeature.PREVIOUS_TRACK
        | MediaPlayerEntityFeature.REPEAT_SET
        | MediaPlayerEntityFeature.SEEK
        | MediaPlayerEntityFeature.SELECT_SOURCE
        | MediaPlayerEntityFeature.SHUFFLE_SET
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.VOLUME_MUTE
        | MediaPlayerEntityFeature.VOLUME_SET
        | MediaPlayerEntityFeature.VOLUME_STEP
    )

    def __init__(self, hass: HomeAssistant, speaker: Speaker, departure: Departure) -> None:
        super().__init__(hass, speaker)
        self._attr_unique_id = speaker.uid
        self._beside_core = speaker.household.core.keeps(speaker.uid)
        self._attr_entity_registry_enabled_default = not self._beside_core
        self._attr_entity_registry_visible_default = not self._beside_core
        self._departure = departure
        self._take_over(speaker.state)

    @override
    def get_initial_entity_options(self) -> er.EntityOptionsType | None:
        return BESIDE_CORE if self._beside_core else None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        favorites = self.speaker.household.favorites
        self.async_on_remove(favorites.add_listener(self.async_write_ha_state))
        # The speaker may have changed since this player was made
        self._take_over(self.speaker.state)

    @callback
    @override
    def _speaker_changed(self) -> None:
        self._take_over(self.speaker.state)
        super()._speaker_changed()

    @callback
    def _take_over(self, state: PlaybackState) -> None:
        self._attr_state = _STATES[state.state]
        self._attr_media_title = state.title
        self._attr_media_artist = state.artist
        self._attr_media_album_name = state.album
        self._attr_media_content_id = state.uri
        self._attr_media_duration = _whole(state.duration)
        self._attr_media_position = _whole(state.position)
        self._attr_media_position_updated_at = state.position_updated_at
        # Core's player serves its picture from Home Assistant already
        self._attr_media_image_remotely_accessible = (state.artwork or "").startswith("/")
        self._attr_volume_level = state.volume
        self._attr_is_volume_muted = state.muted
        self._attr_shuffle = state.shuffle
        self._attr_repeat = RepeatMode(state.repeat) if state.repeat else None
        self._attr_source = inputs.source_name(self.speaker)
        self._attr_extra_state_attributes = {
            "queue_position": state.queue_position,
            "source_kind": state.source.value,
            "sleep_timer_ends": self.speaker.sleep_end,
        }

    @property
    @override
    def group_members(self) -> list[str]:
        """Our players of the group, the coordinator's first."""
        registry = er.async_get(self.hass)
        found = (
            registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, member.uid)
            for member in self.speaker.members
        )
        return [entity_id for entity_id in found if entity_id is not None]

    @property
    @override
    def source_list(self) -> list[str]:
        names = [source.name for source in inputs.inputs_of(self.speaker)]
        return list(dict.fromkeys((*names, *(self.speaker.household.favorites.titles or ()))))

    @override
    async def async_media_play(self) -> None:
        with translated_errors():
            await self.speaker.play()

    @override
    async def async_media_pause(self) -> None:
        with translated_errors():
            await self.speaker.pause()

    @override
    async def async_media_stop(self) -> None:
        with translated_errors():
            await self.speaker.stop_playing()

    @override
    async def async_media_next_track(self) -> None:
        with translated_errors():
            await self.speaker.next()

    @override
    async def async_media_previous_track(self) -> None:
        with translated_errors():
            await self.speaker.previous()

    @override
    async def async_media_seek(self, position: float) -> None:
        # A stream has a duration of none or of 0
        if duration := self.speaker.state.duration:
            within("seek_out_of_range", position, 0, duration)
        with translated_errors():
            await self.speaker.seek(position)

    @override
    async def async_set_shuffle(self, shuffle: bool) -> None:
        with translated_errors():
            await play_mode.set_shuffle(self.speaker, shuffle=shuffle)

    @override
    async def async_set_repeat(self, repeat: RepeatMode) -> None:
        with translated_errors():
            await play_mode.set_repeat(self.speaker, Repeat(repeat))

    @override
    async def async_clear_playlist(self) -> None:
        with translated_errors():
            await queue_control.clear(self.speaker)

    @override
    async def async_select_source(self, source: str) -> None:
        """Play an input, or what the household keeps under this name."""
        for each in inputs.inputs_of(self.speaker):
            if each.name == source:
                with translated_errors():
                    await inputs.play_input(each)
                return
        try:
            await self.async_play_media(FAVORITE_TYPE, source)
        except HomeAssistantError as err:
            if err.translation_key != "unknown_favorite":
                raise
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_source",
                translation_placeholders={"value": source, "options": ", ".join(self.source_list)},
            ) from err

    @override
    async def async_join_players(self, group_members: list[str]) -> None:
        """Let these players, ours or core's, play what this one's group plays."""
        others = [async_speaker_of(self.hass, entity_id) for entity_id in group_members]
        with translated_errors():
            await join(self.speaker, others)

    @override
    async def async_unjoin_player(self) -> None:
        with translated_errors():
            await self._departure.leave(self.speaker)

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        within("volume_out_of_range", volume, 0, 1)
        with translated_errors():
            await self.speaker.set_volume(volume)

    @override
    async def async_volume_up(self) -> None:
        with translated_errors():
            await self.speaker.change_volume(self.volume_step)

    @override
    async def async_volume_down(self) -> None:
        with translated_errors():
            await self.speaker.change_volume(-self.volume_step)

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        with translated_errors():
            await self.speaker.set_muted(mute)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
