"""The demo as a person runs it: its processes, its web pages, its end."""

from collections.abc import Iterator
from dataclasses import dataclass
import json
import os
from pathlib import Path
import re
import signal
import socket
import subprocess
import sys
import time
from typing import Any
import urllib.parse
import urllib.request

import pytest
import pytest_socket

from scripts.demo_home import config_folder
from scripts.demo_home.household import addresses

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "scripts.demo_home"]
UP_WITHIN = 120
ENDED_WITHIN = 40


@dataclass
class Demo:
    """A running demo, and what it has printed until it was up."""

    process: subprocess.Popen[str]
    port: int
    network: str
    folder: Path
    output: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(autouse=True)
def real_sockets() -> Iterator[None]:
    """Allow this process to speak to the demo."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.0/8"], allow_unix_socket=True)
    yield
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The whole demo, cloud included, in a network of loopback that belongs to this process."""
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("demo")
    port, network = free_port(), own_network()
    log = folder / "output.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "--cloud", *arguments(folder / "home", port, network)],
            env=os.environ | {"COLUMNS": "120"},
            cwd=REPOSITORY,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        deadline = time.monotonic() + UP_WITHIN
        while "Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Demo(process, port, network, folder / "home", log.read_text())
    finally:
        process.terminate()
        process.wait(ENDED_WITHIN)


def arguments(folder: Path, port: int, network: str) -> list[str]:
    return ["--folder", str(folder), "--port", str(port), "--network", network]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def own_network() -> str:
    return f"127.{190 + os.getpid() % 10}.{os.getpid() // 10 % 250}"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=UP_WITHIN,
        check=False,
    )


def descendants(pid: int) -> set[int]:
    """Return a process and all that it and its children have started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except FileNotFoundError, ProcessLookupError:
            continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def listening(pids: set[int]) -> list[str]:
    """Return the addresses on which processes accept TCP connections, as the kernel has them."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
            except FileNotFoundError:
                continue
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and inode in inodes:
                number = bytes.fromhex(local.partition(":")[0])
                family = socket.AF_INET if table == "tcp" else socket.AF_INET6
                found.append(socket.inet_ntop(family, number[::-1] if table == "tcp" else number))
    return found


def ask(url: str, body: Any = None, *, token: str = "", form: bool = False) -> Any:
    """Send a request, POST with a body, and return its JSON answer."""
    data = None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if form:
        data = urllib.parse.urlencode(body).encode()
    elif body is not None:
        data, headers = json.dumps(body).encode(), headers | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        return json.load(response)


def sign_in(url: str) -> str:
    """Sign in with the user and password that the demo prints; return an access token."""
    client = {"client_id": f"{url}/"}
    flow = ask(
        f"{url}/auth/login_flow",
        {**client, "handler": ["homeassistant", None], "redirect_uri": f"{url}/"},
    )
    done = ask(
        f"{url}/auth/login_flow/{flow['flow_id']}",
        {**client, "username": "demo", "password": "demo"},
    )
    token: str = ask(
        f"{url}/auth/token",
        {**client, "grant_type": "authorization_code", "code": done["result"]},
        form=True,
    )["access_token"]
    return token


def test_prints_two_lists_ranked_by_the_cloud(demo: Demo) -> None:
    titles = next(line for line in demo.output.splitlines() if line.startswith("Quiet late"))
    assert "Loud Saturday afternoon" in titles
    assert demo.output.count("engine: cloud") == 2
    tracks = [line.split("│") for line in demo.output.splitlines() if re.match(r" ?\d+ .*│", line)]
    assert len(tracks) == 15
    assert not {left[3:].strip() for left, _ in tracks} & {right[4:].strip() for _, right in tracks}
    assert demo.output.count("noise +") >= 15
    assert demo.url in demo.output


def test_listens_on_loopback_only(demo: Demo) -> None:
    found = listening(descendants(demo.process.pid))
    control, speakers = addresses(demo.network)
    assert {"127.0.0.1", control[0], *(host for host, _ in speakers)} <= set(found)
    assert all(address.startswith("127.") for address in found), found


