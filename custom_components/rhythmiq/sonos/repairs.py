"""Repairs that several speakers share: each is told once, and taken back with the last of them."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


class SharedRepair:
    """One issue about all speakers that have the same trouble.

    ``key`` names its text under ``issues`` in the translations.
    """

    def __init__(self, hass: HomeAssistant, key: str, household: str) -> None:
        self._hass = hass
        self._key = key
        self._id = f"{key}_{household}"
        self._troubled: dict[str, str] = {}

    @callback
    def raise_for(self, uid: str, name: str, **placeholders: str) -> None:
        """Add a speaker; ``placeholders`` fill the text beside ``speakers``, their names."""
        if self._troubled.get(uid) == name:
            return
        self._troubled[uid] = name
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=self._key,
            translation_placeholders={
                "speakers": ", ".join(sorted(self._troubled.values())),
                **placeholders,
            },
        )

    @callback
    def clear(self, *uids: str) -> None:
        """Take speakers out of it; without any, all of them."""
        for uid in uids or tuple(self._troubled):
            self._troubled.pop(uid, None)
        if not self._troubled:
            ir.async_delete_issue(self._hass, DOMAIN, self._id)
