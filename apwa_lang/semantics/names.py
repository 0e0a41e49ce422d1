"""What each name of a file means.

In: the units of a program. Out: one :class:`Names` for each unit, which resolves names as they are written, dotted ones
through imports, and reports those that are unknown or of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apwa_lang.diagnostics.codes import names as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.modules import Report, Unit
from apwa_lang.semantics.types import PRIMITIVES
from apwa_lang.semantics.uses import Declaration, Kind, Recorder
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

Declared = ast.Param | ast.Record | ast.Table | ast.Model | ast.Tool | ast.Task | ast.Split | ast.Flow

KINDS: dict[type, Kind] = {
    ast.Param: "parameter",
    ast.Record: "record",
    ast.Table: "table",
    ast.Model: "model",
    ast.Tool: "tool",
    ast.Task: "task",
    ast.Split: "split",
    ast.Flow: "flow",
    ast.Import: "import",
}

PREDECLARED = "File"
TYPE_NAMES = frozenset({*PRIMITIVES, "list", "map", "tensor", "table", "null", PREDECLARED})


@dataclass(frozen=True, eq=False)
class Symbol:
    """A declaration: its kind, its name in the whole program, where it stands, and the file it stands in."""

    kind: Kind
    name: str
    node: Declared
    unit: Unit
    declared: Declaration

    @property
    def span(self) -> Span:
        """The place of its name."""
        return self.node.name.span


class Names:
    """The declarations that one file can name."""

    def __init__(self, unit: Unit, report: Report, uses: Recorder) -> None:
        self.unit = unit
        self.report = report
        self.uses = uses
        self.own: dict[str, Symbol] = {}
        self.imports: dict[str, Names | None] = {}
        # What was reported as declared twice, and as not declared, by kind.
        self.doubled: list[tuple[str, ast.Name, Diagnostic]] = []
        self.missing: list[tuple[str, str, Diagnostic]] = []

    def declare(self) -> None:
        """Enter the file's declarations, reporting names that are taken; the first of a name stands."""
        places: dict[str, tuple[str, Span]] = {}
        tests: dict[str, Span] = {}
        for node in self.unit.module.declarations:
            if isinstance(node, ast.Test):
                first = tests.setdefault(node.name.value, node.name.span)
                if first is not node.name.span:
                    name = ast.Name(node.name.span, node.name.value)
                    self.report(codes.duplicate("test", name, node.name.value, first))
                continue
            kind = KINDS[type(node)]
            name = node.alias if isinstance(node, ast.Import) else node.name
            declared = self.uses.declare(kind, name.text, name.span, self.unit.prefix.rstrip("."))
            if isinstance(node, ast.Record) and name.text in TYPE_NAMES:
                self.report(codes.shadows_type(name))
                continue
            if name.text in places:
                other, first = places[name.text]
                if other == kind:
                    double = codes.duplicate(kind, name, name.text, first)
                    self.doubled.append((kind, name, double))
                    self.report(double)
                else:
                    self.report(codes.name_taken(kind, name, other, first))
                continue
            places[name.text] = (kind, name.span)
            if not isinstance(node, ast.Import):
                self.own[name.text] = Symbol(kind, self.unit.prefix + name.text, node, self.unit, declared)

    def lookup(self, text: str) -> Symbol | None:
        """The declaration that ``text`` names, or None."""
        prefix, dot, last = text.partition(".")
        if not dot:
            return self.own.get(text)
        scope = self.imports.get(prefix)
        return scope.own.get(last) if scope else None

    def is_lost(self, text: str) -> bool:
        """Whether ``text`` may name something that another, reported mistake has cost."""
        prefix, dot, last = text.partition(".")
        if not dot or prefix not in self.imports:
            return prefix in self.unit.lost
        scope = self.imports[prefix]
        return scope is None or last in scope.unit.lost

    def task(self, text: str) -> Span | None:
        """Where the task that ``text`` names is declared; None where it names none."""
        symbol = self.lookup(text)
        return symbol.span if symbol is not None and symbol.kind == "task" else None

    def find(self, name: ast.Name, *kinds: str) -> Symbol | None:
        """What ``name`` names, of one of ``kinds``; None, reported, when there is none or it is of another kind."""
        symbol = self.lookup(name.text)
        if symbol is None:
            if not self.is_lost(name.text):
                self.not_declared(kinds[0], name, codes.unknown_name(kinds[0], name, self.known(*kinds)))
            return None
        self.refer(name, symbol)
        if symbol.kind not in kinds:
            self.report(codes.wrong_kind(name, symbol.kind, symbol.span, kinds[0]))
            return None
        return symbol

    def not_declared(self, kind: str, name: ast.Name, finding: Diagnostic) -> None:
        """Report that no ``kind`` is called ``name``."""
        self.missing.append((kind, name.text, finding))
        self.report(finding)

    def refer(self, name: ast.Name, symbol: Symbol) -> None:
        """Note that ``name`` names a declaration."""
        self.uses.refer(name, symbol.declared)

    def known(self, *kinds: str) -> Iterator[str]:
        """Every name of these kinds, as this file would write it."""
        return (text for text, symbol in self.visible() if symbol.kind in kinds)

    def visible(self) -> Iterator[tuple[str, Symbol]]:
        """Every name that this file can write, with what it means; imports of imports are not among them."""
        yield from self.own.items()
        for alias, scope in self.imports.items():
            if scope is not None:
                for text, symbol in scope.own.items():
                    yield f"{alias}.{text}", symbol


def misnamed(names: Iterable[Names], findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings, one for a declaration that took the name of another and left its own undeclared."""
    found = list(findings)
    for each in names:
        for kind, name, double in each.doubled:
            meant = {text for other, text, finding in each.missing if other == kind and finding.fix is None}
            if len(meant) != 1 or sum(other == kind for other, _, _ in each.doubled) != 1:
                continue
            gone = {id(finding) for other, text, finding in each.missing if other == kind and text in meant}
            renamed = codes.meant_otherwise(double, name, *meant)
            found = [renamed if one is double else one for one in found if id(one) not in gone]
    return found


def resolve_names(units: list[Unit], report: Report, uses: Recorder) -> dict[int, Names]:
    """The names of each unit, by the unit's ``id``."""
    made = {id(unit): Names(unit, report, uses) for unit in units}
    for unit in units:
        names = made[id(unit)]
        names.declare()
        names.imports = {alias: made[id(target)] if target else None for alias, target in unit.imports.items()}
    return made
