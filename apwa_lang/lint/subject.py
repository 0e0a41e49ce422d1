"""What rules look at: one file as a tree and as a typed program.

In: a file's tree, the program whose root it is, and what is proved of it. Out: :class:`Subject`, with the nodes of each
kind, found in one walk, and declarations beside what they mean. What the analysis could not make sense of is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from apwa_lang.semantics.program import Flow, Model, Program, PromptBody, Split, Step, Task, TestCase
from apwa_lang.semantics.types import Field, RecordType, Type
from apwa_lang.semantics.uses import Declaration as Declared
from apwa_lang.semantics.uses import Role, Use, Uses
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.nodes import Module, Node
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import walk

if TYPE_CHECKING:
    from apwa_lang.lint.leaks import Leaks
    from apwa_lang.proofs import Bodies, Claim

N = TypeVar("N", bound=Node)


@dataclass(frozen=True)
class Prompt:
    """A task whose body is a prompt: its tree, the task, the body, and the models that it may ask."""

    node: ast.Task
    task: Task
    body: PromptBody
    models: tuple[Model, ...]


@dataclass(frozen=True)
class Subject:
    """One file and the program whose root it is, with its claims and what is known of the bodies of its tasks."""

    module: Module
    program: Program
    claims: tuple[Claim, ...]
    bodies: Bodies
    uses: Uses

    def all(self, kind: type[N]) -> list[N]:
        """Every node of a kind, in the order of the text."""
        return cast("list[N]", self._nodes.get(kind, []))

    @cached_property
    def _nodes(self) -> dict[type, list[Node]]:
        found: dict[type, list[Node]] = defaultdict(list)
        for declaration in self.module.declarations:
            for node in walk(declaration):
                found[type(node)].append(node)
        return found

    @cached_property
    def unread(self) -> frozenset[Span]:
        """The places of the names that the program declares and nothing reads."""
        uses = self.uses
        return frozenset(
            declaration.span
            for declaration in uses.declarations()
            if declaration.span is not None and not any(use.role is Role.READ for use in uses.of(declaration))
        )

    @cached_property
    def _read(self) -> dict[tuple[int, int], Use]:
        uses = self.uses.of_file(self.module.source)
        return {(use.span.start, use.span.end): use for use in uses}

    def type_at(self, value: ast.Variable | ast.FieldAccess) -> Type | None:
        """The type of what a name stands for, where the analysis knows it."""
        last = value.field.span if isinstance(value, ast.FieldAccess) else value.span
        use = self._read.get((last.start, last.end))
        return use.type if use is not None else None

    def field_at(self, value: ast.Variable | ast.FieldAccess) -> Field | None:
        """The field of a record of the program that a name stands for, or None."""
        last = value.field.span if isinstance(value, ast.FieldAccess) else value.span
        use = self._read.get((last.start, last.end))
        return self._fields.get(use.declaration.span) if use is not None else None

    def declared_at(self, value: ast.Variable) -> Declared | None:
        """What a name refers to, where the analysis knows it."""
        use = self._read.get((value.span.start, value.span.end))
        return use.declaration if use is not None else None

    @cached_property
    def _fields(self) -> dict[Span | None, Field]:
        records = self.program.records.values()
        return {one.declared.span: one for record in records for one in record.fields if one.declared is not None}

    @cached_property
    def secret_fields(self) -> frozenset[Span]:
        """The places of the names of `@secret` fields."""
        return frozenset(place for place, one in self._fields.items() if place is not None and one.secret)

    @cached_property
    def tasks(self) -> tuple[tuple[ast.Task, Task], ...]:
        """The tasks that the file declares, each as a tree and as a task."""
        pairs = ((node, self.program.tasks.get(node.name.text)) for node in self.all(ast.Task))
        return tuple((node, task) for node, task in pairs if task is not None and task.span == node.name.span)

    @cached_property
    def models(self) -> tuple[tuple[ast.Model, Model], ...]:
        """The models that the file declares, each as a tree and as a model."""
        pairs = ((node, self.program.models.get(node.name.text)) for node in self.all(ast.Model))
        return tuple((node, model) for node, model in pairs if model is not None and model.span == node.name.span)

    @cached_property
    def prompts(self) -> tuple[Prompt, ...]:
        """The tasks of the file that ask a model."""
        models = self.program.models
        return tuple(
            Prompt(node, task, task.body, tuple(models[name] for name in task.body.models if name in models))
            for node, task in self.tasks
            if isinstance(task.body, PromptBody)
        )

    @cached_property
    def flows(self) -> tuple[tuple[ast.Flow, Flow], ...]:
        """The flows that the file declares, each as a tree and as a flow."""
        pairs = ((node, self.program.flows.get(node.name.text)) for node in self.all(ast.Flow))
        return tuple((node, flow) for node, flow in pairs if flow is not None and flow.span == node.name.span)

    @cached_property
    def splits(self) -> tuple[tuple[Split, RecordType | None], ...]:
        """The splits of the file and of its flows, each once, with the rows that they split."""
        program = self.program
        own = [(split, program.tables.get(split.table)) for split in program.splits.values()]
        found = {split.span: (split, table.record if table is not None else None) for split, table in own}
        for _, flow in self.flows:
            for split in flow.splits:
                found.setdefault(split.span, (split, record_of(split.table, flow, program)))
        return tuple(pair for span, pair in found.items() if span.source is self.module.source)

    @cached_property
    def tests(self) -> tuple[tuple[ast.Test, TestCase], ...]:
        """The tests of the file, each as a tree and as a test."""
        cases = {case.span: case for case in self.program.tests}
        return tuple((node, cases[node.name.span]) for node in self.all(ast.Test) if node.name.span in cases)

    @cached_property
    def leaks(self) -> tuple[tuple[Flow, Leaks], ...]:
        """The flows of the file with where secrets go in them; none where no field is secret."""
        from apwa_lang.lint.leaks import Leaks

        return tuple((flow, Leaks(self.program, flow)) for _, flow in self.flows) if self.secret_fields else ()

    @property
    def steps(self) -> Iterator[tuple[Flow, Step]]:
        """Every step of the flows of the file."""
        return ((flow, step) for _, flow in self.flows for step in flow.steps)


def record_of(table: str, flow: Flow, program: Program) -> RecordType | None:
    """The rows of a table that a step names: the result of another step, or a table of the program."""
    made = next((step for step in flow.steps if step.name == table), None)
    if made is not None:
        return made.record
    declared = program.tables.get(table)
    return declared.record if declared is not None else None


def setting(node: ast.Task | ast.Model | ast.Tool, name: str) -> ast.Setting | None:
    """The setting of that name, or None."""
    return next((setting for setting in node.settings if setting.name.text == name), None)
