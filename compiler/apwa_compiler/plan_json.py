"""Plans as JSON text and back.

In: a plan. Out: stable, indented JSON; every dataclass is an object whose ``"$"`` names its class (``types.`` before
those of the type system), fields that have their default or are not compared are left out.
``from_json(to_json(plan)) == plan``.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from operator import attrgetter
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from apwa_compiler import plan
from apwa_compiler.plan import Plan
from apwa_lang.semantics import core, types

FORMAT = "apwa-plan/1"
_TAG = "$"


def to_json(plan: Plan) -> str:
    """The plan as JSON text that ends in a newline."""
    document = {"format": FORMAT, "plan": _encode(plan)}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Plan:
    """The plan that :func:`to_json` wrote. Raises ValueError when the text is no plan of this format."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"this is no plan of format {FORMAT}")
    try:
        value = _decode(document["plan"], Plan)
    except (KeyError, TypeError) as error:
        raise ValueError(f"the plan is damaged: {error}") from None
    if not isinstance(value, Plan):
        raise ValueError("the document holds no plan")
    return value


def _classes() -> dict[str, type]:
    def of(module: Any, prefix: str) -> dict[str, type]:
        return {
            prefix + name: value
            for name, value in vars(module).items()
            if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
        }

    return {**of(plan, ""), **of(core, ""), **of(types, "types.")}


_CLASSES = _classes()
_TAGS = {cls: tag for tag, cls in _CLASSES.items()}


def _encode(value: Any) -> Any:
    if is_dataclass(value):
        encoded: dict[str, Any] = {_TAG: _TAGS[type(value)]}
        for field in filter(attrgetter("compare"), fields(value)):
            item = getattr(value, field.name)
            if field.default is MISSING or item != field.default or type(item) is not type(field.default):
                encoded[field.name] = _encode(item)
        return encoded
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        encoded = {name: _encode(item) for name, item in value.items()}
        return {_TAG: "dict", "items": encoded} if _TAG in value else encoded
    return value


def _decode(value: Any, hint: Any) -> Any:
    if isinstance(value, list):
        return _sequence(value, hint)
    if not isinstance(value, dict):
        return value
    tag = value.get(_TAG)
    if tag is None or tag == "dict":
        return {name: _decode(item, object) for name, item in (value["items"] if tag else value).items()}
    cls = _CLASSES[tag]
    hints = get_type_hints(cls)
    return cls(**{name: _decode(item, hints[name]) for name, item in value.items() if name != _TAG})


def _sequence(value: list[Any], hint: Any) -> Any:
    """A list, or a tuple where the field is declared as one."""
    if get_origin(hint) is UnionType:
        hint = next((option for option in get_args(hint) if get_origin(option) is tuple), object)
    if get_origin(hint) is not tuple:
        return [_decode(item, object) for item in value]
    items = get_args(hint)
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_decode(item, items[0]) for item in value)
    return tuple(_decode(item, of) for item, of in zip(value, items, strict=True))
