"""Household tokens in a JSON file: for the local runner, where there is no AWS."""

from collections.abc import Mapping
from dataclasses import asdict
import json
import os
from pathlib import Path
from typing import Any, Final

from .tokens import HouseholdToken

VERSION: Final = 1


class TokenFile:
    """Tokens in one file that only its owner may read.

    The file is read anew each time, so a token made or revoked counts at once, and replaced as a
    whole, so a reader never sees half of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, token_id: str) -> HouseholdToken | None:
        """Read one token."""
        kept = self._read().get(token_id)
        return None if kept is None else HouseholdToken(**kept)

    def put(self, token: HouseholdToken) -> None:
        """Write one token."""
        self._write(self._read() | {token.token_id: asdict(token)})

    def delete(self, token_id: str) -> bool:
        """Remove one token."""
        tokens = self._read()
        if tokens.pop(token_id, None) is None:
            return False
        self._write(tokens)
        return True

    def _read(self) -> dict[str, dict[str, Any]]:
        if not self._path.exists():
            return {}
        content = json.loads(self._path.read_bytes())
        if content.get("version") != VERSION:
            raise ValueError(f"{self._path} is not a token file of version {VERSION}")
        tokens: dict[str, dict[str, Any]] = content["tokens"]
        return tokens

    def _write(self, tokens: Mapping[str, Mapping[str, Any]]) -> None:
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        owner_only = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(owner_only, "w", encoding="utf-8") as file:
            json.dump({"version": VERSION, "tokens": tokens}, file, indent=2)
        fresh.replace(self._path)
