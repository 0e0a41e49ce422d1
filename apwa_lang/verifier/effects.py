"""What each step of a flow touches.

In: a program and a flow. Out: the effects of its steps, in order, each with its path in terms of the sub-problem, and
how many sub-problems the step has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.verifier.apart import Source
from apwa_lang.verifier.bindings import Binding
from apwa_lang.verifier.bodies import Body, body_of, is_remote
from apwa_lang.verifier.declarations import Program, Routine, Table
from apwa_lang.verifier.expressions import Named, Value
from apwa_lang.verifier.flows import Flow, Step
from apwa_lang.verifier.identities import Identities, Lineage
from apwa_lang.verifier.operations import Called, Mapped, Merged, Saved, Scanned
from apwa_lang.verifier.origins import Origin, Origins
from apwa_lang.verifier.paths import Path as FilePath
from apwa_lang.verifier.paths import Pieces, Shown, Wild, endpoint_of, path_of, scanned
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.rows import KnownRows, known_rows
from apwa_lang.verifier.shown import KINDS, shown_by
from apwa_lang.verifier.splits import Split, chain
from apwa_lang.verifier.templates import Hole, read_template
from apwa_lang.verifier.types import UNKNOWN, Type

NOWHERE = FilePath(None, (), False)
_SCHEME = re.compile(r"https?://")
_KINDS = {"reads": "read", "writes": "write", "reduces": "reduce"}


@dataclass(frozen=True, eq=False)
class Scope:
    """How often a step acts: ``once``, for each of its ``subproblems``, or in ``calls`` of unknown number.

    ``row`` is the record of a sub-problem.
    """

    kind: str
    row: Type | None = None
    split: Split | None = None
    identities: Identities = field(default_factory=dict)
    rows: KnownRows | None = None
    source: Source | None = None


@dataclass(frozen=True, eq=False)
class Effect:
    """An effect of a step. ``text`` is its target as written, ``at`` its place; ``types`` those of its plain holes.

    An effect of a ``body`` has no path.
    """

    flow: str
    step: Step
    task: Routine | None
    kind: str
    text: str
    at: str
    operation: str | None
    path: FilePath
    scope: Scope
    types: tuple[tuple[str, str], ...]
    body: Body | None = None

    @property
    def writes(self) -> bool:
        """Whether anything changes."""
        return self.kind != "read"

    @property
    def group(self) -> str:
        """What it may meet: other effects of the ``files``, of the ``network``, of its ``body`` alone."""
        return "body" if self.body is not None else "network" if self.kind == "network" else "files"


def effects(program: Program, flow: Flow) -> list[Effect]:
    """The effects of a flow's steps; one that a step has twice, once."""
    origins = Origins(program, flow)
    lineage = Lineage(program, flow, origins)
    found: dict[tuple[str, str, str], Effect] = {}
    for step in flow.steps:
        for effect in _of_step(program, flow, lineage, origins, step):
            found.setdefault((step.name, effect.kind, effect.at), effect)
    return list(found.values())


def _of_step(program: Program, flow: Flow, lineage: Lineage, origins: Origins, step: Step) -> Iterator[Effect]:
    arguments: Mapping[str, Value] = {}
    otherwise = "computed"
    origin = None
    match step.operation:
        case Saved(path=path):
            nobody = Routine("save", flow.module, {}, UNKNOWN, {})
            reader = _Reader(flow, step, None, Scope("once"), Binding(program, nobody, flow.module))
            yield reader.of_save(path)
            return
        case Scanned(name):
            table = program.tables[name]
            nobody = Routine(name, table.module, {}, UNKNOWN, {})
            reader = _Reader(flow, step, None, Scope("once"), Binding(program, nobody, table.module))
            yield reader.of_scan(table, program.modules[0].file.parent)
            return
        case Mapped(task=task, split=split, arguments=arguments):
            rows = known_rows(program, flow, split)
            origin = origins.of_split(split)
            source = None
            if origin is not None:
                source = Source(program, origin, origins.record(origin.table), lineage.of_table(origin.table))
            scope = Scope("subproblems", origins.row(split), split, lineage.of_split(split), rows, source)
        case Merged(task=Routine() as task, one_by_one=one_by_one):
            # What a call is given is known when those before it have ended.
            scope, otherwise = Scope("once" if one_by_one else "calls"), "free"
        case Called(task=task, arguments=arguments):
            scope = Scope("once")
        case _:
            return
    bindings = [Binding(program, task, flow.module, scope.row, arguments, otherwise)]
    bindings += [Binding(program, tool, flow.module, otherwise="free") for tool in _called(program, task)]
    readers = [_Reader(flow, step, task, scope, binding, origin) for binding in bindings]
    for of_one in (_Reader.of_files, _Reader.of_network, _Reader.of_body):
        for reader in readers:
            yield from of_one(reader)
    if scope.split is not None and scope.split.function is not None:
        function = scope.split.function
        body = Body("split", function.value, function.span)
        at = next(module for module in program.modules if module.file == function.span.source.file).place(function.span)
        yield Effect(flow.name, step, None, body.kind, body.text, at, None, NOWHERE, scope, (), body)


