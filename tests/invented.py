"""Tracks that nobody ever recorded."""

import csv
from pathlib import Path
import random

TRACKS = 300
GENRES = {"ambient": 0.15, "jazz": 0.4, "pop": 0.65, "techno": 0.9}


def write_tracks(path: Path) -> None:
    """Write a catalog of invented tracks, always the same."""
    chance = random.Random(7)
    names = [
        *("track_id", "title", "artists", "album", "genre", "popularity", "duration_ms"),
        *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness"),
        *("instrumentalness", "liveness", "valence", "tempo"),
    ]
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, names)
        rows.writeheader()
        for number in range(TRACKS):
            genre = chance.choice(list(GENRES))
            energy = min(max(chance.gauss(GENRES[genre], 0.1), 0), 1)
            rows.writerow(
                {
                    "track_id": f"{number:022d}",
                    "title": f"Invented Song {number}",
                    "artists": f"Invented Artist {number % 60}",
                    "album": "Invented",
                    "genre": genre,
                    "popularity": chance.randrange(100),
                    "duration_ms": chance.randrange(150_000, 260_000),
                    "danceability": round(min(max(chance.gauss(energy, 0.15), 0), 1), 3),
                    "energy": round(energy, 3),
                    "key": chance.randrange(12),
                    "loudness": round(-20 + 16 * energy, 2),
                    "mode": chance.randrange(2),
                    "speechiness": 0.05,
                    "acousticness": round(1 - energy, 3),
                    "instrumentalness": round(chance.random() * 0.5, 3),
                    "liveness": 0.1,
                    "valence": round(chance.random(), 3),
                    "tempo": round(70 + 70 * energy + chance.uniform(-10, 10), 1),
                }
            )
