"""Where the values of `@secret` fields go in the flows of a file: through expressions, steps and calls of tasks.

In: a program and a flow. Out: :class:`Leaks`: what is secret in the rows of each step, and in what each step gives its
task. What a model, a script or a Python function makes of a secret is not known, and taken to be open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from apwa_lang.lint.splits import split_of
from apwa_lang.semantics.core import Apply, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.program import (
    CallOnce,
    Flow,
    Join,
    Last,
    Limit,
    Map,
    Program,
    Reduce,
    ReturnBody,
    Save,
    Select,
    Sort,
    Split,
    Step,
    Task,
    UnionAll,
    Where,
)
from apwa_lang.semantics.shapes import VALUE
from apwa_lang.semantics.types import ListOf, MapOf, Optional, RecordType, Type

Secret = str | Mapping[str, "Secret"] | None
"""What is secret in a value: all of it, by the name of the field that it comes from; some fields of it; or nothing.

A list is as its items are.
"""

_OPEN = frozenset(
    {"len", "tokens", "count", "all", "any", "is_null", "sum", "mean", "tally", "contains", "starts_with", "ends_with"}
    | {"matches", "slice", "replace", "sha256", "year", "month", "day"}
    | {"in", "not", "and", "or", "==", "!=", "<", "<=", ">", ">="}
)
"""Functions whose result tells little of a value, or that people mask a value with."""
_COPIES = frozenset({"concat", "min", "max"})


@dataclass(frozen=True)
class Given:
    """A ``step`` gives its ``task`` arguments, of which some hold a secret."""

    step: Step
    task: Task
    secrets: Mapping[str, Secret]


class Leaks:
    """One flow: ``rows`` has what is secret in the rows of each table and step, ``given`` the calls with secrets."""

    def __init__(self, program: Program, flow: Flow) -> None:
        self.rows: dict[str, Secret] = {name: of_type(table.record) for name, table in program.tables.items()}
        self.given: list[Given] = []
        self._program = program
        self._flow = flow
        for step in flow.steps:
            made = _merged((of_type(step.record) if step.record is not None else None, self._made(step)))
            self.rows[step.name] = made

    def _made(self, step: Step) -> Secret:
        match step.operation:
            case Where(table=table) | Sort(table=table) | Limit(table=table) | Save(table=table):
                return self.rows.get(table)
            case Join(left, right):
                return _merged((self.rows.get(left), self.rows.get(right)))
            case UnionAll(tables) | Last(tables):
                return _merged(self.rows.get(table) for table in tables)
            case Select(table, fields):
                rows = _fields(self.rows.get(table))
                return _known({name: secret_of(core, rows) for name, core in fields})
            case Map(task, name, arguments, keep):
                split = split_of(self._flow, name)
                inside = self._inside(split) if split is not None else {}
                kept = _known({name: secret_of(core, inside) for name, core in keep})
                return _merged((self._called(step, task, arguments, inside), kept))
            case CallOnce(task, arguments):
                return self._called(step, task, arguments, self.rows)
            case Reduce(table, task=str(task)):
                signature = self._program.tasks.get(task)
                first = signature.parameters[:1] if signature is not None else ()
                return self._called(step, task, tuple((name, Var(table)) for name, _ in first), self.rows)
            case Reduce(table, strategy, field=str(field), group=group):
                rows = _fields(self.rows.get(table))
                copied = rows.get(field) if strategy in _COPIES else None
                names = [one.name for one in step.record.fields] if step.record is not None else []
                return _known({name: rows.get(name) if name in group else copied for name in names})
            case _:
                return None

    def _called(
        self, step: Step, name: str, arguments: Iterable[tuple[str, Core]], inside: Mapping[str, Secret]
    ) -> Secret:
        """What is secret in the result of a task that a step calls."""
        task = self._program.tasks.get(name)
        secrets = {parameter: secret for parameter, core in arguments if (secret := secret_of(core, inside))}
        if task is None or not secrets:
            return None
        self.given.append(Given(step, task, secrets))
        if not isinstance(task.body, ReturnBody):
            return None
        result = secret_of(task.body.value, secrets)
        return {VALUE: result} if result and not isinstance(task.result, RecordType) else result

    def _inside(self, split: Split) -> Mapping[str, Secret]:
        """What is secret in the fields of a sub-problem, and of ``@``, the whole."""
        rows, arguments = self.rows.get(split.table), dict(split.arguments)
        found = dict(_fields(of_type(split.subproblem)))
        piece, other = arguments.get("field"), arguments.get("other")
        pieces = _fields(rows).get(piece) if isinstance(piece, str) else None
        parts = {"row": rows, "rows": rows, "left": rows, "text": pieces, "item": pieces}
        parts["right"] = self.rows.get(other) if isinstance(other, str) else None
        for field in split.subproblem.fields:
            whole = split.rule in ("row", "file") or field.name not in parts
            secret = _merged((found.get(field.name), _fields(rows).get(field.name) if whole else parts[field.name]))
            found[field.name] = secret
        return {**found, "@": _known(found)}


def of_type(type: Type) -> Secret:
    """What is secret in every value of a type."""
    match type:
        case RecordType(fields=fields):
            return _known({one.name: one.name if one.secret else of_type(one.type) for one in fields})
        case Optional(inner) | ListOf(inner) | MapOf(inner):
            return of_type(inner)
        case _:
            return None


def secret_of(core: Core, names: Mapping[str, Secret]) -> Secret:
    """What is secret in the value of an expression, given what is in the values of ``names``."""
    match core:
        case Var(name):
            return names.get(name)
        case GetField(base, field):
            secret = secret_of(base, names)
            return secret if secret is None or isinstance(secret, str) else secret.get(field)
        case GetItem(base):
            return secret_of(base, names)
        case Apply("choose", (_, *parts)):
            return _merged(secret_of(part, names) for part in parts)
        case Apply(function, arguments) if function not in _OPEN:
            return _merged(secret_of(part, names) for part in arguments)
        case MakeList(items):
            return _merged(secret_of(part, names) for part in items)
        case MakeRecord(fields=entries) | MakeMap(entries=entries):
            return _known({name: secret_of(part, names) for name, part in entries})
        case _:
            return None


def paths_of(secret: Secret, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The names that lead to each part of a value that is secret, with the field that it comes from."""
    if isinstance(secret, str):
        yield before, secret
    elif secret is not None:
        for name, inside in secret.items():
            yield from paths_of(inside, (*before, name))


def _known(fields: Mapping[str, Secret]) -> Secret:
    return {name: secret for name, secret in fields.items() if secret and name != "@"} or None


def _fields(secret: Secret) -> Mapping[str, Secret]:
    return secret if secret is not None and not isinstance(secret, str) else {}


def _merged(secrets: Iterable[Secret]) -> Secret:
    """What is secret in a value that is made of several."""
    merged: Secret = None
    for secret in secrets:
        if isinstance(merged, str) or not secret:
            continue
        if merged is None or isinstance(secret, str):
            merged = secret
        else:
            names = dict.fromkeys((*merged, *secret))
            merged = {name: _merged((merged.get(name), secret.get(name))) for name in names}
    return merged
