"""From a typed program to a plan: one flow, its parameters bound, its branches taken.

In: a program, the flow's name and the values of parameters. Out: the plan as the author wrote it, before any pass, or
:class:`CompileError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from apwa_lang.semantics.support import not_lowered

from apwa_compiler import plan
from apwa_compiler.constants import constant, fold, substitute, variables
from apwa_compiler.declarations import (
    CompileError,
    absolute,
    jsonable,
    lower_model,
    lower_source,
    lower_task,
    unsupported,
)
from apwa_compiler.parameters import parse
from apwa_compiler.plan import Plan, Step
from apwa_lang.diagnostics.codes import lowering as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics import program as typed
from apwa_lang.semantics.core import Const, Core
from apwa_lang.semantics.program import Flow, Program
from apwa_lang.syntax.source import Span

__all__ = ["CompileError", "build_plan", "choose_flow"]


def build_plan(program: Program, flow: str | None, params: Mapping[str, object]) -> Plan:
    """The plan of ``flow`` (by default ``main``, or the only one); text in ``params`` is read by the parameter's type.

    Raises CompileError: no such flow, a parameter missing or of the wrong type, a construct that is not lowered yet.
    """
    return _Builder(program, choose_flow(program, flow), params).build()


def choose_flow(program: Program, name: str | None) -> Flow:
    """The flow of that name; without one ``main``, or the only flow. Raises CompileError."""
    flows = program.flows
    start = Span(program.source, 0, 0)
    if not flows:
        raise CompileError(codes.no_flow(start))
    if name is not None:
        if name not in flows:
            raise CompileError(codes.unknown_flow(start, name, flows))
        return flows[name]
    if "main" in flows:
        return flows["main"]
    if len(flows) > 1:
        raise CompileError(codes.several_flows((flow.name, flow.span) for flow in flows.values()))
    return next(iter(flows.values()))


class _Builder:
    """One compilation: the program, its flow and the parameters' values."""

    def __init__(self, program: Program, flow: Flow, params: Mapping[str, object]) -> None:
        self.program = program
        self.flow = flow
        self.parameters = _bind(program, params)
        self.constants: dict[str, Core] = {
            parameter.name: Const(parameter.value, parameter.type) for parameter in self.parameters
        }
        self.splits = {split.name: split for split in flow.splits}
        file = program.source.file
        self.base = file.parent if file is not None else Path()

    def build(self) -> Plan:
        """The whole plan."""
        taken = self._taken()
        names = self._task_names(taken)
        self._refuse_not_lowered(taken, names)
        made = {step.name for step in taken}
        steps: dict[str, Step] = {}
        for step in taken:
            lowered = self._step(step, made)
            for table in lowered.inputs:
                if table not in made and table not in steps:
                    steps[table] = self._scan(table, step)
            steps[lowered.name] = lowered
        tasks = tuple(lower_task(self.program.tasks[name]) for name in names)
        models = dict.fromkeys(
            model for task in tasks if isinstance(task.body, plan.Prompt) for model in task.body.models
        )
        return Plan(
            program=self.program.source.path,
            flow=self.flow.name,
            base=str(self.base.resolve()),
            parameters=self.parameters,
            models=tuple(lower_model(self.program.models[name]) for name in models),
            tasks=tasks,
            steps=tuple(steps.values()),
        )

    def _taken(self) -> list[typed.Step]:
        """The steps whose guards hold. Raises CompileError when one needs a step that is not taken."""
        holds: dict[str, object] = {}
        taken, left = [], {}
        for step in self.flow.steps:
            for guard in step.guards:
                if guard.id not in holds:
                    holds[guard.id] = self._value(guard.condition, step.span)
            if all(holds[guard.id] == guard.expected for guard in step.guards):
                taken.append(step)
            else:
                left[step.name] = step
        for step in taken:
            for needed in step.depends:
                if needed in left:
                    raise CompileError(codes.untaken_result(step.span, step.name, needed, left[needed].span))
        return taken

    def _task_names(self, steps: Sequence[typed.Step]) -> list[str]:
        found: dict[str, None] = {}
        for step in steps:
            match step.operation:
                case typed.Map(task=task) | typed.CallOnce(task=task):
                    found[task] = None
                case typed.Reduce(task=str(task)):
                    found[task] = None
        return list(found)

    def _refuse_not_lowered(self, steps: Sequence[typed.Step], tasks: Sequence[str]) -> None:
        """Raise CompileError for what the chosen flow uses and this release cannot run."""
        used = set(self._used_spans(steps, tasks))
        starts = list(_declared_spans(self.program))
        stops = [warning for warning in not_lowered(self.program) if _owner(warning, starts) in {*used, None}]
        if stops:
            raise CompileError(*map(codes.stopping, stops))
        for step in steps:
            if step.loop is not None:
                raise unsupported(step.loop.span, "`repeat`")

    def _used_spans(self, steps: Sequence[typed.Step], tasks: Sequence[str]) -> Iterator[Span]:
        program = self.program
        yield self.flow.span
        for name in tasks:
            task = program.tasks[name]
            yield task.span
            if isinstance(task.body, typed.PromptBody):
                yield from (program.models[model].span for model in task.body.models)
        for step in steps:
            yield step.span
            if step.loop is not None:
                yield step.loop.span
            if isinstance(step.operation, typed.Map):
                yield self.splits[step.operation.split].span
            for table in self._inputs(step):
                if table in program.tables:
                    yield program.tables[table].span

    def _inputs(self, step: typed.Step) -> tuple[str, ...]:
        match step.operation:
            case typed.Map(split=name):
                split = self.splits[name]
                other = dict(split.arguments).get("other")
                return (split.table, str(other)) if split.rule == "cross" else (split.table,)
            case typed.Join(left, right):
                return (left, right)
            case typed.UnionAll(tables):
                return tables
            case typed.CallOnce(arguments=arguments):
                used = frozenset[str]().union(*(variables(value) for _, value in arguments))
                return tuple(sorted(used & (set(step.depends) | self.program.tables.keys())))
            case operation:
                return (operation.table,)

    def _step(self, step: typed.Step, made: set[str]) -> Step:
        return Step(
            name=step.name,
            operation=self._operation(step),
            inputs=self._inputs(step),
            record=step.record,
            after=tuple(name for name in step.after if name in made),
        )

    def _operation(self, step: typed.Step) -> plan.Operation:
        match step.operation:
            case typed.Map(task, split, arguments, keep):
                chosen = self.splits[split]
                given = tuple((name, jsonable(value)) for name, value in chosen.arguments)
                return plan.Map(
                    task, plan.Split(chosen.rule, given, chosen.subproblem, chosen.identity), arguments, keep
                )
            case typed.Reduce(task=str(task), strategy=strategy, arity=arity, group=group):
                return plan.TaskReduce(strategy, task, arity or 8, group)
            case typed.Reduce(strategy=operation, field=field, group=group):
                return plan.Aggregate(operation, field, group)
            case typed.Where(condition=condition):
                return plan.Where(condition)
            case typed.Select(fields=fields):
                return plan.Select(fields)
            case typed.Join(on=on):
                return plan.Join(on)
            case typed.Sort(by=by):
                return plan.Sort(by)
            case typed.Limit(count=count):
                return plan.Limit(self._count(count, step.span))
            case typed.UnionAll():
                return plan.Union()
            case typed.CallOnce(task, arguments):
                return plan.Call(task, arguments)
            case typed.Save(path=path, format=format):
                return plan.Save(absolute(self._path(path), self.base), format)

    def _scan(self, table: str, user: typed.Step) -> Step:
        declared = self.program.tables.get(table)
        if declared is None:
            raise unsupported(user.span, f"reading `{table}` here")
        return Step(table, plan.Scan(lower_source(declared)), (), declared.record)

    def _value(self, core: Core, span: Span) -> object:
        """The value of an expression over parameters."""
        folded = fold(substitute(core, self.constants))
        if isinstance(folded, Const):
            return folded.value
        from apwa_runtime.expressions import EvaluationError, compile_core

        try:
            return compile_core(folded)({})
        except EvaluationError as error:
            raise CompileError(codes.bad_constant(span, str(error))) from None

    def _count(self, core: Core, span: Span) -> int:
        count = self._value(core, span)
        if not isinstance(count, int) or count < 0:
            raise CompileError(codes.bad_constant(span, f"`limit` takes a whole number, not {count}"))
        return count

    def _path(self, template: typed.Template) -> str:
        """A save path, its holes filled with parameters."""
        if not template.names:
            return template.text
        from apwa_runtime.expressions import native
        from apwa_runtime.templates import TemplateError, compile_path

        try:
            return compile_path(template.text)({item.name: native(item.value, item.type) for item in self.parameters})
        except TemplateError as error:
            raise CompileError(codes.bad_constant(template.span, str(error))) from None


