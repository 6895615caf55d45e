"""The actions and commands about what listeners prefer."""

from collections.abc import Mapping
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")


@pytest.fixture
async def ada(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_read_only_user: MockUser,
) -> ConfigSubentry:
    """Return a listener, who is a user without any rights."""
    return await add_listener(hass, entry, "Ada", user_id=hass_read_only_user.id)


async def do(
    hass: HomeAssistant, action: str, user: User | None = None, **data: Any
) -> Mapping[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"listener": "person.ada", **data},
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id if user else None),
    )
    assert response is not None
    return response


async def test_the_life_of_a_preference(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    jazz = await do(hass, "create_preference", kind="genre", value="Jazz")
    assert (jazz["kind"], jazz["value"], jazz["rank"], jazz["weight"]) == ("genre", "jazz", 0, 1)
    pop = await do(hass, "create_preference", kind="genre", value="pop", rank=0, weight=-1)
    assert (pop["rank"], pop["weight"], pop["explicit"]) == (0, -1, True)

    listed = await do(hass, "list_preferences", listener="ada")
    assert listed["total"] == 2
    assert [each["value"] for each in listed["preferences"]] == ["pop", "jazz"]
    page = await do(hass, "list_preferences", offset=1, limit=1)
    assert [each["value"] for each in page["preferences"]] == ["jazz"]

    changed = await do(hass, "update_preference", preference=pop["preference"], weight="default")
    assert (changed["weight"], changed["explicit"]) == (1, False)
    changed = await do(hass, "update_preference", preference=pop["preference"], weight=0.5, rank=1)
    assert (changed["weight"], changed["rank"]) == (0.5, 1)
    order = [pop["preference"], jazz["preference"]]
    ordered = await do(hass, "reorder_preferences", order=order)
    assert [each["preference"] for each in ordered["preferences"]] == order

    gone = await do(hass, "delete_preference", preference=pop["preference"])
    assert gone["value"] == "pop"
    assert (await do(hass, "list_preferences"))["total"] == 1


async def test_without_a_response(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    kept = await do(hass, "create_preference", kind="genre", value="jazz")
    chosen = {"listener": "person.ada", "preference": kept["preference"]}
    for action, data in (
        ("create_preference", {"listener": "Ada", "kind": "tempo", "value": "90-110"}),
        ("update_preference", chosen | {"weight": 0.3}),
        ("delete_preference", chosen),
    ):
        await hass.services.async_call(DOMAIN, action, data, blocking=True)
    left = (await do(hass, "list_preferences"))["preferences"]
    assert [each["value"] for each in left] == ["90-110"]
    order = {"listener": "Ada", "order": [each["preference"] for each in left]}
    await hass.services.async_call(DOMAIN, "reorder_preferences", order, blocking=True)


JAZZ = {"kind": "genre", "value": "jazz"}


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("create_preference", {"kind": "genre", "value": "jaz"}, "unknown_genre"),
        ("create_preference", {"kind": "smell", "value": "jazz"}, "unknown_preference"),
        ("create_preference", JAZZ | {"rank": 1}, "preference_rank_out_of_range"),
        ("create_preference", JAZZ | {"rank": 0.5}, "not_a_whole_number"),
        ("create_preference", JAZZ | {"weight": 2}, "preference_out_of_range"),
        ("create_preference", JAZZ | {"weight": "much"}, "not_a_number"),
        ("update_preference", {"preference": "none"}, "unknown_preference_id"),
        ("delete_preference", {"preference": "none"}, "unknown_preference_id"),
        ("reorder_preferences", {"order": ["none"]}, "preference_order_invalid"),
        ("list_preferences", {"offset": -1}, "offset_out_of_range"),
        ("list_preferences", {"limit": 0}, "limit_out_of_range"),
        ("list_preferences", {"listener": "person.adda"}, "unknown_listener"),
    ],
)
async def test_what_is_refused_changes_nothing(
    hass: HomeAssistant, ada: ConfigSubentry, action: str, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await do(hass, action, **data)
    assert caught.value.translation_key == key
    assert (await do(hass, "list_preferences"))["total"] == 0
    if key == "unknown_listener":
        assert "person.ada" in str(caught.value.translation_placeholders)


async def test_who_may(
    hass: HomeAssistant,
    ada: ConfigSubentry,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    stranger = MockUser().add_to_hass(hass)
    for user in (hass_admin_user, hass_read_only_user, None):
        await do(hass, "list_preferences", user)
    with pytest.raises(Unauthorized):
        await do(hass, "list_preferences", stranger)
    with pytest.raises(Unauthorized):
        await do(hass, "create_preference", stranger, kind="genre", value="jazz")
    with pytest.raises(UnknownUser):
        await do(hass, "list_preferences", MockUser())


# -- over the websocket ---------------------------------------------------------------------------


async def ask(client: MockHAClientWebSocket, command: str, **data: Any) -> Any:
    await client.send_json_auto_id({"type": f"rhythmiq/{command}", **data})
    answer = await client.receive_json()
    if not answer["success"]:
        return answer["error"]
    return answer["result"]


async def test_the_same_over_the_websocket(
    hass: HomeAssistant, ada: ConfigSubentry, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(hass)
    (listener,) = (await ask(client, "listeners/list"))["listeners"]
    assert listener == {
        "id": ada.subentry_id,
        "name": "Ada",
        "entity_id": "person.ada",
        "editable": True,
        "adventurousness": 0.2,
        "explicit": True,
    }
    who = {"listener": listener["id"]}
    jazz = await ask(client, "preferences/create", **who, kind="genre", value="jazz")
    pop = await ask(client, "preferences/create", **who, kind="genre", value="pop", weight=0.25)
    changed = await ask(
        client, "preferences/update", **who, preference=pop["preference"], rank=0, weight="default"
    )
    assert (changed["rank"], changed["weight"]) == (0, 1)
    listed = await ask(client, "preferences/list", **who, limit=1)
    assert (listed["total"], len(listed["preferences"])) == (2, 1)
    ids = [jazz["preference"], pop["preference"]]
    ordered = await ask(client, "preferences/reorder", **who, order=ids)
    assert [each["preference"] for each in ordered["preferences"]] == ids
    gone = await ask(client, "preferences/delete", **who, preference=pop["preference"])
    assert gone["value"] == "pop"

    refused = await ask(client, "preferences/create", **who, kind="genre", value="jazz")
    assert refused["translation_key"] == "preference_exists"
    refused = await ask(client, "preferences/list", listener="nobody")
    assert refused["translation_key"] == "unknown_listener"


async def test_who_may_over_the_websocket(
    hass: HomeAssistant,
    ada: ConfigSubentry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_admin_user: MockUser,
) -> None:
    herself = await hass_ws_client(hass, hass_read_only_access_token)
    who = {"listener": ada.subentry_id}
    made = await ask(herself, "preferences/create", **who, kind="genre", value="jazz")
    assert made["value"] == "jazz"

    hass.states.async_set("person.ada", "home", {"user_id": hass_admin_user.id})
    for command, data in (
        ("list", {}),
        ("create", {"kind": "genre", "value": "pop"}),
        ("update", {"preference": made["preference"], "rank": 0}),
        ("reorder", {"order": []}),
        ("delete", {"preference": made["preference"]}),
    ):
        refused = await ask(herself, f"preferences/{command}", **who, **data)
        assert refused["code"] == "unauthorized"
    (listener,) = (await ask(herself, "listeners/list"))["listeners"]
    assert listener == {
        "id": ada.subentry_id,
        "name": "Ada",
        "entity_id": "person.ada",
        "editable": False,
    }


async def test_names_are_completed(
    hass: HomeAssistant, ada: ConfigSubentry, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(hass)
    for kind, query, names in (
        ("genre", "JA", ["jazz"]),
        ("instrument", "guitar", ["guitar", "acoustic guitar", "bass guitar", "electric guitar"]),
        ("instrument", "elect", ["electric guitar", "electronic"]),
        ("instrument", "axoph", ["saxophone"]),
        ("tempo", "1", []),
    ):
        assert (await ask(client, "names/search", kind=kind, query=query))["names"] == names
    artists = await ask(client, "names/search", kind="artist", query="a", limit=2)
    assert len(artists["names"]) == 2
