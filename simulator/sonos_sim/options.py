"""How a household is set up, and how its timing may be changed while it runs."""

import argparse
from dataclasses import dataclass, fields, replace
from datetime import datetime
import ipaddress
from typing import Literal, Self, get_args

from .hardware import DEFAULT_MODELS, DEFAULT_NAMES, MODELS, Firmware

type Spotify = Literal["eu", "us", "none"]


def _require_loopback(address: str) -> None:
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError("only loopback addresses are allowed")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the control API changes at run time; times in milliseconds."""

    soap_ms: float = 0
    soap_jitter_ms: float = 0
    per_track_ms: float = 0
    transition_ms: float = 120
    topology_ms: float = 100
    event_ms: float = 60
    replace_same_callback: bool = True
    clear_empty_error: bool = False
    max_browse: int = 486
    max_multi_add: int = 16

    def changed(self, values: dict[str, object]) -> Self:
        """Return the settings with `values` in place; ValueError for what does not fit."""
        known = {field.name for field in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown settings {sorted(unknown)}")
        for name, value in values.items():
            if not isinstance(value, int | float) or isinstance(value, bool) != isinstance(
                getattr(self, name), bool
            ):
                raise ValueError(f"{name} does not take {value!r}")
        return replace(self, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The household as it is built."""

    speakers: int = 3
    base_ip: str = "127.0.0.11"
    names: tuple[str, ...] = DEFAULT_NAMES
    models: tuple[str, ...] = DEFAULT_MODELS
    number: int = 0
    speed: float = 1.0
    spotify: Spotify = "eu"
    seed: int = 1
    # Tracks of the music library beyond the 27 that are always there
    library_tracks: int = 0
    # What the wall clock shows at the start; the time it is unless given
    began: datetime | None = None
    # "4=5:SW,6:LR,7:RR" is a theatre around speaker 4, "1=2:RF" a stereo pair
    bonds: tuple[str, ...] = ()
    settings: Settings = Settings()

    def __post_init__(self) -> None:
        """Refuse what could not be a household on this machine."""
        _require_loopback(self.base_ip)
        if not 1 <= self.speakers <= 255 - int(self.base_ip.rpartition(".")[2]):
            raise ValueError("the speakers do not fit behind the first address")
        if unknown := set(self.models) - set(MODELS):
            raise ValueError(f"unknown models {sorted(unknown)}")
        if len({MODELS[model].firmware.generation for model in self.models}) != 1:
            raise ValueError("S1 and S2 players cannot share a household")
        self.bonded_sets()

    def bonded_sets(self) -> list[tuple[int, dict[int, str]]]:
        """Numbers of the bonded speakers: the head's and, with their channels, the others'."""
        sets = []
        for bond in self.bonds:
            head, _, parts = bond.partition("=")
            pairs = [part.partition(":") for part in parts.split(",")]
            sets.append((int(head), {int(number): channel for number, _, channel in pairs}))
        if any(not 1 <= n <= self.speakers for head, parts in sets for n in (head, *parts)):
            raise ValueError("a bond names speakers by number")
        return sets

    @property
    def firmware(self) -> Firmware:
        """The software every player of the household runs."""
        return MODELS[self.models[0]].firmware

    @property
    def hosts(self) -> list[str]:
        """Addresses of the speakers, one after the other."""
        network, _, first = self.base_ip.rpartition(".")
        return [f"{network}.{int(first) + index}" for index in range(self.speakers)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """Everything the command line says."""

    options: Options
    control_host: str
    control_port: int
    demo: bool
    ssdp: bool
    verbose: bool


def parse(argv: list[str] | None = None) -> CommandLine:
    """Read the command line; exits with a message for what makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator.sonos_sim", description="A Sonos household on loopback addresses."
    )
    add = parser.add_argument
    add("--speakers", type=int, default=3)
    add("--base-ip", default="127.0.0.11", help="address of the first speaker")
    add("--names", default="", help="comma separated room names")
    add("--models", default="", help=f"comma separated, of {', '.join(MODELS)}")
    add("--number", type=int, default=0, help="tells households on one machine apart")
    add("--control", default="127.0.0.1:1499", help="address of the control API")
    add("--speed", type=float, default=1.0, help="playback seconds per real second")
    add("--latency-ms", type=float, default=0, help="time per SOAP call")
    add("--per-track-ms", type=float, default=0, help="lookup per streaming track enqueued")
    add("--transition-ms", type=float, default=120)
    add("--topology-ms", type=float, default=100)
    add("--event-ms", type=float, default=60)
    add("--spotify", choices=get_args(Spotify.__value__), default="eu")
    add("--demo", action="store_true", help="start with speaker 1 playing a queue")
    add("--ssdp", action="store_true", help="answer M-SEARCH on loopback")
    add(
        "--keep-same-callback",
        dest="replace_same_callback",
        action="store_false",
        help="allow several subscriptions with one callback URL",
    )
    add("--seed", type=int, default=1)
    add("--bond", action="append", default=[], help="bonded speakers: 1=2:RF or 4=5:SW,6:LR,7:RR")
    add("--library-tracks", type=int, default=0, help="size of a large music library")
    add("--began", type=datetime.fromisoformat, help="local time at the start, 2026-01-05T08:00")
    add("--verbose", action="store_true")
    given = parser.parse_args(argv)
    host, _, port = given.control.rpartition(":")
    try:
        _require_loopback(host)
        options = Options(
            speakers=given.speakers,
            base_ip=given.base_ip,
            names=tuple(given.names.split(",")) if given.names else DEFAULT_NAMES,
            models=tuple(given.models.split(",")) if given.models else DEFAULT_MODELS,
            number=given.number,
            speed=given.speed,
            spotify=given.spotify,
            seed=given.seed,
            bonds=tuple(given.bond),
            began=given.began,
            library_tracks=given.library_tracks,
            settings=Settings(
                soap_ms=given.latency_ms,
                per_track_ms=given.per_track_ms,
                transition_ms=given.transition_ms,
                topology_ms=given.topology_ms,
                event_ms=given.event_ms,
                replace_same_callback=given.replace_same_callback,
            ),
        )
        return CommandLine(
            options=options,
            control_host=host,
            control_port=int(port),
            demo=given.demo,
            ssdp=given.ssdp,
            verbose=given.verbose,
        )
    except ValueError as err:
        parser.error(str(err))
