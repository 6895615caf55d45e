"""translations/en.json: hassfest's schema and rules, and that code and texts name the same keys."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from importlib import import_module
import re
from string import Formatter
from typing import Any

from homeassistant.helpers import config_validation as cv
import pytest
import voluptuous as vol
from voluptuous.humanize import humanize_error

from .source import INTEGRATION, Module, calls, modules, name_of, read_json, strings_of
from .used_keys import UsedKey, given_placeholders, literals, used_keys

URL = re.compile(r"(?:(?:ftps?|scp|https?|mqtts?|socket|socks5)://|www\.)\w", re.IGNORECASE)
QUOTED_PLACEHOLDER = re.compile(r"'{\w+}'")
# Home Assistant itself ends flows with these.
HOME_ASSISTANTS_REASONS = {
    "already_configured",
    "already_in_progress",
    "reauth_successful",
    "reconfigure_successful",
    "unique_id_mismatch",
}


def text(value: Any) -> str:
    """Validate one text, its placeholders allowed."""
    words = cv.string_with_no_html(value)
    if words != words.strip() or not words:
        raise vol.Invalid("spaces around the text, or no text at all")
    if URL.search(words):
        raise vol.Invalid("an address; use a description placeholder")
    if QUOTED_PLACEHOLDER.search(words):
        raise vol.Invalid("a placeholder in single quotes")
    if "[%key:" in words:
        raise vol.Invalid("a reference, which only core's build resolves")
    for _, name, _, _ in Formatter().parse(words):
        if name is not None and not name.isidentifier():
            raise vol.Invalid(f"the placeholder {name!r} is no identifier")
    return words


def plain(value: Any) -> str:
    """Validate one text that cannot have placeholders."""
    words = text(value)
    if any(name is not None for _, name, _, _ in Formatter().parse(words)):
        raise vol.Invalid("a placeholder where none is filled in")
    return words


def key(value: Any) -> str:
    """Validate a key."""
    if not re.fullmatch(r"(?!.+[_-]{2})(?![_-])[a-z0-9_-]+(?<![_-])", str(value)):
        raise vol.Invalid(f"{value!r} is no translation key")
    return str(value)


def described(step: dict[str, Any]) -> dict[str, Any]:
    """Validate that every field, and nothing else, has a description."""
    data, descriptions = step.get("data", {}), step.get("data_description", {})
    if missing := data.keys() - descriptions.keys():
        raise vol.Invalid(f"no data_description for {sorted(missing)}")
    if unknown := descriptions.keys() - data.keys():
        raise vol.Invalid(f"data_description without data: {sorted(unknown)}")
    return step


def by_key(value: object) -> dict[Callable[[Any], str], object]:
    return {key: value}


FIELDS = {vol.Optional("data"): by_key(text), vol.Optional("data_description"): by_key(text)}
STEP = vol.All(
    {
        vol.Optional("title"): text,
        vol.Optional("description"): text,
        **FIELDS,
        vol.Optional("menu_options"): by_key(text),
        vol.Optional("menu_option_descriptions"): by_key(text),
        vol.Optional("submit"): text,
        vol.Optional("sections"): by_key(
            vol.All(
                {vol.Required("name"): text, vol.Optional("description"): text, **FIELDS},
                described,
            )
        ),
    },
    described,
)
FLOW = {
    vol.Optional("flow_title"): text,
    vol.Required("step"): by_key(STEP),
    vol.Optional("error"): by_key(text),
    vol.Optional("abort"): by_key(text),
    vol.Optional("progress"): by_key(text),
    vol.Optional("create_entry"): by_key(text),
}
NAMED: dict[Any, Any] = {vol.Required("name"): text, vol.Required("description"): text}
ACTION = {
    **NAMED,
    vol.Optional("fields"): by_key({**NAMED, vol.Optional("example"): text}),
    vol.Optional("sections"): by_key(
        {vol.Required("name"): text, vol.Optional("description"): text}
    ),
}
SCHEMA = vol.Schema(
    {
        vol.Optional("title"): text,
        vol.Optional("common"): by_key(text),
        vol.Optional("config"): FLOW,
        vol.Optional("config_subentries"): by_key(
            {
                **FLOW,
                vol.Required("entry_type"): text,
                vol.Required("initiate_flow"): {vol.Required("user"): text, key: text},
            }
        ),
        vol.Optional("options"): FLOW,
        vol.Optional("selector"): by_key(
            {
                vol.Optional("choices"): by_key(plain),
                vol.Optional("options"): by_key(text),
                vol.Optional("unit_of_measurement"): by_key(text),
                vol.Optional("fields"): by_key(NAMED),
            }
        ),
        vol.Optional("device"): by_key({vol.Optional("name"): text}),
        vol.Optional("entity"): by_key(
            by_key(
                {
                    vol.Optional("name"): text,
                    vol.Optional("state"): by_key(plain),
                    vol.Optional("state_attributes"): by_key(
                        {vol.Optional("name"): plain, vol.Optional("state"): by_key(plain)}
                    ),
                    vol.Optional("unit_of_measurement"): plain,
                }
            )
        ),
        vol.Optional("exceptions"): by_key({vol.Required("message"): text}),
        vol.Optional("issues"): by_key(
            vol.All(
                {
                    vol.Required("title"): text,
                    vol.Exclusive("description", "fix"): text,
                    vol.Exclusive("fix_flow", "fix"): FLOW,
                },
                cv.has_at_least_one_key("description", "fix_flow"),
            )
        ),
        vol.Optional("services"): by_key(ACTION),
        vol.Optional("triggers"): by_key(ACTION),
        vol.Optional("conditions"): by_key(ACTION),
        vol.Optional("system_health"): {vol.Optional("info"): by_key(text)},
    }
)


def complaints(translations: dict[str, Any]) -> list[str]:
    try:
        SCHEMA(translations)
    except vol.Invalid as error:
        return [humanize_error(translations, error)]
    return []


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return a small, right set of texts with one of them changed (None: taken away)."""
    texts: dict[str, Any] = {
        "title": "RhythmIQ",
        "config": {
            "step": {
                "user": {
                    "title": "Speakers",
                    "data": {"host": "Address"},
                    "data_description": {"host": "The address of one speaker"},
                }
            },
            "error": {"unreachable": "No speaker answers at {host}"},
        },
        "config_subentries": {
            "room": {
                "entry_type": "Room",
                "initiate_flow": {"user": "Add room"},
                "step": {"user": {"title": "Room"}},
            }
        },
        "entity": {"button": {"play": {"name": "Play", "state": {"on": "On"}}}},
        "exceptions": {"empty_catalog": {"message": "Import a catalog first"}},
        "issues": {"blocked": {"title": "Blocked", "description": "Open the port"}},
        "services": {
            "play": {
                "name": "Play",
                "description": "Plays",
                "fields": {"count": {"name": "Count", "description": "How many"}},
            }
        },
    }
    *parents, last = path.split(".")
    node = texts = deepcopy(texts)
    for parent in parents:
        node = node[parent]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return texts