def _bind(program: Program, params: Mapping[str, object]) -> tuple[plan.Parameter, ...]:
    """Each parameter with the value given or its default. Raises CompileError with every problem."""
    problems: list[Diagnostic] = [
        codes.unknown_parameter(Span(program.source, 0, 0), name, program.params)
        for name in params
        if name not in program.params
    ]
    bound = []
    for name, declared in program.params.items():
        if name in params:
            try:
                bound.append(plan.Parameter(name, declared.type, parse(params[name], declared.type)))
            except ValueError as error:
                problems.append(codes.bad_parameter(declared.span, name, str(error)))
        elif declared.default is None:
            problems.append(codes.missing_parameter(declared.span, name, str(declared.type)))
        else:
            bound.append(plan.Parameter(name, declared.type, _default(declared.default, declared.span)))
    if problems:
        raise CompileError(*problems)
    return tuple(bound)


def _default(core: Core, span: Span) -> object:
    try:
        return constant(fold(core))
    except ValueError as error:
        raise CompileError(codes.bad_constant(span, str(error))) from None


def _declared_spans(program: Program) -> Iterator[Span]:
    """Where each declaration and each step is named."""
    for group in (program.params, program.tables, program.models, program.tools, program.tasks, program.splits):
        yield from (declaration.span for declaration in group.values())
    yield from (test.span for test in program.tests)
    for flow in program.flows.values():
        yield flow.span
        for step in flow.steps:
            yield step.span
            if step.loop is not None:
                yield step.loop.span
        yield from (split.span for split in flow.splits)


def _owner(finding: Diagnostic, starts: Sequence[Span]) -> Span | None:
    """The declaration or step that a finding is in: the last one named before it ends."""
    place = finding.primary.span
    before = [span for span in starts if span.source is place.source and span.start < max(place.end, place.start + 1)]
    return max(before, key=lambda span: span.start, default=None)
