"""The features of the table, and the levels at which their distribution is written down."""

CONTINUOUS = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
    "popularity",
    "duration_ms",
    "release_year",
)
"""Drawn together, on Spotify's scales, with their correlations."""

LEVELS = (0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
"""The quantiles of each genre that the table holds."""

RANGES = {
    "loudness": (-60.0, 0.0),
    "tempo": (40.0, 220.0),
    "popularity": (0.0, 100.0),
    "duration_ms": (60_000.0, 900_000.0),
    "release_year": (1950.0, 2025.0),
}
"""Limits of a plausible track; every feature that is not listed lies in 0 to 1."""
