"""The JSON schemas of arguments that servers ask for.

In: a schema as a server has written it. Out: one without references, for models; what of arguments is surely wrong. A
schema comes from outside: looking at it costs no more than its size and that of the arguments, so that patterns and
alternatives are left to the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

MOST_NODES = 20_000
"""Values in a schema, after references are filled in."""

_DEEPEST = 32

_IS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": lambda value: _is_number(value),
}


class TooLarge(Exception):  # noqa: N818
    """A schema that is larger, or nested deeper, than a model could use."""


def without_references(schema: Schema) -> Schema:
    """``schema`` with its references into itself filled in; those that lead round or out allow anything.

    Raises TooLarge.
    """
    left = MOST_NODES

    def filled(node: Any, depth: int, within: tuple[str, ...]) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > _DEEPEST:
            raise TooLarge
        if isinstance(node, list):
            return [filled(item, depth + 1, within) for item in node]
        if not isinstance(node, dict):
            return node
        target = node.get("$ref")
        if isinstance(target, str):
            found = None if target in within else _at(schema, target)
            rest = {name: value for name, value in node.items() if name != "$ref"}
            return filled({**found, **rest} if isinstance(found, dict) else rest, depth + 1, (*within, target))
        return {name: filled(value, depth + 1, within) for name, value in node.items()}

    whole = {name: value for name, value in schema.items() if name not in ("$defs", "definitions")}
    found: Schema = filled(whole, 0, ())
    return found


def _at(schema: Schema, target: str) -> Any:
    if not target.startswith("#/"):
        return None
    node: Any = schema
    for part in target[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node


def problems(value: Any, schema: Any, place: str = "") -> Iterator[str]:
    """What is surely wrong with a value: a type, a word, a field that is missing or not known."""
    if not isinstance(schema, dict):
        return
    kinds = schema.get("type")
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    if named and all(kind in _IS for kind in named) and not any(_IS[kind](value) for kind in named):
        yield f"{place or 'they'}: expected {' or '.join(named)}"
        return
    words = schema.get("enum")
    if isinstance(words, list) and value not in words:
        yield f"{place}: expected one of {', '.join(map(repr, words[:10]))}"
    if isinstance(value, dict):
        yield from _of_fields(value, schema, place)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        for number, item in enumerate(value):
            yield from problems(item, items, f"{place}[{number}]")


def _of_fields(value: Mapping[str, Any], schema: Schema, place: str) -> Iterator[str]:
    fields = schema.get("properties")
    known = fields if isinstance(fields, dict) else {}
    needed = schema.get("required")
    for name in needed if isinstance(needed, list) else ():
        if name not in value:
            yield f"{_below(place, name)} is missing"
    closed = schema.get("additionalProperties") is False and not schema.get("patternProperties")
    for name, inner in value.items():
        if name in known:
            yield from problems(inner, known[name], _below(place, name))
        elif closed:
            yield f"there is no {_below(place, name)}"


def _below(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
