"""The config flow, in every branch, against a simulated household."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.plugins import HASocketBlockedError

from custom_components.rhythmiq.const import DATABASE, DOMAIN
from custom_components.rhythmiq.sonos import discovery
from tests.flows import TRANSLATIONS, assert_abort, assert_form, options, suggested
from tests.household import NotASonos, SimulatedHousehold

TOKEN = "rq1_home_0123456789abcdef"
OTHER_TOKEN = "rq1_home_fedcba9876543210"


class S1Speaker(NotASonos):
    """A player too old for the S2 software."""

    def __init__(self) -> None:
        super().__init__("xml")
        self._text = (
            '<root xmlns="urn:schemas-upnp-org:device-1-0"><device>'
            "<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType>"
            "<manufacturer>Sonos, Inc.</manufacturer><modelName>Sonos PLAY:1</modelName>"
            "<roomName>Attic</roomName><swGen>1</swGen>"
            "<UDN>uuid:RINCON_000E58AAAAAA01400</UDN></device></root>"
        )


@pytest.fixture
def announced(
    loopback_sockets: None,
    soco_clean: None,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SimulatedHousehold]:
    """Run a household that answers a search, and let Home Assistant search its network."""
    with SimulatedHousehold(ssdp=True) as running:
        address = running.hosts[0].rsplit(".", 1)[0] + ".1"
        lo = SimpleNamespace(
            nice_name="lo",
            ips=[SimpleNamespace(is_IPv6=False, ip=address, network_prefix=24)],
            index=1,
        )
        monkeypatch.setattr(
            "homeassistant.components.network.util.ifaddr.get_adapters", lambda: [lo]
        )
        hass_storage["core.network"] = {
            "version": 1,
            "key": "core.network",
            "data": {"configured_adapters": ["lo"]},
        }
        yield running


@pytest.fixture
async def cloud(household: SimulatedHousehold) -> AsyncIterator[str]:
    """Serve a cloud that knows the household by `TOKEN`; return its address."""

    async def about(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return web.json_response({}, status=401)
        return web.json_response({"profile_id": "home"})

    app = web.Application()
    app.router.add_get("/v1/household", about)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/")


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Start the flow and wait until its search is over."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["step_id"] == "user"
    assert result["progress_action"] == "search"
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


async def answer(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, host: str | None = None, **cloud: str
) -> ConfigFlowResult:
    """Open the settings and answer with another host or cloud."""
    result = await entry.start_reconfigure_flow(hass)
    assert_form(result, "reconfigure")
    return await answer(hass, result, {"host": host or entry.data["host"], "cloud": cloud})


# -- adding a household ---------------------------------------------------------------------------


async def test_a_household_is_found(announced: SimulatedHousehold, hass: HomeAssistant) -> None:
    result = await start(hass)
    assert_form(result, "household")
    *found, address = options(result, "household")
    assert {"value": announced.household_id, "label": "Kitchen, Living Room, Office"} in found
    assert address["value"] in TRANSLATIONS["selector"]["household"]["options"]

    result = await answer(hass, result, {"household": announced.household_id})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen, Living Room, Office"
    assert result["data"]["host"] in announced.hosts
    entry = result["result"]
    assert entry.unique_id == announced.household_id
    assert entry.state is ConfigEntryState.LOADED

    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    room = hass.config_entries.subentries.async_get(flow_id)
    assert room["handler"] == (entry.entry_id, "room")


@pytest.mark.usefixtures("announced")
async def test_an_address_instead_of_what_was_found(hass: HomeAssistant) -> None:
    result = await answer(hass, await start(hass), {"household": "address"})
    assert_form(result, "address")


async def test_nothing_found_leads_to_an_address(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    result = await start(hass)
    assert_form(result, "address", {"base": "none_found"})
    result = await answer(hass, result, {"host": f" {household.hosts[1]} "})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"host": household.hosts[1]}
    assert result["result"].unique_id == household.household_id


async def test_one_of_two_households_is_chosen(
    announced: SimulatedHousehold, hass: HomeAssistant
) -> None:
    with SimulatedHousehold(names="Attic,Cellar,Hall", ssdp=True) as neighbour:
        result = await start(hass)
        found = {option["value"]: option["label"] for option in options(result, "household")}
        assert found[announced.household_id] == "Kitchen, Living Room, Office"
        assert found[neighbour.household_id] == "Attic, Cellar, Hall"
        result = await answer(hass, result, {"household": neighbour.household_id})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].unique_id == neighbour.household_id
        await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("announced")
async def test_s1_alone_is_said(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedHousehold(speakers=1, models="one-s1", ssdp=True) as old:
        # the household next door and those of other test runs are not asked
        monkeypatch.setattr(discovery, "_MULTICAST", (old.hosts[0], 1900))
        assert_form(await start(hass), "address", {"base": "s1_household"})


async def test_a_search_that_fails_is_said_and_logged(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    # without the fixtures for it, the harness lets no test open a socket: nobody foresees that
    result = await start(hass)
    HASocketBlockedError.instances.clear()
    assert_form(result, "address", {"base": "unknown"})
    assert "Searching for Sonos households failed" in caplog.text


async def test_a_contact_that_fails_is_said_and_logged(
    household: SimulatedHousehold, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    # nor that it lets no test look up a name
    result = await answer(hass, await start(hass), {"host": "speaker.example"})
    assert_form(result, "address", {"host": "unknown"})
    assert "Contacting a speaker failed" in caplog.text


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("8.8.8.8", "invalid_host"),
        ("0.0.0.0", "invalid_host"),  # noqa: S104 (nothing is bound to it)
        ("224.0.0.1", "invalid_host"),
        ("", "invalid_host"),
        ("off", "cannot_connect"),
        ("404", "not_sonos"),
        ("html", "not_sonos"),
        ("xml", "not_sonos"),
        ("s1", "s1_only"),
    ],
)
async def test_an_address_that_is_no_use(
    household: SimulatedHousehold, hass: HomeAssistant, host: str, error: str
) -> None:
    result = await start(hass)
    match host:
        case "off":
            await household.offline(1)
            result = await answer(hass, result, {"host": household.hosts[0]})
            await household.online(1)
        case "404" | "html" | "xml":
            with NotASonos(host) as thing:
                result = await answer(hass, result, {"host": thing.host})
        case "s1":
            with S1Speaker() as old:
                result = await answer(hass, result, {"host": old.host})
        case _:
            result = await answer(hass, result, {"host": host})
    assert_form(result, "address", {"host": error})
    assert suggested(result).keys() <= {"host"}

    result = await answer(hass, result, {"host": household.hosts[0]})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_known_household_takes_over_the_address(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await answer(hass, await start(hass), {"host": household.hosts[2]})
    assert_abort(result, "already_configured")
    assert entry.data == {"host": household.hosts[2]}
    assert entry.state is ConfigEntryState.LOADED
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_a_known_household_that_was_away_comes_back(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = await _away(household, hass)
    result = await answer(hass, await start(hass), {"host": household.hosts[1]})
    assert_abort(result, "already_configured")
    assert entry.state is ConfigEntryState.LOADED


async def test_no_room_follows_a_household_that_cannot_be_loaded(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    Path(hass.config.path(DATABASE)).mkdir()
    result = await answer(hass, await start(hass), {"host": household.hosts[0]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.SETUP_ERROR
    assert "next_flow" not in result


# -- changing it ----------------------------------------------------------------------------------


async def _away(household: SimulatedHousehold, hass: HomeAssistant) -> MockConfigEntry:
    """Return the entry of a household whose speaker is off."""
    await household.offline(1)
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=household.household_id, data={"host": household.hosts[0]}
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    return entry


async def test_another_speaker_of_the_household(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await reconfigure(hass, entry, household.hosts[1])
    assert_abort(result, "reconfigure_successful")
    assert entry.data == {"host": household.hosts[1]}
    assert entry.state is ConfigEntryState.LOADED


async def test_another_speaker_brings_the_household_back(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = await _away(household, hass)
    result = await reconfigure(hass, entry, household.hosts[1])
    assert_abort(result, "reconfigure_successful")
    assert entry.state is ConfigEntryState.LOADED


async def test_a_speaker_of_another_household(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    before = dict(entry.data)
    with SimulatedHousehold() as other:
        result = await reconfigure(hass, entry, other.hosts[0])
    assert_abort(result, "wrong_household")
    assert entry.data == before


async def test_an_unreachable_speaker_changes_nothing(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await household.offline(2)
    result = await reconfigure(hass, entry, household.hosts[1])
    assert_form(result, "reconfigure", {"host": "cannot_connect"})
    assert suggested(result)["host"] == household.hosts[1]
    assert entry.data == {"host": household.hosts[0]}


async def test_a_cloud_is_added_kept_and_removed(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, cloud: str
) -> None:
    host = household.hosts[0]
    result = await reconfigure(hass, entry, cloud_url=f"{cloud}/", cloud_token=TOKEN)
    assert_abort(result, "reconfigure_successful")
    assert entry.data == {"host": host, "cloud_url": cloud, "cloud_token": TOKEN}
    assert entry.state is ConfigEntryState.LOADED

    result = await entry.start_reconfigure_flow(hass)
    assert TOKEN not in str(result["data_schema"].schema)
    section = result["data_schema"].schema["cloud"]
    assert suggested({"data_schema": section.schema}) == {"cloud_url": cloud}
    result = await answer(hass, result, {"host": household.hosts[1], "cloud": {"cloud_url": cloud}})
    assert_abort(result, "reconfigure_successful")
    assert entry.data == {"host": household.hosts[1], "cloud_url": cloud, "cloud_token": TOKEN}

    assert_abort(await reconfigure(hass, entry), "reconfigure_successful")
    assert entry.data == {"host": household.hosts[1]}


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"cloud_url": "{cloud}"}, "cloud_token_missing"),
        ({"cloud_token": TOKEN}, "cloud_url_missing"),
        ({"cloud_url": "{cloud}", "cloud_token": OTHER_TOKEN}, "cloud_auth"),
        ({"cloud_url": "{cloud}", "cloud_token": "no token"}, "cloud_auth"),
        ({"cloud_url": "{cloud}/elsewhere", "cloud_token": TOKEN}, "cloud_unreachable"),
        ({"cloud_url": "http://127.0.0.1:9", "cloud_token": TOKEN}, "cloud_unreachable"),
        ({"cloud_url": "http://192.0.2.1", "cloud_token": TOKEN}, "cloud_url_invalid"),
        ({"cloud_url": "http://example.com", "cloud_token": TOKEN}, "cloud_url_invalid"),
        ({"cloud_url": "cloud", "cloud_token": TOKEN}, "cloud_url_invalid"),
        ({"cloud_url": "https://[", "cloud_token": TOKEN}, "cloud_url_invalid"),
    ],
)
async def test_a_cloud_that_is_no_use(
    hass: HomeAssistant, entry: MockConfigEntry, cloud: str, settings: dict[str, str], error: str
) -> None:
    before = dict(entry.data)
    settings = {key: text.format(cloud=cloud) for key, text in settings.items()}
    result = await reconfigure(hass, entry, **settings)
    assert_form(result, "reconfigure", {"base": error})
    assert entry.data == before

    good = {"cloud_url": cloud, "cloud_token": TOKEN}
    result = await answer(hass, result, {"host": before["host"], "cloud": good})
    assert_abort(result, "reconfigure_successful")
    assert entry.data == before | good


async def test_a_token_is_never_sent_to_another_address(
    household: SimulatedHousehold, hass: HomeAssistant, cloud: str
) -> None:
    data = {"host": household.hosts[0], "cloud_url": "https://cloud", "cloud_token": TOKEN}
    entry = MockConfigEntry(domain=DOMAIN, unique_id=household.household_id, data=data)
    entry.add_to_hass(hass)
    result = await reconfigure(hass, entry, cloud_url=cloud)
    assert_form(result, "reconfigure", {"base": "cloud_token_missing"})
    assert entry.data == data


async def test_a_cloud_that_fails_unforeseen(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, unique_id="household", data={"host": "127.0.0.1"})
    entry.add_to_hass(hass)
    result = await reconfigure(hass, entry, cloud_url="https://cloud.example", cloud_token=TOKEN)
    assert_form(result, "reconfigure", {"base": "unknown"})
    assert "Contacting the cloud failed" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_new_token(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, cloud: str
) -> None:
    old = {"host": household.hosts[0], "cloud_url": cloud, "cloud_token": OTHER_TOKEN}
    hass.config_entries.async_update_entry(entry, data=old)
    await hass.async_block_till_done()

    result = await entry.start_reauth_flow(hass)
    assert_form(result, "reauth_confirm")
    result = await answer(hass, result, {"cloud_token": OTHER_TOKEN})
    assert_form(result, "reauth_confirm", {"base": "cloud_auth"})
    result = await answer(hass, result, {"cloud_token": f" {TOKEN} "})
    assert_abort(result, "reauth_successful")
    assert entry.data == old | {"cloud_token": TOKEN}
    assert entry.state is ConfigEntryState.LOADED
