"""The light and the buttons of a speaker, of which no event tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .speaker import Speaker


@dataclass(frozen=True, slots=True)
class Part:
    """Something at the speaker that is on or off; ``state`` is how the actions call it.

    ``inverted`` where their "On" means off to a person: a lock of the buttons.
    """

    key: str
    state: str
    inverted: bool = False


PARTS: Final = (
    Part("status_light", "LEDState"),
    Part("touch_controls", "ButtonLockState", inverted=True),
)


async def read_part(speaker: Speaker, part: Part) -> bool:
    """Return whether a part is on. Raises ``SonosError``."""
    answer = await speaker.control.call("deviceProperties", f"Get{part.state}", [])
    state = speaker.control.expect(answer, f"Current{part.state}")
    return (state == "On") is not part.inverted


async def set_part(speaker: Speaker, part: Part, *, on: bool) -> None:
    """Switch a part on or off. Raises ``SonosError``."""
    desired = "On" if on is not part.inverted else "Off"
    await speaker.control.call(
        "deviceProperties", f"Set{part.state}", [(f"Desired{part.state}", desired)]
    )
