"""The local runner: the real functions over real HTTP, on loopback and nowhere else."""

from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
import json
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from backend.local import __main__ as command
from backend.local.gateway import PAYLOAD_LIMIT, Gateway
from backend.local.server import LocalServer

from .conftest import PROFILE

REPOSITORY = Path(__file__).parents[2]
ORDER = {"seed": 5, "request": {"context": {"time_of_day": 15.0, "noise_level": 75.0}, "count": 5}}


@pytest.fixture
def connection(local_cloud: str) -> Iterator[HTTPConnection]:
    address = urlsplit(local_cloud)
    assert address.hostname is not None
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    yield connection
    connection.close()


def send(
    connection: HTTPConnection, method: str, path: str, token: str | None, body: object = None
) -> tuple[int, dict[str, Any]]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    answer: dict[str, Any] = json.loads(response.read())
    return response.status, answer


def test_many_requests_on_one_connection(connection: HTTPConnection, token: str) -> None:
    household = send(connection, "GET", "/v1/household", token)
    assert household == (200, {"profile_id": PROFILE, "tracks": 400})
    first = connection.sock
    status, answer = send(connection, "POST", "/v1/recommendations", token, ORDER)
    assert (status, len(answer["tracks"])) == (200, 5)
    assert send(connection, "GET", "/v1/household", token) == household
    assert connection.sock is first


def test_who_proves_nothing_gets_nothing(connection: HTTPConnection, token: str) -> None:
    forged = f"{token[:-2]}{'AA' if token[-2:] != 'AA' else 'BB'}"
    for wrong in (None, "rq1_nonsense", forged):
        status, answer = send(connection, "POST", "/v1/recommendations", wrong, ORDER)
        assert (status, answer) == (401, {"message": "Unauthorized"})


def test_errors_come_through(connection: HTTPConnection, token: str) -> None:
    too_many = {"seed": 1, "request": {"count": 501}}
    assert send(connection, "GET", "/", token)[0] == 404
    assert send(connection, "DELETE", "/v1/household", token)[0] == 404
    assert send(connection, "POST", "/v1/recommendations", token, {})[0] == 400
    status, answer = send(connection, "POST", "/v1/recommendations", token, too_many)
    assert (status, answer["error"]["key"]) == (422, "count_out_of_range")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Content-Length: {PAYLOAD_LIMIT + 1}", 413),
        ("Content-Length: -1", 411),
        ("Content-Length: ten", 411),
        ("Content-Length: ²", 411),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_bodies_that_are_not_read(local_cloud: str, header: str, status: int) -> None:
    address = urlsplit(local_cloud)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        head = f"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n"
        connection.sendall(head.encode("latin-1"))
        with connection.makefile("rb") as answer:
            assert answer.read().startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "::1", "192.168.1.5", "localhost", "", "8.8.8.8"],  # noqa: S104 (refused)
)
def test_nothing_but_loopback_is_served(host: str) -> None:
    gateway = Gateway([], handler=None, authorizer=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"127\.0\.0\.0/8"):
        LocalServer(gateway, host=host)


def test_the_command_serves_until_told_to_stop(
    catalog_file: Path, token_file: Path, token: str
) -> None:
    runner = subprocess.Popen(
        [
            *(sys.executable, "-m", "backend.local", "--port", "0"),
            *("--catalog", str(catalog_file), "--token-file", str(token_file)),
        ],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with runner:
        assert runner.stdout is not None
        ready, url = runner.stdout.readline().split()
        assert ready == "READY"
        address = urlsplit(url)
        assert address.hostname == "127.0.0.1"
        connection = HTTPConnection(address.hostname, address.port, timeout=10)
        for _ in range(3):
            assert send(connection, "POST", "/v1/recommendations", token, ORDER)[0] == 200
        connection.close()
        runner.send_signal(signal.SIGTERM)
        output, errors = runner.communicate(timeout=10)
    assert runner.returncode == 0
    assert errors == ""
    assert token not in output


def test_a_signal_ends_the_command(
    functions: None, catalog_file: Path, token_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    answered: list[int] = []

    def stop_once_it_answers() -> None:
        try:
            for _ in range(600):
                with (
                    suppress(ConnectionRefusedError),
                    closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
                ):
                    connection.request("GET", "/")
                    answered.append(connection.getresponse().status)
                    break
                time.sleep(0.05)
        finally:  # whatever went wrong, nobody else ends the command
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    stopper = threading.Thread(target=stop_once_it_answers)
    stopper.start()
    try:
        places = ["--catalog", str(catalog_file), "--token-file", str(token_file)]
        assert command.main([*places, "--port", str(port)]) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
        stopper.join()
    assert capsys.readouterr().out == f"READY http://127.0.0.1:{port}\n"
    assert len(answered) == 1


@pytest.mark.parametrize("fault", ["missing", "damaged", "address"])
def test_the_command_says_why_it_cannot_start(
    functions: None,
    catalog_file: Path,
    token_file: Path,
    fault: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = "127.0.0.1"
    match fault:
        case "missing":
            catalog_file.unlink()
        case "damaged":
            catalog_file.write_bytes(b"nothing of the kind")
        case "address":
            host = "192.0.2.1"
    places = ["--catalog", str(catalog_file), "--token-file", str(token_file)]
    before = signal.getsignal(signal.SIGTERM)
    assert command.main([*places, "--host", host, "--port", "0"]) == 1
    signal.signal(signal.SIGTERM, before)
    output = capsys.readouterr()
    assert "cannot serve" in output.err
    assert "READY" not in output.out
