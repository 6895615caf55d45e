from typing import Any

import pytest

from custom_components.rhythmiq.engine import MOODS, EngineError, Request, parse_key


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"count": 0}, "count_out_of_range"),
        ({"count": 501}, "count_out_of_range"),
        ({"count": 10_000}, "count_out_of_range"),
        ({"count": 2.5}, "count_out_of_range"),
        ({"count": None}, "count_out_of_range"),
        ({"seconds": 59}, "duration_out_of_range"),
        ({"seconds": 86_401}, "duration_out_of_range"),
        ({"seconds": float("nan")}, "duration_out_of_range"),
        ({"mood": "hangry"}, "unknown_mood"),
        ({"tempo": (120, 100)}, "tempo_range_invalid"),
        ({"tempo": (0, 100)}, "tempo_range_invalid"),
        ({"tempo": (100, 1000)}, "tempo_range_invalid"),
        ({"tempo": (float("nan"), 100)}, "tempo_range_invalid"),
        ({"key": 12}, "key_invalid"),
        ({"key": -1}, "key_invalid"),
        ({"mode": 2}, "key_invalid"),
        ({"features": {"swing": 1}}, "unknown_feature"),
        ({"features": {"energy": 1.1}}, "feature_out_of_range"),
        ({"features": {"tempo": float("inf")}}, "feature_out_of_range"),
    ],
)
def test_wrong_requests_are_refused(asked: dict[str, Any], error: str) -> None:
    with pytest.raises(EngineError) as raised:
        Request(**asked)
    assert raised.value.key == error
    assert raised.value.placeholders


@pytest.mark.parametrize(
    "asked",
    [
        {"count": 1},
        {"count": 500},
        {"count": None, "seconds": 60},
        {"count": 10_000, "seconds": 86_400},  # seconds win
        {"tempo": (100, 100)},
        {"key": 0, "mode": 0},
        *({"mood": mood} for mood in MOODS),
    ],
)
def test_right_requests_are_taken(asked: dict[str, Any]) -> None:
    request = Request(**asked)
    assert all(getattr(request, name) == value for name, value in asked.items())


def test_an_unknown_mood_names_the_known_ones() -> None:
    with pytest.raises(EngineError, match="calm, happy") as raised:
        Request(mood="hangry")
    assert raised.value.placeholders["mood"] == "hangry"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (7.0, (7, None)),
        ("7.0", (7, None)),
        ("C", (0, None)),
        ("f# minor", (6, 0)),
        ("Bbm", (10, 0)),
        ("BM", (11, 1)),
        ("Cb major", (11, 1)),
        (" e flat ", (3, None)),
        ("A♭ maj", (8, 1)),
        (7, (7, None)),
        ("11", (11, None)),
    ],
)
def test_keys_are_read(written: object, key: tuple[int, int | None]) -> None:
    assert parse_key(written) == key


@pytest.mark.parametrize("written", ["H", "12", "-1", "C major scale", "", None, 7.5, "²"])
def test_other_keys_are_refused(written: object) -> None:
    with pytest.raises(EngineError) as raised:
        parse_key(written)
    assert raised.value.key == "key_invalid"
