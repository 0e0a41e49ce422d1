"""Attributes of fields: ``@key``, ``@pattern("re")`` and the rest.

In: a field's attributes and its type. Out: :class:`Attributes`; what is wrong is reported and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apwa_lang.diagnostics.codes import records as codes
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.modules import Report
from apwa_lang.semantics.settings import UNREADABLE, literal
from apwa_lang.semantics.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    STR,
    UNKNOWN,
    UUID,
    Choice,
    Optional,
    Type,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

FORMS: Mapping[str, Form] = {
    "key": Form("@key", "Identifies the row, together with the other `@key` fields of its record."),
    "unique": Form("@unique", "No two rows have the same value here."),
    "pattern": Form('@pattern("[a-z]+")', "The whole text matches a regular expression.", ("expression",)),
    "range": Form("@range(0, 1)", "The number is in this range, its ends included.", ("least", "greatest")),
    "description": Form('@description("…")', "What the field holds, told to a model that fills it in.", ("text",)),
    "secret": Form("@secret", "The value is shown in no report, and to no model that plans."),
}
"""Each attribute as it is written."""

_EXACT: tuple[Type, ...] = (STR, INT, BOOL, DATE, DATETIME, DURATION, UUID)


def is_keyable(type: Type) -> bool:
    """Whether a key may have this type: always there, and compared exactly."""
    return type in _EXACT or isinstance(type, Choice)


@dataclass
class Attributes:
    """What a field's attributes say. ``places`` are the spans of those that do."""

    key: bool = False
    unique: bool = False
    secret: bool = False
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    description: str | None = None
    places: dict[str, Span] = field(default_factory=dict)


def read_attributes(node: ast.FieldDecl, type: Type, report: Report) -> Attributes:
    """The attributes of ``node``, a field of ``type``."""
    found = Attributes()
    for attribute in node.attributes:
        name = attribute.name.text
        if name not in _READERS:
            report(codes.unknown_attribute(attribute.name, _READERS))
        elif name in found.places:
            report(codes.repeated_attribute(attribute, found.places[name]))
        else:
            found.places[name] = attribute.span
            _READERS[name](attribute, node, type, found, report)
    return found


def _flag(attribute: ast.Attribute, node: ast.FieldDecl, type: Type, found: Attributes, report: Report) -> None:
    name = attribute.name.text
    if attribute.arguments:
        report(codes.attribute_arguments(attribute, FORMS[name].syntax))
    elif name == "secret" or type == UNKNOWN or is_keyable(type):
        setattr(found, name, True)
    else:
        why = "a key is always there" if isinstance(type, Optional) else "rows cannot be told apart by it"
        report(codes.attribute_type(attribute, node, str(type), why))


def _text(attribute: ast.Attribute, report: Report) -> ast.StringLiteral | None:
    match attribute.arguments:
        case (ast.Argument(value=ast.StringLiteral() as text, name=None),):
            return text
        case (ast.Argument(value=ast.ErrorExpr()),):
            return None
    report(codes.attribute_arguments(attribute, FORMS[attribute.name.text].syntax))
    return None


def _pattern(attribute: ast.Attribute, node: ast.FieldDecl, type: Type, found: Attributes, report: Report) -> None:
    text = _text(attribute, report)
    if text is None:
        return
    if _inner(type) not in (STR, UNKNOWN):
        report(codes.attribute_type(attribute, node, str(type), "a pattern describes a `str`"))
        return
    try:
        re.compile(text.value)
    except (re.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None)
        place = text.span if at is None else text.place(at, at + 1)
        report(codes.bad_pattern(place if place.start < place.end else text.span, getattr(error, "msg", str(error))))
        return
    found.pattern = text.value


def _description(attribute: ast.Attribute, node: ast.FieldDecl, type: Type, found: Attributes, report: Report) -> None:
    text = _text(attribute, report)
    if text is not None:
        found.description = text.value


def _range(attribute: ast.Attribute, node: ast.FieldDecl, type: Type, found: Attributes, report: Report) -> None:
    bounds = [literal(argument.value) for argument in attribute.arguments if argument.name is None]
    if UNREADABLE in bounds:
        return
    numbers = [bound for bound in bounds if isinstance(bound, int | float) and not isinstance(bound, bool)]
    if len(numbers) != 2 or len(attribute.arguments) != 2:
        report(codes.attribute_arguments(attribute, FORMS["range"].syntax))
    elif _inner(type) not in (INT, FLOAT, UNKNOWN):
        report(codes.attribute_type(attribute, node, str(type), "a range describes numbers"))
    elif numbers[0] > numbers[1]:
        report(codes.empty_range(attribute))
    else:
        found.minimum, found.maximum = numbers


def _inner(type: Type) -> Type:
    return type.inner if isinstance(type, Optional) else type


_READERS: dict[str, Callable[[ast.Attribute, ast.FieldDecl, Type, Attributes, Report], None]] = {
    "key": _flag,
    "unique": _flag,
    "pattern": _pattern,
    "range": _range,
    "description": _description,
    "secret": _flag,
}
