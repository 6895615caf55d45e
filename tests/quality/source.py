"""What the rules look at: the integration's files, and its Python as syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Self

from homeassistant.const import Platform

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "rhythmiq"
PLATFORMS = frozenset(platform.value for platform in Platform)


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its path within the tree it was found in, and its syntax tree."""

    path: Path
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, source: str) -> Self:
        return cls(Path(path), ast.parse(source, path))

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))


def modules(top: Path = INTEGRATION) -> list[Module]:
    """Return every module under a folder; a symbolic link to a folder is not entered."""
    return [
        Module.parse(str(path.relative_to(top)), path.read_text(encoding="utf-8"))
        for path in sorted(top.rglob("*.py"))
    ]


def read_json(path: str) -> dict[str, Any]:
    """Read a JSON file of the integration."""
    data: dict[str, Any] = json.loads((INTEGRATION / path).read_text(encoding="utf-8"))
    return data


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name: `a.b.c` → "c"; of anything else the empty string."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return name_of(value)
    return ""


def strings_of(node: ast.expr | None) -> set[str]:
    """Return the literal strings an expression can be: one, or both sides of a conditional."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=orelse):
            return strings_of(body) | strings_of(orelse)
    return set()


def keyword_of(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a call's keyword argument."""
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def assignments(tree: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the target and the value of every plain or annotated assignment."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[target], value=value):
                yield target, value
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