def _called(program: Program, task: Routine) -> Iterator[Routine]:
    """The tasks among the tools of a task, and among the tools of those; then all their other tools."""
    agents: dict[str, Routine] = {}
    tools: dict[str, Routine] = {}
    pending = [task]
    while pending:
        caller = pending.pop(0)
        setting = caller.settings.get("tools")
        value = setting.value if setting is not None else None
        named: tuple[ast.Expr, ...] = () if value is None else (value,)
        for item in value.items if isinstance(value, ast.ListLiteral) else named:
            name = ".".join(chain(item) or ())
            tool, agent = caller.module.whole(name, ast.Tool), caller.module.whole(name, ast.Task)
            if tool is not None:
                tools[tool] = program.tools[tool]
            elif agent is None:
                raise CannotVerifyError(f"a tool of `{caller.name}` cannot be read")
            elif agent not in agents:
                agents[agent] = program.tasks[agent]
                pending.append(agents[agent])
    yield from (*agents.values(), *tools.values())


@dataclass(frozen=True, slots=True)
class _Reader:
    flow: Flow
    step: Step
    task: Routine | None
    scope: Scope
    binding: Binding
    origin: Origin | None = None

    def of_files(self) -> Iterator[Effect]:
        """The effects on files that the task or tool declares."""
        for setting, kind in _KINDS.items():
            for literal, operation in self._declared(setting):
                template = read_template(literal.value, self.binding.type)
                path = path_of(template, self.binding.shown, literal.value.endswith("/**"))
                yield self._effect(kind, literal.span, template, path, operation)
        prompt = self.binding.routine.settings.get("prompt")
        if prompt is not None and isinstance(prompt.value, ast.StringLiteral):
            for span, hole in shown_by(prompt.value, self.binding.type):
                yield self._effect("read", span, [hole], self._path_shown(hole))

    def of_network(self) -> Iterator[Effect]:
        """The endpoints that the task or tool declares, and the server that it is."""
        node = self.binding.routine.node
        address = node.mcp if isinstance(node, ast.Tool) else None
        asked = [address] if address is not None and is_remote(address) else []
        for literal in (*asked, *(literal for literal, _ in self._declared("network")), *self._fetched()):
            template = read_template(literal.value, self.binding.type)
            yield self._effect("network", literal.span, template, endpoint_of(template, self.binding.shown))

    def of_save(self, literal: ast.StringLiteral) -> Effect:
        """The file or folder that ``save`` writes."""
        template = read_template(literal.value, self.binding.type)
        path = path_of(template, self.binding.shown, literal.value.endswith("/"))
        return self._effect("write", literal.span, template, path)

    def of_scan(self, table: Table, folder: Path) -> Effect:
        """The files that a table is read from."""
        source = table.source
        assert isinstance(source, ast.ReadSource | ast.FilesSource)
        literal = source.path if isinstance(source, ast.ReadSource) else source.pattern
        span = literal.span if isinstance(source, ast.ReadSource) else source.span
        path = scanned(_from_folder(literal.value, table.module.file.parent, folder))
        place = self.binding.routine.module.place(span)
        return Effect(self.flow.name, self.step, None, "read", span.text, place, None, path, self.scope, ())

    def of_body(self) -> Iterator[Effect]:
        """What the calls of a body have in common beside files: the model that is asked, the state of a process."""
        body = body_of(self.binding.routine)
        if body is not None:
            yield Effect(
                self.flow.name,
                self.step,
                self.task,
                body.kind,
                body.text,
                self.binding.routine.module.place(body.span),
                None,
                NOWHERE,
                self.scope,
                (),
                body,
            )

    def _fetched(self) -> Iterator[ast.StringLiteral]:
        """The hosts that a built-in tool may ask; of a URL, all of its host."""
        node = self.binding.routine.node
        rule = node.builtin if isinstance(node, ast.Tool) else None
        for argument in rule.arguments if rule is not None and rule.name.text == "fetch" else ():
            if not isinstance(argument.value, ast.StringLiteral):
                raise CannotVerifyError(f"the hosts of `{self.binding.routine.name}` cannot be read")
            host = _SCHEME.sub("", argument.value.value, count=1).partition("/")[0]
            yield replace(argument.value, value=host)

    def _path_shown(self, hole: Hole) -> FilePath:
        """What a hole of a prompt shows: any file, or one that a table of files lists in the program's folder."""
        pieces = self.binding.shown(hole)
        exact = all(not isinstance(piece, Shown) or piece.origin != "free" for piece in pieces)
        pattern = self._listed_by(pieces)
        return replace(FilePath(None, (Wild(),), False) if pattern is None else scanned(pattern), exact=exact)

    def _listed_by(self, pieces: Pieces) -> str | None:
        split, origin = self.scope.split, self.origin
        if len(pieces) != 1 or split is None or split.rule not in ("row", "file") or origin is None:
            return None
        (piece,) = pieces
        if not isinstance(piece, Shown) or piece.origin != "field" or {one.name for one in piece.filters} - set(KINDS):
            return None
        program = self.binding.program
        table = program.tables.get(origin.table)
        if table is None or not isinstance(table.source, ast.FilesSource) or origin.base_of(piece.name) != "path":
            return None
        pattern = table.source.pattern.value
        here = table.module.file.parent == program.modules[0].file.parent
        return pattern if here and "://" not in pattern else None

    def _declared(self, name: str) -> Iterator[tuple[ast.StringLiteral, str | None]]:
        setting = self.binding.routine.settings.get(name)
        if setting is not None:
            yield from _literals(setting.value, name, self.binding.routine)

    def _effect(
        self,
        kind: str,
        span: Span,
        template: Sequence[str | Hole],
        path: FilePath,
        operation: str | None = None,
    ) -> Effect:
        types = {
            ".".join(self.binding.whole(piece.value.path)): shown_type(piece.type)
            for piece in template
            if isinstance(piece, Hole) and isinstance(piece.value, Named)
        }
        return Effect(
            self.flow.name,
            self.step,
            self.task,
            kind,
            span.text,
            self.binding.routine.module.place(span),
            operation,
            path,
            self.scope,
            tuple(sorted(types.items())),
        )


