"""Reasons in words."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.engine import FEATURE_NAMES, VARIABLES, EngineError, Reason
from custom_components.rhythmiq.wording import async_words, fallback_text, reason_text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("time_of_day", 0.4, "acousticness"), "Time of day: acoustic sound"),
        (Reason("preferred_genre", 0.4, subject="jazz", listener=1), "Genre preference: jazz"),
        (Reason("fatigue", -0.4), "Heard lately"),
    ],
)
async def test_a_reason_is_said(hass: HomeAssistant, reason: Reason, text: str) -> None:
    assert reason_text(await async_words(hass, "selector"), reason) == text


async def test_every_variable_and_feature_has_a_word(hass: HomeAssistant) -> None:
    words = await async_words(hass, "selector")
    for key in VARIABLES:
        for feature in FEATURE_NAMES:
            assert reason_text(words, Reason(key, 1.0, feature))


@pytest.mark.parametrize(
    "refusal", [EngineError("a_reason_of_tomorrow"), EngineError("unknown_mood")]
)
async def test_a_newer_cloud_may_refuse_in_unknown_words(
    hass: HomeAssistant, refusal: EngineError
) -> None:
    """The sentence is missing, or what fills it."""
    text = fallback_text(await async_words(hass, "exceptions"), refusal)
    assert text.startswith(f"The cloud gave no answer ({refusal.key})")
