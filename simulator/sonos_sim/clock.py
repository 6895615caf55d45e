"""Time as the players see it."""

import time


class Clock:
    """Virtual seconds that run at a settable multiple of real time."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._base = 0.0
        self._mark = time.monotonic()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._mark) * self.speed

    def set_speed(self, speed: float) -> None:
        self._base, self._mark = self.now(), time.monotonic()
        self.speed = speed

    def advance(self, seconds: float) -> None:
        self._base += seconds