def test_translations_follow_the_schema() -> None:
    assert complaints(read_json("translations/en.json")) == []
    assert complaints(changed("title", "RhythmIQ")) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("title", "<b>RhythmIQ</b>", "HTML"),
        ("title", " RhythmIQ", "spaces"),
        ("title", "", "no text"),
        ("title", "See https://example.org", "address"),
        ("title", "[%key:common::title%]", "reference"),
        ("config.error.unreachable", "Nothing at '{host}'", "single quotes"),
        ("config.error.unreachable", "Nothing at {the host}", "no identifier"),
        ("config.error.unreachable", "Nothing at {}", "no identifier"),
        ("config.error.__bad", "Bad", "no translation key"),
        ("config.step.user.data_description", None, "no data_description"),
        ("config.step.user.data", {}, "without data"),
        ("config_subentries.room.entry_type", None, "entry_type"),
        ("config_subentries.room.initiate_flow", {}, "user"),
        ("entity.button.play.state.on", "On {now}", "placeholder"),
        ("exceptions.empty_catalog", {}, "message"),
        ("issues.blocked.description", None, "at least one of"),
        ("services.play.description", None, "description"),
        ("services.play.fields.count.name", None, "name"),
        ("surprise", "Boo", "surprise"),
    ],
)
def test_broken_translations_are_noticed(path: str, value: Any, expected: str) -> None:
    assert expected in " ".join(complaints(changed(path, value)))


