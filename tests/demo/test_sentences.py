"""The sentences we ship: read by Home Assistant's own conversation agent, next to its own."""

from pathlib import Path

from homeassistant.components.conversation import ConversationInput
from homeassistant.components.conversation.const import DATA_COMPONENT
from homeassistant.components.conversation.default_agent import DefaultAgent
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.setup import async_setup_component
import pytest
import yaml

from custom_components.rhythmiq.engine.moods import MOODS
from custom_components.rhythmiq.engine.presets import PRESETS

REPOSITORY = Path(__file__).parents[2]
SENTENCES = REPOSITORY / "custom_sentences" / "en" / "rhythmiq.yaml"


@pytest.fixture
async def areas(hass: HomeAssistant, tmp_path: Path) -> None:
    """A Home Assistant with two areas, a conversation agent and our sentences installed."""
    (tmp_path / "custom_sentences").symlink_to(SENTENCES.parents[1])
    hass.config.config_dir = str(tmp_path)
    for name in ("Kitchen", "Living Room"):
        ar.async_get(hass).async_create(name)
    for domain in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, domain, {})


async def understood(hass: HomeAssistant, text: str) -> tuple[str, dict[str, object]] | None:
    """Return the intent and the slots that Home Assistant hears in a sentence."""
    agent = hass.data[DATA_COMPONENT].get_entity("conversation.home_assistant")
    assert isinstance(agent, DefaultAgent)
    result = await agent.async_recognize_intent(
        ConversationInput(
            text=text,
            context=Context(),
            conversation_id=None,
            device_id=None,
            satellite_id=None,
            language="en",
            agent_id="conversation.home_assistant",
        )
    )
    if result is None or result.unmatched_entities:
        return None
    return result.intent.name, {slot.name: slot.value for slot in result.entities_list}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("play something for this room", {}),
        ("play something", {}),
        ("Play some music in here", {}),
        ("play music that fits", {}),
        ("play music that fits the moment in the living room", {"area": "Living Room"}),
        ("play something in the kitchen for right now", {"area": "Kitchen"}),
        ("play something in the kitchen", {"area": "Kitchen"}),
        ("play calm music in the kitchen", {"mood": "calm", "area": "Kitchen"}),
        ("play something happy", {"mood": "happy"}),
        ("play some sad songs in my living room", {"mood": "melancholic", "area": "Living Room"}),
        ("play a party playlist for the kitchen", {"mood": "party", "area": "Kitchen"}),
        ("play music to focus", {"mood": "focus"}),
        ("play something for bedtime in the living room", {"mood": "sleep", "area": "Living Room"}),
    ],
)
async def test_ours(hass: HomeAssistant, areas: None, text: str, slots: dict[str, str]) -> None:
    assert await understood(hass, text) == ("RhythmiqPlay", slots)


@pytest.mark.parametrize(
    "text",
    [
        "play Abbey Road in the kitchen",
        "play the album Calm in the kitchen",
        "play happy by Pharrell Williams in the living room",
        "play party rock anthem in the kitchen",
    ],
)
async def test_a_search_stays_a_search(hass: HomeAssistant, areas: None, text: str) -> None:
    heard = await understood(hass, text)
    assert heard is not None
    assert heard[0] == "HassMediaSearchAndPlay"


async def test_the_rest_of_the_home_is_left_alone(hass: HomeAssistant, areas: None) -> None:
    assert await understood(hass, "pause music in the kitchen") == (
        "HassMediaPause",
        {"area": "Kitchen"},
    )


def test_every_mood_can_be_said() -> None:
    lists = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))["lists"]
    moods = (lists["rhythmiq_mood"], lists["rhythmiq_purpose"])
    assert {value["out"] for entries in moods for value in entries["values"]} == set(MOODS)


def test_occasions_are_ready_made_tune_vectors() -> None:
    lists = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))["lists"]
    assert {value["out"] for value in lists["rhythmiq_occasion"]["values"]} <= set(PRESETS)


def test_our_names_do_not_replace_home_assistants() -> None:
    content = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    names = [*content["lists"], *content["expansion_rules"]]
    assert all(name.startswith("rhythmiq_") for name in names)
