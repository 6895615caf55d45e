"""Household tokens: made, kept, proved, revoked, in a file and in DynamoDB alike."""

import json
from pathlib import Path
import re
import time

import boto3
import pytest

from backend import tokens as command
from backend.data.tokens import HouseholdToken, TokenStore, open_tokens
from backend.logic.tokens import InvalidTokenError, create_token, verify_token

from .conftest import TABLE

NOW = 1_800_000_000


@pytest.fixture(params=["file", "dynamodb"])
def place(request: pytest.FixtureRequest, token_file: Path) -> str:
    """Return where tokens are kept."""
    if request.param == "file":
        return str(token_file)
    request.getfixturevalue("aws")
    return f"dynamodb://{TABLE}"


@pytest.fixture
def store(place: str) -> TokenStore:
    return open_tokens(place)


def test_a_token_opens_its_profile_until_it_expires(store: TokenStore) -> None:
    token = create_token(store, "home-1", expires_at=NOW)
    assert verify_token(store, f"Bearer {token}", now=NOW - 0.5).profile_id == "home-1"
    with pytest.raises(InvalidTokenError, match="expired"):
        verify_token(store, f"Bearer {token}", now=NOW)


def test_tokens_do_not_disturb_one_another(store: TokenStore) -> None:
    first = create_token(store, "first", expires_at=NOW)
    second = create_token(store, "second", expires_at=NOW)
    assert first != second
    assert verify_token(store, f"Bearer {first}", now=0).profile_id == "first"
    assert verify_token(store, f"Bearer {second}", now=0).profile_id == "second"


def test_a_wrong_secret_proves_nothing(store: TokenStore) -> None:
    mine, other = (create_token(store, "home-1", expires_at=NOW) for _ in range(2))
    forged = mine[:21] + other[21:]
    assert forged not in (mine, other)
    with pytest.raises(InvalidTokenError, match="wrong secret"):
        verify_token(store, f"Bearer {forged}", now=0)


def test_an_unknown_token_proves_nothing(store: TokenStore) -> None:
    with pytest.raises(InvalidTokenError, match="unknown"):
        verify_token(store, f"Bearer rq1_{'0' * 16}_{'A' * 43}", now=0)


def test_a_revoked_token_is_forgotten(store: TokenStore) -> None:
    token = create_token(store, "home-1", expires_at=NOW)
    token_id = token.split("_")[1]
    assert store.delete(token_id)
    assert not store.delete(token_id)
    with pytest.raises(InvalidTokenError, match="unknown"):
        verify_token(store, f"Bearer {token}", now=0)


def test_a_later_token_with_the_same_id_replaces_the_earlier(store: TokenStore) -> None:
    store.put(HouseholdToken("0" * 16, "a" * 64, "home-1", NOW))
    renewed = HouseholdToken("0" * 16, "b" * 64, "home-1", NOW + 1)
    store.put(renewed)
    assert store.get("0" * 16) == renewed


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        f"rq1_{'0' * 16}_{'A' * 43}",
        f"Bearer rq2_{'0' * 16}_{'A' * 43}",
        f"Bearer rq1_{'0' * 15}_{'A' * 43}",
        f"Bearer rq1_{'0' * 16}_{'A' * 42}",
        f"Bearer rq1_{'0' * 16}_{'A' * 43}\n",
        f"Bearer rq1_{'0' * 16}_{'A' * 42}é",
        f"Bearer  rq1_{'0' * 16}_{'A' * 43}",
        f"Bearer rq1_{'G' * 16}_{'A' * 43}",
    ],
)
def test_a_malformed_header_is_not_even_looked_up(authorization: str, token_file: Path) -> None:
    token_file.write_text("not to be read")
    with pytest.raises(InvalidTokenError, match="malformed"):
        verify_token(open_tokens(str(token_file)), authorization, now=0)


@pytest.mark.parametrize("profile_id", ["", "Home", "a b", "-a", "a" * 65, "a/b", "ä"])
def test_a_malformed_profile_gets_no_token(profile_id: str, token_file: Path) -> None:
    with pytest.raises(ValueError, match="profile id"):
        create_token(open_tokens(str(token_file)), profile_id, expires_at=NOW)
    assert not token_file.exists()


def test_the_file_holds_no_secret_and_is_its_owners_alone(token_file: Path) -> None:
    token = create_token(open_tokens(str(token_file)), "home-1", expires_at=NOW)
    assert token.split("_", 2)[2] not in token_file.read_text()
    assert token_file.stat().st_mode & 0o777 == 0o600
    assert not list(token_file.parent.glob(".*"))


def test_the_table_holds_no_secret(aws: None) -> None:
    token = create_token(open_tokens(f"dynamodb://{TABLE}"), "home-1", expires_at=NOW)
    (item,) = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert item["pk"] == {"S": f"TOKEN#{token.split('_')[1]}"}
    assert item["expires_at"] == {"N": str(NOW)}
    assert token.split("_", 2)[2] not in json.dumps(item)


def test_a_file_of_another_version_is_refused(token_file: Path) -> None:
    token_file.write_text('{"version": 2, "tokens": {}}')
    with pytest.raises(ValueError, match="version 1"):
        open_tokens(str(token_file)).get("0" * 16)


def test_the_command_makes_and_revokes(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--in", place, "create", "--profile", "home-1", "--days", "2"]) == 0
    token = capsys.readouterr().out.strip()
    assert re.fullmatch(r"rq1_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", token)
    kept = verify_token(open_tokens(place), f"Bearer {token}", now=time.time())
    assert kept.expires_at == pytest.approx(time.time() + 2 * 86_400, abs=5)

    assert command.main(["--in", place, "revoke", kept.token_id]) == 0
    assert command.main(["--in", place, "revoke", kept.token_id]) == 1
    assert kept.token_id in capsys.readouterr().err


def test_the_command_refuses_a_malformed_profile(
    token_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main(["--in", str(token_file), "create", "--profile", "My Home"])
    assert "profile id" in capsys.readouterr().err
