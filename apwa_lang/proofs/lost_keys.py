"""Where the rows of a table lost what tells them apart.

In: a flow and the name of a table whose rows nothing is known to tell apart. Out: the step or the table that is to
blame, and what its author can do; None where nobody is.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.proofs.lineage import PIECES, Fields, Identities, Lineage, path_of
from apwa_lang.semantics.program import (
    CallOnce,
    Flow,
    Join,
    Last,
    Limit,
    Map,
    Program,
    Select,
    Sort,
    Split,
    Step,
    UnionAll,
    Where,
    as_written,
)
from apwa_lang.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Loss:
    """``why`` at ``span``; ``advice`` says what to do, for a message."""

    span: Span
    why: str
    advice: str


def lost_key(program: Program, flow: Flow, split: Split) -> Loss | None:
    """Where the key of a split's sub-problems was lost."""
    return _Search(program, flow, Lineage(program, flow)).in_split(split)


class _Search:
    """The way back from a table to where its rows were told apart."""

    def __init__(self, program: Program, flow: Flow, lineage: Lineage) -> None:
        self._program = program
        self._steps = {step.name: step for step in flow.steps}
        self._lineage = lineage
        self._seen: set[str] = set()

    def in_split(self, split: Split) -> Loss | None:
        if split.rule == "cross":
            others = [value for _, value in split.arguments if isinstance(value, str)]
            return self._first((split.table, *others))
        return self._in_table(split.table) if split.rule in ("row", "file", *PIECES) else None

    def _first(self, tables: tuple[str, ...]) -> Loss | None:
        return next((self._in_table(name) for name in tables if not self._lineage.of_table(name)), None)

    def _in_table(self, name: str) -> Loss | None:
        if name in self._seen or self._lineage.of_table(name):
            return None
        self._seen.add(name)
        step = self._steps.get(name)
        if step is not None:
            return self._in_step(step)
        table = self._program.tables.get(name)
        if table is None:
            return None
        mark = f"mark the field that tells the rows of `{name}` apart with `@key`, and put it into the path"
        return Loss(table.span, f"no field of `{table.record.name}` is a `@key`", mark)

    def _in_step(self, step: Step) -> Loss | None:
        name = as_written(step.name)
        match step.operation:
            case Where(table) | Sort(table) | Limit(table) | UnionAll((table,)):
                return self._in_table(table)
            case Join(left, right):
                return self._first((left, right))
            case Last(tables):
                return self._first(tables)
            case UnionAll(tables):
                return self._first(tables) or self._in_union(step, tables)
            case Select(table, fields):
                key = _smallest(self._lineage.of_table(table))
                if not key:
                    return self._in_table(table)
                made = [one for one in key if any(one == given for given, _ in fields)]
                if made:
                    why = f"{_named(made)} of `{name}` is made anew, and two rows may get one value"
                else:
                    why = f"`{name}` leaves out {_named(key)}, which tells the rows of `{as_written(table)}` apart"
                return Loss(step.span, why, f"carry {_named(key)} over in `select`, and put it into the path")
            case Map(split=split_name, keep=keep):
                split = self._lineage.split(split_name)
                key = _smallest(self._lineage.of_split(split)) if split is not None else []
                if split is None or not key:
                    return self.in_split(split) if split is not None else None
                kept = [path_of(core) for _, core in keep]
                lost = [one for one in key if one not in kept]
                why = f"`{name}` does not keep {_named(lost)}, which tells its rows apart"
                return Loss(step.span, why, f"let `{name}` `keep` {_named(lost)} too, and put it into the path")
            case CallOnce(task):
                why = f"which field tells the rows that `{task}` returns apart is not known"
                return Loss(step.span, why, f"split `{name}` by `chunk(1)`, and put its `index` into the path")
            case _:
                return None

    def _in_union(self, step: Step, tables: tuple[str, ...]) -> Loss:
        name = as_written(step.name)
        doubled = next((one for one in tables if tables.count(one) > 1), None)
        if doubled is not None:
            why = f"each row of `{as_written(doubled)}` is in `{name}` twice"
            return Loss(step.span, why, f"name `{as_written(doubled)}` once in `{name}`")
        first, *others = (set(self._lineage.of_table(one)) for one in tables)
        shared: set[Fields] = first.intersection(*others)
        smallest: Fields = min(shared, key=len, default=frozenset())
        key = sorted(smallest)
        same = f"the same {_named(key)}" if key else "all fields alike"
        why = f"a row of each of {_named([as_written(one) for one in tables])} may have {same}"
        tag = "let a `select` on each side add a field that says where a row is from, and put it into the path"
        return Loss(step.span, why, tag)


def _smallest(identities: Identities) -> list[str]:
    """The fields of the smallest identity."""
    smallest: Fields = min(identities, key=lambda one: (len(one), sorted(one)), default=frozenset())
    return sorted(smallest)


def _named(names: list[str]) -> str:
    return listed((name.split(".")[-1] for name in names), " and ")
