"""Findings about literals: APWA220 to APWA249.

In: the places, names and types of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.semantics.types import Choice, RecordType, Type, Union
from apwa_lang.syntax import nodes
from apwa_lang.syntax.source import Span

NOT_CONSTANT = register(
    "APWA220",
    "a constant is asked for",
    explanation="""
Defaults, the rows of a literal table and the options of a source are fixed when the program is read: they are
literals, and lists and records of literals. Names and function calls have no value yet.
""",
    fix="Write the value itself.",
    bad="""
param title: str = upper("short")
""",
    good="""
param title: str = "SHORT"
""",
)


def not_constant(span: Span) -> Diagnostic:
    """An expression where a constant must stand."""
    return NOT_CONSTANT.at(
        span,
        "this must be a constant",
        "its value is not known when the program is read",
        help="write the value itself",
    )


RECORD_FIELDS = register(
    "APWA221",
    "a record literal does not have the fields of its record",
    explanation="""
A record literal gives each field of its record once. Fields with a default and fields of type `T?` may be left out.
""",
    fix="Add what is missing and remove what the record does not declare.",
    bad="""
record Note { id: str, text: str }
table notes: Note = [{ id: "a" }]
""",
    good="""
record Note { id: str, text: str }
table notes: Note = [{ id: "a", text: "hello" }]
""",
)


def missing_fields(
    literal: nodes.RecordLiteral, record: RecordType, missing: Sequence[str], ready: Mapping[str, str]
) -> Diagnostic:
    """Fields that the literal should have; ``ready`` are values for them."""
    span = literal.type.span if literal.type else literal.span
    declared = [field.declared.span for field in record.fields if field.name in missing and field.declared]
    names = ", ".join(f"`{name}`" for name in missing)
    fields = "fields" if len(missing) > 1 else "field"
    return RECORD_FIELDS.at(
        span,
        f"`{record}` is given without its {fields} {names}",
        f"without {names}",
        also=tuple((place, "declared here") for place in declared if place is not None),
        help=f"add {names}; only fields with a default or of type `T?` may be left out",
        fix=_with_fields(literal, {name: ready[name] for name in missing}) if set(missing) <= ready.keys() else None,
    )


def _with_fields(literal: nodes.RecordLiteral, values: Mapping[str, str]) -> Fix:
    added = ", ".join(f"{name}: {value}" for name, value in values.items())
    if literal.entries:
        end = literal.entries[-1].span.end
        edit = Edit(Span(literal.span.source, end, end), f", {added}")
    else:
        start = literal.span.start + literal.span.text.index("{")
        edit = Edit(Span(literal.span.source, start, literal.span.end), f"{{ {added} }}")
    return Fix(f"add `{added}`", (edit,), safe=False)


def unknown_entry(key: nodes.Name, record: RecordType) -> Diagnostic:
    """A field that the record has not."""
    known = [field.name for field in record.fields]
    return RECORD_FIELDS.at(
        key.span,
        f"`{record}` has no field `{key.text}`",
        "no such field",
        help=suggestion(key.text, known) or f"its fields are {', '.join(f'`{name}`' for name in known)}",
        fix=respelling(key.span, key.text, known),
    )


def duplicate_entry(key: nodes.Name, first: nodes.Name) -> Diagnostic:
    """A field given twice."""
    return RECORD_FIELDS.at(
        key.span,
        f"`{key.text}` is given twice",
        "given again here",
        also=((first.span, "first given here"),),
        help="remove one of the two",
    )


UNKNOWN_RECORD = register(
    "APWA222",
    "a literal names a record that does not exist",
    explanation="""
`Note { id: "a" }` makes a value of the record `Note`, which must be declared in the file or imported.
""",
    fix="Correct the spelling, or declare the record.",
    bad="""
record Note { id: str }
task make(id: str) -> Note { return: Nota { id: id } }
""",
    good="""
record Note { id: str }
task make(id: str) -> Note { return: Note { id: id } }
""",
)


def unknown_record(name: nodes.Name, known: Iterable[str]) -> Diagnostic:
    """No record has that name."""
    names = tuple(known)
    return UNKNOWN_RECORD.at(
        name.span,
        f"there is no record `{name.text}`",
        "not a record",
        help=suggestion(name.text, names),
        fix=respelling(name.span, name.text, names),
    )


def which_member(span: Span, union: Union) -> Diagnostic:
    """A literal without a name where one of several records may stand."""
    names = " or ".join(f"`{member} {{ … }}`" for member in union.members)
    return UNKNOWN_RECORD.at(
        span, f"this may be any record of `{union}`", "a record without a name", help=f"say which: {names}"
    )


NOT_A_CHOICE = register(
    "APWA223",
    "a text is not one of those that its type lists",
    explanation="""
