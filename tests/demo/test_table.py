"""The two lists on a terminal."""

import pytest

from scripts.demo_home.table import clock, columns, fit, reasons, side_by_side


def track(title: str, artist: str = "The Amber Lanterns") -> dict[str, object]:
    return {
        "title": title,
        "artist": artist,
        "duration": 187.4,
        "reasons": [
            {"key": "noise_level", "feature": "energy", "amount": 0.5},
            {"key": "noise_level", "feature": "acousticness", "amount": 0.7},
            {"key": "time_of_day", "feature": "valence", "amount": 0.3},
            {"key": "variety", "feature": None, "amount": 0.1},
            {"key": "weather", "feature": "tempo", "amount": -2.0},
        ],
    }


@pytest.mark.parametrize("width", [40, 81, 150])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    tracks = [track("Window and Rain"), track("夜想曲" * 30), track("Cafe\u0301", "")]
    lines = side_by_side((["Evening", "calm"], tracks), (["Noon"], tracks[:1]), width).splitlines()
    assert max(columns(line) for line in lines) <= width
    assert len(lines) == 3 + 2 * len(tracks)
    assert {columns(line.partition("│")[0]) for line in lines} == {(width - 3) // 2 + 1}


def test_causes_are_added_up_and_the_largest_named_first() -> None:
    whole = "noise +1.2 (acoustic), time +0.3 (bright), variety +0.1"
    assert reasons(track("x"), len(whole)) == whole
    assert reasons(track("x"), len(whole) - 1) == "noise +1.2 (acoustic), time +0.3 (bright)"


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [("abc", 5, "abc  "), ("abcdef", 5, "abcd…"), ("夜想曲", 5, "夜想…"), ("夜想曲", 4, "夜… ")],
)
def test_fit(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
    assert columns(fitted) == width


def test_clock() -> None:
    assert [clock(seconds) for seconds in (None, 59.6, 3725)] == ["", "1:00", "62:05"]
