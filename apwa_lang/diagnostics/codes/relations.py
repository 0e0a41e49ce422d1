"""Findings about `reduce` and relational statements of flows: APWA457 to APWA462.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion, written
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, ward: str, words: int }
table notes: Note = [{ id: "a", ward: "1", words: 3 }]
split each = notes by row
"""
_COPY = _NOTES + "task copy(note: Note) -> Note { return: note }\n"


UNKNOWN_STRATEGY = register(
    "APWA457",
    "a reduction is not known",
    explanation="""
`reduce TASK over t` merges rows by a task: `by tree(n)` in groups of n, level by level, or `by fold`, one after the
other. `reduce FIELD over t by sum`, `min`, `max` or `concat` aggregates a field, `reduce over t by count` counts
rows.
""",
    fix="Write one of these forms.",
    bad=_NOTES + "flow main { total = reduce words over notes by add }",
    good=_NOTES + "flow main { total = reduce words over notes by sum }",
)


def unknown_strategy(name: Name, known: Iterable[str]) -> Diagnostic:
    """There is no way ``name`` to reduce."""
    ways = tuple(known)
    return UNKNOWN_STRATEGY.at(
        name.span,
        f"there is no way `{name.text}` to reduce",
        help=suggestion(name.text, ways) or f"ways are {listed(ways)}",
        fix=respelling(name.span, name.text, ways),
    )


def strategy_arguments(place: Span, strategy: str, form: str) -> Diagnostic:
    """``form`` shows how the strategy is written."""
    return UNKNOWN_STRATEGY.at(place, f"`{strategy}` does not take these arguments", help=f"write `by {form}`")


def strategy_missing(place: Span, what: str, strategy: str | None) -> Diagnostic:
    """``what`` is missing beside ``strategy``, or no strategy is given."""
    message = f"`{strategy}` needs {what}" if strategy else f"this reduction needs {what}"
    return UNKNOWN_STRATEGY.at(
        place, message, help="write `reduce TASK over t by tree(8)` or `reduce FIELD over t by sum`"
    )


REDUCER = register(
    "APWA458",
    "a task cannot merge these rows",
    explanation="""
A task that reduces `by tree` takes one list of rows and gives a row that can stand in such a list again. `by fold`
it may also take two parameters, what was merged so far and the next row.
""",
    fix="Let the task take `list[R]` and give `R`, R being the rows' record.",
    bad=_COPY + "flow main { one = reduce copy over notes by tree(8) }",
    good=_NOTES
    + """
task longest(notes: list[Note]) -> Note { return: first(notes) }
flow main { one = reduce longest over notes by tree(8) }
""",
)


def reducer_parameters(name: Name, strategy: str, record: str, declared: Span, others: Sequence[str]) -> Diagnostic:
    """The task's parameters are not those of a reducer; ``others`` are tasks whose are."""
    forms = f"one parameter of type `list[{record}]`"
    if strategy == "fold":
        forms += f", or two of type `{record}`"
    return REDUCER.at(
        name.span,
        f"`{name.text}` cannot reduce by {strategy}: it needs {forms}",
        also=((declared, "declared here"),),
        help=_reducers(others)
        or f"declare a task whose one parameter is a list of these rows: `parts: list[{record}]`",
        fix=written(name.span, others[0]) if len(others) == 1 else None,
    )


def _reducers(others: Sequence[str]) -> str | None:
    return f"{listed(others)} {'does' if len(others) == 1 else 'do'}" if others else None


def reducer_rows(name: Name, found: str, wanted: str, declared: Span, rows: Span, others: Sequence[str]) -> Diagnostic:
    """The rows are ``found``, the task merges ``wanted``; ``others`` are tasks that merge these rows."""
    return REDUCER.at(
        name.span,
        f"`{name.text}` merges `{wanted}`, not rows of `{found}`",
        also=((declared, "declared here"), (rows, f"these rows are `{found}`")),
        help=_reducers(others) or "let the task take the rows' record, or make these rows with `select` first",
        fix=written(name.span, others[0]) if len(others) == 1 else None,
    )


def reducer_result(name: Name, result: str, wanted: str, declared: Span) -> Diagnostic:
    """The task's ``result`` cannot be merged again as a ``wanted``."""
    return REDUCER.at(
        name.span,
        f"`{name.text}` gives `{result}`, which it cannot merge again: it takes `{wanted}`",
        also=((declared, "declared here"),),
        help="parts are merged level by level, so the result must be like the parts",
    )


FLOW_FIELD = register(
    "APWA459",
    "a statement names a field that its table does not have",
    explanation="`sort by`, `join … on`, `group` and aggregates name fields of their tables.",
    fix="Name a field of the table.",
    bad=_NOTES + "flow main { sorted = notes sort by wrods }",
    good=_NOTES + "flow main { sorted = notes sort by words }",
)


