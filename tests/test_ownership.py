"""Whose data it is: exports, forgetting, retention, backups."""

from datetime import timedelta
from http import HTTPStatus
import io
import json
from pathlib import Path
import sqlite3
from typing import Any
from zipfile import ZipFile

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.backup import DOMAIN as BACKUP_DOMAIN
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.rhythmiq import backup
from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.download import DOWNLOADS, EXPIRES
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.retention import async_expire
from custom_components.rhythmiq.store import Store
from tests import flows
from tests.flows import TRANSLATIONS, suggested
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

TRACK = f"spotify:track:{7:022d}"


@pytest.fixture
async def ada(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigSubentry:
    return await add_listener(hass, entry, "Ada")


async def do(hass: HomeAssistant, action: str, user: MockUser | None = None, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN,
        action,
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id if user else None),
    )


async def happened(hass: HomeAssistant, *days_ago: float, listeners: list[str]) -> None:
    now = dt_util.utcnow().timestamp()
    rows = [
        Interaction(
            happened=now - days * 86_400,
            kind=Kind.FINISHED,
            uri=TRACK,
            artist="Invented Artist 7",
            reward=1.0,
            weight=1.0,
            listeners=listeners,
            context={"heart_rate": 137.5, "weather": "sunny"},
        )
        for days in days_ago
    ]
    interactions = Interactions(hass.data[LIBRARY].store)
    await hass.async_add_executor_job(interactions.append, rows, now)


async def counts(hass: HomeAssistant) -> int:
    interactions = Interactions(hass.data[LIBRARY].store)
    return sum((await hass.async_add_executor_job(interactions.counts)).values())


async def assert_left(hass: HomeAssistant, count: int) -> None:
    """Check how many rows are left once what runs in the background has had its turns."""
    for _ in range(3000):
        await hass.async_block_till_done()
        if await counts(hass) == count:
            break
    assert await counts(hass) == count


# -- export ---------------------------------------------------------------------------------------


