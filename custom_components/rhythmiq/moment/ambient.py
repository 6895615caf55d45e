"""How loud a room is without the music that its own speaker makes.

Noise is averaged as energy over WINDOW, each reading for as long as it held: the equivalent
continuous sound level of ISO 1996-1, L = 10 lg(1/T ∫ 10^(L(t)/10) dt).

A microphone hears the music, too. How loud that is at a volume is learned in the first minutes
after it starts or the volume changes, when the room is taken to be as loud as it was just before;
later the music's energy is subtracted. Where what is heard is less than FLOOR above the music, or
nothing was learned about the volume, nothing is known, and the last level stays until it is stale.
What was learned is kept in memory only.
"""

from collections import deque
from dataclasses import dataclass
import math
from typing import Final

WINDOW: Final = 180.0  # seconds
LEARNING: Final = 120.0  # seconds after the music starts
STALE: Final = 1800.0  # seconds for which a level stays without being measured anew
FLOOR: Final = 3.0  # dB
_VOLUMES: Final = 20  # what is learned is learned per step of 5 %
_SLOWNESS: Final = 0.7  # of what is known of a volume, when it is heard again


@dataclass(frozen=True, slots=True)
class _Reading:
    at: float
    level: float


class AmbientNoise:
    """The level of one room, in dB; times are in seconds since any origin, never falling."""

    def __init__(self) -> None:
        """Begin in silence, knowing nothing."""
        self._readings: deque[_Reading] = deque()
        self._level: float | None = None
        self._measured = -math.inf
        self._volume: float | None = None
        self._known_since = -math.inf
        self._music: dict[int, float] = {}

    def music(self, at: float, volume: float | None) -> None:
        """Take over that the speaker plays at a volume (0-1), or (None) makes no sound."""
        if volume == self._volume:
            return
        self.measure(at)
        if at - self._measured <= LEARNING:
            self._known_since = at
        self._volume = volume
        self._readings.clear()

    def hear(self, at: float, level: float) -> None:
        """Take a reading of the microphone; -40 or 900 dB are for the caller to refuse."""
        self._readings.append(_Reading(at, level))
        self.measure(at)

    def measure(self, at: float) -> float | None:
        """Return the room's level now, None while it is unknown."""
        if (heard := self._mean(at)) is not None:
            level = heard if self._volume is None else self._without_music(at, heard)
            if level is not None:
                self._level, self._measured = level, at
        return self._level if at - self._measured <= STALE else None

    def _mean(self, at: float) -> float | None:
        """Return the mean level of the window, from the first reading in it that still held."""
        while len(self._readings) > 1 and self._readings[1].at <= at - WINDOW:
            self._readings.popleft()
        if not self._readings or at - self._readings[-1].at > STALE / 2:
            return None
        energy = lasted = 0.0
        ends = [reading.at for reading in list(self._readings)[1:]] + [at]
        for reading, end in zip(self._readings, ends, strict=True):
            seconds = end - max(reading.at, at - WINDOW)
            energy += seconds * _energy(reading.level)
            lasted += seconds
        return _level(energy / lasted) if lasted > 0 else self._readings[-1].level

    def _without_music(self, at: float, heard: float) -> float | None:
        assert self._volume is not None
        step = round(self._volume * _VOLUMES)
        if self._level is not None and at - self._known_since <= LEARNING:
            music = _level(max(_energy(heard) - _energy(self._level), _energy(0)))
            known = self._music.get(step, music)
            self._music[step] = _SLOWNESS * known + (1 - _SLOWNESS) * music
            return None
        known = self._music.get(step, math.inf)
        return None if heard < known + FLOOR else _level(_energy(heard) - _energy(known))


def _energy(level: float) -> float:
    return float(10 ** (level / 10))


def _level(energy: float) -> float:
    return 10 * math.log10(energy)
