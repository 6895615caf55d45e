"""The starter catalog: invented, plausible, the same for the same seed."""

import csv
import gzip
from itertools import islice
from pathlib import Path
import re
from statistics import median

import numpy as np
import pytest

from scripts.starter_catalog import features, generate

SEED = 1


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("catalog") / "invented.csv.gz"
    generate.write(path, seed=SEED)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_track_is_itself_and_plainly_invented(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 5_000
    assert len({row["track_id"] for row in rows}) == 5_000
    assert all(re.fullmatch(r"InventedTrack\d{9}", row["track_id"]) for row in rows)
    assert len({row["title"] for row in rows}) == 5_000
    assert {row["album"] for row in rows} == {"RhythmIQ invented catalog"}


def test_no_pattern_is_left_unfilled(rows: list[dict[str, str]]) -> None:
    assert not [row for row in rows if re.search(r"[{}|]", row["title"] + row["artists"])]


def test_features_stay_on_their_scales(rows: list[dict[str, str]]) -> None:
    for feature in features.CONTINUOUS:
        lowest, highest = features.RANGES.get(feature, (0.0, 1.0))
        values = [float(row[feature]) for row in rows]
        assert lowest <= min(values)
        assert max(values) <= highest
    assert {row["key"] for row in rows} == {str(key) for key in range(12)}
    assert {row["mode"] for row in rows} == {"0", "1"}


def test_genres_sound_like_their_statistics(rows: list[dict[str, str]]) -> None:
    genres = generate.read_genres()
    assert 25 <= len(genres) <= 50
    middle = features.LEVELS.index(0.5)
    differences: dict[str, list[float]] = {"energy": [], "acousticness": [], "valence": []}
    for genre in genres:
        drawn = [row for row in rows if row["genre"] == genre.name]
        assert len(drawn) > 100
        for feature, found in differences.items():
            expected = genre.quantiles[features.CONTINUOUS.index(feature), middle]
            found.append(abs(median(float(row[feature]) for row in drawn) - expected))
    assert all(np.mean(found) < 0.06 for found in differences.values())


def test_loudness_goes_with_energy_inside_a_genre(rows: list[dict[str, str]]) -> None:
    drawn = [row for row in rows if row["genre"] == "rock"]
    energy, loudness = ([float(row[name]) for row in drawn] for name in ("energy", "loudness"))
    assert np.corrcoef(energy, loudness)[0, 1] > 0.4


def test_a_classical_title_names_the_tracks_own_key(rows: list[dict[str, str]]) -> None:
    named = [row for row in rows if re.search(r" in \S+ (major|minor)", row["title"])]
    assert len(named) > 50
    assert all(("major" in row["title"]) == (row["mode"] == "1") for row in named)


def test_same_seed_same_tracks() -> None:
    first, again, other = (list(islice(generate.tracks(5_000, seed), 300)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_tables_hold_statistics_only() -> None:
    with (Path(generate.__file__).parent / "genres.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row.pop("feature") in (*features.CONTINUOUS, "mode")
            assert row.pop("genre")
            assert all(np.isfinite(float(number)) for number in row.values())
    assert np.all(np.linalg.eigvalsh(generate.read_correlations()) > 0)
