"""When somebody is usually at home, from when they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self

import numpy as np

HOURS: Final = 168  # of a week, from Monday 0:00, local time
SELDOM: Final = 0.25  # at home in less than this share of the weeks: usually away
_ENOUGH: Final = 3  # weeks
_FORGETTING: Final = 0.9  # a week; half is forgotten after six and a half


class PresencePattern:
    """The share of weeks in which a person was at home, hour by hour."""

    def __init__(
        self, home: Sequence[float] | None = None, watched: Sequence[float] | None = None
    ) -> None:
        """Begin with what was stored: weighted weeks at home and watched, for each hour."""
        self._home = np.zeros(HOURS) if home is None else np.array(home, dtype=np.float64)
        self._watched = np.zeros(HOURS) if watched is None else np.array(watched, dtype=np.float64)
        if self._home.shape != (HOURS,) or self._watched.shape != (HOURS,):
            raise ValueError(f"a week has {HOURS} hours")

    def watch(self, begin: datetime, end: datetime, *, at_home: bool) -> None:
        """Take over where the person was between two local times; at most a week of it counts."""
        begin = max(begin, end - timedelta(hours=HOURS))
        while begin < end:
            until = min(end, begin.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
            share = (until - begin) / timedelta(hours=1)
            hour = _hour(begin)
            kept = 1 - (1 - _FORGETTING) * share
            self._home[hour] = self._home[hour] * kept + share * at_home
            self._watched[hour] = self._watched[hour] * kept + share
            begin = until

    def usually_away(self, now: datetime) -> bool:
        """Tell whether the person is seldom at home at this local hour of the week."""
        hour = _hour(now)
        watched = float(self._watched[hour])
        return watched >= _ENOUGH * _FORGETTING**2 and float(self._home[hour]) < SELDOM * watched

    def as_dict(self) -> dict[str, Any]:
        """Return what `from_dict` takes, for storage."""
        return {"home": self._home.tolist(), "watched": self._watched.tolist()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Return what was stored. Raises ValueError and KeyError where that is something else."""
        return cls(stored["home"], stored["watched"])


def _hour(local: datetime) -> int:
    return local.weekday() * 24 + local.hour
