"""Set up a tune vector: what it is, its waypoints, and what plays besides songs."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    DurationSelector,
    MediaSelector,
    MediaSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..checks import seconds
from ..const import (
    CONF_DURATION,
    CONF_FADE,
    CONF_KIND,
    CONF_SHAPE,
    CONF_WAYPOINTS,
    SUBENTRY_TUNE_VECTOR,
)
from ..course import TuneVectorError, check_fade
from ..engine import FEATURES, MOODS, EngineError
from ..engine.legs import itinerary
from ..engine.tune_vector import KINDS, SHAPES
from ..library import LIBRARY
from ..tune_vectors import KnownTuneVector, read


def _number(feature: str, step: float, unit: str | None = None) -> NumberSelector:
    known = FEATURES[feature]
    config = NumberSelectorConfig(
        min=known.minimum, max=known.maximum, step=step, mode=NumberSelectorMode.BOX
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


KIND: Final = SelectSelector(
    SelectSelectorConfig(options=list(KINDS), translation_key="tune_vector_kind")
)
VECTOR_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_KIND, default="playlist"): KIND,
        vol.Required(CONF_DURATION): DurationSelector(),
        vol.Required(CONF_SHAPE, default="free"): SelectSelector(
            SelectSelectorConfig(options=list(SHAPES), translation_key="tune_vector_shape")
        ),
        vol.Optional(CONF_FADE): DurationSelector(),
    }
)
WAYPOINTS_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_WAYPOINTS): ObjectSelector(
            ObjectSelectorConfig(
                multiple=True,
                label_field="minute",
                description_field="mood",
                translation_key="waypoint",
                fields={
                    "minute": {
                        "required": True,
                        "selector": NumberSelector(
                            NumberSelectorConfig(
                                min=0,
                                max=1440,
                                step=1,
                                mode=NumberSelectorMode.BOX,
                                unit_of_measurement="min",
                            )
                        ).serialize()["selector"],
                    },
                    "mood": {
                        "selector": SelectSelector(
                            SelectSelectorConfig(options=list(MOODS), translation_key="mood")
                        ).serialize()["selector"]
                    },
                    "genre": {"selector": TextSelector().serialize()["selector"]},
                    "energy": {"selector": _number("energy", 0.05).serialize()["selector"]},
                    "tempo": {"selector": _number("tempo", 1, "BPM").serialize()["selector"]},
                    "kind": {"selector": KIND.serialize()["selector"]},
                },
            )
        )
    }
)
MEDIA: Final = MediaSelector(MediaSelectorConfig(multiple=True))


class TuneVectorFlow(ConfigSubentryFlow):
    """Name, kind, duration and shape → waypoints → media for what is no song.

    Each step is checked before the next begins, and everything once more at the end.
    """

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._name = ""
        self._data: dict[str, Any] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what it is."""
        return await self._about("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin with what was said before."""
        if user_input is None:
            subentry = self._get_reconfigure_subentry()
            self._name, self._data = subentry.title, dict(subentry.data)
        return await self._about("reconfigure", user_input)

    async def _about(self, step: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        hints: Mapping[str, str] = {}
        if user_input is not None:
            name = user_input[CONF_NAME].strip()
            about = {
                CONF_KIND: user_input[CONF_KIND],
                CONF_DURATION: seconds(user_input[CONF_DURATION]),
                CONF_SHAPE: user_input[CONF_SHAPE],
                CONF_FADE: seconds(user_input.get(CONF_FADE) or 0),
            }
            if not name:
                errors[CONF_NAME] = "name_missing"
            elif self._is_taken(name):
                errors[CONF_NAME] = "name_taken"
            else:
                hints = await self._check(about, errors)
            if not errors:
                self._name, self._data = name, self._data | about
                return await self.async_step_waypoints()
        shown = user_input or self._shown()
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(VECTOR_SCHEMA, shown),
            errors=errors,
            description_placeholders={"name": self._name, **hints},
        )

    async def async_step_waypoints(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the music should be at some minutes."""
        errors: dict[str, str] = {}
        hints: Mapping[str, str] = {}
        if user_input is not None:
            data = self._data | {CONF_WAYPOINTS: user_input.get(CONF_WAYPOINTS) or []}
            hints = await self._check(data, errors)
            if not errors:
                self._data = data
                return await self.async_step_media()
        return self.async_show_form(
            step_id="waypoints",
            data_schema=self.add_suggested_values_to_schema(
                WAYPOINTS_SCHEMA, user_input or self._data
            ),
            errors=errors,
            description_placeholders={"name": self._name, **hints},
        )

    async def async_step_media(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what plays for soundscapes and podcasts, where there are any."""
        kinds = dict.fromkeys(insert.kind for insert in itinerary(read(self._data).vector).inserts)
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = {kind: "media_missing" for kind in kinds if not user_input.get(kind)}
        if kinds and (user_input is None or errors):
            return self.async_show_form(
                step_id="media",
                data_schema=self.add_suggested_values_to_schema(
                    vol.Schema({vol.Optional(kind): MEDIA for kind in kinds}),
                    user_input or self._data,
                ),
                errors=errors,
                description_placeholders={"name": self._name},
            )
        data = {key: value for key, value in self._data.items() if key not in KINDS}
        return self._finish(data | {kind: (user_input or {})[kind] for kind in kinds})

    def _finish(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=self._name, data=data
            )
        return self.async_create_entry(title=self._name, data=data)

    async def _check(self, data: Mapping[str, Any], errors: dict[str, str]) -> Mapping[str, str]:
        """Put into ``errors`` what is wrong; return what fills the sentence."""
        try:
            known = read(data)
            check_fade(known.vector, known.fade)
            await self.hass.async_add_executor_job(self._check_genres, known)
        except (EngineError, TuneVectorError) as err:
            errors["base"] = err.key
            return err.placeholders
        return {}

    def _check_genres(self, known: KnownTuneVector) -> None:
        """Refuse genres that an imported catalog does not have; blocking."""
        tracks = self.hass.data[LIBRARY].tracks.load()
        if tracks.n_tracks:
            known.vector.path(tracks)

    def _shown(self) -> dict[str, Any]:
        if not self._data:
            return {}
        return {
            CONF_NAME: self._name,
            CONF_KIND: self._data[CONF_KIND],
            CONF_SHAPE: self._data[CONF_SHAPE],
            CONF_DURATION: _clock(self._data[CONF_DURATION]),
            CONF_FADE: _clock(self._data[CONF_FADE]),
        }

    def _is_taken(self, name: str) -> bool:
        """Tell whether another tune vector of the household is called the same."""
        own = self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        return any(
            other.title.casefold() == name.casefold() and other.subentry_id != own
            for other in self._get_entry().get_subentries_of_type(SUBENTRY_TUNE_VECTOR)
        )


def _clock(duration: float) -> dict[str, int]:
    """Return seconds as the form shows a duration."""
    minutes, rest = divmod(round(duration), 60)
    return {"hours": minutes // 60, "minutes": minutes % 60, "seconds": rest}
