"""The rules of the house (docs/architecture.md): who may import whom, and what nobody may use.

The rules read syntax trees, so they hold for code that no other test runs, too.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
import sys

import pytest

from .quality.source import ROOT, Module, keyword_of, modules, name_of

# The rooms of the integration; a room may import those on a lower floor, and itself.  Whatever
# is not named here is a room of Home Assistant's (a platform) on the top floor.
FLOORS = {
    "const": 0,
    "engine": 0,
    "store": 1,
    "catalog": 2,
    "cloud": 2,
    "forgetting": 2,
    "listeners": 2,
    "moment": 2,
    "sonos": 2,
    "interactions": 2,
    "course": 3,
    "learning": 3,
    "exporting": 4,
    "library": 4,
    "own_signals": 5,
    "people": 5,
    "presences": 5,
    "record": 5,
    "rooms": 6,
    "rating": 7,
    "tastes": 7,
    "recommender": 8,
}
TOP = 9
# The floors of the backend.
CLOUD_FLOORS = {"engine": 0, "routes": 0, "data": 1, "logic": 2, "handlers": 3}
# No time, no chance, no files, no network: the engine is arithmetic.
NOT_IN_ENGINE = {
    "asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
    "urllib", "uuid",
}  # fmt: skip


def room_of(path: Path) -> str:
    """Return the top-level module or folder a path is in; the package itself is "__init__"."""
    return path.parts[0].removesuffix(".py")


def imports(module: Module, package: str) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, relative imports made absolute.

    `from x import y` yields "x.y": y may be a module.  `package` is what the tree's top is called.
    """
    folder = [*package.split("."), *module.path.parent.parts]
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                parents = folder[: len(folder) - level + 1] if level else []
                origin = ".".join([*parents, *([source] if source else [])])
                yield from (f"{origin}.{name.name}" for name in names)


def climbing(
    tree: Iterable[Module], package: str, floors: dict[str, int], top: int
) -> Iterator[str]:
    """Yield the imports of a room by another that does not stand above it."""
    for module in tree:
        room = room_of(module.path)
        for name in imports(module, package):
            if not name.startswith(f"{package}."):
                continue
            other = name.removeprefix(f"{package}.").split(".")[0]
            here, there = floors.get(room, top), floors.get(other, top)
            if room != other and not (there < here or here == there == top):
                yield f"{module.path} imports {name}"


HOME = "custom_components.rhythmiq"


def test_imports_of_the_integration_point_one_way() -> None:
    assert list(climbing(modules(), HOME, FLOORS, TOP)) == []


def test_imports_of_the_backend_point_one_way() -> None:
    assert list(climbing(modules(ROOT / "backend"), "backend", CLOUD_FLOORS, TOP)) == []


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("sonos/queue.py", "from ..catalog import TrackLibrary", True),
        ("sonos/queue.py", "from ..recommender import Recommender", True),
        ("sonos/queue.py", "from .. import services", True),
        ("sonos/queue.py", "from ..media_player import X", True),
        ("sonos/queue.py", "from .errors import SonosError", False),
        ("sonos/queue.py", "from ..engine import Catalog", False),
        ("sonos/queue.py", "from ..const import DOMAIN", False),
        ("catalog/importing/table.py", "from ...store import Store", False),
        ("catalog/importing/table.py", "from ...moment import reader", True),
        ("store.py", "from .catalog import schema", True),
        ("store.py", "from .engine.errors import EngineError", False),
        ("recommender.py", "from .moment.reader import read_context", False),
        ("recommender.py", "import custom_components.rhythmiq.services", True),
        ("services.py", "from .recommender import Recommender", False),
        ("services.py", "from .targets import players", False),
        ("engine/ranking.py", "from ..const import DOMAIN", True),
    ],
)
def test_a_wrong_import_is_noticed(path: str, source: str, wrong: bool) -> None:
    found = list(climbing([Module.parse(path, source)], HOME, FLOORS, TOP))
    assert bool(found) == wrong


def outside_engine(tree: Iterable[Module]) -> Iterator[str]:
    """Yield what the engine may not import: it is numpy, the standard library and itself."""
    for module in tree:
        for name in imports(module, "engine"):
            top = name.split(".")[0]
            pure = top in sys.stdlib_module_names - NOT_IN_ENGINE
            if top not in {"engine", "numpy"} and not pure:
                yield f"{module.path} imports {name}"
        for node in ast.walk(module.tree):
            # numpy's global generator, and one of the engine's own making, are hidden inputs
            match node:
                case ast.Attribute(value=ast.Attribute(attr="random"), attr=name) if (
                    name != "Generator"
                ):
                    yield f"{module.path} uses numpy.random.{name}"
                case ast.Call(
                    func=ast.Name(id="open" | "print" | "input" as name)
                    | ast.Attribute(attr="now" | "today" | "utcnow" as name)
                ):
                    yield f"{module.path} calls {name}"


def test_the_engine_is_pure() -> None:
    tree = modules(ROOT / "custom_components" / "rhythmiq" / "engine")
    assert tree
    assert list(outside_engine(tree)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from homeassistant.core import HomeAssistant",
        "import time",
        "now = datetime.now()",
        "from ..store import Store",
        "import custom_components.rhythmiq.engine.catalog",
        "import scipy",
        "rng = np.random.default_rng()",
        "np.random.shuffle(tracks)",
        "data = open('catalog').read()",
    ],
)
def test_an_impure_engine_is_noticed(source: str) -> None:
    assert list(outside_engine([Module.parse("ranking.py", source)]))


