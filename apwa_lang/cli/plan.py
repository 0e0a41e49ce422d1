"""`apwa plan`: what a run would do, before anything runs.

In: a program, the values of its parameters, and the metadata and first rows of its tables. Out: tables with their
sizes, sub-problems, Dask tasks, batches, resources, tokens and dollars of each step, and where results go.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import InputError, color_option, flow_options
from apwa_lang.cli.compile import compiled
from apwa_lang.cli.resuming import as_given, which
from apwa_lang.cli.run import with_tables

if TYPE_CHECKING:
    from apwa_compiler.estimate import Count, StepEstimate
    from apwa_compiler.plan import Plan
    from apwa_runtime.forecast import Forecast
    from apwa_runtime.run_folder import RunFolder
    from apwa_runtime.tables.metadata import TableSize


_KINDS = {"taskreduce": "reduce"}


@click.command()
@click.argument("names", metavar="FILE [RUN]", nargs=-1)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flow_options
@click.option("--resume", is_flag=True, help="Show what `run --resume` would reuse of RUN, by default the latest.")
@color_option
def command(
    names: tuple[str, ...], output_format: str, flow: str | None, params: dict[str, object], resume: bool
) -> None:
    """Show what a run would do: sub-problems, Dask tasks, tokens, dollars and results.

    Reads the metadata and the first rows of tables, with --resume whole tables; runs nothing and asks no model.
    """
    file, earlier = which(names, flow, resume)
    if earlier is not None:
        flow, params, tables = as_given(earlier, flow, params, {})
    plan = compiled(file, flow, params, output_format)
    if earlier is not None:
        plan = with_tables(plan, tables)
    from apwa_compiler.estimate import estimate
    from apwa_runtime.sampling import prompt_sample
    from apwa_runtime.tables.problems import TableError

    try:
        sizes = table_sizes(plan)
        estimates = estimate(plan, {name: size.rows for name, size in sizes.items()}, prompt_sample(plan))
    except TableError as error:
        raise InputError(str(error)) from error
    forecasts = _forecasts(plan, earlier) if earlier is not None else []
    if output_format == "json":
        shown = as_json(plan, sizes, estimates)
        if earlier is not None:
            shown["resume"] = {"run": earlier.id, "steps": [asdict(found) for found in forecasts]}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(as_text(plan, sizes, estimates)))
    if earlier is not None:
        click.echo("\n".join([f"from run {earlier.id}", *(f"  {_forecast_line(found)}" for found in forecasts)]))


def _forecasts(plan: Plan, run: RunFolder) -> list[Forecast]:
    from apwa_runtime.errors import RunError
    from apwa_runtime.forecast import forecast

    try:
        return forecast(plan, run)
    except RunError as error:
        raise InputError(str(error)) from error


def _forecast_line(found: Forecast) -> str:
    if found.changed:
        return f"{found.step}: nothing is reused, since these have changed: {', '.join(found.changed)}"
    if found.total is None or found.reused is None:
        return f"{found.step}: unknown until `{found.awaits}` runs; what has not changed is reused"
    line = f"{found.step}: {found.reused:,} of {_count(found.total, 'sub-problem')} reused"
    left = found.total - found.reused
    return line + (f"; {left:,} with new or changed arguments, or without a result" if left else "")


def table_sizes(plan: Plan) -> dict[str, TableSize]:
    """The size of each table that the plan reads, by step name."""
    from apwa_compiler.plan import Scan
    from apwa_runtime.tables.metadata import table_size

    return {
        step.name: table_size(step.operation.source, step.record)
        for step in plan.steps
        if isinstance(step.operation, Scan) and step.record is not None
    }


def as_text(plan: Plan, sizes: dict[str, TableSize], estimates: tuple[StepEstimate, ...]) -> Iterator[str]:
    """The whole estimate as lines."""
    from apwa_compiler.plan import LiteralSource, Save, Scan
    from apwa_compiler.show import describe

    yield f"flow {plan.flow} of {plan.program}"
    yield from (f"  param {item.name} = {_json(item.value)}" for item in plan.parameters)
    yield "tables"
    for step in (plan.step(name) for name in sizes):
        literal = isinstance(step.operation, Scan) and isinstance(step.operation.source, LiteralSource)
        source = "in the program" if literal else describe(step.operation)
        yield f"  {step.name}: {_size(sizes[step.name])}, {source}"
    lines = [
        f"  {line}"
        for found in estimates
        if found.step.name not in sizes and not isinstance(found.step.operation, Save)
        for line in _step_lines(plan, found)
    ]
    if lines:
        yield "steps"
        yield from lines
    yield "results"
    for found in estimates:
        if isinstance(found.step.operation, Save):
            rows = f" ({_count(found.rows, 'row')})" if isinstance(found.rows, int) else ""
            yield f"  {found.step.inputs[0]} to {found.step.operation.path}{rows}"
    yield from _total_lines(estimates)


def as_json(plan: Plan, sizes: dict[str, TableSize], estimates: tuple[StepEstimate, ...]) -> dict[str, object]:
    """The whole estimate as JSON: a number that is not known yet is an object with ``unknown_until``."""
    from apwa_compiler.plan import Save

    return {
        "program": plan.program,
        "flow": plan.flow,
        "parameters": {item.name: item.value for item in plan.parameters},
        "tables": {name: {"rows": size.rows, "files": size.files, "bytes": size.bytes} for name, size in sizes.items()},
        "steps": [
            _step_json(plan, found)
            for found in estimates
            if found.step.name not in sizes and not isinstance(found.step.operation, Save)
        ],
        "results": [
            {"table": found.step.inputs[0], "path": found.step.operation.path, "rows": _count_json(found.rows)}
            for found in estimates
            if isinstance(found.step.operation, Save)
        ],
    }


def _step_lines(plan: Plan, found: StepEstimate) -> Iterator[str]:
    from apwa_compiler.plan import Map
    from apwa_compiler.show import body_kind, describe, needs

    operation, task = found.step.operation, found.task
    yield f"{found.step.name} = {describe(operation, found.step.inputs)}"
    if task is None:
        if found.step.record is not None:
            yield f"  {_count(found.rows, 'row')}"
        return
    noun = "sub-problem" if isinstance(operation, Map) else "call"
    line = f"  {_count(found.subproblems, noun)}"
    if isinstance(found.dask_tasks, int):
        line += f" in {_count(found.dask_tasks, 'Dask task')}"
    yield f"{line}, {body_kind(task)} body"
    if task.resources:
        yield f"  each needs {needs(task)}"
        if task.fixed_resources() is None:
            yield from _class_lines(plan, found)
    for cost in found.costs:
        known = isinstance(cost.input_tokens, int)
        tokens = f"about {_round(cost.input_tokens)}" if isinstance(cost.input_tokens, int) else str(cost.input_tokens)
        one = f"about {_round(cost.each)} a call, in all " if cost.each is not None and not known else ""
        line = f"  model {cost.model}: input tokens {one}{tokens}"
        if cost.output_tokens is not None:
            line += f", output at most {cost.output_tokens:,}"
        if known and cost.dollars is not None:
            bound = "at most" if cost.output_tokens is not None else "without output"
            line += f", {_dollars(cost.dollars)} {bound}"
        yield line + (f"; this is the first of up to {cost.turns} turns" if cost.turns > 1 else "")


def _class_lines(plan: Plan, found: StepEstimate) -> Iterator[str]:
    from apwa_compiler.show import amount
    from apwa_runtime.sampling import resource_classes

    classes = resource_classes(plan, found.step)
    seen = sum(count for _, count in classes)
    of = "" if seen == found.subproblems else f"of the first {seen:,}, "
    for resources, count in classes:
        needed = ", ".join(amount(name, value) for name, value in resources.items()) or "nothing"
        yield f"    {of}{count:,} {'needs' if count == 1 else 'need'} {needed}"


def _step_json(plan: Plan, found: StepEstimate) -> dict[str, object]:
    from apwa_compiler.plan import Map

    operation, task = found.step.operation, found.task
    kind = type(operation).__name__.lower()
    shown: dict[str, object] = {"name": found.step.name, "operation": _KINDS.get(kind, kind)}
    shown["rows"] = _count_json(found.rows)
    if task is None:
        return shown
    shown |= {"task": task.name, "subproblems": _count_json(found.subproblems)}
    shown["dask_tasks"] = _count_json(found.dask_tasks)
    fixed = task.fixed_resources()
    if fixed is not None:
        shown["resources"] = fixed
    else:
        shown |= _varying_json(plan, found)
    if isinstance(operation, Map):
        shown |= {"split": operation.split.rule, "batch": operation.batch}
    if found.costs:
        shown["models"] = [
            {
                "model": cost.model,
                "input_tokens_a_call": cost.each,
                "input_tokens": _count_json(cost.input_tokens),
                "output_tokens_at_most": cost.output_tokens,
                "dollars": cost.dollars,
                **({"turns_at_most": cost.turns} if cost.turns > 1 else {}),
            }
            for cost in found.costs
        ]
    return shown


def _varying_json(plan: Plan, found: StepEstimate) -> dict[str, object]:
    """The expressions, and the classes of the first sub-problems."""
    from apwa_compiler.show import print_core
    from apwa_runtime.sampling import resource_classes

    assert found.task is not None
    return {
        "resources": {name: print_core(core) for name, core in found.task.resources},
        "resource_classes_of_sample": [
            {"resources": resources, "subproblems": count} for resources, count in resource_classes(plan, found.step)
        ],
    }


def _total_lines(estimates: tuple[StepEstimate, ...]) -> Iterator[str]:
    called = [found for found in estimates if found.task]
    tasks = sum(found.dask_tasks for found in called if isinstance(found.dask_tasks, int))
    calls = sum(found.subproblems for found in called if isinstance(found.subproblems, int))
    dollars = [cost.dollars for found in called for cost in found.costs if cost.dollars is not None]
    open_steps = [found.step.name for found in called if not isinstance(found.subproblems, int)]
    line = f"in all {_count(calls, 'sub-problem')} in {_count(tasks, 'Dask task')}"
    if dollars:
        line += f", {_dollars(sum(dollars))}"
        if any(cost.turns > 1 for found in called for cost in found.costs):
            line += " and the later turns of agents"
    if open_steps:
        line += f", and what {', '.join(f'`{name}`' for name in open_steps)} will add"
    yield line


def _dollars(amount: float) -> str:
    return "less than $0.01" if amount < 0.01 else f"about ${amount:,.2f}"


def _size(size: TableSize) -> str:
    rows = "rows unknown until it is read" if size.rows is None else _count(size.rows, "row")
    stored = "" if size.bytes is None else f", {_bytes(size.bytes)}"
    return f"{rows} in {_count(size.files, 'file')}{stored}" if size.files else rows


def _bytes(size: int) -> str:
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def _count(count: Count, noun: str) -> str:
    if not isinstance(count, int):
        return f"{noun}s {count}"
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _count_json(count: Count) -> object:
    return count if isinstance(count, int) else {"unknown_until": count.until.replace("`", "")}


def _round(number: int) -> str:
    """Two significant digits are all that an estimate has."""
    if number < 100:
        return str(number)
    step = 10 ** (int(math.log10(number)) - 1)
    return f"{round(number / step) * step:,}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
