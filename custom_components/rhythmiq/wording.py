"""The machine forms of the engine in the words of the person's language."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)

from .cloud.client import CloudError, CloudUnavailableError
from .const import DOMAIN
from .engine import VARIABLES, EngineError, Reason


async def async_words(hass: HomeAssistant, category: str) -> dict[str, str]:
    """Return the integration's translations of one category in Home Assistant's language."""
    prefix = f"component.{DOMAIN}.{category}."
    texts = await async_get_translations(hass, hass.config.language, category, [DOMAIN])
    return {key.removeprefix(prefix): text for key, text in texts.items()}


@callback
def async_known_words(hass: HomeAssistant, category: str) -> dict[str, str]:
    """Return the same at once: Home Assistant knows the words of what it has loaded."""
    prefix = f"component.{DOMAIN}.{category}."
    texts = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return {key.removeprefix(prefix): text for key, text in texts.items()}


@callback
def async_option_text(hass: HomeAssistant, selector: str, option: str) -> str:
    """Say one of the options that a selector of ours has."""
    return async_known_words(hass, "selector")[f"{selector}.options.{option}"]


@callback
def async_change_text(hass: HomeAssistant, change: str) -> str:
    """Say what has changed: a variable, or what else there is to change."""
    return async_option_text(hass, "reason" if change in VARIABLES else "change", change)


def reason_text(words: dict[str, str], reason: Reason) -> str:
    """Say a reason, as in "Time of day: acoustic sound"; ``words`` are those of ``selector``."""
    text = words[f"reason.options.{reason.key}"]
    if reason.subject is not None:
        return f"{text}: {reason.subject}"
    if reason.feature is not None:
        return f"{text}: {words[f'feature.options.{reason.feature}']}"
    return text


def fallback_text(sentences: dict[str, str], fallback: CloudError | EngineError) -> str:
    """Say why the cloud did not rank; ``sentences`` are those of ``exceptions``.

    A cloud that is newer than this home may refuse for a reason the home has no sentence for.
    """
    try:
        return sentences[f"{fallback.key}.message"].format(**fallback.placeholders)
    except KeyError:
        return sentences[f"{CloudUnavailableError.key}.message"].format(reason=fallback.key)
