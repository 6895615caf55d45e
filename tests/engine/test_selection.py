from collections.abc import Hashable
from dataclasses import dataclass

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine.selection import (
    ALBUM_COST,
    ARTIST_COST,
    LIKENESS_COST,
    Budget,
    Candidates,
    Choice,
    select,
)


@dataclass(frozen=True)
class Track:
    score: float
    unwanted: bool = False
    artist: int = -1
    album: int = -1
    genre: int = -1
    sound: tuple[float, float] = (0.0, 0.0)
    song: int = 0
    seconds: float = 200.0


tracks = st.lists(
    st.builds(
        Track,
        score=st.integers(-30, 30).map(lambda score: score / 10),
        unwanted=st.booleans(),
        artist=st.integers(-1, 2),
        album=st.integers(-1, 1),
        genre=st.integers(-1, 2),
        sound=st.tuples(*[st.integers(-2, 2).map(float)] * 2),
        song=st.integers(0, 9),
        seconds=st.floats(30, 600),
    ),
    max_size=30,
)


def columns(given: list[Track]) -> Candidates:
    return Candidates(
        score=np.array([track.score for track in given]),
        unwanted=np.array([track.unwanted for track in given], dtype=np.bool_),
        artist=np.array([track.artist for track in given], dtype=np.int32),
        album=np.array([track.album for track in given], dtype=np.int32),
        genre=np.array([track.genre for track in given], dtype=np.int32),
        sound=np.array([track.sound for track in given], dtype=np.float64).reshape(-1, 2),
        seconds=np.array([track.seconds for track in given]),
    )


def chosen(given: list[Track], budget: Budget, diversity: float = 1.0) -> Choice:
    def recording(place: int) -> Hashable:
        return given[place].song

    return select(columns(given), budget, recording, diversity=diversity)


def cost(track: Track, before: list[Track]) -> float:
    """Return what a track pays for those chosen before it, from the definition."""

    def same(name: str, other: Track) -> bool:
        return bool(getattr(track, name) == getattr(other, name) >= 0)

    likeness = [
        (
            1 / (1 + sum((a - b) ** 2 for a, b in zip(track.sound, other.sound, strict=True)))
            + same("genre", other)
        )
        / 2
        for other in before
    ]
    return (
        ARTIST_COST * sum(same("artist", other) for other in before)
        + ALBUM_COST * sum(same("album", other) for other in before)
        + LIKENESS_COST * max(likeness, default=0.0)
    )


def worth(track: Track, before: list[Track], diversity: float) -> float:
    """Return what counts when the next track is chosen."""
    return track.score - diversity * cost(track, before) - (1000 if track.unwanted else 0)


@settings(deadline=None)
@given(tracks, st.integers(1, 30), st.sampled_from([0.0, 0.5, 1.0]))
def test_choice_equals_recomputing_everything(
    given_tracks: list[Track], count: int, diversity: float
) -> None:
    picks = chosen(given_tracks, Budget(count), diversity).picks
    before: list[Track] = []
    for pick in picks:
        track = given_tracks[pick.index]
        assert -pick.diversity == pytest.approx(diversity * cost(track, before))
        songs = {other.song for other in before}
        assert track.song not in songs

        left = [other for other in given_tracks if other.song not in songs]
        best = max(worth(other, before, diversity) for other in left)
        assert worth(track, before, diversity) == pytest.approx(best)
        before.append(track)
    assert len(picks) == min(count, len({track.song for track in given_tracks}))


@given(tracks, st.floats(60, 3600))
def test_a_duration_is_met_within_half_a_track_or_everything_that_fits_was_used(
    given_tracks: list[Track], wanted: float
) -> None:
    ordinary = 200.0
    used = [
        given_tracks[pick.index]
        for pick in chosen(given_tracks, Budget(None, wanted, ordinary)).picks
    ]
    total = sum(track.seconds for track in used)
    assert total <= wanted + ordinary / 2 + 1e-6
    if total < wanted - ordinary / 2 - 1e-6 or not used:
        for track in given_tracks:
            if track.song not in {other.song for other in used}:
                assert total + track.seconds > wanted + ordinary / 2 - 1e-6


def test_ties_go_to_the_first() -> None:
    same = [Track(1.0, song=song) for song in range(5)]
    assert [pick.index for pick in chosen(same, Budget(5)).picks] == [0, 1, 2, 3, 4]


def test_recordings_to_leave_out_are_left_out() -> None:
    choice = select(columns([Track(1.0)]), Budget(1), lambda _: "song", left_out={"song"})
    assert choice.picks == []
