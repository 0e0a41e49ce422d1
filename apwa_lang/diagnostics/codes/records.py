"""Findings about the fields of records: APWA401 to APWA409.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Attribute, FieldDecl, Name
from apwa_lang.syntax.source import Span

UNKNOWN_ATTRIBUTE = register(
    "APWA401",
    "unknown attribute",
    explanation="""
Fields take `@key`, `@unique`, `@pattern("re")`, `@range(lo, hi)`, `@description("…")` and `@secret`.
""",
    fix="Correct the spelling, or remove the attribute.",
    bad="record Note { id: str @primary }",
    good="record Note { id: str @key }",
)


def unknown_attribute(name: Name, known: Iterable[str]) -> Diagnostic:
    """No attribute is called ``name``."""
    listed = tuple(known)
    return UNKNOWN_ATTRIBUTE.at(
        name.span,
        f"there is no attribute `@{name.text}`",
        help=suggestion(name.text, listed) or "attributes are " + ", ".join(f"`@{item}`" for item in listed),
        fix=respelling(name.span, name.text, listed),
    )


ATTRIBUTE_ARGUMENTS = register(
    "APWA402",
    "an attribute has the wrong arguments",
    explanation="""
`@key`, `@unique` and `@secret` take none, `@pattern` and `@description` one text, `@range` the lowest and the
highest value.
""",
    fix="Write the attribute as its form says.",
    bad='record Note { id: str @key("id") }',
    good="record Note { id: str @key }",
)


def attribute_arguments(attribute: Attribute, form: str) -> Diagnostic:
    """``form`` shows how the attribute is written."""
    return ATTRIBUTE_ARGUMENTS.at(
        attribute.span,
        f"`@{attribute.name.text}` does not take these arguments",
        f"written `{form}`",
        help=f"write `{form}`",
    )


def empty_range(attribute: Attribute) -> Diagnostic:
    """The lowest value is above the highest."""
    return ATTRIBUTE_ARGUMENTS.at(
        attribute.span, "this range holds no value", "lowest first, then highest", help="swap the two"
    )


REPEATED_ATTRIBUTE = register(
    "APWA403",
    "an attribute is given twice",
    explanation="Each attribute stands at most once on a field.",
    fix="Remove one.",
    bad="record Note { id: str @key @key }",
    good="record Note { id: str @key }",
)


def repeated_attribute(attribute: Attribute, first: Span) -> Diagnostic:
    """The attribute stands at ``first`` already."""
    return REPEATED_ATTRIBUTE.at(
        attribute.span,
        f"`@{attribute.name.text}` is given twice",
        "again here",
        also=((first, "first here"),),
        help="remove one",
    )


ATTRIBUTE_TYPE = register(
    "APWA404",
    "an attribute does not fit the field's type",
    explanation="""
A key tells rows apart, so it must always be there and be compared exactly: no optional, float, json, list or record.
`@pattern` describes texts, `@range` numbers.
""",
    fix="Change the field's type, or remove the attribute.",
    bad="record Note { id: str? @key }",
    good="record Note { id: str @key }",
)


def attribute_type(attribute: Attribute, field: FieldDecl, found: str, why: str) -> Diagnostic:
    """``why`` says what the attribute asks of the type ``found``."""
    return ATTRIBUTE_TYPE.at(
        attribute.span,
        f"`@{attribute.name.text}` does not fit a field of type `{found}`",
        why,
        also=((field.type.span, f"`{field.name.text}` is `{found}`"),),
    )


BAD_PATTERN = register(
    "APWA405",
    "a pattern is no regular expression",
    explanation="`@pattern` takes a regular expression in Python's syntax, which the whole text must match.",
    fix="Mend the expression; in a text a backslash is written twice.",
    bad='record Note { id: str @pattern("[A-Z") }',
    good='record Note { id: str @pattern("[A-Z]") }',
)


def bad_pattern(place: Span, reason: str) -> Diagnostic:
    """``reason`` is what the compiler of expressions says."""
    return BAD_PATTERN.at(place, f"this is no regular expression: {reason}")


BAD_DEFAULT = register(
    "APWA406",
    "a default breaks the field's own rule",
    explanation="""
A field's default must match its `@pattern` and lie in its `@range`. A key has no default: rows would share it.
""",
    fix="Change the default or the attribute.",
    bad="record Note { id: str @key, stars: int @range(1, 5) = 0 }",
    good="record Note { id: str @key, stars: int @range(1, 5) = 1 }",
)


def bad_default(place: Span, attribute: Span, why: str) -> Diagnostic:
    """``why`` says which rule of ``attribute`` the default breaks."""
    return BAD_DEFAULT.at(place, why, "this default", also=((attribute, "the rule"),))
