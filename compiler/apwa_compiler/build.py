"""From a typed program to a plan: one flow, its parameters bound, its branches taken.

In: a program, the flow's name, the values of parameters, and the claims about the program. Out: the plan as the author
wrote it, before any pass, or :class:`CompileError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from apwa_compiler import plan
from apwa_compiler.backing import assumptions, backed_task, claims_of, functions, notes, path_checks
from apwa_compiler.constants import constant, fold, substitute, variables
from apwa_compiler.declarations import (
    absolute,
    jsonable,
    lower_model,
    lower_source,
    lower_task,
    unsupported,
)
from apwa_compiler.errors import CompileError
from apwa_compiler.parameters import parse
from apwa_compiler.plan import Plan, Step
from apwa_lang.diagnostics.codes import lowering as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Claim
from apwa_lang.semantics import program as typed
from apwa_lang.semantics.agents import agents_of, tools_of
from apwa_lang.semantics.core import Const, Core
from apwa_lang.semantics.program import Flow, Program
from apwa_lang.semantics.support import not_lowered
from apwa_lang.syntax.source import Span

__all__ = ["CompileError", "build_plan", "build_tests", "choose_flow"]


def build_plan(program: Program, flow: str | None, params: Mapping[str, object], claims: Sequence[Claim] = ()) -> Plan:
    """The plan of ``flow`` (by default ``main``, or the only one); text in ``params`` is read by the parameter's type.

    Without ``claims`` every Python body runs each call in a process of its own and no paths are compared.

    Raises CompileError: no such flow, a parameter missing or of the wrong type, a construct that is not lowered yet.
    """
    return _Builder(program, choose_flow(program, flow), params, claims).build()


def build_tests(program: Program, params: Mapping[str, object]) -> Plan:
    """A plan without steps: the tasks that the program's tests call, with their models. Raises CompileError."""
    called = (call.task for test in program.tests for call in test.statements if isinstance(call, typed.TestCall))
    names = list(dict.fromkeys(name for name in called if name is not None))
    used = {program.tasks[name].span for name in names}
    used |= {tool.span for name in names for tool in tools_of(program.tasks[name], program)}
    stops = [warning for warning in not_lowered(program) if warning.primary.span in used]
    if stops:
        raise CompileError(*map(codes.stopping, stops))
    known = functions(program)
    lowered = [lower_task(program.tasks[name], program) for name in names]
    models = dict.fromkeys(model for task in lowered for model in task.models())
    file = program.source.file
    return Plan(
        program=program.source.path,
        flow="",
        base=str((file.parent if file is not None else Path()).resolve()),
        parameters=_bind(program, params),
        models=tuple(lower_model(program.models[name]) for name in models),
        tasks=tuple(backed_task(task, (), program, {}, known) for task in lowered),
        steps=(),
    )


def choose_flow(program: Program, name: str | None) -> Flow:
    """The flow of that name; without one ``main``, or the only flow. Raises CompileError."""
    flows = program.flows
    start = Span(program.source, 0, 0)
    if not flows:
        raise CompileError(codes.no_flow(start))
    if name is not None:
        if name not in flows:
            raise CompileError(codes.unknown_flow(start, name, {flow.name: flow.span for flow in flows.values()}))
        return flows[name]
    if "main" in flows:
        return flows["main"]
    if len(flows) > 1:
        raise CompileError(codes.several_flows((flow.name, flow.span) for flow in flows.values()))
    return next(iter(flows.values()))


