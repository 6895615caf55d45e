"""Small invented data sets in the shape of the public ones; no Home Assistant is needed here."""

from collections.abc import Iterable, Mapping
import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks import situnes
from custom_components.rhythmiq.engine import FEATURE_NAMES

N_TRACKS = 900


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Replace the fixture of the same name that needs a Home Assistant."""


def write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write a gzipped table."""
    rows = list(rows)
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ratings that depend on listener and track, and playlists of a kind."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(7)
    ratings(folder / "situnes", rng)
    playlists(folder, rng)
    return folder


def ratings(folder: Path, rng: np.random.Generator) -> None:
    """Write 12 people's 240 ratings of 40 tracks; nothing depends on the situation."""
    people, tracks = rng.normal(size=13), rng.normal(size=41)
    items = [
        {"item_id": item, "energy": tracks[item] / 2, "loudness": rng.normal(), "key": item % 12,
         "general_genre_id": item % 3}
        for item in range(1, 41)
    ]  # fmt: skip
    write(folder / "items.csv.gz", items)

    def rows(n: int, suffix: str = "") -> Iterable[dict[str, object]]:
        for number in range(n):
            user, item = int(rng.integers(1, 13)), int(rng.integers(1, 41))
            liking = 3 + people[user] + tracks[item] + rng.normal() / 2
            row: dict[str, object] = {
                "row": number, "user_id": user, "item_id": item,
                "rating": int(np.clip(np.rint(liking), 1, 5)), "timestamp": 1000 * number,
            }  # fmt: skip
            row |= {name: rng.normal() for name in situnes.CONTEXT}
            if suffix:
                row |= {name + suffix: rng.normal() for name in situnes.CONTEXT}
            yield row

    write(folder / "inter_stage2.csv.gz", rows(240))
    write(folder / "inter_stage3.csv.gz", rows(80, "_true"))
    parts = ("train",) * 7 + ("valid",) + ("test",) * 2
    seeds = {f"s{seed}": 1 + seed % 7 for seed in situnes.SPLITS}
    write(
        folder / "splits.csv.gz",
        (
            {"row": row} | {seed: parts[row * step % 10 - 1] for seed, step in seeds.items()}
            for row in range(240)
        ),
    )


def playlists(folder: Path, rng: np.random.Generator) -> None:
    """Write 900 tracks and 30 playlists, each of tracks that sound alike."""
    middle = rng.uniform(0.2, 0.8, size=(N_TRACKS // 30, len(FEATURE_NAMES)))
    sound = middle[np.arange(N_TRACKS) % len(middle)] + rng.normal(
        scale=0.05, size=(N_TRACKS, len(FEATURE_NAMES))
    )
    scale = {
        "key": (0, 11), "mode": (0, 1), "loudness": (-25, 0), "tempo": (60, 180),
        "popularity": (0, 100), "duration_ms": (1e5, 4e5), "release_year": (1960, 2025),
    }  # fmt: skip
    low, high = np.array([scale.get(name, (0, 1)) for name in FEATURE_NAMES]).T
    features = (low + (high - low) * np.clip(sound, 0.01, 0.99)).astype(np.float32)
    for name in ("key", "mode"):
        features[:, FEATURE_NAMES.index(name)] = np.rint(features[:, FEATURE_NAMES.index(name)])
    ids = [f"{row:022d}" for row in range(N_TRACKS)]
    np.savez(
        folder / "catalog_features.npz", track_id=np.array(ids, dtype="S22"),
        columns=np.array(FEATURE_NAMES, dtype="S20"), X=features,
    )  # fmt: skip
    write(
        folder / "catalog.csv.gz",
        (
            {"track_id": track, "title": f"Invented Song {row}", "artists": f"Artist {row // 3}"}
            | dict(zip(FEATURE_NAMES, values.tolist(), strict=True))
            for row, (track, values) in enumerate(zip(ids, features, strict=True))
        ),
    )
    write(
        folder / "playlists.csv.gz",
        (
            {"playlist_id": f"list {group:02d}", "track_id": ids[row]}
            for group in range(len(middle))
            for row in range(group, N_TRACKS, len(middle))
        ),
    )
