"""What the manager may propose, and the proof that it is a decomposition.

In: a proposal and a table. Out: for each row the number of its sub-problem; or a :class:`Refused` with a
counterexample. Whatever is proposed, each row ends in exactly one sub-problem: rows that a proposal says nothing of are
a sub-problem of their own.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from apwa_lang.diagnostics.model import Severity
from apwa_lang.semantics.core import Apply, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord
from apwa_lang.semantics.expressions import check_against
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import BOOL, Field, Optional, RecordType, open_fields
from apwa_lang.syntax.nodes import Expect, Test
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_runtime.datasets import Dataset
from apwa_runtime.evaluation import EvaluationError, shown
from apwa_runtime.expressions import compile_core, jsonable
from apwa_runtime.models.structured import excerpt
from apwa_runtime.values.models import InvalidValue, validator

MOST = 1_000_000
"""Sub-problems, where the split says no `max`."""
_NONE = -1
_ORDERED = ("int", "float", "str", "date", "datetime", "duration")

Row = dict[str, Any]
# The number of the sub-problem that a row is in, by its ordinal and its values; _NONE where it is in none.
Place = Callable[[int, Row], int]


class Refused(ValueError):  # noqa: N818 - it is an outcome, and told to the manager
    """A proposal that is no decomposition; the text says why, by an example."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """``rule`` with those of the other fields that it takes."""

    rule: str
    size: int | None = None
    fields: tuple[str, ...] = ()
    field: str | None = None
    bounds: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()


_TEXTS = {"type": ["array", "null"], "items": {"type": "string"}}
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "rule": {"type": "string", "enum": ["chunk", "group", "ranges", "predicates", "keys"]},
        "size": {"type": ["integer", "null"], "description": "chunk: rows of a sub-problem"},
        "fields": {**_TEXTS, "description": "group: rows with equal values of these fields"},
        "field": {"type": ["string", "null"], "description": "ranges: the field"},
        "bounds": {**_TEXTS, "description": "ranges: ascending values; n bounds make n + 1 ranges"},
        "conditions": {**_TEXTS, "description": "predicates: an expression over the fields for each sub-problem"},
        "keys": {
            "type": ["array", "null"],
            "items": {"type": "array", "items": {"type": "string"}},
            "description": "keys: the keys of each sub-problem's rows",
        },
    },
    "required": ["rule", "size", "fields", "field", "bounds", "conditions", "keys"],
    "additionalProperties": False,
}


def read(text: str) -> Proposal:
    """The proposal in an answer. Raises Refused."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("the answer is not JSON") from None
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused("the answer holds half of a surrogate pair, which is no character") from None
    if not isinstance(found, dict) or not isinstance(found.get("rule"), str):
        raise Refused("the answer must be an object with the field `rule`")
    size, field = found.get("size"), found.get("field")
    if not (size is None or (isinstance(size, int) and not isinstance(size, bool))):
        raise Refused(f"`size` must be a whole number, not {shown(size)}")
    keys = found.get("keys") or []
    if not isinstance(keys, list):
        raise Refused("`keys` must be a list of lists")
    return Proposal(
        found["rule"],
        size,
        _texts(found.get("fields"), "fields"),
        field if isinstance(field, str) else None,
        _texts(found.get("bounds"), "bounds"),
        _texts(found.get("conditions"), "conditions"),
        tuple(_texts(some, "keys") for some in keys),
    )


def numbered(proposal: Proposal, dataset: Dataset, parameters: Mapping[str, Any], most: int) -> array[int]:
    """The number of each row's sub-problem. Raises Refused."""
    place = _RULES.get(proposal.rule, _unknown)(proposal, dataset.record, parameters)
    found = array("q", (place(ordinal, row) for ordinal, row in enumerate(dataset.rows_as_dicts())))
    if proposal.rule == "keys":
        _check_keys(proposal, dataset)
    found, parts = without_gaps(found)
    if parts > most:
        raise Refused(f"this makes {parts:,} sub-problems, and there may be {most:,}")
    return found


def without_gaps(found: Iterable[int]) -> tuple[array[int], int]:
    """The numbers of rows' sub-problems counted anew, in the order of their first rows, and how many there are."""
    numbers: dict[int, int] = {}
    counted = array("q", (numbers.setdefault(number, len(numbers)) for number in found))
    return counted, len(numbers)


