"""Findings about the names, branches and outputs of flows, and about tests: APWA451 to APWA468.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.codes.tables import near_suffix, with_suffix
from apwa_lang.diagnostics.codes.wording import article, listed
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, ward: str, words: int }
table notes: Note = [{ id: "a", ward: "1", words: 3 }]
split each = notes by row
"""

UNKNOWN_TABLE = register(
    "APWA451",
    "a flow uses what it does not have",
    explanation="""
A statement works on tables of the program and on results of statements above it. A name that is assigned further
down does not exist yet, one that only one branch of an `if` assigns does not exist after it, nor does a split of a
`repeat`.
""",
    fix="Correct the name, move the statement below the one that it needs, or assign the name in both branches.",
    bad=_NOTES + "flow main { long = note where words > 2 }",
    good=_NOTES + "flow main { long = notes where words > 2 }",
)


def unknown_table(name: Name, what: str, known: Iterable[str]) -> Diagnostic:
    """Neither the program nor the flow has a ``what`` (``"table"`` or ``"split"``) called ``name``."""
    names = tuple(known)
    return UNKNOWN_TABLE.at(
        name.span,
        f"there is no {what} `{name.text}` here",
        "neither declared nor assigned above",
        help=suggestion(name.text, names) or (f"there are {listed(names)}" if 0 < len(names) <= 8 else None),
        fix=respelling(name.span, name.text, names),
    )


def assigned_below(name: Name, place: Span) -> Diagnostic:
    """``name`` is assigned at ``place``, further down."""
    return UNKNOWN_TABLE.at(
        name.span,
        f"`{name.text}` is used before it is assigned",
        "not there yet",
        also=((place, "assigned here"),),
        help="move this statement below that one",
    )


def assigned_in_branch(name: Name, place: Span) -> Diagnostic:
    """``name`` is assigned at ``place`` in one branch of an ``if`` only."""
    return UNKNOWN_TABLE.at(
        name.span,
        f"`{name.text}` may not exist here: one branch of the `if` does not assign it",
        "used after the `if`",
        also=((place, "assigned in this branch only"),),
        help=f"assign `{name.text}` in the other branch too, or use it inside this one",
    )


def split_of_a_round(name: Name, place: Span) -> Diagnostic:
    """The split ``name`` is made at ``place``, in each round of a ``repeat``."""
    return UNKNOWN_TABLE.at(
        name.span,
        f"the split `{name.text}` is gone: each round of the `repeat` has one of its own",
        "used after the `repeat`",
        also=((place, "made in each round"),),
        help="split the table again here",
    )


ASSIGNED_TWICE = register(
    "APWA452",
    "a flow assigns a name twice",
    explanation="""
Each name of a flow is assigned once, and none has the name of a table, split or parameter of the program: results
never change, so the order of statements cannot matter. The two branches of an `if` may assign the same name, and a
`repeat` each name that stands above it: the next round begins with it.
""",
    fix="Use another name.",
    bad=_NOTES + "flow main { long = notes where words > 2  long = notes where words > 3 }",
    good=_NOTES + "flow main { long = notes where words > 2  longer = notes where words > 3 }",
)


def assigned_twice(name: Name, first: Span) -> Diagnostic:
    """``name`` is assigned at ``first`` already."""
    return ASSIGNED_TWICE.at(
        name.span,
        f"`{name.text}` is assigned twice",
        "assigned again here",
        also=((first, "first assigned here"),),
        help="use another name",
    )


def hides(name: Name, kind: str, declared: Span) -> Diagnostic:
    """``name`` is a ``kind`` of the program."""
    return ASSIGNED_TWICE.at(
        name.span,
        f"`{name.text}` is {article(kind)} of the program already",
        "assigned here",
        also=((declared, f"the {kind}"),),
        help="use another name",
    )


BRANCHES_DIFFER = register(
    "APWA453",
    "two branches assign a name to different records",
    explanation="""
What both branches of an `if` assign is used after it as one table, so its rows must have the same fields.
""",
    fix="Make the records equal with `select`, or use two names.",
    bad=_NOTES
    + """
param short: bool = true
flow main {
  if (short) { picked = notes select { id: id } } else { picked = notes select { ward: ward } }
  save picked to "picked.jsonl"
}
""",
    good=_NOTES
    + """
param short: bool = true
flow main {
  if (short) { picked = notes select { id: id } } else { picked = notes select { id: ward } }
  save picked to "picked.jsonl"
}
""",
)


def branches_differ(name: Name, use: Span, other: Span, why: str) -> Diagnostic:
    """``name`` is used at ``use``; its records differ, as ``why`` says."""
    return BRANCHES_DIFFER.at(
        use,
        f"`{name.text}` has different records in the two branches: {why}",
        "used here",
        also=((name.span, "assigned here"), (other, "and here")),
        help="make the records equal with `select`, or use two names",
    )