def test_the_dashboard_shows_only_what_is_there(demo: Demo) -> None:
    token = sign_in(demo.url)
    states = {
        each["entity_id"]: each["state"] for each in ask(f"{demo.url}/api/states", token=token)
    }
    assert states["media_player.living_room"] == states["media_player.bedroom"] == "playing"
    assert "button.kitchen_play_for_now" in states
    [saved] = (demo.folder / "config" / ".storage").glob("lovelace.*demo")
    shown = {
        card["entity"]
        for section in json.loads(saved.read_text())["data"]["config"]["views"][0]["sections"]
        for card in section["cards"]
        if "entity" in card
    }
    assert len(shown) > 15
    assert shown <= set(states)


def test_voice_plays_in_the_kitchen(demo: Demo) -> None:
    token = sign_in(demo.url)
    answer = ask(
        f"{demo.url}/api/conversation/process",
        {"text": "play calm music in the kitchen", "language": "en"},
        token=token,
    )
    assert answer["response"]["response_type"] == "action_done"
    (host, port), _ = addresses(demo.network)
    deadline = time.monotonic() + 5
    while ask(f"http://{host}:{port}/state/Kitchen")["transport"]["state"] != "PLAYING":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_demo_says_what_is_in_the_way(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "second"
    refused = run(*arguments(folder, demo.port, "127.189.1"))
    assert refused.returncode == 1
    assert f"127.0.0.1:{demo.port} is in use" in refused.stderr
    assert not folder.exists()


def test_a_signal_ends_everything(demo: Demo) -> None:
    """Last: it ends the demo that the tests above share."""
    family = descendants(demo.process.pid)
    assert len(family) >= 4
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(ENDED_WITHIN) == 130
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]


def test_a_catalog_that_cannot_be_read_ends_it_with_the_reason(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("this,is,no,catalog\n1,2,3,4\n")
    port = free_port()
    ended = run(
        "--once", "--catalog", str(catalog), *arguments(tmp_path / "h", port, own_network())
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("demo: ")
    assert "Traceback" not in ended.stderr


def test_a_catalog_in_the_config_folder_outlives_its_replacement(tmp_path: Path) -> None:
    folder, port = tmp_path / "home", free_port()
    config_folder.make(folder / "config", port)
    catalog = folder / "config" / "imports" / "mine.csv"
    catalog.write_text("this,is,no,catalog\n")
    ended = run("--once", "--catalog", str(catalog), *arguments(folder, port, own_network()))
    assert ended.stderr.startswith("demo: ")
    assert "Traceback" not in ended.stderr
    assert catalog.read_text() == "this,is,no,catalog\n"


@pytest.mark.parametrize("linked", [False, True])
def test_a_config_folder_that_the_demo_did_not_make_stays(tmp_path: Path, linked: bool) -> None:
    config = tmp_path / "home" / "config"
    somebodys = tmp_path / "somebodys" if linked else config
    somebodys.mkdir(parents=True)
    (somebodys / "configuration.yaml").write_text("default_config:\n")
    if linked:
        config.parent.mkdir()
        config.symlink_to(somebodys)
    refused = run(*arguments(config.parent, free_port(), own_network()))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"demo: {config} was not made by this demo")
    assert (somebodys / "configuration.yaml").read_text() == "default_config:\n"
    with pytest.raises(FileExistsError):
        config_folder.make(config, 8123)
    assert [path.name for path in somebodys.iterdir()] == ["configuration.yaml"]


def test_the_demo_replaces_its_own_config_folder_and_an_empty_one(tmp_path: Path) -> None:
    assert not config_folder.is_foreign(tmp_path)
    config_folder.make(tmp_path, 8123)
    (tmp_path / "home-assistant_v2.db").touch()
    config_folder.make(tmp_path, 8123)
    assert not (tmp_path / "home-assistant_v2.db").exists()


def test_a_catalog_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    refused = run("--catalog", str(tmp_path / "none.csv"))
    assert refused.returncode == 2
    assert "there is no file" in refused.stderr
