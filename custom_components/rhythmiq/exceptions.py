"""Where the house's own errors become Home Assistant's, once, with their translation."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .catalog import ImportRefusedError
from .cloud.client import CloudError
from .const import DOMAIN
from .course import TuneVectorError
from .engine import EngineError
from .listeners.errors import ListenerError
from .rating import NothingRatedError
from .recommender import NoRoomError
from .sonos.errors import SonosError
from .store import StoreError


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what the person asked for wrongly, or what failed, in the person's language.

    The house's errors carry the ``key`` of a sentence under ``exceptions`` in the translations
    and its ``placeholders``.
    """
    try:
        yield
    except (
        EngineError,
        ImportRefusedError,
        ListenerError,
        NoRoomError,
        NothingRatedError,
        TuneVectorError,
    ) as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.placeholders,
        ) from err
    except (CloudError, SonosError, StoreError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.placeholders,
        ) from err
