"""The JSON forms of requests and recommendations, shared by home and cloud."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from .context import Context
from .errors import EngineError
from .recommendation import Reason, Recommendation, RecommendedTrack
from .request import Request

_REQUEST_FIELDS = {field.name for field in fields(Request)}
_MALFORMED = (AttributeError, IndexError, KeyError, OverflowError, TypeError)


def request_to_json(request: Request) -> dict[str, Any]:
    """Return the request as JSON types; what was not asked for is left out."""
    plain = {name: getattr(request, name) for name in sorted(_REQUEST_FIELDS)}
    plain["context"] = dict(request.context.values)
    plain["features"] = dict(request.features)
    for name in ("genres", "artists", "seeds", "tempo"):
        plain[name] = list(plain[name] or ())
    return {name: value for name, value in plain.items() if value not in (None, [], {})}


def request_from_json(data: object) -> Request:
    """Read a request. Raises EngineError (`request_malformed`, or what Request and Context do)."""
    if not isinstance(data, Mapping):
        raise EngineError("request_malformed", reason="not an object")
    if unknown := data.keys() - _REQUEST_FIELDS:
        raise EngineError("request_malformed", reason=f"unknown: {', '.join(sorted(unknown))}")
    try:
        given: dict[str, Any] = dict(data)
        given["context"] = Context.from_values(given.get("context", {}))
        if "seconds" in given:
            given.setdefault("count", None)
        for name in ("genres", "artists", "seeds"):
            given[name] = _texts(given.get(name, []))
        if "tempo" in given:
            low, high = given["tempo"]
            given["tempo"] = (float(low), float(high))
        given["features"] = {
            name: float(value) for name, value in given.get("features", {}).items()
        }
        return Request(**given)
    except EngineError:
        raise
    except (*_MALFORMED, ValueError) as error:
        raise EngineError("request_malformed", reason=error) from error


def recommendation_to_json(recommendation: Recommendation) -> dict[str, Any]:
    """Return the recommendation as JSON types."""
    return {
        "context": dict(recommendation.context.values),
        "tracks": [asdict(track) for track in recommendation.tracks],
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
            )
            for reason in data["reasons"]
        ),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is not a list")
    return tuple(_text(value) for value in values)
