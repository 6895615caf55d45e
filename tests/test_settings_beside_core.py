"""Settings and alarms beside core's own `sonos`: core has its own, so ours are away."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from soco import events_asyncio

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until
from tests.sonos.test_core import set_up_core, set_up_ours


@pytest.fixture(autouse=True)
def listener_grace(soco_clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give SoCo's listener time to be wanted again: it leaks when it is while it stops."""
    monkeypatch.setattr(events_asyncio.event_listener, "_stop_grace_seconds", 0.5)


def of(hass: HomeAssistant, platform: str, domain: str) -> dict[str, str]:
    """Return the states of a platform's entities by their unique id."""
    states: dict[str, str] = {}
    for entity in er.async_get(hass).entities.values():
        state = hass.states.get(entity.entity_id)
        if entity.platform == platform and entity.domain == domain and state is not None:
            states[entity.unique_id] = state.state
    return states


@pytest.mark.usefixtures("all_enabled")
async def test_core_is_there_first(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    core = await set_up_core(hass, household)
    await until(lambda: len(of(hass, "sonos", "switch")) > 0, 10)
    await household.clear_calls()
    entry = await set_up_ours(hass, household)
    await hass.async_block_till_done()
    assert of(hass, DOMAIN, "switch") == {}
    # The volume of a group is something core does not have
    assert set(of(hass, DOMAIN, "number")) == {f"{uid}_group_volume" for uid in household.uids}
    assert not await household.calls(action="ListAlarms")
    assert not await household.calls(action="GetLEDState")

    # Its alarms can be changed nevertheless
    await hass.services.async_call(
        DOMAIN, "update_alarm", {"alarm_id": "1", "enabled": False}, blocking=True
    )
    assert (await household.state())["alarms"][0]["Enabled"] == "0"
    assert of(hass, DOMAIN, "switch") == {}

    # Core goes: ours appear
    await hass.config_entries.async_remove(core.entry_id)
    alarm = f"{household.uids[0]}_alarm_1"
    loudness = f"{household.uids[0]}_loudness"
    await until(lambda: of(hass, DOMAIN, "switch").get(alarm) == "off", 10)
    await until(lambda: of(hass, DOMAIN, "switch").get(loudness) == "on", 10)
    await until(lambda: f"{household.uids[0]}_bass" in of(hass, DOMAIN, "number"), 10)
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("all_enabled")
async def test_core_comes_later(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    entry = await set_up_ours(hass, household)
    alarm = f"{household.uids[0]}_alarm_1"
    loudness = f"{household.uids[0]}_loudness"
    await until(lambda: of(hass, DOMAIN, "switch").get(loudness) == "on")
    await until(lambda: of(hass, DOMAIN, "switch").get(alarm) == "on")
    core = await set_up_core(hass, household)
    await until(lambda: set(of(hass, DOMAIN, "switch").values()) == {"unavailable"}, 10)
    async with asyncio.timeout(10):
        while (  # noqa: ASYNC110 (there is no event to wait for)
            sum(each["service"] == "AlarmClock" for each in await household.subscriptions()) != 3
        ):
            await asyncio.sleep(0.05)
    assert await hass.config_entries.async_remove(core.entry_id)
    await until(lambda: of(hass, DOMAIN, "switch").get(loudness) == "on", 10)
    await until(lambda: of(hass, DOMAIN, "switch").get(alarm) == "on", 10)
    assert await hass.config_entries.async_unload(entry.entry_id)
