"""Compute the starter catalog's statistics from a catalog of real tracks.

    python -m scripts.starter_catalog.measure CATALOG.csv[.gz]

rewrites `genres.csv` and `correlations.csv` beside this file.  The catalog needs a `genre`
column, one column per feature, and a `mode` column (0/1).
"""

import csv
import gzip
from pathlib import Path
from statistics import NormalDist
import sys

import numpy as np
import numpy.typing as npt

from .features import CONTINUOUS, LEVELS

type Array = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent
ENOUGH = 50
"""A genre with fewer known values of a feature takes the row of all genres instead."""

GENRES = {
    "acoustic": ("acoustic",),
    "afrobeat": ("afrobeat",),
    "ambient": ("ambient",),
    "big room": ("big room",),
    "bluegrass": ("bluegrass",),
    "blues": ("blues", "Blues Classics", "Blues Standards"),
    "brazilian": ("mpb", "brazil"),
    "classical": ("classical", "Classical", "Classical Essentials"),
    "country": ("country", "Country"),
    "dance pop": ("dance pop",),
    "dancehall": ("dancehall",),
    "deep house": ("deep-house", "deep house"),
    "disco": ("disco",),
    "drum and bass": ("drum-and-bass",),
    "dub": ("dub",),
    "electro house": ("electro house", "progressive electro house"),
    "electropop": ("electropop",),
    "folk": ("folk", "Fresh Folk"),
    "funk": ("funk",),
    "gospel": ("gospel",),
    "hard rock": ("hard rock", "hard-rock"),
    "heavy metal": ("heavy-metal", "metalcore"),
    "hip hop": ("hip hop", "Hip-Hop", "hip-hop"),
    "indie pop": ("indie-pop", "indie poptimism"),
    "jazz": ("jazz", "Jazz", "Jazz Classics"),
    "k-pop": ("k-pop", "K-Pop"),
    "latin pop": ("latin pop",),
    "neo soul": ("neo soul",),
    "new age": ("new-age", "meditative"),
    "piano": ("piano",),
    "punk rock": ("punk-rock", "punk"),
    "r&b": ("urban contemporary", "r-n-b"),
    "reggae": ("reggae", "REGGAE", "Reggae Classics"),
    "reggaeton": ("reggaeton",),
    "rock": ("rock", "Rock", "classic rock"),
    "rock and roll": ("rock-n-roll", "rockabilly"),
    "salsa": ("salsa",),
    "singer-songwriter": ("singer-songwriter",),
    "soul": ("soul", "Soul"),
    "synth-pop": ("synth-pop",),
    "tango": ("tango",),
    "techno": ("techno", "minimal-techno", "detroit-techno"),
    "trance": ("trance",),
    "trip hop": ("trip-hop",),
}
"""The starter catalog's genres, and the labels of the real tracks that each gathers."""


def read(path: Path) -> dict[str, Array]:
    """Return one array (tracks, features + 1) per genre; NaN missing, mode last."""
    genre_of = {label: genre for genre, labels in GENRES.items() for label in labels}
    rows: dict[str, list[list[float]]] = {genre: [] for genre in GENRES}
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            genre = genre_of.get(row["genre"])
            # no tempo, or under half a minute: the analysis failed, it is not music
            if genre and float(row["tempo"]) > 0 and float(row["duration_ms"]) >= 30_000:
                values = [row[name] for name in (*CONTINUOUS, "mode")]
                rows[genre].append([float(value) if value else np.nan for value in values])
    return {genre: np.array(values) for genre, values in rows.items()}


def normal_scores(values: Array) -> Array:
    """Return the standard normal value of each one's rank; a missing one scores 0."""
    scores = np.zeros(len(values))
    known = np.flatnonzero(~np.isnan(values))
    ranks = np.argsort(np.argsort(values[known], kind="stable"), kind="stable")
    normal = NormalDist()
    scores[known] = [normal.inv_cdf((rank + 0.5) / len(known)) for rank in ranks.tolist()]
    return scores


def correlations(tracks: dict[str, Array]) -> Array:
    """Return how features vary together inside a genre: correlation of normal scores."""
    scores = [
        np.column_stack([normal_scores(rows[:, i]) for i in range(len(CONTINUOUS))])
        for rows in tracks.values()
    ]
    return np.asarray(np.corrcoef(np.concatenate(scores), rowvar=False))


def write(tracks: dict[str, Array]) -> None:
    """Write both tables."""
    with (FOLDER / "genres.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ("genre", "feature", "tracks", "mean", *(f"p{level * 100:02.0f}" for level in LEVELS))
        )
        everything = np.concatenate(list(tracks.values()))
        for genre, rows in tracks.items():
            for i, feature in enumerate((*CONTINUOUS, "mode")):
                column = rows[:, i]
                known = column[~np.isnan(column)]
                if len(known) < ENOUGH:
                    known = everything[~np.isnan(everything[:, i]), i]
                numbers = (known.mean(), *np.quantile(known, LEVELS))
                table.writerow((genre, feature, len(known), *(f"{n:.5g}" for n in numbers)))
    with (FOLDER / "correlations.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(CONTINUOUS)
        table.writerows([[f"{value:.3f}" for value in row] for row in correlations(tracks)])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(read(Path(sys.argv[1])))
