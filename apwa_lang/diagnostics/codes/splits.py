"""Findings about splits: APWA440 to APWA444.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
"""

UNKNOWN_RULE = register(
    "APWA440",
    "unknown split rule",
    explanation="""
A table falls apart by `row`, `chunk(n)`, `group(field, …)`, `window(size, stride)`, `tokens(field, size)`,
`lines(field, size)`, `pages(field)`, `items(field)`, `file`, `cross(other)`, `plan(model, goal: "…")` or
`python("module:function")`.
""",
    fix="Use one of these rules.",
    bad=_NOTES + "split parts = notes by rows",
    good=_NOTES + "split parts = notes by row",
)


def unknown_rule(name: Name, known: Iterable[str]) -> Diagnostic:
    """No split rule is called ``name``."""
    rules = tuple(known)
    return UNKNOWN_RULE.at(
        name.span,
        f"there is no split rule `{name.text}`",
        help=suggestion(name.text, rules) or "rules are " + listed(rules),
        fix=respelling(name.span, name.text, rules),
    )


RULE_ARGUMENTS = register(
    "APWA441",
    "a split rule has the wrong arguments",
    explanation="Each rule takes its own arguments, in order or by name; numbers are constants.",
    fix="Write the rule in the form that the message shows.",
    bad=_NOTES + "split parts = notes by chunk",
    good=_NOTES + "split parts = notes by chunk(100)",
)


def rule_arguments(place: Span, rule: str, problem: str, form: str, doc: str, fix: Fix | None = None) -> Diagnostic:
    """``problem`` says what is wrong, ``form`` how the rule is written, ``doc`` what it makes."""
    return RULE_ARGUMENTS.at(
        place, f"`{rule}` {problem}", doc[0].lower() + doc.rstrip(".")[1:], help=f"write `{form}`", fix=fix
    )


def overlap_too_large(place: Span, size: Span) -> Diagnostic:
    """Pieces that overlap by their whole size would never advance."""
    return RULE_ARGUMENTS.at(
        place,
        "the overlap must be smaller than the size",
        "the pieces would never advance",
        also=((size, "the size"),),
        help="choose a smaller overlap",
    )


SPLIT_FIELD = register(
    "APWA442",
    "a split names a field that its table does not have",
    explanation="`group`, `tokens`, `lines`, `pages` and `items` name fields of the table that they split.",
    fix="Name a field of the table's record.",
    bad=_NOTES + "split parts = notes by group(wards)",
    good=_NOTES + "split parts = notes by group(ward)",
)


def split_field(
    place: Span, name: str, record: str, fields: Iterable[str], table: Span | None, keep: Edit | None = None
) -> Diagnostic:
    """``record`` has no field ``name``, which ``keep`` would add to it."""
    known = tuple(fields)
    if keep is not None and table is not None:
        return SPLIT_FIELD.at(
            place,
            f"the rows of `{table.text}` have no field `{name}`",
            also=((table, "its `map` does not keep this field"),),
            help=f"add `{name}` to the `keep` of `{table.text}`",
            fix=Fix(f"keep `{name}`", (keep,), safe=False),
        )
    return SPLIT_FIELD.at(
        place,
        f"`{record}` has no field `{name}`",
        also=((table, f"the rows of this table are `{record}`"),) if table else (),
        help=suggestion(name, known) or "fields are " + listed(known),
        fix=respelling(place, name, known),
    )


def not_a_field(place: Span, rule: str) -> Diagnostic:
    """An expression where a field's name must stand."""
    return SPLIT_FIELD.at(place, f"`{rule}` takes the name of a field here", "not the name of a field")


def repeated_field(place: Span, name: str, first: Span) -> Diagnostic:
    """A field stands twice in ``group``."""
    return SPLIT_FIELD.at(
        place, f"`{name}` stands twice", "again here", also=((first, "first here"),), help="remove one"
    )


FIELD_TYPE = register(
    "APWA443",
    "a split by a field of the wrong type",
    explanation="""
`tokens`, `lines` and `pages` cut texts, so they need a `str` field; `items` needs a list. `group` compares values
exactly, so it takes no float, json, list, map or record, and no field called `rows`, which is the name of the group's
rows.
""",
    fix="Choose another field.",
    bad="record Line { id: str @key, count: int }\n"
    'table lines: Line = read "lines.csv"\nsplit parts = lines by tokens(count, 100)',
    good="record Line { id: str @key, text: str }\n"
    'table lines: Line = read "lines.csv"\nsplit parts = lines by tokens(text, 100)',
)


def field_type(place: Span, rule: str, name: str, found: str, why: str) -> Diagnostic:
    """``why`` says what the rule asks of a field."""
    return FIELD_TYPE.at(place, f"`{rule}` does not take the field `{name}` of type `{found}`", why)


NOT_FILES = register(
    "APWA444",
    "`by file` of a table that is not of files",
    explanation="""
`by file` gives one sub-problem per file, so the table's source must be `files "glob"`. Rows of other tables are
split `by row`.
""",
    fix="Split `by row`, or read the table with `files`.",
    bad=_NOTES + "split parts = notes by file",
    good=_NOTES + "split parts = notes by row",
)


def not_files(place: Span, table: str, declared: Span | None) -> Diagnostic:
    """``table`` does not come from ``files``."""
    return NOT_FILES.at(
        place,
        f"`{table}` is not a table of files",
        also=((declared, "its rows come from here"),) if declared else (),
        help="split it `by row`",
    )
