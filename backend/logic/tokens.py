"""Household tokens: `rq1_<id>_<secret>`, 256 bits of secret of which only a hash is stored.

The id finds the record; the secret proves it.  A fast hash is enough, since nobody can guess
through 256 random bits (a password would need a slow one).
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from backend.data.tokens import HouseholdToken, TokenStore

_BEARER: Final = re.compile(r"[Bb]earer rq1_(?P<id>[0-9a-f]{16})_(?P<secret>[A-Za-z0-9_-]{43})")
_PROFILE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class InvalidTokenError(Exception):
    """The caller did not prove which household it is; the message is for the log only."""


def create_token(store: TokenStore, profile_id: str, *, expires_at: int) -> str:
    """Make a token for a profile, store its hash, and return it: it cannot be had again.

    Args:
        store: where the hash goes.
        profile_id: 1 to 64 of a-z, 0-9 and `-`.
        expires_at: seconds since 1970 UTC.

    Raises:
        ValueError: the profile's id is malformed.
    """
    if not _PROFILE.fullmatch(profile_id):
        raise ValueError(f"a profile id is 1 to 64 of a-z, 0-9 and '-': {profile_id!r}")
    token_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    store.put(HouseholdToken(token_id, _digest(secret), profile_id, expires_at))
    return f"rq1_{token_id}_{secret}"


def verify_token(store: TokenStore, authorization: str, *, now: float) -> HouseholdToken:
    """Return the token that an `Authorization` header proves.

    Args:
        store: the hashes.
        authorization: the header's value as the caller sent it.
        now: seconds since 1970 UTC.

    Raises:
        InvalidTokenError: malformed, unknown, wrong or expired.
    """
    if (match := _BEARER.fullmatch(authorization)) is None:
        raise InvalidTokenError("malformed")
    if (token := store.get(match["id"])) is None:
        raise InvalidTokenError(f"{match['id']} is unknown")
    if not hmac.compare_digest(_digest(match["secret"]), token.digest):
        raise InvalidTokenError(f"{match['id']} came with a wrong secret")
    if token.expires_at <= now:
        raise InvalidTokenError(f"{match['id']} has expired")
    return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
