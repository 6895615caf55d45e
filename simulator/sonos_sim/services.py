"""The services of a player: their actions and state variables.

`services.txt` lists them: "@Name device [domain]" opens a service, state variables are
"Name type" with "*" marking evented ones and "=a|b|c" giving allowed values, and
"> Name In:Variable ... -> Out:Variable ..." is an action. A variable "_X" stands for
"A_ARG_TYPE_X"; one that is not declared is a string.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Action:
    name: str
    inputs: list[tuple[str, str]]
    outputs: list[tuple[str, str]]


@dataclass
class Service:
    name: str
    device: str  # root, MS (media server) or MR (media renderer)
    domain: str = "schemas-upnp-org"
    id_domain: str = "upnp-org"
    actions: dict[str, Action] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return f"urn:{self.domain}:service:{self.name}:1"

    @property
    def path(self) -> str:
        prefix = {"root": "", "MS": "/MediaServer", "MR": "/MediaRenderer"}[self.device]
        return f"{prefix}/{self.name}"


_TYPES = {
    "InstanceID": "ui4",
    "TrackNumber": "ui4",
    "NumTracks": "ui4",
    "NumTracksChange": "i4",
    "EnqueueAsNext": "boolean",
    "Index": "ui4",
    "Count": "ui4",
    "UpdateID": "ui4",
    "QueueID": "ui4",
    "AlarmID": "ui4",
    "VolumeAdjustment": "i4",
    "ResetVolumeAfter": "boolean",
    "RejoinGroup": "boolean",
    "RampTimeSeconds": "ui4",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable of a service."""

    kind: str
    evented: bool = False
    allowed: tuple[str, ...] = ()


def _arguments(service: Service, text: str) -> list[tuple[str, str]]:
    """Read "Name:Variable ...", declaring the variables not known yet."""
    out = []
    for chunk in text.split():
        name, _, variable = chunk.partition(":")
        kind = "string"
        if variable.startswith("_"):
            kind = _TYPES.get(variable[1:], "string")
            variable = "A_ARG_TYPE_" + variable[1:]
        service.variables.setdefault(variable, Variable(kind))
        out.append((name, variable))
    return out


def _declare(service: Service, line: str) -> None:
    """Read "Name type ; Name type"."""
    for chunk in line.split(";"):
        name, kind = chunk.split()
        if name.startswith("_"):
            name = "A_ARG_TYPE_" + name[1:]
        kind, _, allowed = kind.partition("=")
        service.variables[name] = Variable(
            kind.rstrip("*"), kind.endswith("*"), tuple(allowed.split("|")) if allowed else ()
        )


def _read(text: str) -> list[Service]:
    services: list[Service] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("@"):
            name, device, *domain = line[1:].split()
            services.append(Service(name, device))
            if domain:
                services[-1].domain = f"schemas-{domain[0]}"
                services[-1].id_domain = domain[0]
        elif line.startswith(">"):
            inputs, _, outputs = line[1:].partition("->")
            name, _, inputs = inputs.strip().partition(" ")
            service = services[-1]
            service.actions[name] = Action(
                name, _arguments(service, inputs), _arguments(service, outputs)
            )
        else:
            _declare(services[-1], line)
    return services


SERVICES = _read(Path(__file__).with_name("services.txt").read_text("utf-8"))
BY_PATH = {service.path: service for service in SERVICES}
BY_NAME = {service.name: service for service in SERVICES}
