"""Tools that come with the language: what each takes from the program and what a model gives it.

In: ``query(notes)`` as written in the declaration of a tool. Out: the tool; wrong arguments are reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apwa_lang.diagnostics.codes import tools as codes
from apwa_lang.semantics.context import File
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import Builtin, Effect, Literal, Template, Tool, short_name
from apwa_lang.semantics.settings import dotted, integer
from apwa_lang.semantics.types import JSON, STR, ListOf, Type
from apwa_lang.syntax import nodes as ast

_HOST = re.compile(r"(?:https?://)?(?P<host>[A-Za-z0-9.-]+(?::\d{1,5})?)(?P<path>/[^?#\s]*)?")
_MOST_ROWS = 1000
_NEEDS = {"tables": "a table", "hosts": "a host or a URL", "folders": "the folder of a skill"}

SKILL = "SKILL.md"
"""The file that makes a folder a skill."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One built-in tool.

    ``doc`` says what it does; ``parameter`` is the one text that a model gives. ``takes`` is what stands in its
    brackets: ``tables``, of which there may be none where they are ``optional``, ``hosts`` or ``folders``; ``rows`` is
    how many rows it tells if not said.
    """

    form: str
    doc: str
    parameter: str
    result: Type
    takes: str = ""
    optional: bool = False
    rows: int = 0


KINDS = {
    "query": Kind("query(table)", "SQL over the tables, read only.", "sql", ListOf(JSON), "tables", rows=100),
    "search": Kind(
        "search(table)", "The rows of the tables whose texts have the words.", "words", ListOf(JSON), "tables", rows=10
    ),
    "calculate": Kind("calculate", "The value of an expression of the language.", "expression", JSON),
    "python": Kind(
        "python(table)",
        "Runs Python in the sub-problem's own folder, sealed off; tables are files there.",
        "code",
        STR,
        "tables",
        optional=True,
    ),
    "shell": Kind("shell", "Runs a command in the sub-problem's own folder, sealed off.", "command", STR),
    "fetch": Kind('fetch("host")', "What lies at a URL of the hosts.", "url", STR, "hosts"),
    "skills": Kind('skills("folder")', "The instructions of a skill, one of the folders.", "skill", STR, "folders"),
}


def resolve_builtin(symbol: Symbol, node: ast.Tool, rule: ast.Rule, file: File) -> Tool:
    """The tool that ``rule`` names."""
    kind = KINDS.get(rule.name.text)
    if kind is None:
        file.report(codes.unknown_builtin(rule.name, KINDS))
        return Tool(symbol.name, (), JSON, None, (), symbol.span, node.doc)
    made = _Arguments(rule, kind, file)
    builtin = Builtin(rule.name.text, tuple(made.tables), tuple(made.places), made.rows)
    parameters = ((kind.parameter, STR),)
    effects = tuple(made.effects)
    return Tool(symbol.name, parameters, kind.result, None, effects, symbol.span, node.doc, builtin=builtin)


def host_of(place: str) -> str | None:
    """The host, with its port if that is said, of a host or a URL; None for what is neither."""
    found = _HOST.fullmatch(place)
    return found["host"] if found else None


class _Arguments:
    """What stands in the brackets of one built-in tool."""

    def __init__(self, rule: ast.Rule, kind: Kind, file: File) -> None:
        self._rule = rule
        self._kind = kind
        self._file = file
        self._wrong = False
        self.tables: list[str] = []
        self.places: list[str] = []
        self.effects: list[Effect] = []
        self.rows = kind.rows
        for argument in rule.arguments:
            if argument.name is not None:
                self._named(argument, argument.name)
            elif kind.takes == "tables":
                self._table(argument.value)
            elif kind.takes == "hosts":
                self._place(argument.value)
            elif kind.takes == "folders":
                self._folder(argument.value)
            else:
                self._report(argument, "takes nothing")
        missing = bool(kind.takes) and not kind.optional and not (self.tables or self.places)
        if missing and not self._wrong:
            self._report(rule, f"needs {_NEEDS[kind.takes]}")

    def _named(self, argument: ast.Argument, name: ast.Name) -> None:
        if name.text != "rows" or not self._kind.rows:
            self._report(name, f"has no argument `{name.text}`")
            return
        value = integer(1)(argument.value)
        if isinstance(value, int) and value <= _MOST_ROWS:
            self.rows = value
        elif not isinstance(argument.value, ast.ErrorExpr):
            self._report(argument.value, f"takes a number of 1 to {_MOST_ROWS} for `rows`")

    def _table(self, value: ast.Expr) -> None:
        name = dotted(value)
        if name is None:
            if not isinstance(value, ast.ErrorExpr):
                self._report(value, "takes names of tables")
            self._wrong = True
            return
        symbol = self._file.names.find(name, "table")
        if symbol is None:
            self._wrong = True
        elif short_name(symbol.name) in map(short_name, self.tables):
            self._report(value, f"has a `{short_name(symbol.name)}` already")
        else:
            self.tables.append(symbol.name)

    def _place(self, value: ast.Expr) -> None:
        if isinstance(value, ast.ErrorExpr):
            self._wrong = True
            return
        host = host_of(value.value) if isinstance(value, ast.StringLiteral) else None
        if host is None or not isinstance(value, ast.StringLiteral):
            self._report(value, "takes hosts, and URLs below which it may ask")
            return
        self.places.append(value.value)
        template = Template(host, frozenset(), (Literal(host, value.span),), value.span)
        self.effects.append(Effect("network", template, False, value.span))

    def _folder(self, value: ast.Expr) -> None:
        if isinstance(value, ast.ErrorExpr):
            self._wrong = True
        elif not isinstance(value, ast.StringLiteral) or not value.value:
            self._report(value, "takes folders of skills")
        else:
            program = self._file.unit.module.source.file
            if program is not None and not (program.parent / value.value / SKILL).is_file():
                self._report(value, f"finds no `{value.value.rstrip('/')}/{SKILL}`")
            self.places.append(value.value)

    def _report(self, place: ast.Node, problem: str) -> None:
        self._wrong = True
        self._file.report(codes.builtin_arguments(place.span, self._rule.name.text, problem, self._kind.form))
