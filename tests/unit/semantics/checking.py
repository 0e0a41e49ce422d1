"""Expressions and templates from text, checked in a small scope."""

from __future__ import annotations

from dataclasses import dataclass, field

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import (
    BYTES,
    DATE,
    DATETIME,
    FLOAT,
    INT,
    JSON,
    STR,
    Choice,
    Default,
    Field,
    ListOf,
    MapOf,
    Optional,
    RecordType,
    Union,
)
from apwa_lang.syntax import nodes
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source, Span

SPAN = RecordType("Span", (Field("kind", Choice(("name", "email"))), Field("value", STR)))
NOTE = RecordType(
    "Note",
    (
        Field("id", STR, key=True),
        Field("size", INT),
        Field("score", FLOAT),
        Field("ward", Choice(("north", "south"))),
        Field("title", Optional(STR)),
        Field("author", Optional(SPAN)),
        Field("tags", ListOf(STR)),
        Field("data", JSON),
        Field("counts", MapOf(INT)),
        Field("taken", DATETIME),
        Field("day", DATE),
        Field("mark", BYTES),
    ),
)
CAT = RecordType("Cat", (Field("name", STR), Field("lives", INT, default=Default(9))))
DOG = RecordType("Dog", (Field("name", STR), Field("tricks", Optional(ListOf(STR)))))
PET = Union((CAT, DOG))

DECLARED = Span(Source("note: Note"), 0, 4)
NAMES = {
    "note": Binding(NOTE, DECLARED),
    "notes": Binding(ListOf(NOTE)),
    "style": Binding(Choice(("short", "full"))),
    "pet": Binding(PET),
    "lib.limit": Binding(INT),
}
RECORDS = {record.name: record for record in (SPAN, NOTE, CAT, DOG)}


@dataclass
class Lab:
    """A scope and what was reported to it."""

    found: list[Diagnostic] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        return Scope(NAMES, RECORDS, self.found.append)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.found]

    @property
    def only(self) -> Diagnostic:
        assert len(self.found) == 1, self.found
        return self.found[0]


def expression(text: str) -> nodes.Expr:
    module, found = parse(Source(f'test "t" {{ expect {text} }}'))
    assert not found, found
    test = module.declarations[0]
    assert isinstance(test, nodes.Test)
    statement = test.statements[0]
    assert isinstance(statement, nodes.Expect)
    return statement.condition


def literal(text: str) -> nodes.StringLiteral:
    made = expression('"""' + text + '"""')
    assert isinstance(made, nodes.StringLiteral)
    return made
