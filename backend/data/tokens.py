"""What is kept of a household's token, and where."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HouseholdToken:
    """A token as stored: the secret itself is known to the household alone."""

    token_id: str
    digest: str
    """SHA-256 of the secret, 64 hexadecimal digits."""
    profile_id: str
    """The one profile this token opens."""
    expires_at: int
    """Seconds since 1970 UTC; from then on the token is refused."""


class TokenStore(Protocol):
    """Keeps tokens by their id."""

    def get(self, token_id: str) -> HouseholdToken | None:
        """Return the token, expired or not; None when there is none."""
        ...

    def put(self, token: HouseholdToken) -> None:
        """Keep a token, in place of one with the same id."""
        ...

    def delete(self, token_id: str) -> bool:
        """Forget a token; False when there was none."""
        ...


def open_tokens(uri: str) -> TokenStore:
    """Open `dynamodb://table`, or the JSON file that any other word names.

    Each kind is imported only when it is used: the runner on disk needs no AWS SDK, and the
    authorizer pays for no more than it uses at a cold start.
    """
    if uri.startswith("dynamodb://"):
        from .token_table import TokenTable  # noqa: PLC0415 (see above)

        return TokenTable(uri.removeprefix("dynamodb://"))
    from .token_file import TokenFile  # noqa: PLC0415 (see above)

    return TokenFile(Path(uri))
