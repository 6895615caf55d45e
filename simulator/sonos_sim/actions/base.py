"""What the actions of all services have in common."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, override

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player

if TYPE_CHECKING:
    from simulator.sonos_sim.household import Household

type Args = dict[str, str]
type Out = dict[str, object]
type Handler = Callable[[Player, Args], Out | Awaitable[Out]]

_names: dict[object, tuple[str, ...]] = {}


def action[F: Callable[..., Out | Awaitable[Out]]](*names: str) -> Callable[[F], F]:
    """Let a method answer the UPnP actions of these names."""

    def register(method: F) -> F:
        _names[method] = names
        return method

    return register


class Actions:
    """One service of the players; methods marked `@action` return the out arguments."""

    service: ClassVar[str]
    _methods: ClassVar[dict[str, str]] = {}

    @override
    def __init_subclass__(cls) -> None:
        cls._methods = dict(cls._methods)
        for attribute, method in vars(cls).items():
            if callable(method):
                for name in _names.get(method, ()):
                    cls._methods[name] = attribute

    def __init__(self, household: Household) -> None:
        self.hh = household

    def handler(self, name: str) -> Handler | None:
        """What answers an action, if it is modelled."""
        attribute = self._methods.get(name)
        return None if attribute is None else getattr(self, attribute)


def integer(text: str, low: int | None = None, high: int | None = None) -> int:
    """Read a number within bounds; 402 otherwise."""
    try:
        value = int(text)
    except ValueError:
        raise SonosError(402) from None
    if (low is not None and value < low) or (high is not None and value > high):
        raise SonosError(402)
    return value


def boolean(text: str) -> bool:
    """Read a switch; 402 for anything else."""
    # SoCo passes Python booleans in one place (RampToVolume), players accept words
    if text.lower() in ("1", "true", "yes"):
        return True
    if text.lower() in ("0", "false", "no"):
        return False
    raise SonosError(402)


def page(rows: Sequence[str], args: Args, limit: int) -> tuple[list[str], int]:
    """The rows of one answer to Browse, and how many there are in all."""
    start = integer(args["StartingIndex"], 0)
    wanted = integer(args["RequestedCount"], 0) or limit
    return list(rows[start : start + min(wanted, limit)]), len(rows)


def require_instance(args: Args) -> None:
    """A player has one instance of AVTransport and RenderingControl, number 0."""
    if args.get("InstanceID") != "0":
        raise SonosError(718)


def require_coordinator(player: Player, code: int = 800) -> None:
    """Some actions only the coordinator of a group takes."""
    if not player.is_coordinator:
        raise SonosError(code)
