"""Recommendations along a tune vector."""

from typing import Any

import numpy as np
import pytest

from custom_components.rhythmiq.engine import (
    Catalog,
    Context,
    EngineError,
    Listener,
    Preference,
    Recommendation,
    Request,
    rank,
)
from custom_components.rhythmiq.engine.recordings import recording
from custom_components.rhythmiq.engine.tune_vector import TuneVector, Waypoint

from .invented import catalog, columns

TRACKS = catalog(600)
RISE = TuneVector(
    waypoints=(
        Waypoint(minute=0, features={"energy": 0.1}),
        Waypoint(minute=60, features={"energy": 0.9}),
    )
)


def ranked(
    *listeners: Listener, tracks: Catalog = TRACKS, path: TuneVector = RISE, **asked: Any
) -> Recommendation:
    request = Request(path=path, **asked)
    return rank(tracks, request, listeners, now=0.0, rng=np.random.default_rng(0))


def energies(found: Recommendation) -> list[float]:
    rows = [TRACKS.uri.index(track.uri) for track in found.tracks]
    return [float(value) for value in TRACKS.column("energy")[rows]]


def test_the_music_follows_the_path() -> None:
    found = ranked(seconds=3600.0)
    energy = energies(found)
    assert np.mean(energy[:3]) < 0.35
    assert np.mean(energy[-3:]) > 0.65
    total = sum(track.duration or 0 for track in found.tracks)
    assert total == pytest.approx(3600, abs=120)


def test_a_shape_is_stretched_over_the_list() -> None:
    energy = energies(ranked(path=TuneVector(shape="descent"), count=12))
    assert len(energy) == 12
    assert np.mean(energy[:4]) > np.mean(energy[-4:]) + 0.2


def test_what_the_path_costs_is_a_reason() -> None:
    found = ranked(count=15, context=Context.from_values({"noise_level": 60}))
    keys = {reason.key for track in found.tracks for reason in track.reasons}
    assert {"base", "noise_level", "variety", "path"} <= keys
    for track in found.tracks:
        about = [reason.key for reason in track.reasons]
        assert len(set(about)) == len(about)
        assert sum(reason.amount for reason in track.reasons) == pytest.approx(
            track.score, abs=1e-6
        )
        assert all(reason.amount <= 0 for reason in track.reasons if reason.key == "path")


def test_a_path_may_lead_through_genres() -> None:
    path = TuneVector(
        waypoints=(Waypoint(minute=0, genre="jazz"), Waypoint(minute=60, genre="techno"))
    )
    found = ranked(path=path, seconds=3600.0)
    genres = [TRACKS.genres[TRACKS.uri.index(track.uri)] for track in found.tracks]
    half = len(genres) // 2
    assert sum("jazz" in names for names in genres[:half]) > half / 2
    assert sum("techno" in names for names in genres[half:]) > half / 2


def test_eligibility_holds_on_a_path_too() -> None:
    given_columns = columns(40)
    given_columns["title"][:3] = ["Song", "Song - Remastered 2011", "Other"]
    given_columns["artist"][:3] = ["A", "A", "B"]
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks=tracks, count=40, seeds=(tracks.uri[2],))
    assert len(found.tracks) == 38  # less the seed, and one of the two editions
    made = [recording(track.title, track.artist) for track in found.tracks]
    assert len(set(made)) == len(made)
    with pytest.raises(EngineError, match="nothing_matches"):
        ranked(tracks=tracks, artists=("B",), seeds=(tracks.uri[2],))


def test_what_somebody_would_hate_stays_out() -> None:
    hater = Listener(id=1, preferences=(Preference(kind="genre", name="techno", weight=-1),))
    found = ranked(hater, count=10)
    assert not any("techno" in TRACKS.genres[TRACKS.uri.index(track.uri)] for track in found.tracks)


def test_a_track_of_unknown_length_lasts_as_usual() -> None:
    tracks = Catalog.from_arrays([[0.2], [0.8], [0.5]], ["energy"])
    assert len(ranked(tracks=tracks, count=3).tracks) == 3


def test_same_input_same_path() -> None:
    again = Catalog.load(TRACKS.save())
    assert ranked(count=10) == ranked(tracks=again, count=10)