def _texts(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refused(f"`{name}` must be a list")
    return tuple(item if isinstance(item, str) else json.dumps(item) for item in value)


def _unknown(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    raise Refused(f"there is no rule `{_short(proposal.rule)}`; there are {', '.join(_RULES)}")


def _chunk(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    size = proposal.size
    if size is None or size < 1:
        raise Refused("`chunk` needs a `size` of at least 1")
    return lambda ordinal, row: ordinal // size


def _group(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    if not proposal.fields:
        raise Refused("`group` needs `fields`")
    for name in proposal.fields:
        _field(record, name)
    known: dict[str, int] = {}
    return lambda ordinal, row: known.setdefault(repr([row[name] for name in proposal.fields]), len(known))


def _ranges(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    if not proposal.field or not proposal.bounds:
        raise Refused("`ranges` needs a `field` and `bounds`")
    field = _field(record, proposal.field)
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    if str(inner) not in _ORDERED:
        raise Refused(f"`{field.name}` is {field.type}, and only {', '.join(_ORDERED)} have an order")
    bounds = [_value(text, field, inner) for text in proposal.bounds]
    for number, (low, high) in enumerate(pairwise(bounds)):
        if not _is_less(low, high):
            raise Refused(f"the bounds {shown(low)} and {shown(high)} (number {number + 1}) do not ascend")
    name = field.name

    def place(ordinal: int, row: Row) -> int:
        value = row[name]
        if value is None or value != value:
            return _NONE
        try:
            return bisect_right(bounds, value)
        except TypeError:
            whose = f"`{name}` is {shown(value)} in {named_row(record, ordinal, row)}"
            raise Refused(
                f"{whose}, which cannot be compared with {shown(bounds[0])}: only one has an offset"
            ) from None

    return place


def _predicates(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    if not proposal.conditions:
        raise Refused("`predicates` needs `conditions`")
    holds = [(text, compile_core(_condition(text, record))) for text in proposal.conditions]

    def place(ordinal: int, row: Row) -> int:
        found = _NONE
        for number, (text, condition) in enumerate(holds):
            try:
                true = condition({**parameters, **row})
            except EvaluationError as error:
                raise Refused(f"`{_short(text)}` has no value for {named_row(record, ordinal, row)}: {error}") from None
            if true:
                if found != _NONE:
                    both = f"`{_short(holds[found][0])}` and `{_short(text)}`"
                    raise Refused(f"the sub-problems overlap: {both} both hold for {named_row(record, ordinal, row)}")
                found = number
        return found

    return place


def _keys(proposal: Proposal, record: RecordType, parameters: Mapping[str, Any]) -> Place:
    key = _key(record)
    listed: dict[str, int] = {}
    for number, some in enumerate(proposal.keys):
        for text in some:
            if text in listed:
                where = (
                    "twice in one list" if listed[text] == number else f"in lists {listed[text] + 1} and {number + 1}"
                )
                raise Refused(f"the sub-problems overlap: the key `{_short(text)}` is {where}")
            listed[text] = number
    return lambda ordinal, row: listed.get(_text(row[key.name], key), _NONE)


def _check_keys(proposal: Proposal, dataset: Dataset) -> None:
    """Raises Refused for a key that no row has."""
    key = _key(dataset.record)
    there = {_text(row[key.name], key) for row in dataset.rows_as_dicts()}
    for some in proposal.keys:
        for text in some:
            if text not in there:
                raise Refused(f"no row has the key `{_short(text)}`")


_RULES: Mapping[str, Callable[[Proposal, RecordType, Mapping[str, Any]], Place]] = {
    "chunk": _chunk,
    "group": _group,
    "ranges": _ranges,
    "predicates": _predicates,
    "keys": _keys,
}


def _field(record: RecordType, name: str) -> Field:
    known = {field.name: field for field in open_fields(record)}
    if name not in known:
        raise Refused(f"there is no field `{_short(name)}`; there are {', '.join(known)}")
    return known[name]


def _key(record: RecordType) -> Field:
    if len(record.keys) != 1 or record.keys[0].secret:
        raise Refused("`keys` needs a table with one key field, which is no secret")
    return record.keys[0]


def _value(text: str, field: Field, type: Any) -> Any:
    if str(type) == "str":
        return text
    try:
        return validator(type).json(text)
    except InvalidValue:
        pass
    try:
        return validator(type).json(json.dumps(text))
    except InvalidValue as error:
        raise Refused(f"the bound `{_short(text)}` is no value of `{field.name}`: {error}") from None


def _condition(text: str, record: RecordType) -> Core:
    """The checked expression of a condition. Raises Refused."""
    module, found = parse(Source(f'test "" {{ expect {text}\n}}', "condition"))
    match module.declarations:
        case (Test(statements=(Expect(condition=condition),)),) if not found:
            problems: list[Any] = []
            names = {field.name: Binding(field.type) for field in open_fields(record)}
            core = check_against(condition, BOOL, Scope(names, {}, problems.append), "a condition")
            errors = [problem for problem in problems if problem.severity is Severity.ERROR]
            if errors:
                raise Refused(f"`{_short(text)}` is no condition: {errors[0].message}")
            for function in _functions(core):
                if function not in _ALLOWED:
                    raise Refused(f"`{function}` is not for conditions; there are {', '.join(sorted(_CALLED))}")
            return core
    raise Refused(f"`{_short(text)}` is no condition: {found[0].message if found else 'it is more than an expression'}")


# What a condition may use: nothing of it takes long, whatever the row.
_CALLED = frozenset({"len", "contains", "starts_with", "ends_with", "lower", "upper", "default", "is_null", "abs"}) | {
    *("min", "max", "round", "year", "month", "day", "count", "sum"),
}
_ALLOWED = _CALLED | {
    *("and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "//", "%", "neg")
}


def _functions(core: Core) -> Iterator[str]:
    match core:
        case Apply(function, arguments):
            yield function
            inner: tuple[Core, ...] = arguments
        case GetField(base):
            inner = (base,)
        case GetItem(base, index):
            inner = (base, index)
        case MakeList(items):
            inner = items
        case MakeRecord(fields=entries) | MakeMap(entries=entries):
            inner = tuple(value for _, value in entries)
        case _:
            return
    for part in inner:
        yield from _functions(part)


def _is_less(low: Any, high: Any) -> bool:
    try:
        return bool(low < high)
    except TypeError:
        return False


def named_row(record: RecordType, ordinal: int, row: Row) -> str:
    """A row by its key, or else its number."""
    keys = [field.name for field in record.keys if not field.secret]
    return f"the row {', '.join(f'{name}: {shown(row[name])}' for name in keys)}" if keys else f"row {ordinal}"


def _text(value: Any, field: Field) -> str:
    """A key as the manager is shown it."""
    told = jsonable(value, field.type)
    return told if isinstance(told, str) else json.dumps(told)


def _short(text: str) -> str:
    return excerpt(text, 200)
