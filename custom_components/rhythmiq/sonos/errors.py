"""What can go wrong between the house and its speakers: the only errors that leave this package."""

from collections.abc import Mapping
from typing import Final, override

from aiohttp import ClientError, ClientResponseError
from soco.exceptions import SoCoException, SoCoUPnPException

UPNP_NOT_IMPLEMENTED: Final = 401
UPNP_INVALID_ARGS: Final = 402
UPNP_TRANSITION_NOT_AVAILABLE: Final = 701
UPNP_ILLEGAL_SEEK_TARGET: Final = 711
UPNP_MODE_NOT_AVAILABLE: Final = 712
UPNP_MEDIA_REFUSED: Final = 800
UPNP_QUEUE_EMPTY: Final = 804

# What talking to a speaker raises: SoCo indexes and parses without looking when a speaker answers
# garbage. (ParseError is a SyntaxError, TimeoutError and requests' exceptions are OSErrors.)
SOCO_ERRORS: Final = (
    SoCoException,
    ClientError,
    OSError,
    SyntaxError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


# What a refusal means to the person, where its code tells
_KEYS: Final[Mapping[int | None, str]] = {
    UPNP_NOT_IMPLEMENTED: "not_supported",
    UPNP_INVALID_ARGS: "value_refused",
    600: "value_refused",
    601: "value_refused",
    602: "not_supported",
    605: "value_refused",
    UPNP_MEDIA_REFUSED: "media_refused",
    UPNP_QUEUE_EMPTY: "queue_empty",
}
_SERVICE_KEYS: Final[Mapping[tuple[str, int | None], str]] = {
    ("AVTransport", UPNP_TRANSITION_NOT_AVAILABLE): "not_now",
    ("AVTransport", 704): "media_refused",
    ("AVTransport", 705): "speaker_busy",
    ("AVTransport", 710): "no_such_position",
    ("AVTransport", UPNP_ILLEGAL_SEEK_TARGET): "no_such_position",
    ("AVTransport", UPNP_MODE_NOT_AVAILABLE): "mode_refused",
    ("AVTransport", 714): "media_refused",
    ("AVTransport", 715): "speaker_busy",
    ("AVTransport", 716): "media_refused",
    ("AVTransport", 737): "source_unreachable",
    ("AVTransport", 738): "source_unreachable",
    ("AVTransport", 739): "source_unreachable",
    ("AlarmClock", 801): "alarm_exists",
    ("ContentDirectory", 701): "no_such_item",
    ("ContentDirectory", 710): "no_such_item",
}


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


class UpnpDisabledError(SonosError):
    """The player answers nobody: UPnP is switched off in the Sonos app."""

    def __init__(self, speaker: str) -> None:
        super().__init__("upnp_disabled", speaker=speaker)


class PlaybackError(SonosError):
    """The speaker refused. ``code`` is its UPnP error, None when its answer made no sense.

    Codes from 700 mean something else in each ``service``.
    """

    def __init__(
        self,
        code: int | None,
        speaker: str,
        key: str | None = None,
        *,
        service: str = "AVTransport",
        **placeholders: str,
    ) -> None:
        if code is None:
            key = key or "speaker_confused"
        key = key or _KEYS.get(code) or _SERVICE_KEYS.get((service, code), "speaker_refused")
        super().__init__(key, speaker=speaker, code=str(code), **placeholders)
        self.code = code


def from_soco(err: Exception, speaker: str) -> SonosError:
    """Return our error for one of ``SOCO_ERRORS`` raised while talking to the speaker."""
    match err:
        case SoCoUPnPException() if str(err.error_code).isdigit():
            return PlaybackError(int(err.error_code), speaker)
        case ClientResponseError():
            return PlaybackError(None, speaker)
        case OSError() | ClientError():
            return SpeakerUnreachableError(speaker)
        case _:
            return PlaybackError(None, speaker)