def flow_field(name: Name, record: str, known: Iterable[str], table: Span) -> Diagnostic:
    """``record`` has no field ``name``."""
    names = tuple(known)
    return FLOW_FIELD.at(
        name.span,
        f"`{record}` has no field `{name.text}`",
        also=((table, f"the rows of this table are `{record}`"),),
        help=suggestion(name.text, names) or f"fields are {listed(names)}",
        fix=respelling(name.span, name.text, names),
    )


def field_twice(name: Name, first: Span) -> Diagnostic:
    """A field stands twice in one list."""
    return FLOW_FIELD.at(
        name.span, f"`{name.text}` stands twice", "again here", also=((first, "first here"),), help="remove one"
    )


FLOW_FIELD_TYPE = register(
    "APWA460",
    "a field is of the wrong type for a statement",
    explanation="""
`sum` adds numbers and durations, `min` and `max` compare numbers, texts and times, `concat` joins texts and lists,
`sort by` orders numbers, texts, booleans and times, `group` and `join … on` compare exactly, so they take no float,
json, list or record.
""",
    fix="Name another field, or make one with `select`.",
    bad=_NOTES + "flow main { total = reduce ward over notes by sum }",
    good=_NOTES + "flow main { total = reduce words over notes by sum }",
)


def field_unfit(name: Name, found: str, use: str, table: Span, help: str | None = None) -> Diagnostic:
    """``use`` (``"`sum`"``) cannot work on a field of type ``found``."""
    return FLOW_FIELD_TYPE.at(
        name.span,
        f"{use} does not take the field `{name.text}` of type `{found}`",
        f"of type `{found}`",
        also=((table, "of this table"),),
        help=help,
    )


def field_unfit_for(
    name: Name, found: str, how: Name, ways: Sequence[str], fields: Sequence[str], table: Span
) -> Diagnostic:
    """``how`` cannot reduce a field of type ``found``: ``ways`` can, and it can reduce ``fields``."""
    others = [f"{listed(ways)} {'takes' if len(ways) == 1 else 'take'} it"] if ways else []
    others += [f"`{how.text}` takes {listed(fields, ' or ')}"] if fields else []
    unfit = field_unfit(name, found, f"`{how.text}`", table, "; ".join(others) or None)
    usual = "count" if how.text == "sum" and "count" in ways else None
    fix = written(name.span, fields[0]) if len(fields) == 1 else written(how.span, usual) if usual else None
    return replace(unfit, fix=fix)


def group_clash(name: Name, other: str) -> Diagnostic:
    """A group field has the name of ``other``, the result's field."""
    return FLOW_FIELD_TYPE.at(
        name.span, f"`{name.text}` cannot be a group: {other} has that name", help="rename one with `select`"
    )


JOIN = register(
    "APWA461",
    "two tables cannot be joined",
    explanation="""
The fields after `on` must be in both tables and of one type. The other fields of both stand in the result together,
so no name may be in both.
""",
    fix="Rename or leave out fields with `select` first.",
    bad="""
record Note { id: str @key, text: str }
table old: Note = [{ id: "a", text: "x" }]
table new: Note = [{ id: "a", text: "y" }]
flow main { both = old join new on id }
""",
    good="""
record Note { id: str @key, text: str }
table old: Note = [{ id: "a", text: "x" }]
table new: Note = [{ id: "a", text: "y" }]
flow main {
  before = old select { id: id, before: text }
  both = before join new on id
}
""",
)


def join_types(name: Name, left: str, right: str, places: tuple[Span, Span]) -> Diagnostic:
    """The field has different types on the two sides."""
    return JOIN.at(
        name.span,
        f"`{name.text}` is `{left}` on the left and `{right}` on the right",
        "equal values of these types cannot be found",
        also=((places[0], "left"), (places[1], "right")),
        help="turn one into the other's type with `select`",
    )


def join_clash(place: Span, names: Iterable[str], places: tuple[Span, Span]) -> Diagnostic:
    """Fields that are not joined on have the same names."""
    return JOIN.at(
        place,
        f"both tables have {listed(names)}",
        "which one would the result have?",
        also=((places[0], "left"), (places[1], "right")),
        help="rename it on one side with `select`, or join on it too",
    )


UNION = register(
    "APWA462",
    "tables of a union have different records",
    explanation="""
The rows of a union follow each other in one table, so they must have the same fields of the same types.
""",
    fix="Make the records equal with `select`.",
    bad="""
record Note { id: str }
record Text { text: str }
table notes: Note = [{ id: "a" }]
table texts: Text = [{ text: "x" }]
flow main { all = union(notes, texts) }
""",
    good="""
record Note { id: str }
record Text { text: str }
table notes: Note = [{ id: "a" }]
table texts: Text = [{ text: "x" }]
flow main {
  named = texts select { id: text }
  all = union(notes, named)
}
""",
)


def union_differs(name: Name, first: Name, why: str, places: tuple[Span, Span]) -> Diagnostic:
    """``name`` has other rows than ``first``, as ``why`` says."""
    return UNION.at(
        name.span,
        f"`{name.text}` and `{first.text}` have different records: {why}",
        also=((places[1], f"`{first.text}`"), (places[0], f"`{name.text}`")),
        help="make the records equal with `select`",
    )