A type such as `"short" | "full"` allows these texts and no others. Comparing with any other text can never hold.
""",
    fix="Use one of the texts that the type lists, or add this one to the type.",
    bad="""
param style: "short" | "full" = "shrot"
""",
    good="""
param style: "short" | "full" = "short"
""",
)


def not_a_choice(span: Span, value: str, choice: Choice) -> Diagnostic:
    """A text outside a literal union."""
    listed = " | ".join(f'"{each}"' for each in choice.values)
    return NOT_A_CHOICE.at(
        span,
        f'"{value}" is not one of {listed}',
        "not in the list",
        help=suggestion(value, choice.values),
        fix=respelling(span, value, choice.values),
    )


BAD_TEXT = register(
    "APWA224",
    "a text does not say a value of the type asked for",
    explanation="""
Where a date, datetime, duration, uuid or bytes is asked for, a text may stand that says one: `"2026-01-31"`,
`"2026-01-31T12:00:00Z"`, `"PT30S"` (or the literal `30s`), the digits of a uuid, bytes in base64.
""",
    fix="Write the value in the form that the message shows.",
    bad="""
param start: date = "31.1.2026"
""",
    good="""
param start: date = "2026-01-31"
""",
)


def bad_text(span: Span, value: str, type: Type, example: str) -> Diagnostic:
    """A text that says no value of ``type``."""
    return BAD_TEXT.at(span, f'"{value}" is not a `{type}`', f"not a `{type}`", help=f'write it like "{example}"')


ITEMS_DIFFER = register(
    "APWA225",
    "the items of a list are of different types",
    explanation="""
All items of a list have one type. Numbers may be mixed, and `null` makes the items optional.
""",
    fix="Convert the items to one type, or make records of them.",
    bad="""
task pair(name: str, number: int) -> int { return: len([name, number]) }
""",
    good="""
task pair(name: str, number: int) -> int { return: len([name, str(number)]) }
""",
)


def items_differ(span: Span, found: Type, first: Span, expected: Type) -> Diagnostic:
    """An item that does not fit those before it."""
    return ITEMS_DIFFER.at(
        span,
        f"this item is `{found}`, but the items before it are `{expected}`",
        f"this is `{found}`",
        also=((first, f"the list starts with `{expected}`"),),
        help="all items of a list have one type",
    )


BAD_PATTERN = register(
    "APWA226",
    "a regular expression is not usable",
    explanation="""
The pattern of `matches` is written in the program as a text literal, so that it is checked with the program. It is a
Python regular expression and must match the whole text.
""",
    fix="Correct the pattern, or write it as a literal.",
    bad="""
task coded(id: str) -> bool { return: matches(id, "[A-Z") }
""",
    good="""
task coded(id: str) -> bool { return: matches(id, "[A-Z]+") }
""",
)


def bad_pattern(span: Span, reason: str) -> Diagnostic:
    """A pattern that cannot be compiled, and why."""
    return BAD_PATTERN.at(span, f"this is not a regular expression: {reason}", "here")


def pattern_not_literal(span: Span) -> Diagnostic:
    """A pattern that is only known at run time."""
    return BAD_PATTERN.at(
        span,
        "the pattern must be a text literal",
        "not a literal",
        help="write the pattern itself, or use `contains`, `starts_with` or `ends_with`",
    )


NOT_A_VALUE = register(
    "APWA227",
    "a setting's form stands where a value is asked for",
    explanation="""
Rates (`600 per 1m`), routes (`{ small when …, large }`) and references (`python "pkg.mod:factory"`) are forms of
certain settings. They are no values: they cannot be computed with or stored.
""",
    fix="Write a value.",
    bad="""
task speed(id: str) -> int { return: len([600 per 1m]) }
""",
    good="""
task speed(id: str) -> int { return: len([600]) }
""",
)


def not_a_value(expr: nodes.Expr) -> Diagnostic:
    """A rate, route or reference in an expression."""
    kinds: dict[type, str] = {nodes.RateLiteral: "a rate", nodes.Route: "a route", nodes.PythonReference: "a reference"}
    kind = kinds.get(type(expr), "this")
    return NOT_A_VALUE.at(expr.span, f"{kind} is not a value", "an expression is asked for here")
