"""The hours in which a room is not to be woken by music of its own accord."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time on the clock until another, the same day or the next; never all day."""

    begin: time
    end: time

    @classmethod
    def of(cls, texts: Sequence[str] | None) -> Self | None:
        """Return the hours of a room's settings ("HH:MM:SS", twice), None where there are none."""
        return None if texts is None else cls(*map(time.fromisoformat, texts))

    def hold(self, local: datetime) -> bool:
        """Tell whether it is to be quiet, by what the clock on the wall says."""
        clock = local.time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def seconds_left(self, local: datetime) -> float:
        """Return how long it is until they begin; a night whose clock is changed is as it is."""
        begin = datetime.combine(local.date(), self.begin, local.tzinfo)
        if begin <= local:
            begin = datetime.combine(local.date() + timedelta(days=1), self.begin, local.tzinfo)
        return (begin.astimezone(UTC) - local.astimezone(UTC)).total_seconds()