def test_every_key_in_the_code_is_translated() -> None:
    translations = read_json("translations/en.json")
    used = used_keys(modules())
    assert used
    missing = sorted(str(key) for key in used if not key.is_in(translations))
    assert not missing, "\n".join(missing)


def unfilled(tree: Iterable[Module], translations: dict[str, Any]) -> Iterator[str]:
    """Yield the placeholders of errors that nothing fills: the person would read raw braces."""
    for key, given in given_placeholders(tree):
        message = translations.get("exceptions", {}).get(key, {}).get("message", "")
        for _, name, _, _ in Formatter().parse(message):
            if name and name not in given:
                yield f"{key}: {name}"


def test_every_placeholder_of_an_error_is_filled() -> None:
    tree = modules()
    assert list(given_placeholders(tree))
    missing = list(unfilled(tree, read_json("translations/en.json")))
    assert not missing, "\n".join(missing)


def flow_fields(module: Module, names: Mapping[str, object]) -> set[str]:
    """Return the fields of a module's forms; `names` holds what its constants stand for."""
    fields: set[object] = set()
    for call in calls(module.tree):
        if name_of(call.func) in {"Required", "Optional"} and call.args:
            fields |= strings_of(call.args[0]) | {names.get(name_of(call.args[0]))}
    return {str(field) for field in fields if isinstance(field, str)}


def translated_fields(translations: dict[str, Any]) -> set[str]:
    """Return every field and section that any step of any flow has a text for."""
    flows = [
        translations["config"],
        translations.get("options", {"step": {}}),
        *translations["config_subentries"].values(),
    ]
    steps = [step for flow in flows for step in flow["step"].values()]
    sections = [part for step in steps for part in step.get("sections", {}).items()]
    return {
        *(field for step in steps for field in step.get("data", {})),
        *(name for name, _ in sections),
        *(field for _, part in sections for field in part.get("data", {})),
    }


def test_every_field_of_a_flow_is_translated() -> None:
    found: set[str] = set()
    for module in modules():
        if module.path.stem.endswith("_flow"):
            name = ".".join(module.path.with_suffix("").parts)
            imported = import_module(f"custom_components.rhythmiq.{name}")
            found |= flow_fields(module, vars(imported))
    assert found
    assert found - translated_fields(read_json("translations/en.json")) == set()


def test_the_fields_of_a_flow_are_found() -> None:
    source = (
        "vol.Schema({vol.Required(CONF_HOST): str, Optional('token'): str, Required(key): str})"
    )
    fields = flow_fields(Module.parse("config_flow.py", source), {"CONF_HOST": "host"})
    assert fields == {"host", "token"}
    assert fields - translated_fields(changed("title", "RhythmIQ")) == {"token"}


def orphans(translations: dict[str, Any], known: set[str]) -> Iterator[str]:
    """Yield the paths of texts whose key no string of the code can name."""
    flows = [
        ("config", translations.get("config", {})),
        ("options", translations.get("options", {})),
        *translations.get("config_subentries", {}).items(),
    ]
    sections = {
        f"{name}.{part}": flow.get(part, {})
        for name, flow in flows
        for part in ("step", "error", "abort")
    }
    sections |= {name: translations.get(name, {}) for name in ("exceptions", "issues", "selector")}
    sections |= {f"entity.{name}": keys for name, keys in translations.get("entity", {}).items()}
    for section, texts in sections.items():
        yield from (f"{section}.{name}" for name in texts if name not in known)


def known_names() -> set[str]:
    """Return what the code, Home Assistant's flows and services.yaml can name."""
    tree = modules()
    steps = {
        name.removeprefix("async_step_")
        for module in tree
        for class_ in module.classes()
        for node in class_.body
        if (name := getattr(node, "name", "")).startswith("async_step_")
    }
    actions = (INTEGRATION / "services.yaml").read_text(encoding="utf-8")
    selectors = set(re.findall(r"translation_key: (\w+)", actions))
    return literals(tree) | steps | selectors | HOME_ASSISTANTS_REASONS