def _from_folder(text: str, base: Path, folder: Path) -> str:
    """A path below the folder ``base`` as it is called in another folder."""
    if "://" in text or text.startswith("/"):
        return text
    way = os.path.relpath(base, folder)
    return text if way == "." else f"{way}/{text}"


def _literals(value: ast.Expr, name: str, routine: Routine) -> Iterator[tuple[ast.StringLiteral, str | None]]:
    match value:
        case ast.StringLiteral() if name != "reduces":
            yield value, None
        case ast.ListLiteral(items=items) if name != "reduces":
            for item in items:
                yield from _literals(item, name, routine)
        case ast.RecordLiteral(entries=entries):
            for entry in entries:
                if name != "reduces" and isinstance(entry.value, ast.StringLiteral):
                    yield entry.value, None
                elif name == "reduces" and entry.quoted is not None and isinstance(entry.value, ast.Variable):
                    yield entry.quoted, entry.value.name
                else:
                    raise CannotVerifyError(f"`{name}` of `{routine.name}` cannot be read")
        case _:
            raise CannotVerifyError(f"`{name}` of `{routine.name}` cannot be read")


def shown_type(type: Type) -> str:
    """A type as a certificate writes it."""
    match type.kind:
        case "choice":
            return " | ".join(f'"{value}"' for value in type.values)
        case "optional":
            assert type.inner is not None
            inner = shown_type(type.inner)
            return f"({inner})?" if type.inner.kind == "choice" else f"{inner}?"
        case kind:
            return kind
