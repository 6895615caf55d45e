"""What a bug report carries, and above all what it does not."""

import json

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.household import SimulatedHousehold
from tests.people import add_listener

CLOUD = {"cloud_url": "https://cloud.example/stage", "cloud_token": "rq1_home_secret"}


@pytest.mark.usefixtures("catalog")
async def test_diagnostics(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, **CLOUD})
    hass.states.async_set("sensor.noise", "61.803", {"unit_of_measurement": "dB"})
    await add_listener(hass, entry, "Ada", bindings={"heart_rate": "sensor.pulse"})
    for number, rating in enumerate((1, 5)):
        await hass.services.async_call(
            "rhythmiq",
            "rate",
            {"track": f"spotify:track:{number:022d}", "rating": rating},
            blocking=True,
        )
    await hass.services.async_call(
        "rhythmiq",
        "create_preference",
        {"listener": "person.ada", "kind": "genre", "value": "jazz"},
        blocking=True,
    )

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    assert report["entry"] == {
        "host": "**REDACTED**",
        "cloud_url": "**REDACTED**",
        "cloud_token": "**REDACTED**",
    }
    ids = [speaker["id"] for speaker in report["speakers"]]
    assert len(set(ids)) == 3
    assert all(speaker["available"] for speaker in report["speakers"])
    assert {speaker["followed_by"] for speaker in report["speakers"]} == {"events"}
    assert not any(speaker["bonded"] for speaker in report["speakers"])
    assert all(speaker["coordinator"] == speaker["id"] for speaker in report["speakers"])
    assert [room["variables"] for room in report["rooms"]] == [["noise_level", "time_of_day"], []]
    assert {room["speaker"] for room in report["rooms"]} < set(ids)
    assert report["catalog"] == {"tracks": 300}
    assert report["interactions"] == {"rated": 2}
    assert report["listeners"] == [
        {
            "variables": ["heart_rate"],
            "outcomes": 2,
            "preferences_set": 1,
            "preferences_learned": 0,
        }
    ]

    text = json.dumps(report)
    for secret in (
        *household.hosts,
        *household.uids,
        *(uid.removeprefix("RINCON_")[:12] for uid in household.uids),
        *household.names,
        household.household_id,
        "sensor.noise",
        "61.803",
        "sensor.pulse",
        "Ada",
        "jazz",
        *CLOUD.values(),
    ):
        assert secret not in text

    assert report == await get_diagnostics_for_config_entry(hass, hass_client, entry)


async def test_a_household_that_is_not_loaded(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> None:
    """A report is needed most when nothing works."""
    await add_listener(hass, entry, "Ada")
    await hass.config_entries.async_unload(entry.entry_id)
    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert report["entry"] == {"host": "**REDACTED**"}
    assert report["speakers"] == []
    assert len(report["rooms"]) == 2
    assert report["listeners"] == [{"variables": []}]
    assert report["catalog"] == {"tracks": None}