class _Builder:
    """One compilation: the program, its flow and the parameters' values."""

    def __init__(self, program: Program, flow: Flow, params: Mapping[str, object], claims: Sequence[Claim]) -> None:
        self.program = program
        self.flow = flow
        self.claims = claims
        self.parameters = _bind(program, params)
        self.constants: dict[str, Core] = {
            parameter.name: Const(parameter.value, parameter.type) for parameter in self.parameters
        }
        self.splits = {split.name: split for split in flow.splits}
        file = program.source.file
        self.base = file.parent if file is not None else Path()
        self.taken = {step.name: step for step in self._taken_steps()}

    def build(self) -> Plan:
        """The whole plan."""
        names = self._task_names()
        self._refuse_not_lowered(names)
        steps: dict[str, Step] = {}
        for step in self.taken.values():
            planned = self._step(step)
            for table in planned.inputs:
                if table not in self.taken:
                    self._scan(table, step, steps)
            steps[planned.name] = planned
        claims = claims_of(self.claims, self.flow.name, self.taken, steps.keys() - self.taken.keys())
        known = functions(self.program)
        lowered = (lower_task(self.program.tasks[name], self.program) for name in names)
        tasks = tuple(backed_task(task, claims, self.program, self.taken, known) for task in lowered)
        models = dict.fromkeys([*(model for task in tasks for model in task.models()), *self._managers()])
        return Plan(
            program=self.program.source.path,
            flow=self.flow.name,
            base=str(self.base.resolve()),
            parameters=self.parameters,
            models=tuple(lower_model(self.program.models[name]) for name in models),
            tasks=tasks,
            steps=tuple(steps.values()),
            checks=path_checks(claims, self.program, self.taken),
            claims=notes(claims),
            assumes=assumptions(claims),
        )

    def _managers(self) -> Iterator[str]:
        """The models that say how a table falls apart."""
        for step in self.taken.values():
            if isinstance(step.operation, typed.Map) and self.splits[step.operation.split].rule == "plan":
                yield str(dict(self.splits[step.operation.split].arguments)["model"])

    def _taken_steps(self) -> Iterator[typed.Step]:
        """The steps whose guards hold; what follows an ``if`` reads the union of its branches."""
        holds: dict[str, object] = {}
        for step in self.flow.steps:
            for guard in step.guards:
                if guard.id not in holds:
                    holds[guard.id] = self._value(guard.condition, step.span)
            if all(holds[guard.id] == guard.expected for guard in step.guards):
                yield step

    def _task_names(self) -> list[str]:
        found: dict[str, None] = {}
        for step in self.taken.values():
            match step.operation:
                case typed.Map(task=task) | typed.CallOnce(task=task):
                    found[task] = None
                case typed.Reduce(task=str(task)):
                    found[task] = None
        return list(found)

    def _refuse_not_lowered(self, tasks: Sequence[str]) -> None:
        """Raise CompileError for what the chosen flow uses and this release cannot run."""
        used = set(self._used_spans(tasks))
        stops = [warning for warning in not_lowered(self.program) if warning.primary.span in used]
        if stops:
            raise CompileError(*map(codes.stopping, stops))

    def _used_spans(self, tasks: Sequence[str]) -> Iterator[Span]:
        program = self.program
        for name in tasks:
            task = program.tasks[name]
            yield task.span
            yield from (one.span for one in agents_of(task, program.tasks))
            yield from (tool.span for tool in tools_of(task, program))
        for step in self.taken.values():
            yield step.span
            if isinstance(step.operation, typed.Map):
                yield self.splits[step.operation.split].span

    def _inputs(self, step: typed.Step) -> tuple[str, ...]:
        match step.operation:
            case typed.Map(split=name):
                split = self.splits[name]
                other = dict(split.arguments).get("other")
                return (split.table, str(other)) if split.rule == "cross" else (split.table,)
            case typed.Join(left, right):
                return (left, right)
            case typed.UnionAll(tables) | typed.Last(tables):
                return tuple(name for name in tables if name in self.taken or name in self.program.tables)
            case typed.CallOnce(arguments=arguments):
                return self._named(step, (value for _, value in arguments))
            case typed.Until(condition):
                return self._named(step, [condition])
            case operation:
                return (operation.table,)

    def _named(self, step: typed.Step, values: Iterable[Core]) -> tuple[str, ...]:
        """The tables that expressions use."""
        used = frozenset[str]().union(*map(variables, values))
        return tuple(sorted(used & (set(step.depends) | self.program.tables.keys())))

    def _step(self, step: typed.Step) -> Step:
        return Step(
            name=step.name,
            operation=self._operation(step),
            inputs=self._inputs(step),
            record=step.record,
            after=tuple(name for name in step.after if name in self.taken),
            unless=step.unless,
        )

    def _operation(self, step: typed.Step) -> plan.Operation:
        match step.operation:
            case typed.Map(task, split, arguments, keep):
                chosen = self.splits[split]
                given = tuple((name, jsonable(value)) for name, value in chosen.arguments)
                function = None
                if chosen.function is not None:
                    modules = Bodies(self.program).modules_of(chosen.function)
                    base = str(chosen.function.base.resolve())
                    function = plan.Python(chosen.function.target, base, sources=modules)
                lowered = plan.Split(chosen.rule, given, chosen.subproblem, chosen.identity, function)
                return plan.Map(task, lowered, arguments, keep)
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
            case typed.Last():
                return plan.Last()
            case typed.Until(condition):
                return plan.Until(condition)
            case typed.CallOnce(task, arguments):
                return plan.Call(task, arguments)
            case typed.Save(path=path, format=format):
                return plan.Save(absolute(self._path(path), self.base), format)
            case typed.Scan(table):
                return plan.Scan(lower_source(self.program.tables[table]))

    def _scan(self, table: str, user: typed.Step, steps: dict[str, Step]) -> None:
        """Have a table read in ``steps``, after those that its query reads."""
        declared = self.program.tables.get(table)
        if declared is None:
            raise unsupported(user.span, f"reading `{table}` here")
        if table in steps:
            return
        below = declared.source.tables if isinstance(declared.source, typed.SqlSource) else ()
        for other in below:
            self._scan(other, user, steps)
        steps[table] = Step(table, plan.Scan(lower_source(declared)), below, declared.record)

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
        from apwa_runtime.parameters import parameter_names
        from apwa_runtime.templates import TemplateError, compile_path

        try:
            return compile_path(template.text)(parameter_names(self.parameters))
        except TemplateError as error:
            raise CompileError(codes.bad_constant(template.span, str(error))) from None


def _bind(program: Program, params: Mapping[str, object]) -> tuple[plan.Parameter, ...]:
    """Each parameter with the value given or its default. Raises CompileError with every problem."""
    declared = {name: param.span for name, param in program.params.items()}
    problems: list[Diagnostic] = [
        codes.unknown_parameter(Span(program.source, 0, 0), name, declared)
        for name in params
        if name not in program.params
    ]
    bound = []
    for name, param in program.params.items():
        if name in params:
            try:
                bound.append(plan.Parameter(name, param.type, parse(params[name], param.type)))
            except ValueError as error:
                problems.append(codes.bad_parameter(param.span, name, str(error)))
        elif param.default is None:
            problems.append(codes.missing_parameter(param.span, name, str(param.type)))
        else:
            bound.append(plan.Parameter(name, param.type, _default(param.default, param.span)))
    if problems:
        raise CompileError(*problems)
    return tuple(bound)


def _default(core: Core, span: Span) -> object:
    try:
        return constant(fold(core))
    except ValueError as error:
        raise CompileError(codes.bad_constant(span, str(error))) from None