SAVE = register(
    "APWA464",
    "a table cannot be saved under this path",
    explanation="""
The format comes from the suffix: `.parquet .jsonl .csv .tsv .json .arrow`; a path that ends in `/` takes parts, one
Parquet file each. The path may use program parameters only.
""",
    fix="Give the path one of these suffixes.",
    bad=_NOTES + 'flow main { save notes to "out/notes.xls" }',
    good=_NOTES + 'flow main { save notes to "out/notes.csv" }',
)


def save_format(place: Span, suffix: str, known: Iterable[str]) -> Diagnostic:
    """``suffix`` is no format's."""
    formats = tuple(known)
    near = near_suffix(suffix, formats)
    shown = f"`{suffix}` is no format's suffix" if suffix else "the path has no suffix"
    return SAVE.at(
        place,
        f"the format to save in is not known: {shown}",
        help=f"did you mean `{near}`?" if near else f"end the path in one of {listed(formats)}, or in `/` for parts",
        fix=with_suffix(place, suffix, near) if near else None,
    )


def save_empty(place: Span) -> Diagnostic:
    """The path is empty."""
    return SAVE.at(place, "the path is empty", help='write a path, such as `"out/notes.jsonl"`')


LIMITS = register(
    "APWA465",
    "a count is not a whole number",
    explanation="""
`repeat max n` takes a whole number of at least 1, written out, so a program always ends; `limit n` one of at least
0. A flow has at most 64 rounds, since each has steps of its own in the plan and in the proofs; those of a `repeat`
in a `repeat` count for each round of the outer one.
""",
    fix="Write such a number.",
    bad=_NOTES + "flow main { few = notes limit -1 }",
    good=_NOTES + "flow main { few = notes limit 1 }",
)


def repeat_limit(place: Span) -> Diagnostic:
    """The limit of a ``repeat`` is no number of at least 1."""
    return LIMITS.at(place, "`max` takes a whole number of at least 1", "not such a number")


def too_many_rounds(place: Span, most: int, *, nested: bool) -> Diagnostic:
    """A ``repeat``, perhaps ``nested`` in another, has more than ``most`` rounds."""
    of = "a `repeat` in a `repeat`, counted for each round of the outer one, has" if nested else "a `repeat` has"
    return LIMITS.at(place, f"{of} {most} rounds at most", "more than that")


def negative_limit(place: Span) -> Diagnostic:
    """The count of a ``limit`` is below zero."""
    return LIMITS.at(place, "`limit` takes a whole number of at least 0", "not such a number")


ROUNDS_DIFFER = register(
    "APWA468",
    "a round leaves a name with another record than it found",
    explanation="""
A name that stands above a `repeat` and is assigned in it is what the next round begins with, so it has the same fields
before and after each round.
""",
    fix="Make the records equal with `select` or `keep`, or use another name.",
    bad=_NOTES
    + """
flow main {
  short = notes where words < 9
  repeat max 3 until (len(short) < 5) { short = short select { id: id } }
  save short to "short.jsonl"
}
""",
    good=_NOTES
    + """
flow main {
  short = notes where words < 9
  repeat max 3 until (len(short) < 5) { short = short select { id: id, ward: ward, words: words - 1 } }
  save short to "short.jsonl"
}
""",
)


def rounds_differ(name: Name, before: Span, why: str) -> Diagnostic:
    """``name`` comes from ``before`` with another record, as ``why`` says."""
    return ROUNDS_DIFFER.at(
        name.span,
        f"`{name.text}` has another record after a round than before it: {why}",
        "assigned in the round",
        also=((before, "what the round begins with"),),
        help="make the records equal with `select` or `keep`, or use another name",
    )


AFTER_ITSELF = register(
    "APWA466",
    "`after` names what comes with the statement itself",
    explanation="""
`after x` lets a statement wait for the statement that assigns `x`, for the sake of files that both touch. Tables of
the program are there from the start, so there is nothing to wait for.
""",
    fix="Name a result of a statement above, or remove `after`.",
    bad=_NOTES + 'flow main { long = notes where words > 2 save long to "long.csv" after notes }',
    good=_NOTES + 'flow main { long = notes where words > 2 save long to "long.csv" }',
)


def after_table(name: Name, declared: Span) -> Diagnostic:
    """``name`` is a table of the program."""
    return AFTER_ITSELF.at(
        name.span,
        f"`{name.text}` is a table of the program: it is there from the start",
        "nothing to wait for",
        also=((declared, "declared here"),),
        help="name a result of this flow, or remove `after`",
    )


TEST_CALL = register(
    "APWA467",
    "a test uses a name twice",
    explanation="Each name of a test is given once, and each model mocked once.",
    fix="Use another name.",
    bad="""
task double(n: int) -> int { return: n + n }
test "doubles" { got = double(2) got = double(3) expect got == 6 }
""",
    good="""
task double(n: int) -> int { return: n + n }
test "doubles" { four = double(2) got = double(3) expect got == 6 and four == 4 }
""",
)


def test_name_twice(name: Name, first: Span) -> Diagnostic:
    """``name`` is given, or mocked, at ``first`` already."""
    return TEST_CALL.at(
        name.span,
        f"`{name.text}` is used twice in this test",
        "again here",
        also=((first, "first here"),),
        help="use another name",
    )