def foreign(tree: Iterable[Module], package: str, forbidden: set[str]) -> Iterator[str]:
    """Yield the imports of whole packages that a tree has to do without."""
    for module in tree:
        for name in imports(module, package):
            if name.split(".")[0] in forbidden:
                yield f"{module.path} imports {name}"


def test_the_product_needs_nothing_that_is_not_shipped() -> None:
    workshop = {"tests", "simulator", "scripts", "benchmarks"}
    assert list(foreign(modules(), HOME, {*workshop, "backend"})) == []
    cloud = [module for module in modules(ROOT / "backend") if room_of(module.path) != "local"]
    assert list(foreign(cloud, "backend", {*workshop, "custom_components", "homeassistant"})) == []
    assert list(foreign([Module.parse("a.py", "from simulator import x")], HOME, workshop))


def test_the_cloud_runs_the_same_engine() -> None:
    assert (ROOT / "backend" / "engine").resolve() == (
        ROOT / "custom_components" / "rhythmiq" / "engine"
    )


# Names that Home Assistant has deprecated, or that do harm in its process; and what to do instead.
AVOID = {
    "TargetSelectorData": "TargetSelection",
    "async_device_info_to_link_from_entity": "self.device_entry",
    "async_get_device": "async_get_device_by_identifier",
    "async_register_info": "async_register in system_health.py",
    "async_register_entity_service": "async_register_platform_entity_service",
    "configurator": "a config flow",
    "deleted_devices": "nothing",
    "show_advanced_options": "a section",
    "soco_reset": "nothing: SoCo is shared with core's sonos",
}
BLOCKING = {"requests", "urllib3", "httpx"}  # SoCo uses requests; we only catch its errors


def outdated(module: Module) -> Iterator[str]:
    """Yield the deprecated or harmful idioms of a module, each as "line: what"."""
    for name in imports(module, HOME):
        if name.startswith("homeassistant.components.sonos"):
            yield "imports core's sonos, which is private"
        if name.split(".")[0] in BLOCKING and not name.startswith("requests.exceptions."):
            yield f"imports {name}: use the injected aiohttp session"
        if name == "__future__.annotations":
            yield "annotations are lazy since Python 3.14"
    for node in ast.walk(module.tree):
        yield from (f"{getattr(node, 'lineno', 0)}: {what}" for what in outdated_in(node))


def outdated_in(node: ast.AST) -> Iterator[str]:
    """Yield what is wrong with one node of a syntax tree."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in AVOID:
            yield f"{name}: use {AVOID[name]}"
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name.startswith(
            "CONN_CLASS_"
        ):
            yield f"{name}: the manifest's iot_class says it"
        case ast.Attribute(value=owner, attr="config_entries") if name_of(owner) not in {
            "hass",
            "_hass",
        }:
            yield "device.config_entries: a device has one entry"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="time"), attr="sleep")):
            yield "time.sleep: nothing of ours waits in a thread"
        case ast.Call() if keyword_of(node, "via_device") is not None:
            yield "via_device: use via_device_id"
        case ast.Subscript(
            value=ast.Attribute(attr="data") as data, slice=ast.Name(id="DOMAIN")
        ) if name_of(data.value) in {"hass", "_hass"}:
            yield "hass.data[DOMAIN]: use entry.runtime_data, or a HassKey"
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr="entity_id")]):
            yield "entity_id set by hand: give a unique id and a name"


def test_no_outdated_idiom() -> None:
    found = [f"{module.path}:{what}" for module in modules() for what in outdated(module)]
    assert found == []


def test_an_update_listener_or_a_reloading_flow() -> None:
    """The two exclude each other (Home Assistant 2026.12 raises)."""
    names = {
        name_of(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert not (
        "add_update_listener" in names
        and names & {"async_update_reload_and_abort", "OptionsFlowWithReload"}
    )


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations",
        "import requests",
        "from homeassistant.components.sonos import speaker",
        "from homeassistant.components.sonos.const import DOMAIN",
        "device = registry.async_get_device(identifiers={('a', 'b')})",
        "info = DeviceInfo(via_device=(DOMAIN, 'hub'))",
        "entries = device.config_entries",
        "if self.show_advanced_options: pass",
        "platform.async_register_entity_service('play', {}, 'async_play')",
        "CONNECTION_CLASS = config_entries.CONN_CLASS_LOCAL_PUSH",
        "hass.data[DOMAIN] = {}",
        "self.hass.data[DOMAIN][entry.entry_id] = household",
        "self.entity_id = 'button.play'",
        "soco_reset()",
        "from homeassistant.helpers.target import TargetSelectorData",
        "time.sleep(1)",
    ],
)
def test_an_outdated_idiom_is_noticed(source: str) -> None:
    assert list(outdated(Module.parse("anything.py", source)))


def test_current_idioms_pass() -> None:
    source = """
entry = hass.config_entries.async_get_entry(entry_id)
other = self.hass.config_entries.async_entries(DOMAIN)
library = hass.data[LIBRARY]
device = registry.async_get_device_by_identifier((DOMAIN, uid), entry.entry_id)
service.async_register_platform_entity_service(hass, DOMAIN, "play")
players = call.data[ATTR_ENTITY_ID]
"""
    assert list(outdated(Module.parse("anything.py", source))) == []
