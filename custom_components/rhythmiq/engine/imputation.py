"""What is expected of a value nobody measured, and how uncertain that is."""

from dataclasses import dataclass

import numpy as np

from .features import Doubles, Mask, Rows

_SHRINKAGE = 5.0  # a genre's centroid counts this many average tracks in


@dataclass(frozen=True, slots=True)
class Genres:
    """Which track has which genres: `track[i]` has `genre[i]` (0 … n_genres - 1)."""

    n_tracks: int
    n_genres: int
    track: Rows
    genre: Rows

    def expected(self, z: Doubles, known: Mask) -> tuple[Doubles, Doubles]:
        """Return mean and variance of each unknown entry of z, which has mean 0 and variance 1.

        A track is expected to be like a draw from one of its genres, each genre's first two
        moments shrunk towards the catalog's; a track without genres like a draw from the catalog.
        Rounded to float32, so that the order of the tracks does not show.
        """
        of_known = known[self.track]
        count = np.bincount(self.genre[of_known], minlength=self.n_genres)
        genres_of = np.bincount(self.track, minlength=self.n_tracks)
        moments = []
        for power, prior in ((1, 0.0), (2, 1.0)):
            values = np.where(known, z, 0.0) ** power
            total = np.bincount(
                self.genre[of_known], values[self.track[of_known]], minlength=self.n_genres
            )
            centroid = (total + _SHRINKAGE * prior) / (count + _SHRINKAGE)
            sums = np.bincount(self.track, centroid[self.genre], minlength=self.n_tracks)
            moment = np.where(genres_of > 0, sums / np.maximum(genres_of, 1), prior)
            moments.append(moment[~known].astype(np.float32).astype(np.float64))
        mean, square = moments
        return mean, np.maximum(square - mean**2, 0.0)
