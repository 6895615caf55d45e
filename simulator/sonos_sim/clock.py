"""Time as the players see it."""

from datetime import datetime, timedelta
import time


class Clock:
    """Virtual seconds that run at a settable multiple of real time, and the time of day."""

    def __init__(self, speed: float = 1.0, began: datetime | None = None) -> None:
        self.speed = speed
        # Local time, as on the wall
        self._began = began or datetime.now()  # noqa: DTZ005
        self._base = 0.0
        self._mark = time.monotonic()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._mark) * self.speed

    def wall(self) -> datetime:
        """The local time players show."""
        return self._began + timedelta(seconds=self.now())

    def set_speed(self, speed: float) -> None:
        self._base, self._mark = self.now(), time.monotonic()
        self.speed = speed

    def advance(self, seconds: float) -> None:
        self._base += seconds
