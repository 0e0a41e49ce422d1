"""Plans and expressions as text for people.

In: a plan, or a checked expression. Out: a listing with one line a step, each step's row type on its edge, then the
tasks with what they need; expressions as they would be written in the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from apwa_compiler import plan as ir
from apwa_compiler.plan import Plan
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.types import ListOf, RecordType

_INFIX = {"or": 1, "and": 2, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4}
_INFIX |= {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}


def print_plan(plan: Plan) -> str:
    """The plan as lines: its head, then ``name: row type = operation`` for each step, then tasks and models."""
    lines = [f"flow {plan.flow} of {plan.program}"]
    lines += [f"param {item.name}: {item.type} = {_json(item.value)}" for item in plan.parameters]
    lines += [_step(step) for step in plan.steps]
    for task in plan.tasks:
        lines.append(f"task {task.name}({', '.join(f'{n}: {t}' for n, t in task.parameters)}) -> {task.result}")
        lines += [f"  {line}" for line in _task(task)]
    lines += [f"model {model.name} ({model.provider})" for model in plan.models]
    return "\n".join(lines) + "\n"


def describe(operation: ir.Operation, inputs: tuple[str, ...] = ()) -> str:
    """One operation over the named inputs, much as the language writes it."""
    of = inputs[0] if inputs else ""
    match operation:
        case ir.Scan(ir.ReadSource(path, format)):
            return f"read {_json(path)} as {format}"
        case ir.Scan(ir.SqlSource(query)):
            return f"sql {_json(' '.join(query.split()))}"
        case ir.Scan(ir.FilesSource(pattern)):
            return f"files {_json(pattern)}"
        case ir.Scan(ir.LiteralSource(rows)):
            return f"{len(rows)} literal row{'' if len(rows) == 1 else 's'}"
        case ir.Map(task, split, arguments, keep, batch):
            rule = ", ".join(f"{name}: {_json(value)}" for name, value in split.arguments)
            kept = f" keep {_fields(keep)}" if keep else ""
            named = "" if [value for _, value in arguments] == [Var("@")] else f"({_fields(arguments)})"
            return (
                f"map {task}{named} over {' × '.join(inputs)} by {split.rule}"
                f"{f'({rule})' if rule else ''}{kept} in batches of up to {batch}"
            )
        case ir.Call(task, arguments):
            return f"{task}({_fields(arguments)})"
        case ir.TaskReduce(strategy, task, arity, group):
            return f"reduce {task} over {of} by {strategy}{f'({arity})' if strategy == 'tree' else ''}{_group(group)}"
        case ir.Aggregate(how, field, group):
            return f"reduce {f'{field} ' if field else ''}over {of} by {how}{_group(group)}"
        case ir.Where(condition):
            return f"{of} where {print_core(condition)}"
        case ir.Select(fields):
            return f"{of} select {{ {_fields(fields)} }}"
        case ir.Join(on):
            return f"{of} join {inputs[1] if len(inputs) > 1 else ''} on {', '.join(on)}"
        case ir.Sort(by):
            return f"{of} sort by {', '.join(by)}"
        case ir.Limit(count):
            return f"{of} limit {count}"
        case ir.Union():
            return f"union({', '.join(inputs)})"
        case ir.Until(condition):
            return f"ends the rounds where {print_core(condition)}"
        case ir.Last():
            return f"the last round of {', '.join(inputs)}"
        case ir.Save(path, format):
            return f"save {of} to {_json(path)} as {format}"
        case _:
            return type(operation).__name__.lower()


def print_core(core: Core, outer: int = 0) -> str:
    """An expression; parenthesised where it stands under an operator that binds tighter than level ``outer``."""
    match core:
        case Const(value):
            return _json(value)
        case Var(name):
            return name
        case GetField(base, field):
            return f"{print_core(base, 9)}.{field}"
        case GetItem(base, index):
            return f"{print_core(base, 9)}[{print_core(index)}]"
        case Apply(function, (left, right)) if function in _INFIX:
            level = _INFIX[function]
            text = f"{print_core(left, level)} {function} {print_core(right, level + 1)}"
            return f"({text})" if level < outer else text
        case Apply("not", (operand,)):
            text = f"not {print_core(operand, 3)}"
            return f"({text})" if outer > 3 else text
        case Apply("neg", (operand,)):
            return f"-{print_core(operand, 7)}"
        case Apply(function, arguments):
            return f"{function}({', '.join(map(print_core, arguments))})"
        case MakeList(items):
            return f"[{', '.join(map(print_core, items))}]"
        case MakeRecord(type, fields):
            return f"{'' if type.name.startswith('<') else f'{type.name} '}{{ {_fields(fields)} }}"
        case MakeMap(entries):
            return f"{{ {_fields(entries)} }}"


def body_kind(task: ir.Task) -> str:
    """``prompt``, ``python``, ``torch``, ``shell`` or ``return``."""
    return type(task.body).__name__.lower()


def needs(task: ir.Task) -> str:
    """What a task needs, by expressions where that differs: ``gpu 1, memory 1024 * len(text)``."""
    return ", ".join(
        amount(name, core.value)
        if isinstance(core, Const) and isinstance(core.value, int | float)
        else f"{name.lower()} {print_core(core)}"
        for name, core in task.resources
    )


def amount(resource: str, value: float) -> str:
    """A resource as a person writes it: ``memory 8GiB``."""
    name = resource.lower()
    if name == "memory":
        for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if value >= size:
                return f"{name} {value / size:g}{unit}"
    return f"{name} {value:g}"


def _step(step: ir.Step) -> str:
    after = f" after {', '.join(step.after)}" if step.after else ""
    after += f" unless {step.unless}" if step.unless else ""
    typed = f": {_row_type(step.record)}" if step.record else ""
    return f"{step.name}{typed} = {describe(step.operation, step.inputs)}{_each(step.operation)}{after}"


def _each(operation: ir.Operation) -> str:
    """What a sub-problem carries, where it is not simply the row."""
    if not isinstance(operation, ir.Map) or operation.split.rule in ("row", "file"):
        return ""
    return f" each {_shape(operation.split.subproblem)}"


def _shape(record: RecordType) -> str:
    """The names of a record's fields, and of the records in them."""
    shown = []
    for field in record.fields:
        inner = field.type.item if isinstance(field.type, ListOf) else field.type
        shown.append(f"{field.name}: {_shape(inner)}" if isinstance(inner, RecordType) else field.name)
    return f"{{ {', '.join(shown)} }}" if shown else "{ }"


