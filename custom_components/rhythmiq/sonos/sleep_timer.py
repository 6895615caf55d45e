"""The sleep timer, which pauses a group's music after a while."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .state import clock, seconds as seconds_of

if TYPE_CHECKING:
    from .speaker import Speaker

MOST_SECONDS: Final = 23 * 3600 + 59 * 60 + 59


async def set_sleep_timer(speaker: Speaker, seconds: float) -> None:
    """Let the group's music stop after 1 to ``MOST_SECONDS`` seconds. Raises ``SonosError``."""
    await _configure(speaker, clock(seconds))
    speaker.coordinator.set_sleep_end(_in(seconds))


async def clear_sleep_timer(speaker: Speaker) -> None:
    """Let the group's music go on. Raises ``SonosError``."""
    await _configure(speaker, "")
    speaker.coordinator.set_sleep_end(None)


async def read_sleep_timer(speaker: Speaker) -> None:
    """Ask a coordinator when its music stops. Raises ``SonosError``."""
    answer = await speaker.control.transport("GetRemainingSleepTimerDuration")
    left = seconds_of(answer.get("RemainingSleepTimerDuration"))
    speaker.set_sleep_end(None if left is None else _in(left))


async def _configure(speaker: Speaker, duration: str) -> None:
    await speaker.coordinator.control.transport(
        "ConfigureSleepTimer", ("NewSleepTimerDuration", duration)
    )


def _in(seconds: float) -> datetime:
    return (dt_util.utcnow() + timedelta(seconds=seconds)).replace(microsecond=0)
