"""How well `similar` finds the other tracks of a playlist from a few of them.

    python -m benchmarks.playlists DATA [--seeds N ...] [--json FILE]

DATA holds `catalog.csv.gz`, `catalog_features.npz` and `playlists.csv.gz`. Playlists of at least 20
catalogued tracks; the first N in a fixed order are shown, all other tracks of any playlist are the
candidates. AUC: the playlist's other tracks against the other candidates; recall@500: the share of
them (at most 500) among the first 500. Means over playlists. Genres are not given: in this data
they name the playlist.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
import csv
import gzip
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine.catalog import Catalog
from custom_components.rhythmiq.engine.similar import similar

type Model = Callable[[NDArray[np.int64]], NDArray[np.float64]]

AUDIO = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo",
)  # fmt: skip
FEWEST, SHOWN = 20, 500


def load(data: Path) -> tuple[Catalog, Catalog, list[NDArray[np.int64]]]:
    """Return the candidates without and with artists, and each playlist's rows, shuffled."""
    playlists: dict[str, set[str]] = {}
    with gzip.open(data / "playlists.csv.gz", "rt", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            playlists.setdefault(line["playlist_id"], set()).add(line["track_id"])
    with np.load(data / "catalog_features.npz") as stored:
        ids, features = stored["track_id"].astype(str), stored["X"]
        names = stored["columns"].astype(str).tolist()
    wanted = np.isin(ids, sorted(set().union(*playlists.values())))
    with gzip.open(data / "catalog.csv.gz", "rt", encoding="utf-8") as lines:
        artists = {line["track_id"]: line["artists"] for line in csv.DictReader(lines)}
    ids, features = ids[wanted], features[wanted]
    bare = Catalog.from_arrays(features, names)
    named = Catalog.from_arrays(features, names, artist=[artists[track] for track in ids.tolist()])
    row = {track: place for place, track in enumerate(ids.tolist())}
    lists = []
    for number, playlist in enumerate(sorted(playlists)):
        rows = sorted(row[track] for track in playlists[playlist] if track in row)
        if len(rows) >= FEWEST:
            lists.append(np.random.default_rng(number).permutation(rows))
    return bare, named, lists


def auc(hit: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Return the probability that a hit scores higher than another track; ties count half."""
    _, group, size = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2)[group]
    n = int(hit.sum())
    return float((rank[hit].sum() - n * (n + 1) / 2) / (n * (len(hit) - n)))


def judge(model: Model, lists: Sequence[NDArray[np.int64]], n_tracks: int, n: int) -> list[float]:
    """Return mean AUC and recall@500 when n tracks of each list are shown."""
    return [float(mean) for mean in np.mean(list(_judged(model, lists, n_tracks, n)), axis=0)]


def _judged(
    model: Model, lists: Sequence[NDArray[np.int64]], n_tracks: int, n: int
) -> Iterator[tuple[float, float]]:
    for rows in lists:
        if len(rows) < n + FEWEST // 2:
            continue
        hit = np.zeros(n_tracks, dtype=np.bool_)
        hit[rows[n:]] = True
        hidden = np.ones(n_tracks, dtype=np.bool_)
        hidden[rows[:n]] = False
        score, label = model(rows[:n])[hidden], hit[hidden]
        first = np.argpartition(-score, SHOWN)[:SHOWN]
        yield auc(label, score), float(label[first].sum()) / min(int(label.sum()), SHOWN)


def cosine(catalog: Catalog) -> Model:
    """Return plain cosine to the seeds' centroid, of standardised audio features."""
    z = np.stack([catalog.column(name).astype(np.float64) for name in AUDIO], axis=1)
    z = (z - np.nanmean(z, axis=0)) / np.nanstd(z, axis=0)
    z = np.nan_to_num(z)
    length = np.linalg.norm(z, axis=1)

    def model(seeds: NDArray[np.int64]) -> NDArray[np.float64]:
        score: NDArray[np.float64] = z @ z[seeds].mean(axis=0) / np.maximum(length, 1e-9)
        return score

    return model


def main() -> None:
    """Measure, print a table, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 3, 10, 30])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    bare, named, lists = load(options.data)
    models: dict[str, Model] = {
        "popularity": lambda _: bare.column("popularity").astype(np.float64),
        "cosine": cosine(bare),
        "similar": lambda seeds: similar(bare, seeds),
        "similar, artists given": lambda seeds: similar(named, seeds),
    }
    print(f"{'AUC / recall@500':24}" + "".join(f"{n:>9} seeds" for n in options.seeds))
    results: dict[str, dict[str, list[float]]] = {}
    for name, model in models.items():
        results[name] = {str(n): judge(model, lists, bare.n_tracks, n) for n in options.seeds}
        cells = (f"{area:.3f} / {recall:.3f}" for area, recall in results[name].values())
        print(f"{name:24}" + "".join(f"{cell:>15}" for cell in cells), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results))


if __name__ == "__main__":
    main()
