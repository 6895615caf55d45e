"""The action `rhythmiq.import_catalog`."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from tests.invented import TRACKS


async def import_catalog(hass: HomeAssistant, path: Path, **more: Any) -> dict[str, Any]:
    """Call the action and return its report."""
    report = await hass.services.async_call(
        DOMAIN, "import_catalog", {"path": str(path)}, blocking=True, return_response=True, **more
    )
    assert report is not None
    return dict(report)


@pytest.mark.usefixtures("entry")
async def test_import_and_import_again(hass: HomeAssistant, tracks_file: Path) -> None:
    report = await import_catalog(hass, tracks_file)
    assert (report["read"], report["new"], report["rejected"]) == (TRACKS, TRACKS, 0)
    again = await import_catalog(hass, tracks_file)
    assert (again["read"], again["new"], again["updated"]) == (TRACKS, 0, 0)


@pytest.mark.usefixtures("entry")
async def test_progress_is_told(hass: HomeAssistant, tracks_file: Path) -> None:
    told: list[str] = []

    @callback
    def listen(_: object, notifications: dict[str, persistent_notification.Notification]) -> None:
        told.extend(notification["message"] for notification in notifications.values())

    persistent_notification.async_register_callback(hass, listen)
    await import_catalog(hass, tracks_file)
    assert told[0].startswith("Importing tracks.csv: 0 %")
    assert told[-1] == f"Imported tracks.csv: {TRACKS} new tracks, 0 updated, 0 rejected."


@pytest.mark.usefixtures("entry")
async def test_only_allowed_directories(
    hass: HomeAssistant, tracks_file: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(tracks_file.read_bytes())
    link = tracks_file.with_name("link.csv")
    link.symlink_to(outside)
    for path in (outside, link, tracks_file.parent / ".." / "outside.csv"):
        with pytest.raises(ServiceValidationError) as refused:
            await import_catalog(hass, path)
        assert refused.value.translation_key == "path_not_allowed"
    assert hass.data[LIBRARY].tracks.count() == 0


@pytest.mark.usefixtures("entry")
async def test_a_refused_file_leaves_no_notification(
    hass: HomeAssistant, tracks_file: Path
) -> None:
    told: list[tuple[str, ...]] = []

    @callback
    def listen(
        change: persistent_notification.UpdateType,
        notifications: dict[str, persistent_notification.Notification],
    ) -> None:
        told.append((change, *notifications))

    persistent_notification.async_register_callback(hass, listen)
    tracks_file.write_text("colour,shape\nred,round\n")
    with pytest.raises(ServiceValidationError):
        await import_catalog(hass, tracks_file)
    assert told[-1] == ("removed", "rhythmiq_import_catalog")


@pytest.mark.usefixtures("entry")
async def test_one_import_at_a_time(hass: HomeAssistant, tracks_file: Path) -> None:
    outcomes = await asyncio.gather(
        import_catalog(hass, tracks_file),
        import_catalog(hass, tracks_file),
        return_exceptions=True,
    )
    (refused,) = [one for one in outcomes if isinstance(one, ServiceValidationError)]
    assert refused.translation_key == "import_running"


@pytest.mark.usefixtures("entry")
async def test_admin_only(
    hass: HomeAssistant, tracks_file: Path, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await import_catalog(hass, tracks_file, context=Context(user_id=hass_read_only_user.id))


async def test_needs_a_household(
    hass: HomeAssistant, entry: MockConfigEntry, tracks_file: Path
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await import_catalog(hass, tracks_file)
    assert refused.value.translation_key == "not_loaded"


async def test_a_household_that_reloads_does_not_end_the_import(
    hass: HomeAssistant, entry: MockConfigEntry, tracks_file: Path
) -> None:
    rows = tracks_file.read_text().splitlines()
    many = [f"{number:022d},Song {number}," + rows[1].split(",", 2)[2] for number in range(30_000)]
    tracks_file.write_text("\n".join([rows[0], *many]))
    importing = hass.async_create_task(import_catalog(hass, tracks_file), eager_start=True)
    await hass.config_entries.async_reload(entry.entry_id)
    assert not importing.done(), "the import was too quick to tell"
    assert (await importing)["new"] == len(many)
    assert hass.data[LIBRARY].users == 1
