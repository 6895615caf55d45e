"""The actions `rhythmiq.undo`, `rhythmiq.snapshot` and `rhythmiq.restore`."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .people import add_listener
from .sonos.conftest import until
from .test_recommend_playlist import KITCHEN, LIVING_ROOM, OFFICE, recommend

pytestmark = pytest.mark.usefixtures("catalog")

OWN = [f"spotify:track:own{number:019d}" for number in range(6)]


async def act(hass: HomeAssistant, action: str, *entity_ids: str) -> list[dict[str, Any]]:
    """Call an action and return the groups it tells of."""
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"entity_id": list(entity_ids)},
        blocking=True,
        return_response=action != "snapshot",
    )
    return response["groups"] if response else []  # type: ignore[return-value]


async def situation(household: SimulatedHousehold, speaker: int = 1) -> tuple[object, ...]:
    """Return what undoing brings back."""
    state = await household.speaker(speaker)
    transport = state["transport"]
    return (
        [item["uri"] for item in state["queue"]["items"]],
        transport["track_number"],
        transport["play_mode"],
        transport["position"] // 10,
        state["volume"],
        state["group_members"],
    )


async def filled(household: SimulatedHousehold, length: int, speaker: int = 1) -> None:
    await household.wait_until(
        lambda state: len(state["queue"]["items"]) == length, speaker=speaker
    )


def speaker_of(hass: HomeAssistant, uid: str) -> Speaker:
    entry = hass.config_entries.async_loaded_entries(DOMAIN)[0]
    speaker: Speaker = entry.runtime_data.household.speakers[uid]
    return speaker


@pytest.fixture
async def own_music(household: SimulatedHousehold, hass: HomeAssistant, catalog: None) -> None:
    """Let a person's own queue play, shuffled, its third track for 40 s."""
    await household.user(1, "enqueue", uris=OWN)
    await household.user(1, "play_mode", mode="SHUFFLE")
    await household.user(1, "play_queue", track=3)
    await household.wait_playing()
    await household.user(1, "seek", position=40)
    speaker = speaker_of(hass, household.uids[0])
    await until(lambda: speaker.state.queue_position == 3)


@pytest.mark.parametrize(
    ("enqueue", "length"), [("replace", 20), ("play", 26), ("next", 26), ("add", 26)]
)
@pytest.mark.usefixtures("own_music")
async def test_undo_and_redo(
    household: SimulatedHousehold, hass: HomeAssistant, enqueue: str, length: int
) -> None:
    before = await situation(household)
    await recommend(hass, entity_id=LIVING_ROOM, count=20, enqueue=enqueue)
    await filled(household, length)
    await household.user(1, "volume", volume=70)
    after = await situation(household)
    (undone,) = await act(hass, "undo", LIVING_ROOM)
    assert undone == {
        "entity_ids": [LIVING_ROOM],
        "changed_by_hand": False,
        "lost": None,
        "missing": [],
    }
    await filled(household, 6)
    assert await situation(household) == before
    await household.wait_playing()
    await act(hass, "undo", LIVING_ROOM)
    await filled(household, length)
    assert await situation(household) == after


@pytest.mark.usefixtures("own_music")
async def test_undo_outlives_a_restart(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = await situation(household)
    await recommend(hass, entity_id=LIVING_ROOM, count=8)
    await filled(household, 8)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await act(hass, "undo", LIVING_ROOM)
    await filled(household, 6)
    assert await situation(household) == before


@pytest.mark.parametrize(
    "scope",
    [
        {"everything": True},
        {"since": "2026-01-01 00:00:00"},
        {"until": "2026-01-01 00:00:00"},
        {"listener": "Ada"},
    ],
)
@pytest.mark.usefixtures("own_music")
async def test_what_is_forgotten_cannot_be_brought_back(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    scope: dict[str, Any],
) -> None:
    await add_listener(hass, entry, "Ada")
    await act(hass, "snapshot", LIVING_ROOM)
    await household.settings(max_multi_add=1, soap_ms=20)
    await recommend(hass, entity_id=LIVING_ROOM, count=8)
    await hass.services.async_call(DOMAIN, "forget", {"variable": "heart_rate"}, blocking=True)
    assert written_down(hass_storage)
    await hass.services.async_call(DOMAIN, "forget", scope, blocking=True)
    assert not written_down(hass_storage)
    await filled(household, 8)
    for action, key in (("undo", "nothing_to_undo"), ("restore", "no_snapshot")):
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, action, LIVING_ROOM)
        assert caught.value.translation_key == key
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert not written_down(hass_storage)  # nor does what was on its way then


def written_down(hass_storage: dict[str, Any]) -> list[str]:
    """Return the keys of what undo keeps."""
    return [key for key in hass_storage if key.endswith(".memory")]


