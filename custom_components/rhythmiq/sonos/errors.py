"""What can go wrong between the house and its speakers: the only errors that leave this package."""

from typing import Final, override

from requests.exceptions import RequestException
from soco.exceptions import SoCoException, SoCoUPnPException

UPNP_NOT_IMPLEMENTED: Final = 401
UPNP_INVALID_ARGS: Final = 402
UPNP_TRANSITION_NOT_AVAILABLE: Final = 701
UPNP_ILLEGAL_SEEK_TARGET: Final = 711
UPNP_MODE_NOT_AVAILABLE: Final = 712
UPNP_MEDIA_REFUSED: Final = 800
UPNP_QUEUE_EMPTY: Final = 804

# What SoCo raises besides its own exceptions when a speaker answers garbage: it indexes and parses
# without looking. (ParseError is a SyntaxError, requests' exceptions are OSErrors.)
SOCO_ERRORS: Final = (
    SoCoException,
    OSError,
    SyntaxError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class SonosError(Exception):
    """A speaker or the household did not do what was asked.

    ``key`` names a sentence under ``exceptions`` in the translations, ``placeholders`` fill it.
    """

    key: str
    placeholders: dict[str, str]

    def __init__(self, key: str, **placeholders: str) -> None:
        super().__init__(key, placeholders)
        self.key = key
        self.placeholders = placeholders

    @override
    def __str__(self) -> str:
        return ", ".join([self.key, *(f"{k}={v}" for k, v in self.placeholders.items())])


class SpeakerUnreachableError(SonosError):
    """Nothing answered in time. ``speaker`` is a room's name or an address."""

    def __init__(self, speaker: str) -> None:
        super().__init__("speaker_unreachable", speaker=speaker)


class InvalidHostError(SonosError):
    """The address is unknown or not inside the home network."""


class NotASonosError(SonosError):
    """Something answered, but no Sonos player."""

    def __init__(self, host: str) -> None:
        super().__init__("not_a_sonos", host=host)


class S1OnlyError(SonosError):
    """The player runs the S1 firmware, which this integration does not speak."""

    def __init__(self, host: str) -> None:
        super().__init__("s1_only", host=host)


class PlaybackError(SonosError):
    """The speaker refused. ``code`` is its UPnP error, None when its answer made no sense."""

    def __init__(
        self, code: int | None, speaker: str, key: str | None = None, **placeholders: str
    ) -> None:
        if key is None:
            key = {
                None: "speaker_confused",
                UPNP_MEDIA_REFUSED: "media_refused",
            }.get(code, "speaker_refused")
        super().__init__(key, speaker=speaker, code=str(code), **placeholders)
        self.code = code


def from_soco(err: Exception, speaker: str) -> SonosError:
    """Return our error for one of ``SOCO_ERRORS`` raised while talking to the speaker."""
    match err:
        case SoCoUPnPException() if str(err.error_code).isdigit():
            return PlaybackError(int(err.error_code), speaker)
        case RequestException(response=response) if response is not None:
            return PlaybackError(None, speaker)
        case OSError():
            return SpeakerUnreachableError(speaker)
        case _:
            return PlaybackError(None, speaker)
