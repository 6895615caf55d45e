import json
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import (
    EngineError,
    Request,
    rank,
    recommendation_from_json,
    recommendation_to_json,
    request_from_json,
    request_to_json,
)
from custom_components.rhythmiq.engine.listener import Bans
from custom_components.rhythmiq.engine.tune_vector import TuneVector, Waypoint

from .invented import catalog, contexts, targets

TRACKS = catalog(60, missing=0.2)


@given(contexts(), targets(), st.integers(1, 500), st.floats(60, 86_400), st.booleans())
def test_a_request_survives_the_wire(
    context: Any, features: Any, count: int, seconds: float, timed: bool
) -> None:
    request = Request(
        context=context,
        count=None if timed else count,
        seconds=seconds if timed else None,
        mood="calm",
        genres=("jazz", "pop"),
        artists=("A",),
        tempo=(80.0, 120.5),
        key=0,
        mode=0,
        features=features,
        seeds=("test:1",),
        after="test:3",
        bans=Bans(("test:2",), ("B, C",)),
        explicit=False,
        not_again=60.0,
        path=TuneVector(
            waypoints=(Waypoint(minute=0, mood="calm"), Waypoint(minute=9.5, features=features))
            if features
            else (),
            shape="arc",
            seconds=3600.0,
        ),
        variety=0.0,
        fatigue=0.5,
    )
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert request_to_json(Request()) == {"count": 20}
    assert request_from_json({}) == Request()


@settings(deadline=None)
@given(contexts(), st.integers(0, 1000))
def test_a_recommendation_survives_the_wire(context: Any, seed: int) -> None:
    found = rank(TRACKS, Request(context=context), rng=np.random.default_rng(seed))
    assert recommendation_from_json(json.loads(json.dumps(recommendation_to_json(found)))) == found


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ([], "request_malformed"),
        ({"loudness": 3}, "request_malformed"),
        ({"count": "20"}, "count_out_of_range"),
        ({"seconds": "long"}, "request_malformed"),
        ({"genres": "pop"}, "request_malformed"),
        ({"genres": [1]}, "request_malformed"),
        ({"tempo": [100]}, "request_malformed"),
        ({"tempo": None}, "request_malformed"),
        ({"features": {"energy": "high"}}, "request_malformed"),
        ({"features": [1]}, "request_malformed"),
        ({"mood": ["calm"]}, "request_malformed"),
        ({"context": []}, "request_malformed"),
        ({"context": {"noise_level": 900}}, "variable_out_of_range"),
        ({"count": 0}, "count_out_of_range"),
        ({"bans": {"tracks": "test:1"}}, "request_malformed"),
        ({"bans": {"genres": []}}, "request_malformed"),
        ({"after": ["test:1"]}, "request_malformed"),
        ({"explicit": "no"}, "request_malformed"),
        ({"variety": 1.5}, "strength_out_of_range"),
        ({"not_again": -1}, "window_out_of_range"),
        ({"path": {"waypoints": [{"minute": -1, "mood": "calm"}]}}, "minute_out_of_range"),
        ({"path": {"waypoints": [{"mood": "calm"}]}}, "request_malformed"),
        ({"path": [1]}, "request_malformed"),
    ],
)
def test_malformed_requests_are_refused(data: object, error: str) -> None:
    with pytest.raises(EngineError) as raised:
        request_from_json(data)
    assert raised.value.key == error


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(Request.__dataclass_fields__)), json_values))
def test_any_json_is_read_or_refused(data: dict[str, Any]) -> None:
    try:
        request = request_from_json(data)
    except EngineError:
        return
    assert request_from_json(request_to_json(request)) == request


TRACK = {
    "uri": "u",
    "title": "t",
    "artist": "a",
    "album": "b",
    "duration": 200.0,
    "score": 1.5,
    "reasons": [{"key": "base", "amount": 1.5, "feature": None}],
}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"tracks": [], "context": {"noise_level": "?"}},
        {"tracks": 5, "context": {}},
        {"tracks": [TRACK | {"uri": 5}], "context": {}},
        {"tracks": [TRACK | {"score": "high"}], "context": {}},
        {"tracks": [TRACK | {"reasons": [{}]}], "context": {}},
    ],
)
def test_malformed_recommendations_are_refused(data: object) -> None:
    assert recommendation_from_json({"tracks": [TRACK], "context": {}}).tracks[0].score == 1.5
    with pytest.raises(EngineError) as raised:
        recommendation_from_json(data)
    assert raised.value.key == "recommendation_malformed"
