"""How long single things that happened are kept; what was learned of them stays."""

from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_RETENTION_DAYS, DOMAIN, RETENTION_DAYS
from .library import LIBRARY
from .models import RhythmiqConfigEntry
from .store import StoreError

_LOGGER = logging.getLogger(__name__)

_FIRST: Final = timedelta(minutes=10)  # after the start, which has enough to do
_EVERY: Final = timedelta(days=1)


@callback
def async_keep_retention(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Let rows expire once a day for as long as the entry is loaded."""

    async def expire(_: datetime) -> None:
        await async_expire(hass)

    entry.async_on_unload(async_call_later(hass, _FIRST, HassJob(expire, cancel_on_shutdown=True)))
    entry.async_on_unload(async_track_time_interval(hass, expire, _EVERY, cancel_on_shutdown=True))


async def async_expire(hass: HomeAssistant) -> None:
    """Delete what is older than the longest retention of the households."""
    days = max(
        entry.options.get(CONF_RETENTION_DAYS, RETENTION_DAYS)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    )
    before = dt_util.utcnow() - timedelta(days=days)
    try:
        count = await hass.async_add_executor_job(
            hass.data[LIBRARY].learning.expire, before.timestamp()
        )
    except StoreError as err:
        _LOGGER.warning("Nothing can expire now: %s", err)
        return
    if count:
        _LOGGER.info("%d rows older than %d days expired", count, days)