def _row_type(record: RecordType) -> str:
    if not record.name.startswith("<"):
        return record.name
    return f"{{ {', '.join(f'{field.name}: {field.type}' for field in record.fields)} }}"


def _task(task: ir.Task) -> Iterator[str]:
    match task.body:
        case ir.Prompt(_, models, _, route, tools, steps):
            conditions = [f" when {print_core(core)}" if core else "" for core in route or (None,) * len(models)]
            yield f"prompt by {', '.join(map(''.join, zip(models, conditions, strict=True)))}"
            if tools:
                yield f"agent with {', '.join(tool.name for tool in tools)}, up to {steps} steps"
        case ir.Python(target):
            yield f"python {target}{_in_calls(task)}"
        case ir.Torch(target):
            yield f"torch {target}{_in_calls(task)}"
        case ir.Shell(template):
            yield f"shell {_json(template)}"
        case ir.Return(value):
            yield f"return {print_core(value)}"
    policy = task.policy
    timeout = "" if policy.timeout is None else f", timeout {policy.timeout:g} s"
    yield f"retry {policy.retry}{timeout}, on_error {policy.on_error}"
    if policy.budget_tokens is not None:
        yield f"budget {policy.budget_tokens:,} tokens"
    if policy.budget_dollars is not None:
        yield f"budget {policy.budget_dollars:g} dollars"
    for contract in task.requires:
        yield f"require {print_core(contract.condition)}"
    for contract in task.ensures:
        yield f"ensure {print_core(contract.condition)}"
    for verb, effects in (("reads", task.reads), ("writes", task.writes)):
        for effect in effects:
            yield f"{'shows' if effect.shown else verb} {_json(effect.template)}"
    if task.resources:
        yield f"needs {needs(task)}"


def _in_calls(task: ir.Task) -> str:
    return "" if task.batch is None else f", up to {task.batch} in one call"


def _group(group: tuple[str, ...]) -> str:
    return f" group {', '.join(group)}" if group else ""


def _fields(fields: tuple[tuple[str, Core], ...]) -> str:
    """``a: b`` pairs, a lone name where both are the same."""
    shown = ((name, print_core(value)) for name, value in fields)
    return ", ".join(name if name == value else f"{name}: {value}" for name, value in shown)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
