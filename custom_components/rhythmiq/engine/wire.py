"""The JSON forms of requests and recommendations, shared by home and cloud."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from .context import Context
from .errors import EngineError
from .listener import Bans
from .recommendation import Reason, Recommendation, RecommendedTrack
from .request import STRENGTHS, Request
from .tune_vector import TuneVector, Waypoint

_REQUEST_FIELDS = {field.name for field in fields(Request)}
_DEFAULT = Request()
_ALWAYS = {"key", "amount", "feature"}  # of a reason
_MALFORMED = (AttributeError, IndexError, KeyError, OverflowError, TypeError)


def request_to_json(request: Request) -> dict[str, Any]:
    """Return the request as JSON types; what was not asked for is left out."""
    plain = {
        name: getattr(request, name)
        for name in sorted(_REQUEST_FIELDS)
        if name == "count" or getattr(request, name) != getattr(_DEFAULT, name)
    }
    if "context" in plain:
        plain["context"] = dict(request.context.values)
    if "features" in plain:
        plain["features"] = dict(request.features)
    for name in plain.keys() & {"genres", "artists", "seeds", "tempo"}:
        plain[name] = list(plain[name])
    for name in plain.keys() & {"bans", "path"}:
        plain[name] = _plain(plain[name])
    return {name: value for name, value in plain.items() if value is not None}


def request_from_json(data: object) -> Request:
    """Read a request. Raises EngineError (`request_malformed`, or what Request and Context do)."""
    if not isinstance(data, Mapping):
        raise EngineError("request_malformed", reason="not an object")
    if unknown := data.keys() - _REQUEST_FIELDS:
        raise EngineError("request_malformed", reason=f"unknown: {', '.join(sorted(unknown))}")
    try:
        given = {name: _READERS.get(name, _as_it_is)(value) for name, value in data.items()}
        if "seconds" in given:
            given.setdefault("count", None)
        return Request(**given)
    except EngineError:
        raise
    except (*_MALFORMED, ValueError) as error:
        raise EngineError("request_malformed", reason=error) from error


def recommendation_to_json(recommendation: Recommendation) -> dict[str, Any]:
    """Return the recommendation as JSON types."""
    return {
        "context": dict(recommendation.context.values),
        "tracks": [
            asdict(track) | {"reasons": [_reason_to_json(reason) for reason in track.reasons]}
            for track in recommendation.tracks
        ],
    }


def recommendation_from_json(data: Any) -> Recommendation:
    """Read a recommendation. Raises EngineError(`recommendation_malformed`)."""
    try:
        return Recommendation(
            tuple(_track(track) for track in data["tracks"]),
            Context.from_values(data["context"]),
        )
    except (*_MALFORMED, ValueError) as error:
        raise EngineError("recommendation_malformed") from error


def _track(data: Mapping[str, Any]) -> RecommendedTrack:
    duration = data["duration"]
    return RecommendedTrack(
        uri=_text(data["uri"]),
        title=_text(data["title"]),
        artist=_text(data["artist"]),
        album=_text(data["album"]),
        duration=None if duration is None else float(duration),
        score=float(data["score"]),
        reasons=tuple(
            Reason(
                _text(reason["key"]),
                float(reason["amount"]),
                None if reason["feature"] is None else _text(reason["feature"]),
                None if (subject := reason.get("subject")) is None else _text(subject),
                reason.get("listener"),
            )
            for reason in data["reasons"]
        ),
    )


def _reason_to_json(reason: Reason) -> dict[str, Any]:
    """Return a reason as JSON types, without a subject or a listener where there is none."""
    plain = asdict(reason)
    return {name: plain[name] for name in plain if name in _ALWAYS or plain[name] is not None}


def _path(data: Mapping[str, Any]) -> TuneVector:
    points = (
        Waypoint(**{**point, "features": _numbers(point.get("features", {}))})
        for point in data.get("waypoints", [])
    )
    return TuneVector(**{**data, "waypoints": tuple(points)})


def _plain(value: object) -> Any:
    """Return a dataclass as JSON types, without what is left at its default."""
    if is_dataclass(value):
        named = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: _plain(part) for field, part in named if part not in (field.default, {})
        }
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def _range(values: Any) -> tuple[float, float]:
    low, high = values
    return float(low), float(high)


def _bans(data: Mapping[str, Any]) -> Bans:
    return Bans(**{name: _texts(names) for name, names in data.items()})


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _as_it_is(value: Any) -> Any:
    return value


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {_text(name): float(value) for name, value in values.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is not a list")
    return tuple(_text(value) for value in values)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "context": Context.from_values,
    "genres": _texts,
    "artists": _texts,
    "seeds": _texts,
    "tempo": _range,
    "features": _numbers,
    "bans": _bans,
    "path": _path,
    "after": _text,
    "explicit": _yes_or_no,
    **dict.fromkeys(STRENGTHS, float),
}
