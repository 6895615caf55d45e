"""A small catalog, a household with a token, and the functions pointed at both."""

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import threading
import time
from typing import Any

import boto3
from moto import mock_aws
import numpy as np
import pytest
import pytest_socket

from backend.data.token_file import TokenFile
from backend.engine.catalog import Catalog
from backend.handlers import api, authorizer
from backend.local.gateway import Gateway, HttpRequest, rest_event
from backend.local.server import LocalServer
from backend.logic.tokens import create_token
from backend.routes import ROUTES

FEATURES = ("danceability", "energy", "valence", "acousticness", "loudness", "tempo", "duration_ms")
TABLE = "rhythmiq-test"
PROFILE = "home-1"

type Events = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def loopback_only() -> None:
    """Let tests talk to this machine, and to nothing else."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.0/8"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    """Wait for what a test stops without waiting: the harness takes its threads for leaks."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5)


@pytest.fixture(scope="session")
def catalog_bytes() -> bytes:
    """Return a saved catalog of 400 invented tracks."""
    rng = np.random.default_rng(3)
    n = 400
    energy = rng.random(n)
    features = np.column_stack(
        [
            rng.random(n),
            energy,
            rng.random(n),
            1 - energy,
            -20 + 15 * energy,
            80 + 80 * rng.random(n),
            rng.integers(120_000, 300_000, n),
        ]
    )
    return Catalog.from_arrays(
        features,
        FEATURES,
        uri=[f"invented:track:{row:04d}" for row in range(n)],
        title=[f"Invented Song {row} ñ" for row in range(n)],
        artist=[f"Invented Artist {row % 90}" for row in range(n)],
        album=["Invented"] * n,
        genre=[("ambient", "pop", "techno")[row % 3] for row in range(n)],
    ).save()


@pytest.fixture
def catalog_file(tmp_path: Path, catalog_bytes: bytes) -> Path:
    """Return the catalog as a file."""
    path = tmp_path / "catalog.npz"
    path.write_bytes(catalog_bytes)
    return path


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Return where the local runner keeps tokens; nothing is there yet."""
    return tmp_path / "tokens.json"


@pytest.fixture
def functions(
    catalog_file: Path, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Start both functions cold, on files."""
    monkeypatch.setenv("CATALOG_URI", str(catalog_file))
    monkeypatch.setenv("TOKENS_URI", str(token_file))
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    api.logger.setLevel("INFO")
    api.catalog.cache_clear()
    authorizer.tokens.cache_clear()
    yield
    api.catalog.cache_clear()
    authorizer.tokens.cache_clear()


@pytest.fixture
def token(token_file: Path) -> str:
    """Return the token of a household, valid for an hour."""
    return create_token(TokenFile(token_file), PROFILE, expires_at=int(time.time()) + 3600)


@pytest.fixture
def events() -> Events:
    """Make the events that API Gateway sends to the function behind the routes."""

    def make(method: str, path: str, body: object = None) -> dict[str, Any]:
        text = body if isinstance(body, str) else json.dumps(body)
        headers = [("Content-Type", "application/json"), ("User-Agent", "HomeAssistant")]
        content = b"" if body is None else text.encode()
        event = rest_event(HttpRequest(method, path, headers, content))
        event["requestContext"]["authorizer"] = {"principalId": PROFILE, "profile_id": PROFILE}
        return event

    return make


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace AWS by moto, with the table as deployed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield


@pytest.fixture
def serve() -> Iterator[Callable[[Gateway], str]]:
    """Serve gateways on loopback until the test ends; each call returns an address."""
    servers: list[LocalServer] = []

    def start(gateway: Gateway) -> str:
        server = LocalServer(gateway)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        return server.url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def local_cloud(functions: None, serve: Callable[[Gateway], str]) -> str:
    """Serve the real functions over HTTP; return the address."""
    return serve(Gateway(ROUTES, handler=api.handler, authorizer=authorizer.handler))
