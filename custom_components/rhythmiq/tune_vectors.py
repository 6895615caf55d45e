"""Tune vectors by name: a household's own ones, and those that are ready to be used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import difflib
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er

from .checks import number, seconds
from .const import (
    CONF_DURATION,
    CONF_FADE,
    CONF_KIND,
    CONF_SHAPE,
    CONF_WAYPOINTS,
    DOMAIN,
    SUBENTRY_TUNE_VECTOR,
)
from .course import Course, Item, TuneVectorError
from .engine import TuneVector, Waypoint
from .engine.presets import PRESETS
from .engine.tune_vector import Kind
from .media.play_media import Wish, async_media
from .sonos.media import Playable
from .sonos.speaker import Speaker
from .sonos.stream import Stream
from .wording import async_words

ITEM_KINDS: Final[tuple[Kind, ...]] = ("soundscape", "podcast")
FEATURES: Final = ("energy", "tempo")
"""Features that a waypoint may name without more ado."""

_KEYS: Final = {
    CONF_KIND,
    CONF_DURATION,
    CONF_SHAPE,
    CONF_FADE,
    "mood",
    CONF_WAYPOINTS,
    *ITEM_KINDS,
}
_POINT_KEYS: Final = {"minute", "mood", "genre", "kind", "features", *FEATURES}


@dataclass(frozen=True, slots=True)
class Medium:
    """Something to play, as Home Assistant names it."""

    id: str
    type: str = ""
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTuneVector:
    """A tune vector by name; ``media`` says what plays for its soundscapes and podcasts."""

    name: str | None
    vector: TuneVector
    mood: str | None = None
    fade: float = 0.0
    media: Mapping[Kind, tuple[Medium, ...]] = field(default_factory=dict)

    async def async_course(self, hass: HomeAssistant, speaker: Speaker | None) -> Course:
        """Return it as one can follow it on a speaker; without one, nothing is looked up.

        Raises ``TuneVectorError`` and what looking for media raises.
        """
        items: dict[Kind, tuple[Item, ...]] = {}
        for kind, media in self.media.items():
            found: list[Item] = []
            for each in media:
                found += await _async_items(hass, speaker, each)
            items[kind] = tuple(found)
        return Course(
            name=self.name, vector=self.vector, mood=self.mood, fade=self.fade, items=items
        )


async def async_find(
    hass: HomeAssistant, entry: ConfigEntry, reference: str | Mapping[str, Any]
) -> KnownTuneVector:
    """Return the tune vector that a name or an id means, or that a mapping describes.

    Raises ``ServiceValidationError``, with the closest names, and ``EngineError``.
    """
    if not isinstance(reference, str):
        return read(reference)
    wanted = reference.strip().casefold()
    for title, subentry_id, data in _own(entry):
        if wanted in (title.casefold(), subentry_id.casefold()):
            return read(data, title)
    words = await async_words(hass, "selector")
    names = {key: words[f"tune_vector.options.{key}"] for key in PRESETS}
    for key, preset in PRESETS.items():
        if wanted.replace(" ", "_").replace("-", "_") == key or wanted == names[key].casefold():
            return KnownTuneVector(
                name=names[key], vector=preset.vector, mood=preset.mood, fade=preset.fade
            )
    known = [*(title for title, _, _ in _own(entry)), *names.values()]
    close = difflib.get_close_matches(reference, known, cutoff=0.4)
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_tune_vector",
        translation_placeholders={"name": reference, "suggestions": ", ".join(close or known)},
    )


def read(data: Mapping[str, Any], name: str | None = None) -> KnownTuneVector:
    """Read a tune vector as a subentry or an action holds it.

    Raises ``EngineError``, ``TuneVectorError`` and ``ServiceValidationError``.
    """
    _check_keys(data, _KEYS)
    points = data.get(CONF_WAYPOINTS) or ()
    return KnownTuneVector(
        name=name,
        vector=TuneVector(
            waypoints=tuple(_waypoint(point) for point in _listed(points)),
            shape=_text(data, CONF_SHAPE) or "free",
            kind=_text(data, CONF_KIND) or "playlist",
            seconds=seconds(data[CONF_DURATION]) if data.get(CONF_DURATION) is not None else None,
        ),
        mood=_text(data, "mood"),
        fade=seconds(data.get(CONF_FADE) or 0),
        media={kind: tuple(map(_medium, _listed(data.get(kind) or ()))) for kind in ITEM_KINDS},
    )


def _own(entry: ConfigEntry) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for subentry in entry.get_subentries_of_type(SUBENTRY_TUNE_VECTOR):
        yield subentry.title, subentry.subentry_id, subentry.data


def _listed(value: object) -> Sequence[object]:
    """Take one for a list of one, as everywhere in Home Assistant."""
    return value if isinstance(value, (list, tuple)) else [value]


def _waypoint(point: object) -> Waypoint:
    if not isinstance(point, Mapping):
        raise TuneVectorError("tune_vector_malformed", part=str(point))
    _check_keys(point, _POINT_KEYS)
    if "minute" not in point:
        raise TuneVectorError("waypoint_without_minute")
    features = point.get("features") or {}
    if not isinstance(features, Mapping):
        raise TuneVectorError("tune_vector_malformed", part=f"features: {features}")
    features = dict(features) | {
        name: point[name] for name in FEATURES if point.get(name) is not None
    }
    return Waypoint(
        minute=number("minute", point["minute"]),
        features={name: number(name, value) for name, value in features.items()},
        mood=_text(point, "mood"),
        genre=_text(point, "genre"),
        kind=_text(point, "kind"),
    )


def _medium(medium: Any) -> Medium:
    if isinstance(medium, str):
        return Medium(medium)
    if isinstance(medium, Mapping) and isinstance(medium.get("media_content_id"), str):
        return Medium(
            medium["media_content_id"],
            medium.get("media_content_type") or "",
            (medium.get("metadata") or {}).get("title"),
        )
    raise TuneVectorError("tune_vector_malformed", part=str(medium))


def _text(data: Mapping[str, Any], key: str) -> Any:
    """Return a word of somebody's, None where nothing was said."""
    if (word := data.get(key)) is not None and not isinstance(word, str):
        raise TuneVectorError("tune_vector_malformed", part=f"{key}: {word}")
    return word or None


def _check_keys(data: Mapping[str, Any], known: set[str]) -> None:
    for key in data:
        if key not in known:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_option",
                translation_placeholders={
                    "field": "tune_vector",
                    "value": str(key),
                    "options": ", ".join(sorted(known)),
                },
            )


async def _async_items(
    hass: HomeAssistant, speaker: Speaker | None, medium: Medium
) -> Sequence[Item]:
    if speaker is None:
        return [Playable(medium.id, medium.title)]
    player = er.async_get(hass).async_get_entity_id("media_player", DOMAIN, speaker.uid)
    wish = Wish(
        entity_id=player or "",
        media_type=medium.type,
        media_id=medium.id,
        title=medium.title,
    )
    found = await async_media(hass, speaker, wish)
    return [found] if isinstance(found, Stream) else found