@pytest.mark.usefixtures("own_music")
async def test_changes_by_hand_are_said_and_come_back(
    household: SimulatedHousehold, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await recommend(hass, entity_id=LIVING_ROOM, count=8)
    await filled(household, 8)
    await household.user(1, "enqueue", uris=[OWN[0]])
    by_hand = await situation(household)
    (undone,) = await act(hass, "undo", LIVING_ROOM)
    assert undone["changed_by_hand"]
    assert "changed by hand" in caplog.text
    await filled(household, 6)
    (redone,) = await act(hass, "undo", LIVING_ROOM)
    assert not redone["changed_by_hand"]
    await filled(household, 9)
    assert (await situation(household))[0] == by_hand[0]


@pytest.mark.usefixtures("own_music")
async def test_undo_costs_three_calls_beforehand(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.clear_calls()
    await recommend(hass, entity_id=LIVING_ROOM, count=20)
    calls = [call["action"] for call in await household.calls()]
    calls = calls[: calls.index("Play") + 1]
    saving = ["Browse", "GetPositionInfo", "GetTransportSettings"]
    assert (calls.count("Browse"), calls.count("GetTransportSettings")) == (1, 1)
    assert [action for action in calls if action not in saving] == [
        "AddURIToQueue",
        "Seek",
        "Play",
    ]


async def test_groups_come_back(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    living, kitchen = (speaker_of(hass, uid) for uid in household.uids[:2])
    await household.topology([["1", "2"], ["3"]])
    await until(lambda: kitchen.coordinator is living)
    await household.user(1, "enqueue", uris=OWN)
    await recommend(hass, entity_id=KITCHEN, count=8)
    await filled(household, 8)
    await household.topology([["1"], ["2"], ["3"]])
    await until(lambda: kitchen.coordinator is kitchen)
    (undone,) = await act(hass, "undo", KITCHEN)
    assert undone["entity_ids"] == [KITCHEN]
    await until(lambda: kitchen.coordinator is living)
    await filled(household, 6)
    await act(hass, "undo", LIVING_ROOM)
    await until(lambda: kitchen.coordinator is kitchen)
    await filled(household, 8)


async def test_what_was_streamed_by_another_app_is_said(
    household: SimulatedHousehold, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await household.user(1, "airplay")
    await until(lambda: speaker_of(hass, household.uids[0]).state.source == "airplay")
    await recommend(hass, entity_id=LIVING_ROOM, count=2)
    (undone,) = await act(hass, "undo", LIVING_ROOM)
    assert undone["lost"] == "airplay"
    assert "cannot be brought back" in caplog.text
    await filled(household, 0)


async def test_snapshot_and_restore(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.user(1, "enqueue", uris=OWN)
    await household.user(2, "volume", volume=11)
    await act(hass, "snapshot", LIVING_ROOM, KITCHEN)
    before = [await situation(household, number) for number in (1, 2)]
    for _ in range(2):
        await household.user(1, "clear_queue")
        await household.user(2, "volume", volume=44)
        assert len(await act(hass, "restore", KITCHEN)) == 2
        await filled(household, 6)
        assert [await situation(household, number) for number in (1, 2)] == before


@pytest.mark.parametrize(
    ("action", "fields", "error", "key"),
    [
        ("undo", {"entity_id": LIVING_ROOM}, HomeAssistantError, "nothing_to_undo"),
        ("restore", {"entity_id": OFFICE}, HomeAssistantError, "no_snapshot"),
        ("undo", {}, ServiceValidationError, "no_target"),
        ("snapshot", {"area_id": "attic"}, ServiceValidationError, "no_player"),
    ],
)
async def test_errors_name_the_fix(
    hass: HomeAssistant,
    action: str,
    fields: dict[str, str],
    error: type[HomeAssistantError],
    key: str,
) -> None:
    with pytest.raises(error) as refused:
        await hass.services.async_call(DOMAIN, action, fields, blocking=True)
    assert refused.value.translation_key == key
    assert str(refused.value) != key


async def test_a_failed_undo_can_be_repeated(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.user(1, "enqueue", uris=OWN)
    await recommend(hass, entity_id=LIVING_ROOM, count=2)
    await filled(household, 2)
    await household.offline(1)
    with pytest.raises(HomeAssistantError) as failed:
        await act(hass, "undo", LIVING_ROOM)
    assert failed.value.translation_key == "speaker_unreachable"
    speaker = speaker_of(hass, household.uids[0])
    await until(lambda: not speaker.available)
    with pytest.raises(HomeAssistantError):
        await act(hass, "undo", LIVING_ROOM)
    await household.online(1)
    speaker.reconnect()
    await until(lambda: speaker.available)
    await act(hass, "undo", LIVING_ROOM)
    await filled(household, 6)


async def test_a_person_without_control_undoes_nothing(
    hass: HomeAssistant, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "undo",
            {"entity_id": LIVING_ROOM},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_refused_tracks_are_replaced_and_told(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    (offered,) = await recommend(hass, play=False, count=300)
    bad = [track["uri"] for track in offered["tracks"][::3]]
    await household.catalog(unavailable=bad)
    told: list[Mapping[str, Any]] = []
    hass.bus.async_listen("rhythmiq_playlist_queued", lambda event: told.append(event.data))
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=30)
    await until(lambda: bool(told), seconds=10)
    (queued,) = told
    refused = {track["uri"] for track in answer["tracks"]}.intersection(bad)
    assert refused <= set(queued["skipped"])
    assert {track["uri"] for track in answer["skipped"]} <= set(queued["skipped"])
    assert queued["id"] == answer["id"]
    assert queued["complete"]
    assert queued["queued"] == 30
    uris = await household.queue_uris()
    assert len(uris) == len(set(uris)) == 30
