"""Where a household token may be sent."""

import re
from typing import Final

from yarl import URL

_THIS_MACHINE: Final = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")


class CloudAddressError(ValueError):
    """The address is not https (or plain http on this machine)."""

    key: Final = "cloud_url_invalid"


def cloud_address(text: str) -> str:
    """Return the address of a cloud in one spelling: no slash at the end, no query.

    Raises:
        CloudAddressError: a token must not be sent there, or it is no address.
    """
    try:
        url = URL(text)
        host = url.host or ""
    except ValueError:
        raise CloudAddressError(text) from None
    private = url.scheme == "https" or (url.scheme == "http" and _THIS_MACHINE.fullmatch(host))
    if not (host and private) or url.user is not None or url.password is not None:
        raise CloudAddressError(text)
    return str(url.with_query(None).with_fragment(None)).rstrip("/")
