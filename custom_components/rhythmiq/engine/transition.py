"""What it costs to play one track after another.

Four parts, each from 0 (nobody notices) to 1 (a break), weighed to a sum within 0-1. That tempo,
key and loudness make a transition is what DJs rely on, and R. M. Bittner et al. (2017), Automatic
playlist sequencing and transitions, Proc. ISMIR; how much each part weighs is an assumption.

- tempo: distance of the two tempos in octaves, modulo octaves, so that half and double time are
  alike (listeners tap either: M. F. McKinney and D. Moelants 2006, Music Percept. 24, 155); 1 for
  the most awkward ratio, √2.
- key: steps on the circle of fifths, a minor key standing at its relative major, and one more if
  only one of the two is minor: the distance on the Camelot wheel, of at most 7. It orders keys as
  listeners do: nearest are the relative key and the fifths (C. L. Krumhansl and E. J. Kessler
  1982, Psychol. Rev. 89, 334).
- loudness: 10 dB, which sound twice as loud (S. S. Stevens 1955, J. Acoust. Soc. Am. 27, 815), or
  more are a break.
- energy: the difference on Spotify's scale from 0 to 1 (assumption).

A value nobody knows costs what two tracks drawn at random would: not nothing, or tracks without
features would be the smoothest of all.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from .catalog import Catalog
from .features import Doubles, Rows

TEMPO, KEY, LOUDNESS, ENERGY = 0.3, 0.2, 0.2, 0.3  # weights; their sum is 1
_BREAK = 10.0  # dB
# Expected parts of two tracks drawn at random: tempos uniform within the octave, energies within
# 0-1, loudness within its usual 15 dB (the mean of min(|a - b| / 10, 1)).
_ANY_TEMPO, _ANY_LOUDNESS, _ANY_ENERGY = 0.5, 13 / 27, 1 / 3


def _wheel() -> Doubles:
    """Return the cost of any key after any other, float64[39, 39].

    A key's place is 3 · pitch + mode, where pitch 12 and mode 2 are unknown and cost the mean over
    what they could be.
    """
    pitch, mode = np.divmod(np.arange(24), 2)
    home = 7 * (pitch + 3 * (mode == 0))
    steps = np.abs(home[:, None] - home[None, :]) % 12
    known = (np.minimum(steps, 12 - steps) + (mode[:, None] != mode[None, :])) / 7
    could_be = np.zeros((13, 3, 12, 2))
    for place in np.ndindex(13, 3):
        pitches = slice(None) if place[0] == 12 else place[0]
        modes = slice(None) if place[1] == 2 else place[1]
        could_be[*place, pitches, modes] = 1.0
    share = could_be.reshape(39, 24)
    share /= share.sum(axis=1, keepdims=True)
    mean: Doubles = share @ known @ share.T
    return mean


_WHEEL: Final = _wheel()


@dataclass(frozen=True, slots=True)
class Motion:
    """What is heard from one track to the next, float64[n] each; NaN where unknown."""

    energy: Doubles
    loudness: Doubles  # dB
    tempo: Doubles  # beats per minute
    key: Doubles  # pitch class
    mode: Doubles  # 1 is major

    @classmethod
    def of(cls, catalog: Catalog, rows: Rows) -> Self:
        """Read the motion of some tracks of a catalog."""
        names = ("energy", "loudness", "tempo", "key", "mode")
        return cls(*(catalog.column(name)[rows].astype(np.float64) for name in names))

    def take(self, rows: Rows) -> Self:
        """Return the motion of some tracks."""
        return type(self)(
            self.energy[rows],
            self.loudness[rows],
            self.tempo[rows],
            self.key[rows],
            self.mode[rows],
        )


class Transitions:
    """The cost of playing one of n tracks after another of them; never NaN, symmetric."""

    def __init__(self, motion: Motion) -> None:
        """Take what is heard; impossible values (a tempo of 0) count as unknown."""
        self._octave = np.log2(_within(motion.tempo, 1e-3, np.inf))
        self._loudness = _within(motion.loudness, -200, 200) / _BREAK
        self._energy = _within(motion.energy, 0, 1)
        pitch = np.nan_to_num(_within(motion.key, 0, 11), nan=12).astype(np.int64)
        mode = np.nan_to_num(_within(motion.mode, 0, 1), nan=2).astype(np.int64)
        self._key = 3 * pitch + mode

    def cost(self, before: Rows, after: Rows) -> Doubles:
        """Return the cost, within 0-1, for every pair of the broadcast indices."""
        octaves = np.abs(self._octave[before] - self._octave[after])
        tempo = 2 * np.abs(octaves - np.rint(octaves))
        loudness = np.minimum(np.abs(self._loudness[before] - self._loudness[after]), 1)
        energy = np.abs(self._energy[before] - self._energy[after])
        for part, expected in (
            (tempo, _ANY_TEMPO), (loudness, _ANY_LOUDNESS), (energy, _ANY_ENERGY),
        ):  # fmt: skip
            part[np.isnan(part)] = expected
        total: Doubles = TEMPO * tempo + LOUDNESS * loudness + ENERGY * energy
        total += KEY * _WHEEL[self._key[before], self._key[after]]
        return total

    def all(self) -> Doubles:
        """Return the cost float64[n, n] of every track (column) after every other (row)."""
        tracks = np.arange(len(self._key))
        return self.cost(tracks[:, None], tracks[None, :])


def _within(values: Doubles, low: float, high: float) -> Doubles:
    checked: Doubles = np.where((values >= low) & (values <= high), values, np.nan)
    return checked