async def test_everything_in_one_readable_file(
    hass: HomeAssistant, ada: ConfigSubentry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await do(hass, "rate", track=TRACK, rating=5)
    await do(hass, "create_preference", listener="Ada", kind="genre", value="jazz")
    await do(hass, "recommend_playlist", entity_id="media_player.kitchen_kitchen", play=False)
    exported = await do(hass, "export_data")
    client = await hass_client_no_auth()
    answer = await client.get(exported["url"])
    assert answer.status == HTTPStatus.OK
    assert "attachment" in answer.headers["Content-Disposition"]
    with ZipFile(io.BytesIO(await answer.read())) as archive:
        (name,) = archive.namelist()
        document = json.loads(archive.read(name))
    assert document["format"] == 1
    (listener,) = document["listeners"]
    assert (listener["name"], listener["id"]) == ("Ada", ada.subentry_id)
    assert [room["name"] for room in document["rooms"]] == ["Living Room", "Kitchen"]
    (rating,) = document["interactions"]
    assert (rating["kind"], rating["uri"], rating["listeners"]) == (
        "rated",
        TRACK,
        [ada.subentry_id],
    )
    assert dt_util.parse_datetime(rating["happened"]) is not None
    (preference,) = document["preferences"]
    assert preference["value"] == "jazz"
    (recommendation,) = document["recommendations"]
    assert recommendation["tracks"][0]["reasons"]
    assert document["model"]["outcomes"] == 3


async def test_a_download_is_signed_and_expires(
    hass: HomeAssistant,
    ada: ConfigSubentry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    url: str = (await do(hass, "export_data"))["url"]
    stranger, friend = await hass_client_no_auth(), await hass_client()
    bare = url.partition("?")[0]
    assert (await stranger.get(bare)).status == HTTPStatus.UNAUTHORIZED
    assert (await friend.get(bare)).status == HTTPStatus.OK
    assert (await friend.get(bare.replace(".zip", ".txt"))).status == HTTPStatus.NOT_FOUND
    folders = set(Path(hass.config.config_dir).rglob("*.zip"))
    assert folders == set()

    freezer.tick(EXPIRES + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert (await stranger.get(url)).status == HTTPStatus.UNAUTHORIZED
    downloads = hass.data[DOWNLOADS]
    assert downloads.waiting == {}
    assert list(downloads.folder.iterdir()) == []


async def test_only_admins_export_and_forget(
    hass: HomeAssistant, ada: ConfigSubentry, hass_read_only_user: MockUser
) -> None:
    for action, data in (("export_data", {}), ("forget", {"everything": True})):
        with pytest.raises(Unauthorized):
            await do(hass, action, hass_read_only_user, **data)


# -- forget ---------------------------------------------------------------------------------------


async def test_forgetting_a_listener(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    await do(hass, "create_preference", listener="Ada", kind="genre", value="jazz")
    await happened(hass, 1, 2, listeners=[ada.subentry_id])
    await happened(hass, 3, listeners=[])
    gone = await do(hass, "forget", listener="person.ada")
    assert gone == {"interactions": 2, "recommendations": 0, "preferences": 1}
    assert (await do(hass, "list_preferences", listener="Ada"))["total"] == 0
    learned = await hass.async_add_executor_job(hass.data[LIBRARY].learning.learn)
    assert learned.outcomes == 1


async def test_forgetting_a_variable_in_a_range(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    await happened(hass, 1, 2, 3, listeners=[ada.subentry_id])
    since = dt_util.as_local(dt_util.utcnow() - timedelta(days=2, hours=1)).replace(tzinfo=None)
    gone = await do(hass, "forget", variable="heart_rate", since=since.isoformat())
    assert gone["interactions"] == 2
    await hass.services.async_call(DOMAIN, "forget", {"everything": True}, blocking=True)
    assert await counts(hass) == 0


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, "nothing_to_forget"),
        ({"everything": True, "variable": "heart_rate"}, "nothing_to_forget"),
        ({"variable": "aura"}, "unknown_variable"),
        ({"listener": "nobody"}, "unknown_listener"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "range_empty"),
    ],
)
async def test_what_is_refused_forgets_nothing(
    hass: HomeAssistant, ada: ConfigSubentry, data: dict[str, Any], key: str
) -> None:
    await happened(hass, 1, listeners=[])
    with pytest.raises(ServiceValidationError) as caught:
        await do(hass, "forget", **data)
    assert caught.value.translation_key == key
    assert await counts(hass) == 1


# -- retention ------------------------------------------------------------------------------------


async def test_what_is_old_expires_after_the_start(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await happened(hass, 1, 399.9, 401, 500, listeners=[])
    freezer.tick(timedelta(minutes=11))
    async_fire_time_changed(hass)
    await assert_left(hass, 2)
    learned = await hass.async_add_executor_job(hass.data[LIBRARY].learning.learn)
    assert learned.outcomes == 4
    await async_expire(hass)
    assert await counts(hass) == 2


async def test_the_retention_is_an_option(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    flows.assert_form(result, "init", texts=TRANSLATIONS["options"])
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"retention_days": 30}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"retention_days": 30}
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(result) == {"retention_days": 30}


async def test_another_retention_counts(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(entry, options={"retention_days": 30})
    await hass.async_block_till_done()
    await happened(hass, 1, 31, listeners=[])
    await async_expire(hass)
    assert await counts(hass) == 1


async def test_nothing_expires_on_a_full_disk(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    await happened(hass, 1, 500, listeners=[])

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(
            "CREATE TRIGGER full BEFORE DELETE ON interactions"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )

    await hass.async_add_executor_job(hass.data[LIBRARY].store.write, fail)
    await async_expire(hass)
    assert await counts(hass) == 2
    assert "Nothing can expire now" in caplog.text


# -- backups --------------------------------------------------------------------------------------


async def test_a_backup_while_music_is_rated(
    hass: HomeAssistant, ada: ConfigSubentry, tmp_path: Path
) -> None:
    await async_setup_component(hass, BACKUP_DOMAIN, {})
    await do(hass, "rate", track=TRACK, rating=5)
    await backup.async_pre_backup(hass)
    path = hass.data[LIBRARY].store.path
    copy = tmp_path / "restored.db"
    copy.write_bytes(path.read_bytes())
    await do(hass, "rate", track=f"spotify:track:{8:022d}", rating=5)
    Path(f"{copy}-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    await backup.async_post_backup(hass)

    restored = Store(copy)
    await hass.async_add_executor_job(restored.open)
    kept = await hass.async_add_executor_job(Interactions(restored).counts)
    assert kept == {"rated": 2}
    await hass.async_add_executor_job(restored.close)


async def test_backups_without_a_household(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)


async def test_a_removed_listener_is_forgotten_by_id(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    await happened(hass, 1, 2, listeners=[ada.subentry_id])
    hass.config_entries.async_remove_subentry(entry, ada.subentry_id)
    await hass.async_block_till_done()
    with pytest.raises(ServiceValidationError):
        await do(hass, "forget", listener="Ada")
    forgotten = await do(hass, "forget", listener=ada.subentry_id)
    assert forgotten["interactions"] == 2
    assert await counts(hass) == 0
