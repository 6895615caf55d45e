"""How a speaker sounds: tone, balance, home theatre and subwoofer.

Events tell what a speaker has; only while none come, it is asked.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .errors import PlaybackError

if TYPE_CHECKING:
    from .control import Control
    from .speaker import Speaker

_SUB: Final = frozenset({"SW"})
_SURROUNDS: Final = frozenset({"LR", "RR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting; ``key`` is its name in events, ``equalizer`` where it is one of SetEQ's types.

    ``channels`` are those of the bonded speakers without which it does nothing, ``replaces`` the
    setting that means something else on speakers that have this one.
    """

    key: str
    minimum: int = 0
    maximum: int = 1
    equalizer: str | None = None
    channels: frozenset[str] = frozenset()
    replaces: str | None = None


LEVELS: Final = (
    Setting(key="bass", minimum=-10, maximum=10),
    Setting(key="treble", minimum=-10, maximum=10),
    Setting(key="balance", minimum=-100, maximum=100),
    Setting(key="audio_delay", maximum=5, equalizer="AudioDelay"),
    Setting(key="sub_gain", minimum=-15, maximum=15, equalizer="SubGain", channels=_SUB),
    Setting(
        key="surround_level",
        minimum=-15,
        maximum=15,
        equalizer="SurroundLevel",
        channels=_SURROUNDS,
    ),
    Setting(
        key="music_surround_level",
        minimum=-15,
        maximum=15,
        equalizer="MusicSurroundLevel",
        channels=_SURROUNDS,
    ),
)
SWITCHES: Final = (
    Setting(key="loudness"),
    Setting(key="night_mode", equalizer="NightMode"),
    Setting(key="dialog_level", equalizer="DialogLevel"),
    Setting(
        key="speech_enhance_enabled", equalizer="SpeechEnhanceEnabled", replaces="dialog_level"
    ),
    Setting(key="sub_enabled", equalizer="SubEnable", channels=_SUB),
    Setting(key="surround_enabled", equalizer="SurroundEnable", channels=_SURROUNDS),
    Setting(key="surround_mode", equalizer="SurroundMode", channels=_SURROUNDS),
)


def sound_facts(variables: Mapping[str, Any]) -> dict[str, int]:
    """Return the settings that an event tells. Raises ``ValueError`` for what is no number."""
    found: dict[str, int] = {}
    for setting in (*LEVELS, *SWITCHES):
        value = variables.get(setting.key)
        if isinstance(value, Mapping):
            value = value.get("Master")
        if value is not None:
            found[setting.key] = int(value)
    volume = variables.get("volume", {})
    if "LF" in volume and "RF" in volume:
        found["balance"] = int(volume["RF"]) - int(volume["LF"])
    return found


async def read_sound(speaker: Speaker) -> None:
    """Ask for every setting: what the speaker refuses, it does not have.

    Raises ``SpeakerUnreachableError`` and ``UpnpDisabledError``.
    """
    for setting in (*LEVELS, *SWITCHES):
        if setting.channels <= speaker.channels:
            with suppress(PlaybackError):
                speaker.hear({setting.key: await _read(speaker.control, setting)})


async def _read(control: Control, setting: Setting) -> int:
    if setting.key == "balance":
        left, right = [
            await control.call(
                "renderingControl", "GetVolume", [("InstanceID", 0), ("Channel", channel)]
            )
            for channel in ("LF", "RF")
        ]
        return control.number(right, "CurrentVolume") - control.number(left, "CurrentVolume")
    if setting.key == "loudness":
        return control.number(await control.rendering("GetLoudness"), "CurrentLoudness")
    if setting.equalizer is None:
        name = setting.key.capitalize()
        answer = await control.call("renderingControl", f"Get{name}", [("InstanceID", 0)])
        return control.number(answer, f"Current{name}")
    answer = await control.call(
        "renderingControl", "GetEQ", [("InstanceID", 0), ("EQType", setting.equalizer)]
    )
    return control.number(answer, "CurrentValue")


def has_setting(speaker: Speaker, setting: Setting) -> bool:
    """Return whether the speaker has a setting, as far as its events told."""
    return setting.key in speaker.sound and setting.channels <= speaker.channels


def settings_of(speaker: Speaker, settings: tuple[Setting, ...]) -> list[Setting]:
    """Return those of the settings that the speaker has, as far as its events told."""
    known = [each for each in settings if has_setting(speaker, each)]
    replaced = {each.replaces for each in known}
    return [each for each in known if each.key not in replaced]


async def set_sound(speaker: Speaker, setting: Setting, value: int) -> None:
    """Change a setting. Raises ``SonosError``."""
    control = speaker.control
    instance = ("InstanceID", 0)
    match setting.key:
        case "balance":
            # Each side is turned down for the other
            for channel, level in (("LF", 100 - value), ("RF", 100 + value)):
                volume = ("DesiredVolume", min(100, level))
                await control.call(
                    "renderingControl", "SetVolume", [instance, ("Channel", channel), volume]
                )
        case "loudness":
            await control.rendering("SetLoudness", ("DesiredLoudness", value))
        case "bass" | "treble" as key:
            name = key.capitalize()
            desired = (f"Desired{name}", value)
            await control.call("renderingControl", f"Set{name}", [instance, desired])
        case _:
            kind = ("EQType", setting.equalizer)
            await control.call(
                "renderingControl", "SetEQ", [instance, kind, ("DesiredValue", value)]
            )
    speaker.hear({setting.key: value})
