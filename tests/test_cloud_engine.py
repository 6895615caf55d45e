"""The field `engine`: the cloud ranks, and the home when the cloud does not."""

from collections.abc import Callable, Iterator
from pathlib import Path
import subprocess
import sys
import time

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from backend.data.token_file import TokenFile
from backend.logic.tokens import create_token
from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from tests.household import SimulatedHousehold
from tests.test_recommend_playlist import LIVING_ROOM, recommend

pytestmark = pytest.mark.usefixtures("catalog")

type StartCloud = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_cloud(hass: HomeAssistant, catalog: None, tmp_path: Path) -> Iterator[StartCloud]:
    """Start the local runner on the home's own catalog; it prints its address when it is ready."""
    file, tokens = tmp_path / "catalog.npz", tmp_path / "tokens.json"
    file.write_bytes(hass.data[LIBRARY].tracks.load().save())
    running: list[subprocess.Popen[str]] = []

    def start(port: int = 0) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "backend.local", "--catalog", file),
                *("--token-file", tokens, "--port", str(port)),
            ],
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def address(process: subprocess.Popen[str]) -> str:
    """Return the address a runner listens at, once it does."""
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith("READY")).split()[1]


async def connect(hass: HomeAssistant, entry: MockConfigEntry, url: str, token: str) -> None:
    """Give the household a cloud."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "cloud_url": url, "cloud_token": token}
    )
    await hass.async_block_till_done()


async def test_the_cloud_ranks_and_the_home_steps_in(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    start_cloud: StartCloud,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = create_token(
        TokenFile(tmp_path / "tokens.json"), "home", expires_at=int(time.time()) + 3600
    )
    runner = start_cloud()
    url = await hass.async_add_executor_job(address, runner)
    await connect(hass, entry, url, token)

    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=4)
    assert answer["engine"] == "cloud"
    assert "fallback" not in answer
    assert len(answer["tracks"]) == 4
    await household.wait_playing(1)
    (local,) = await recommend(hass, entity_id=LIVING_ROOM, count=4, engine="local", play=False)
    assert local["engine"] == "local"

    runner.terminate()
    await hass.async_add_executor_job(runner.wait, 10)
    for _ in range(2):
        (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=4)
        assert answer["engine"] == "local"
        assert "cloud" in answer["fallback"].lower()
    assert caplog.text.count("The cloud is away") == 1

    again = start_cloud(int(url.rpartition(":")[2]))
    await hass.async_add_executor_job(address, again)
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=4)
    assert answer["engine"] == "cloud"
    assert "The cloud is back" in caplog.text


async def test_what_the_cloud_cannot_serve_the_home_may(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    start_cloud: StartCloud,
    tracks_file: Path,
    tmp_path: Path,
) -> None:
    token = create_token(
        TokenFile(tmp_path / "tokens.json"), "home", expires_at=int(time.time()) + 3600
    )
    url = await hass.async_add_executor_job(address, start_cloud())
    await connect(hass, entry, url, token)
    rows = tracks_file.read_text().splitlines()
    only_here = [row.replace(",Invented,", ",At Home,").split(",") for row in rows[1:4]]
    for row in only_here:
        row[0], row[1], row[4] = f"home{row[0][4:]}", f"Home {row[1]}", "polka"
    tracks_file.write_text("\n".join([rows[0], *(",".join(row) for row in only_here)]))
    await hass.services.async_call(
        DOMAIN, "import_catalog", {"path": str(tracks_file)}, blocking=True
    )
    (answer,) = await recommend(hass, play=False, genres=["polka"])
    assert answer["engine"] == "local"
    assert len(answer["tracks"]) == 3
    assert "polka" in answer["fallback"]
    with pytest.raises(ServiceValidationError) as refused:
        await recommend(hass, play=False, genres=["polka-metal"])
    assert refused.value.translation_key == "unknown_genre"


async def test_a_refused_token_asks_for_a_new_one(
    hass: HomeAssistant, entry: MockConfigEntry, start_cloud: StartCloud
) -> None:
    url = await hass.async_add_executor_job(address, start_cloud())
    await connect(hass, entry, url, f"rq1_unknown_{'0' * 64}")
    (answer,) = await recommend(hass, play=False, count=2)
    assert answer["engine"] == "local"
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_no_cloud_is_set_up(hass: HomeAssistant) -> None:
    (answer,) = await recommend(hass, play=False, count=2, engine="cloud")
    assert answer["engine"] == "local"
    assert answer["fallback"].startswith("No cloud is set up")
