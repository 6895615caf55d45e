"""The volume of a room goes with its noise, slowly, within the bounds that its people set.

The noise is the room's without our own music (`moment.ambient`), so music never chases itself. At
``QUIET`` dB and below the volume goes to the lower bound, at ``LOUD`` dB and above to the upper
one, and evenly in between (that the preferred level rises with noise above some 40 dB(A): Van
Heusden, Plomp & Pols 1979, Appl. Acoust. 12, 31; how steeply is what the bounds say). It takes one
step of a hundred a minute, and none for less than two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Final, Self

from .sonos.errors import PlaybackError
from .sonos.speaker import Speaker

QUIET: Final = 40.0
LOUD: Final = 75.0
STEP: Final = 0.01
STEP_SECONDS: Final = 55.0  # looks are a minute apart, give or take
_ENOUGH: Final = 2 * STEP
_SAME: Final = STEP / 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """The softest and the loudest that the volume goes by itself, 0-1."""

    minimum: float
    maximum: float

    @classmethod
    def of(cls, percent: Sequence[float] | None) -> Self | None:
        """Return the bounds of a room's settings, None where the volume is not to follow."""
        return None if percent is None else cls(percent[0] / 100, percent[1] / 100)

    def level(self, noise: float) -> float:
        """Return the volume for a noise in dB."""
        share = min(max((noise - QUIET) / (LOUD - QUIET), 0.0), 1.0)
        return self.minimum + share * (self.maximum - self.minimum)

    def hold(self, volume: float) -> float:
        """Return the volume that is nearest within the bounds."""
        return min(max(volume, self.minimum), self.maximum)


class VolumeFollow:
    """The hand at one room's volume."""

    def __init__(self) -> None:
        """Begin with the volume as it is."""
        self._left: float | None = None  # where it was left
        self._at = -math.inf

    def turned(self, volume: float) -> bool:
        """Tell whether somebody else has turned the volume since it was last set; then forget."""
        if self._left is None or abs(volume - self._left) < _SAME:
            return False
        self._left = None
        return True

    async def step(self, speaker: Speaker, bounds: Bounds, noise: float, at: float) -> None:
        """Turn one step towards where the volume belongs; ``at`` is in seconds that never jump.

        Raises ``SonosError``; a speaker whose volume is fixed keeps it.
        """
        volume = speaker.own.volume
        if volume is None or speaker.own.muted or at - self._at < STEP_SECONDS:
            return
        away = bounds.level(noise) - volume
        if abs(away) < _ENOUGH - STEP / 100:
            return
        self._at = at
        wanted = round(volume + math.copysign(STEP, away), 2)
        try:
            await set_volume_ourselves(speaker, wanted)
        except PlaybackError:
            return
        self._left = wanted


async def set_volume_ourselves(speaker: Speaker, volume: float) -> None:
    """Set a speaker's volume (0-1) as nobody's hand but ours. Raises ``SonosError``."""
    with speaker.own_hand.at_work():
        await speaker.set_volume(volume)
        speaker.update(volume=volume)
    speaker.own_hand.shown()
