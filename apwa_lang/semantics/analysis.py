"""The analysis of a whole program: from source to a typed program.

In: the source of the root file, and a way to read the files that it imports. Out: :class:`Analysis`. Never raises on
what a user wrote: every mistake is a diagnostic, and what it breaks is missing from the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apwa_lang.diagnostics.codes import names as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.interrupt import checkpoint
from apwa_lang.semantics.agents import check_agents
from apwa_lang.semantics.constants import constant
from apwa_lang.semantics.context import File, bind_parameters, open_files
from apwa_lang.semantics.core import Const
from apwa_lang.semantics.flows import resolve_flow
from apwa_lang.semantics.models import resolve_model
from apwa_lang.semantics.modules import Load, Unit, load_units, read_source
from apwa_lang.semantics.names import Symbol, misnamed, resolve_names
from apwa_lang.semantics.program import Flow, Model, Param, Program, Task, TestCase, Tool
from apwa_lang.semantics.reach import World, program_rows
from apwa_lang.semantics.records import resolve_records
from apwa_lang.semantics.splits import resolve_split
from apwa_lang.semantics.tables import check_query, resolve_table
from apwa_lang.semantics.tasks import check_budget, check_shown, resolve_task
from apwa_lang.semantics.tests import resolve_test
from apwa_lang.semantics.tools import resolve_tool
from apwa_lang.semantics.types import RecordType, Type
from apwa_lang.semantics.uses import Recorder, Uses
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.parser import Parse, parse
from apwa_lang.syntax.source import Source, Span


@dataclass(frozen=True)
class Analysis:
    """A typed program, the trees of its files with the root's first, every finding in order of place, and what names
    refer to.
    """

    program: Program
    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    uses: Uses


def analyse(source: Source, *, load: Load | None = None, parse: Parse = parse) -> Analysis:
    """Parse, resolve and type a program. ``load`` reads an imported file: OSError when it cannot."""
    findings: list[Diagnostic] = []
    units = load_units(source, load or read_source, findings.append, parse)
    holes = {id(unit.module.source): unit for unit in units if unit.holes}
    records: dict[str, RecordType] = {}
    recorder = Recorder()
    names = resolve_names(units, findings.append, recorder)
    program = _Analyser(open_files(units, names, records, findings.append), records).program(source)
    kept = [finding for finding in misnamed(names.values(), findings) if not _is_echo(finding, holes)]
    return Analysis(program, tuple(unit.module for unit in units), in_order(kept), recorder.uses())


def _is_echo(finding: Diagnostic, holes: dict[int, Unit]) -> bool:
    """Whether a finding is about text that has a syntax error in it, and would go with it."""
    span = finding.primary.span
    unit = holes.get(id(span.source))
    return unit is not None and finding.code not in unit.syntax_codes and unit.has_hole(span)


def in_order(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once, in order of place."""
    distinct = {(*finding.sort_key, finding.message): finding for finding in findings}
    return tuple(sorted(distinct.values(), key=lambda finding: finding.sort_key))


@dataclass
class _Analyser:
    """Resolves the declarations of all files, kind by kind, each kind after those that it builds on."""

    files: list[File]
    records: dict[str, RecordType]
    world: World = field(default_factory=World)
    params: dict[str, Param] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    tools: dict[str, Tool] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)

    def program(self, source: Source) -> Program:
        """The whole program."""
        self._records()
        self._parameter_types()
        for file in self.files:
            bind_parameters(file, self.world.parameters)
        for kind, resolve in (
            ("parameter", self._param),
            ("table", self._table),
            ("table", self._query),
            ("model", self._model),
            ("tool", self._tool),
            ("task", self._task),
            ("task", self._agents),
            ("split", self._split),
            ("flow", self._flow),
        ):
            self._each(kind, resolve)
        tests = tuple(self._tests())
        return Program(
            source=source,
            params=self.params,
            records=self.records,
            tables=self.world.tables,
            models=self.models,
            tools=self.tools,
            tasks=self.tasks,
            splits=self.world.splits,
            flows=self.flows,
            tests=tests,
            sources=tuple(file.unit.module.source for file in self.files),
        )

    def _records(self) -> None:
        try:
            resolve_records(self.files, self.records)
        except RecursionError:
            root = self.files[0].unit.module.source
            self.files[0].report(codes.too_deep(Span(root, 0, 0)))

    def _each(self, kind: str, resolve: Callable[[Symbol, File], None]) -> None:
        for file in self.files:
            for symbol in file.names.own.values():
                if symbol.kind == kind:
                    checkpoint()
                    try:
                        resolve(symbol, file)
                    except RecursionError:
                        file.report(codes.too_deep(symbol.span))

    def _parameter_types(self) -> None:
        def resolve(symbol: Symbol, file: File) -> None:
            assert isinstance(symbol.node, ast.Param)
            self.world.parameters[symbol.name] = file.annotations.resolve(symbol.node.type)

        self._each("parameter", resolve)

    def _param(self, symbol: Symbol, file: File) -> None:
        node = symbol.node
        assert isinstance(node, ast.Param)
        type: Type = self.world.parameters[symbol.name]
        default = None
        if node.default is not None and not isinstance(node.default, ast.ErrorExpr):
            because = (node.type.span, f"`{node.name.text}` is `{type}`")
            what = f"the default of `{node.name.text}`"
            default = Const(constant(node.default, type, file.scope_of_constants, what, because), type)
        self.params[symbol.name] = Param(symbol.name, type, default, symbol.span)

    def _table(self, symbol: Symbol, file: File) -> None:
        table = resolve_table(symbol, file)
        if table is not None:
            self.world.tables[symbol.name] = table

    def _query(self, symbol: Symbol, file: File) -> None:
        table = self.world.tables.get(symbol.name)
        if table is not None and isinstance(symbol.node, ast.Table) and isinstance(symbol.node.source, ast.SqlSource):
            check_query(table, symbol.node.source.query, self.world.tables, file)

    def _model(self, symbol: Symbol, file: File) -> None:
        self.models[symbol.name] = resolve_model(symbol, file)

    def _tool(self, symbol: Symbol, file: File) -> None:
        self.tools[symbol.name] = resolve_tool(symbol, file)

    def _task(self, symbol: Symbol, file: File) -> None:
        signature, task = resolve_task(symbol, file)
        self.world.signatures[symbol.name] = signature
        if task is not None:
            self.tasks[symbol.name] = task
            check_budget(task, symbol, self.models, file)
            check_shown(task, self.models, file)

    def _agents(self, symbol: Symbol, file: File) -> None:
        check_agents(symbol, self.tasks, file)

    def _split(self, symbol: Symbol, file: File) -> None:
        node = symbol.node
        assert isinstance(node, ast.Split)
        rows = program_rows(node.table, self.world, file)
        if rows is None:
            return
        split = resolve_split(node, symbol.name, rows, lambda name: program_rows(name, self.world, file), file)
        if split is not None:
            self.world.splits[symbol.name] = split

    def _flow(self, symbol: Symbol, file: File) -> None:
        self.flows[symbol.name] = resolve_flow(symbol, file, self.world)

    def _tests(self) -> list[TestCase]:
        """The tests of the root; those of imported files are checked, and run where they stand."""
        found: list[TestCase] = []
        for file in self.files:
            for node in file.unit.module.declarations:
                if isinstance(node, ast.Test):
                    checkpoint()
                    try:
                        case = resolve_test(node, file, self.world)
                    except RecursionError:
                        file.report(codes.too_deep(node.name.span))
                        continue
                    if file is self.files[0]:
                        found.append(case)
        return found