def test_every_text_is_used() -> None:
    assert list(orphans(read_json("translations/en.json"), known_names())) == []


def test_an_orphan_is_noticed() -> None:
    texts = changed("exceptions.forgotten", {"message": "Nobody says this"})
    found = list(orphans(texts, {"user", "unreachable", "play", "empty_catalog", "blocked"}))
    assert found == ["exceptions.forgotten"]


SNIPPETS = {
    "button.py": """
class PlayButton(ButtonEntity):
    _attr_translation_key = "play_now"

DESCRIPTION = ButtonEntityDescription(key="a", translation_key="described")
""",
    "config_flow.py": """
class Flow(ConfigFlow, domain=DOMAIN):
    async def async_step_user(self, user_input=None):
        errors["base"] = "unreachable" if timeout else "no_sonos"
        if nothing:
            return self.async_abort(reason="nothing_found")
        if not task.done():
            return self.async_show_progress(step_id="search", progress_action="searching")
        return self.async_show_form(step_id="user", errors=errors)

class RoomFlow(ConfigSubentryFlow):
    async def async_step_user(self, user_input=None):
        select = SelectSelectorConfig(options=[], translation_key="day_type")
        return self.async_show_form(step_id="room", errors={"base": "no_speaker"})
""",
    "errors.py": """
class RootError(Exception):
    def __init__(self, key: str, /, **placeholders: str) -> None: ...

class ChildError(RootError):
    def __init__(self) -> None:
        super().__init__("child_default")

class FixedError(ChildError):
    key = "fixed"

class RoomError(Exception):
    def __init__(self, speaker: str) -> None:
        self.key = "no_such_room"
""",
    "services.py": """
def handler(call):
    if a:
        raise RootError("bad_count", count="1")
    if b:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_room")
    check_range("out_of_range", 3)
    async_create_issue(hass, DOMAIN, "x", translation_key="blocked")
    raise ValueError("not a key") from RoomError("not a key either")

def check_range(key, value):
    if value > 2:
        raise RootError(key, value=value)
""",
}


def test_every_kind_of_key_is_found() -> None:
    found = used_keys(Module.parse(path, source) for path, source in SNIPPETS.items())
    assert found == {
        UsedKey(tuple(path.split(".")), file)
        for path, file in [
            ("entity.button.play_now", "button.py"),
            ("entity.button.described", "button.py"),
            ("config.error.unreachable", "config_flow.py"),
            ("config.error.no_sonos", "config_flow.py"),
            ("config.abort.nothing_found", "config_flow.py"),
            ("config.step.user", "config_flow.py"),
            ("config.step.search", "config_flow.py"),
            ("config.progress.searching", "config_flow.py"),
            ("config_subentries.*.step.room", "config_flow.py"),
            ("config_subentries.*.error.no_speaker", "config_flow.py"),
            ("selector.day_type", "config_flow.py"),
            ("exceptions.child_default", "errors.py"),
            ("exceptions.fixed", "errors.py"),
            ("exceptions.no_such_room", "errors.py"),
            ("exceptions.bad_count", "services.py"),
            ("exceptions.out_of_range", "services.py"),
            ("exceptions.no_room", "services.py"),
            ("issues.blocked", "services.py"),
        ]
    }
    texts = changed("entity.button", {"described": {"name": "Described"}})
    missing = {key.path[-1] for key in found if not key.is_in(texts)}
    assert "described" not in missing
    assert "play_now" in missing


def test_an_unfilled_placeholder_is_noticed() -> None:
    tree = [Module.parse(path, source) for path, source in SNIPPETS.items()]
    texts = {
        "exceptions": {
            "bad_count": {"message": "{count} is not between {low} and {high}"},
            "no_room": {"message": "{speaker} has no room"},
        }
    }
    assert list(unfilled(tree, texts)) == ["bad_count: low", "bad_count: high", "no_room: speaker"]
