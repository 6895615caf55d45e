"""A real Home Assistant, as a process, and its REST and websocket interfaces."""

from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import sys
from typing import Any

import aiohttp

from .processes import StartError, running
from .waiting import holds

START_WITHIN = 120.0
"""Seconds within which Home Assistant must be up; 4 are usual."""

SLOW = aiohttp.ClientTimeout(total=600)
"""An import of a large catalog answers when it is done."""


class RefusedError(Exception):
    """Home Assistant refused a request; the text is its message."""


class HomeAssistant:
    """An administrator's session with Home Assistant."""

    def __init__(self, session: aiohttp.ClientSession, url: str, process: Process) -> None:
        """Take a session whose base url is `url`, and the process behind it."""
        self._session = session
        self._process = process
        self.url = url
        self._token = ""

    async def ended(self) -> None:
        """Wait until Home Assistant is not there any more."""
        await self._process.wait()

    async def sign_in(self, user: str, password: str) -> None:
        """Finish onboarding: create the owner, sign in, and wait until everything has started."""
        client_id = f"{self.url}/"
        created = await self.request(
            "POST",
            "/api/onboarding/users",
            json={
                "client_id": client_id,
                "name": user.capitalize(),
                "username": user,
                "password": password,
                "language": "en",
            },
        )
        token = await self.request(
            "POST",
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": created["auth_code"],
                "client_id": client_id,
            },
        )
        self._token = token["access_token"]
        if not await holds(self._is_running, START_WITHIN):
            raise StartError("Home Assistant does not finish starting")

    async def _is_running(self) -> bool:
        return bool((await self.request("GET", "/api/config"))["state"] == "RUNNING")

    async def action(self, name: str, **data: object) -> None:
        """Perform an action, as in `action("light.turn_on", entity_id=…)`."""
        await self.request("POST", f"/api/services/{name.replace('.', '/')}", json=data)

    async def ask(self, name: str, **data: object) -> dict[str, Any]:
        """Perform an action that answers, and return its answer."""
        path = f"/api/services/{name.replace('.', '/')}?return_response"
        answer: dict[str, Any] = (await self.request("POST", path, json=data))["service_response"]
        return answer

    async def state(self, entity_id: str) -> str | None:
        """Return the state of an entity, None where there is no such entity."""
        try:
            state: str = (await self.request("GET", f"/api/states/{entity_id}"))["state"]
        except RefusedError:
            return None
        return state

    async def wait_for_state(self, entity_id: str, value: float | str, within: float = 10) -> None:
        """Wait until an entity's state is `value`; numbers are compared as numbers."""

        async def arrived() -> bool:
            return _equal(await self.state(entity_id), value)

        if not await holds(arrived, within):
            raise StartError(f"{entity_id} did not become {value}: {await self.state(entity_id)}")

    async def command(self, *messages: Mapping[str, object]) -> list[Any]:
        """Send websocket commands one after the other and return their results."""
        results = []
        async with self._session.ws_connect("/api/websocket", max_msg_size=0) as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._token})
            await socket.receive_json()
            for number, message in enumerate(messages, start=1):
                await socket.send_json({"id": number, **message})
                answer = await socket.receive_json()
                if not answer["success"]:
                    raise RefusedError(f"{message['type']}: {answer['error']['message']}")
                results.append(answer["result"])
        return results

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a REST request and return the JSON answer; raises `RefusedError`."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, path, headers=headers, timeout=SLOW, **options
        ) as response:
            if response.ok:
                return await response.json()
            text = await response.text()
            with suppress(ValueError, KeyError, TypeError):
                text = (await response.json())["message"]
            raise RefusedError(text or f"HTTP {response.status}")


@asynccontextmanager
async def home_assistant(folder: Path, port: int, log: Path) -> AsyncIterator[HomeAssistant]:
    """Run Home Assistant on a config folder; yields when it is up."""
    command = [
        *(sys.executable, "-m", "homeassistant", "--skip-pip"),
        *("--config", str(folder), "--log-no-color"),
    ]
    url = f"http://127.0.0.1:{port}"
    async with (
        running(command, log) as process,
        aiohttp.ClientSession(url) as session,
    ):
        if not await holds(lambda: _is_up(session, process, log), START_WITHIN):
            raise StartError(f"Home Assistant does not answer; see {log}")
        yield HomeAssistant(session, url, process)


async def _is_up(session: aiohttp.ClientSession, process: Process, log: Path) -> bool:
    if process.returncode is not None:
        raise StartError(f"Home Assistant ended at its start; see {log}")
    with suppress(aiohttp.ClientError):
        async with session.get("/api/onboarding") as response:
            return response.ok
    return False


def _equal(state: str | None, value: float | str) -> bool:
    if isinstance(value, str):
        return state == value
    with suppress(TypeError, ValueError):
        return float(state or "") == value
    return False
