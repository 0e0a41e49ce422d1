"""What the checker knows and the text does not say.

In: a view and a part of its text. Out: the row type of each step of a flow; for each split how the claims about its
sub-problems stand, and how many there are where the rows are written in the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apwa_lang.lsp.view import View
from apwa_lang.proofs.claims import Verdict
from apwa_lang.semantics.program import Flow, LiteralSource, Map, Split, as_written
from apwa_lang.semantics.types import RecordType
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

_MOST_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Hint:
    """Text shown at an offset; ``is_type`` for that of a step, else it is about a split. ``tooltip`` says more."""

    offset: int
    text: str
    tooltip: str
    is_type: bool


def inlay_hints(view: View, within: Span) -> tuple[Hint, ...]:
    """The hints that stand in ``within``, in order of place."""
    hints = (hint for hint in _hints(view) if within.start <= hint.offset <= within.end)
    return tuple(sorted(hints, key=lambda hint: hint.offset))


def _hints(view: View) -> Iterator[Hint]:
    program = view.checked.program
    for flow in program.flows.values():
        yield from _steps(view, flow)
    for declaration in view.module.declarations:
        if isinstance(declaration, ast.Split):
            yield from _split(view, declaration, program.splits.get(declaration.name.text))


def _steps(view: View, flow: Flow) -> Iterator[Hint]:
    told: set[int] = set()
    for step in flow.steps:
        written = step.span.source is view.source and step.span.text == as_written(step.name)
        if written and step.record is not None and step.span.end not in told:
            told.add(step.span.end)
            yield Hint(step.span.end, f": {_short(step.record)}", _whole(step.record), True)
    for split in flow.splits:
        if split.name not in view.checked.program.splits and split.span.source is view.source:
            yield from _about(view, split, _end_of_statement(view, split.span))


def _split(view: View, node: ast.Split, split: Split | None) -> Iterator[Hint]:
    if split is not None and split.span.source is view.source:
        yield from _about(view, split, node.span.end)


def _end_of_statement(view: View, name: Span) -> int:
    """Where the statement that begins with a split's name ends: the end of its line's text."""
    line = view.source.line_text(name.line)
    start = view.source.line_starts[name.line - 1]
    return start + len(line.partition("#")[0].rstrip())


def _about(view: View, split: Split, offset: int) -> Iterator[Hint]:
    count = _count(view, split)
    verdict = _verdict(view, split)
    words = [f"{count:,} sub-problem{'s' if count != 1 else ''}"] if count is not None else []
    if verdict is not None:
        words.append(verdict)
    if words:
        yield Hint(offset, ", ".join(words), _tooltip(verdict), False)


def _count(view: View, split: Split) -> int | None:
    """How many sub-problems a split of rows in the program has; None where only a run can tell."""
    table = view.checked.program.tables.get(split.table)
    if table is None or not isinstance(table.source, LiteralSource):
        return None
    rows = len(table.source.rows)
    if split.rule == "row":
        return rows
    size = dict(split.arguments).get("size")
    if split.rule == "chunk" and isinstance(size, int) and size > 0:
        return -(-rows // size)
    return None


def _verdict(view: View, split: Split) -> Verdict | None:
    """The weakest verdict on two sub-problems of a map over the split; None where it is not known."""
    over = {
        (flow.name, step.name)
        for flow in view.checked.program.flows.values()
        for step in flow.steps
        if isinstance(step.operation, Map) and step.operation.split == split.name
    }
    order = list(Verdict)
    found = [
        claim.verdict
        for claim in view.checked.claims
        if claim.step_a == claim.step_b and (claim.flow, claim.step_a) in over
    ]
    return max(found, key=order.index, default=None)


def _tooltip(verdict: Verdict | None) -> str:
    match verdict:
        case Verdict.PROVED:
            return "No sub-problem can touch what another one writes."
        case Verdict.CHECKED:
            return "A run checks that no sub-problem touches what another one writes."
        case Verdict.TRUSTED:
            return "The author vouches that no sub-problem touches what another one writes."
        case Verdict.REFUTED:
            return "Two sub-problems can touch one object; see the finding."
        case Verdict.UNDECIDED:
            return "Neither a proof nor two sub-problems that meet were found."
        case None:
            return "Rows written in the program."


def _short(record: RecordType) -> str:
    if not record.name.startswith("<"):
        return record.name
    names = [field.name for field in record.fields]
    more = ", …" if len(names) > _MOST_FIELDS else ""
    return f"{{ {', '.join(names[:_MOST_FIELDS])}{more} }}"


def _whole(record: RecordType) -> str:
    return "\n".join(f"{field.name}: {field.type}" for field in record.fields)
