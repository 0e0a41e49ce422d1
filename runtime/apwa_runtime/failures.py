"""What is shown and kept of a sub-problem that failed: its identity and its row, without secret fields."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any

from apwa_compiler.plan import Map, Step, Task
from apwa_lang.semantics.types import ListOf, MapOf, Optional, RecordType, Type
from apwa_runtime.batches import Failure
from apwa_runtime.expressions import jsonable
from apwa_runtime.values.text import scalar_text

HIDDEN = "<secret>"
_MAX_ITEMS = 20


class Failures:
    """Makes the failures of one step, whose sub-problems are rows of ``record``."""

    def __init__(self, step: Step, task: Task, record: RecordType) -> None:
        self._step = step.name
        self._task = task.name
        self._record = record
        self._identity = step.operation.split.identity if isinstance(step.operation, Map) else ()
        self._outcome = task.policy.on_error

    def of(self, ordinal: int, row: dict[str, Any], reason: str, attempts: int) -> Failure:
        """The failure of a sub-problem; what is quarantined keeps its whole row."""
        return Failure(
            step=self._step,
            task=self._task,
            ordinal=ordinal,
            identity=identity_of(row, self._record, self._identity),
            row=describe_row(row, self._record, whole=self._outcome == "quarantine"),
            reason=without_secrets(reason, row, self._record),
            attempts=attempts,
            outcome=self._outcome,
        )


def identity_of(subproblem: dict[str, Any], record: RecordType, identity: Sequence[str]) -> dict[str, object]:
    """The identity fields, dotted names followed, JSON-able; empty when only the ordinal tells sub-problems apart."""
    described = describe_row(subproblem, record)
    return {name: _follow(described, name) for name in identity}


def describe_row(row: dict[str, Any], record: RecordType, *, whole: bool = False) -> dict[str, object]:
    """A row as JSON-able values; secret fields are hidden, and long lists cut unless it is wanted ``whole``."""
    return {
        field.name: HIDDEN if field.secret else _describe(row[field.name], field.type, whole)
        for field in record.fields
        if field.name in row
    }


def without_secrets(text: str, row: dict[str, Any], record: RecordType) -> str:
    """``text`` with the values of secret fields hidden, wherever they stand in the row."""
    return hidden(text, set(secrets_in(row, record)))


def hidden(text: str, secrets: Collection[str]) -> str:
    """``text`` with ``secrets`` hidden, as they are and as JSON writes them."""
    written = (json.dumps(secret, ensure_ascii=ascii)[1:-1] for secret in secrets for ascii in (True, False))
    for form in sorted({*secrets, *written}, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def secrets_in(value: Any, type: Type) -> Iterator[str]:
    """The values of secret fields in a value."""
    match type:
        case _ if value is None:
            return
        case Optional(inner):
            yield from secrets_in(value, inner)
        case ListOf(item):
            for element in value:
                yield from secrets_in(element, item)
        case MapOf(inner):
            for element in value.values():
                yield from secrets_in(element, inner)
        case RecordType(fields=fields):
            for field in fields:
                if field.secret:
                    yield from _texts(value.get(field.name))
                else:
                    yield from secrets_in(value.get(field.name), field.type)


def _texts(value: Any) -> Iterator[str]:
    """How the parts of a value are written."""
    match value:
        case None | "":
            return
        case str():
            yield value
        case list() | dict():
            for part in value.values() if isinstance(value, dict) else value:
                yield from _texts(part)
        case _:
            yield str(value)
            with suppress(TypeError):
                yield scalar_text(value)


def _describe(value: Any, type: Type, whole: bool) -> object:
    if value is None:
        return None
    match type:
        case Optional(inner):
            return _describe(value, inner, whole)
        case RecordType():
            return describe_row(value, type, whole=whole)
        case ListOf(item):
            most = len(value) if whole else _MAX_ITEMS
            shown: list[object] = [_describe(element, item, whole) for element in value[:most]]
            return [*shown, f"… {len(value) - most} more"] if len(value) > most else shown
        case MapOf(inner):
            return {key: _describe(element, inner, whole) for key, element in value.items()}
        case _:
            return jsonable(value, type)


def _follow(value: object, dotted: str) -> object:
    for name in dotted.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
