"""Parameters become constants.

In: a plan with bound parameters. Out: the plan with each parameter replaced by its value in every expression, and the
constant parts worked out. A name that a row's field or a task's argument hides is left alone; so are templates, which
get the parameters when they are rendered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from apwa_compiler.constants import fold, substitute
from apwa_compiler.plan import Call, Contract, Map, Operation, Plan, Prompt, Return, Select, Step, Task, Until, Where
from apwa_lang.semantics.core import Const, Core

_Fields = tuple[tuple[str, Core], ...]


def fold_params(plan: Plan) -> Plan:
    """Substitute parameters and fold constants."""
    constants: dict[str, Core] = {item.name: Const(item.value, item.type) for item in plan.parameters}
    return replace(
        plan,
        tasks=tuple(_task(task, constants) for task in plan.tasks),
        steps=tuple(replace(step, operation=_operation(step, plan, constants)) for step in plan.steps),
    )


def _without(constants: dict[str, Core], hidden: Iterable[str]) -> dict[str, Core]:
    return {name: value for name, value in constants.items() if name not in set(hidden)}


def _task(task: Task, constants: dict[str, Core]) -> Task:
    visible = _without(constants, [*(name for name, _ in task.parameters), "result"])
    body = task.body
    if isinstance(body, Return):
        body = Return(fold(substitute(body.value, visible)))
    elif isinstance(body, Prompt):
        route = tuple(core and fold(substitute(core, visible)) for core in body.route)
        body = replace(body, route=route)
    return replace(
        task,
        body=body,
        requires=_contracts(task.requires, visible),
        ensures=_contracts(task.ensures, visible),
        resources=tuple(filter(_is_need, _fields(task.resources, visible))),
    )


def _is_need(resource: tuple[str, Core]) -> bool:
    """A single core goes without saying, and so does nothing at all."""
    name, amount = resource
    value = amount.value if isinstance(amount, Const) else None
    return not isinstance(value, int | float) or value > (1 if name == "CPU" else 0)


def _contracts(contracts: tuple[Contract, ...], constants: dict[str, Core]) -> tuple[Contract, ...]:
    return tuple(Contract(fold(substitute(item.condition, constants)), item.text) for item in contracts)


def _operation(step: Step, plan: Plan, constants: dict[str, Core]) -> Operation:
    match step.operation:
        case Map(split=split, arguments=arguments, keep=keep) as operation:
            visible = _without(constants, (field.name for field in split.subproblem.fields))
            return replace(operation, arguments=_fields(arguments, visible), keep=_fields(keep, visible))
        case Call(task, arguments):
            return Call(task, _fields(arguments, _without(constants, step.inputs)))
        case Until(condition):
            return Until(fold(substitute(condition, _without(constants, step.inputs))))
        case Where(condition):
            return Where(fold(substitute(condition, _row_scope(step, plan, constants))))
        case Select(fields):
            return Select(_fields(fields, _row_scope(step, plan, constants)))
        case operation:
            return operation


def _row_scope(step: Step, plan: Plan, constants: dict[str, Core]) -> dict[str, Core]:
    """The constants that no field of the input's rows hides."""
    record = plan.step(step.inputs[0]).record
    return _without(constants, (field.name for field in record.fields) if record else ())


def _fields(fields: _Fields, constants: dict[str, Core]) -> _Fields:
    return tuple((name, fold(substitute(value, constants))) for name, value in fields)
