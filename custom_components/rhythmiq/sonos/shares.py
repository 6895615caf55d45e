"""Why a share link was refused, as far as Sonos tells.

Players answer 800 whatever the cause, and show nobody which accounts are linked. But they list the
services that exist for the household's country, and a service that gave something before is linked.
"""

from typing import Final

from .control import COMMAND_SECONDS
from .errors import SonosError
from .media import Playable, UnsupportedMediaError, forms_of
from .speaker import Speaker

# By the number in the metadata: 256 times the service's id, plus 7
_NAMES: Final = {
    519: "Deezer",
    2311: "Spotify",
    3079: "Spotify",
    44551: "TIDAL",
    52231: "Apple Music",
}
SPOTIFY: Final = "Spotify"


class ShareRefusedError(SonosError):
    """A player took nothing from a music service."""


def service_of(uri: str) -> str | None:
    """Return the name of the music service a share link belongs to, None for other uris."""
    return next((_NAMES[number] for number in _numbers(uri)), None)


async def explain_refusal(speaker: Speaker, uri: str) -> ShareRefusedError:
    """Return why the speaker refused a share link. Raises ``SonosError`` when it tells nothing."""
    household, control = speaker.household, speaker.coordinator.control
    service = service_of(uri) or uri
    if service in household.working_services or (
        service == SPOTIFY and household.spotify_service is not None
    ):
        return ShareRefusedError("share_unavailable", service=service, uri=uri)
    answer = await control.call("musicServices", "ListAvailableServices", [], COMMAND_SECONDS)
    offered = control.expect(answer, "AvailableServiceTypeList").split(",")
    if not any(str(number) in offered for number in _numbers(uri)):
        return ShareRefusedError("service_not_offered", service=service)
    return ShareRefusedError("share_refused", service=service, uri=uri, speaker=speaker.name)


def _numbers(uri: str) -> list[int]:
    try:
        forms = forms_of(Playable(uri))
    except UnsupportedMediaError:
        return []
    return [form.service for form in forms if form.service is not None]
