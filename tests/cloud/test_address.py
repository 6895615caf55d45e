"""Where a token may be sent."""

import pytest

from custom_components.rhythmiq.cloud.address import CloudAddressError, cloud_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a1.execute-api.eu-central-1.amazonaws.com/live/", None),
        ("https://music.example", None),
        ("https://music.example:8443/a/b", None),
        ("https://music.example/live?x=1#top", "https://music.example/live"),
        ("HTTPS://Music.Example/Live", "https://music.example/Live"),
        ("http://127.0.0.1:8124", None),
        ("http://127.8.7.6:1", None),
        ("http://localhost:8124/", None),
        ("http://[::1]:8124", None),
    ],
)
def test_addresses_that_keep_a_secret(text: str, address: str | None) -> None:
    assert cloud_address(text) == (address or text.rstrip("/"))
    assert cloud_address(cloud_address(text)) == cloud_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "music.example",
        "/live",
        "https://",
        "https:///live",
        "http://music.example",
        "http://192.168.1.2:8124",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://localhost.evil.example",
        "https://user:password@music.example",
        "https://user@music.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://music.example:port",
        "https://[::1",
    ],
)
def test_addresses_that_do_not(text: str) -> None:
    with pytest.raises(CloudAddressError) as refused:
        cloud_address(text)
    assert refused.value.key == "cloud_url_invalid"
