"""Fixtures for every test."""

from pathlib import Path

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.invented import write_tracks
from tests.sonos.conftest import favorites_read

# A fixed sample, and no limits by the clock: machines are shared
settings.register_profile(
    "gate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gate")


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load this repository's integration.

    A simulated household is made before Home Assistant, so that it is still there while Home
    Assistant stops and unsubscribes.
    """
    if "hass" in request.fixturenames:
        for fixture in ("household", "announced"):
            if fixture in request.fixturenames:
                request.getfixturevalue(fixture)
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a configuration folder of its own."""
    folder = tmp_path / "config"
    folder.mkdir()
    return str(folder)


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable entities that are disabled at first."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
def tracks_file(hass: HomeAssistant) -> Path:
    """Return a file of invented tracks in an allowed directory."""
    path = Path(hass.config.path("tracks.csv"))
    hass.config.allowlist_external_dirs = {hass.config.config_dir}
    write_tracks(path)
    return path


@pytest.fixture
async def entry(household: SimulatedHousehold, hass: HomeAssistant) -> MockConfigEntry:
    """Return the loaded household; the first two speakers have rooms, the third has none."""
    await async_setup_component(hass, "homeassistant", {})
    hass.states.async_set(
        "sensor.noise", "34", {"device_class": "sound_pressure", "unit_of_measurement": "dB"}
    )
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id=household.household_id,
        data={"host": household.hosts[0]},
        subentries_data=[
            ConfigSubentryData(
                subentry_type="room",
                title=name,
                unique_id=uid,
                data={"speaker": uid, "area_id": None, "bindings": bindings},
            )
            for name, uid, bindings in zip(
                household.names[:2],
                household.uids[:2],
                ({"noise_level": "sensor.noise", "time_of_day": None}, {}),
                strict=True,
            )
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await favorites_read(entry)
    return entry


@pytest.fixture
async def catalog(hass: HomeAssistant, entry: MockConfigEntry, tracks_file: Path) -> None:
    """Import the invented tracks."""
    await hass.services.async_call(
        DOMAIN, "import_catalog", {"path": str(tracks_file)}, blocking=True
    )
