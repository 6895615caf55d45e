"""Which translation keys the integration's code asks for, read from its syntax trees."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import override

from .source import (
    PLATFORMS,
    Module,
    assignments,
    calls,
    keyword_of,
    name_of,
    strings_of,
)

# Where the texts of a flow are, by the class it derives from.
FLOWS: dict[str, tuple[str, ...]] = {
    "ConfigFlow": ("config",),
    "ConfigSubentryFlow": ("config_subentries", "*"),
    "OptionsFlow": ("options",),
    "OptionsFlowWithReload": ("options",),
}


@dataclass(frozen=True, slots=True, order=True)
class UsedKey:
    """A path in translations/en.json ("*" stands for any one name) and the file that needs it."""

    path: tuple[str, ...]
    file: str

    @override
    def __str__(self) -> str:
        return f"{'.'.join(self.path)} ({self.file})"

    def is_in(self, translations: object) -> bool:
        """Tell whether the path leads to something in these translations."""
        found = [translations]
        for part in self.path:
            found = [
                value
                for node in found
                if isinstance(node, dict)
                for key, value in node.items()
                if part in {key, "*"}
            ]
        return bool(found)


def used_keys(modules: Iterable[Module]) -> set[UsedKey]:
    """Return every key that is named by a literal in the code."""
    modules = list(modules)
    errors = _own_errors(modules)
    errors |= dict.fromkeys(_raising(modules, errors), True)
    return {
        UsedKey(path, str(module.path))
        for module in modules
        for path in (
            *_translation_keys(module),
            *_flow_keys(module),
            *_error_keys(module, errors),
        )
    }


def _translation_keys(module: Module) -> Iterator[tuple[str, ...]]:
    """Yield what is passed as `translation_key` and set as an entity's `_attr_translation_key`."""
    platform = module.path.stem if module.path.stem in PLATFORMS else "*"
    for call in calls(module.tree):
        function = name_of(call.func)
        section: tuple[str, ...]
        if function.endswith("SelectorConfig"):
            section = ("selector",)
        elif function in {"async_create_issue", "create_issue"}:
            section = ("issues",)
        elif keyword_of(call, "translation_domain") is not None:
            section = ("exceptions",)
        elif function == "DeviceInfo":
            section = ("device",)
        else:
            section = ("entity", platform)
        yield from ((*section, key) for key in strings_of(keyword_of(call, "translation_key")))
    for target, value in assignments(module.tree):
        if name_of(target) == "_attr_translation_key":
            yield from (("entity", platform, key) for key in strings_of(value))


def _flow_keys(module: Module) -> Iterator[tuple[str, ...]]:
    """Yield the steps, errors and abort reasons of the flows."""
    for class_ in module.classes():
        for section in (FLOWS[base] for base in FLOWS.keys() & _bases(class_)):
            for call in calls(class_):
                yield from ((*section, *key) for key in _keys_of_result(call))
            for target, value in assignments(class_):
                if isinstance(target, ast.Subscript) and name_of(target) == "errors":
                    yield from ((*section, "error", key) for key in strings_of(value))


def _keys_of_result(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield the keys that one result of a flow names."""
    match name_of(call.func):
        case "async_show_form" | "async_show_menu" | "async_show_progress":
            yield from (("step", key) for key in strings_of(keyword_of(call, "step_id")))
            action = keyword_of(call, "progress_action")
            yield from (("progress", key) for key in strings_of(action))
            errors = keyword_of(call, "errors")
            for value in errors.values if isinstance(errors, ast.Dict) else ():
                yield from (("error", key) for key in strings_of(value))
        case "async_abort":
            yield from (("abort", key) for key in strings_of(keyword_of(call, "reason")))


def _own_errors(modules: Iterable[Module]) -> dict[str, bool]:
    """Return our exceptions that carry a translation key; whether their first argument is it.

    The root of such a family takes `key` first or sets it; what is derived from it belongs to it.
    """
    classes = [class_ for module in modules for class_ in module.classes()]
    found: dict[str, bool] = {}
    while more := {
        class_.name: _takes_key(class_, found)
        for class_ in classes
        if class_.name not in found
        and class_.name.endswith("Error")
        and (_takes_key(class_, found) or _sets_key(class_) or _bases(class_) & found.keys())
    }:
        found |= more
    return found


def _raising(modules: Iterable[Module], errors: Mapping[str, bool]) -> Iterator[str]:
    """Yield the names of functions that raise such an exception with their own first argument."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.args.args:
                first = node.args.args[0].arg
                if any(
                    errors.get(name_of(call.func)) and call.args and name_of(call.args[0]) == first
                    for call in calls(node)
                ):
                    yield node.name


def _bases(class_: ast.ClassDef) -> set[str]:
    return {name_of(base) for base in class_.bases}


def _sets_key(class_: ast.ClassDef) -> bool:
    return any(name_of(target) == "key" for target, _ in assignments(class_))


def _takes_key(class_: ast.ClassDef, known: Mapping[str, bool]) -> bool:
    for node in class_.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            arguments = [*node.args.posonlyargs, *node.args.args]
            return [argument.arg for argument in arguments][1:2] == ["key"]
    return any(known.get(base, False) for base in _bases(class_))


def _raised(module: Module, errors: Mapping[str, bool]) -> Iterator[tuple[ast.expr, ast.Call]]:
    """Yield the key of each of our exceptions that is made, or calls its parent, with one."""
    for call in calls(module.tree):
        if errors.get(name_of(call.func)) and call.args:
            yield call.args[0], call
    for class_ in module.classes():
        if class_.name in errors:
            for call in calls(class_):
                match call:
                    case ast.Call(
                        func=ast.Attribute(
                            value=ast.Call(func=ast.Name(id="super")), attr="__init__"
                        ),
                        args=[key, *_],
                    ):
                        yield key, call


def _error_keys(module: Module, errors: Mapping[str, bool]) -> Iterator[tuple[str, ...]]:
    """Yield the keys that our own exceptions are raised with, or bring themselves."""
    for key, _ in _raised(module, errors):
        yield from (("exceptions", text) for text in strings_of(key))
    for class_ in module.classes():
        if class_.name in errors:
            for target, value in assignments(class_):
                if name_of(target) == "key":
                    yield from (("exceptions", text) for text in strings_of(value))


def given_placeholders(modules: Iterable[Module]) -> Iterator[tuple[str, set[str]]]:
    """Yield the key of an error and the placeholders it is raised with, where both are literal."""
    modules = list(modules)
    errors = _own_errors(modules)
    for module in modules:
        for key, call in _raised(module, errors):
            names = {keyword.arg for keyword in call.keywords}
            given = {name for name in names if name is not None}
            if len(call.args) == 1 and given == names:
                yield from ((text, given) for text in strings_of(key))
        for call in calls(module.tree):
            if keyword_of(call, "translation_domain") is None:
                continue
            match keyword_of(call, "translation_placeholders"):
                case ast.Dict(keys=keys):
                    given = {text for key in keys for text in strings_of(key)}
                case None:
                    given = set()
                case _:
                    continue
            yield from ((text, given) for text in strings_of(keyword_of(call, "translation_key")))


def literals(modules: Iterable[Module]) -> set[str]:
    """Return every string constant of the code."""
    return {
        node.value
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
