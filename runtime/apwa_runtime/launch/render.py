"""The paths that the sub-problems of a step will really use.

In: a step and the datasets that it reads. Out: for each of some of its effects the path of every sub-problem, by the
very code that the worker renders it with. A sub-problem whose paths cannot be rendered has none: it will fail by itself
and write nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat

from apwa_compiler.plan import (
    Call,
    EffectRef,
    FileEffect,
    FilesSource,
    Map,
    Plan,
    ReadSource,
    Save,
    Scan,
    Step,
    Task,
    TaskReduce,
)
from apwa_lang.semantics.types import RecordType
from apwa_runtime.binding import Binding, Row, arguments_of
from apwa_runtime.datasets import Dataset
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.launch.columns import fields_used, uses
from apwa_runtime.manager.places import is_decided
from apwa_runtime.paths import is_tree
from apwa_runtime.shown_files import paths_read
from apwa_runtime.splits import subproblems
from apwa_runtime.tables.locate import find, is_url
from apwa_runtime.tables.problems import TableError
from apwa_runtime.values.arrow import from_batch

# Of each effect the paths that a sub-problem has by it: one, or those of all files that a prompt shows.
Paths = tuple[Sequence[str], ...]
_BATCH = 8192


def effect_of(plan: Plan, ref: EffectRef) -> FileEffect:
    """The declared effect behind a reference; that of a ``save`` or a table is its path."""
    operation = plan.step(ref.step).operation
    match operation:
        case Map(task=name) | Call(task=name) | TaskReduce(task=name):
            task = plan.task(name)
            return (task.reads if ref.kind == "read" else task.writes)[ref.number]
        case Save(path=path):
            return FileEffect(f"{path.rstrip('/')}/**" if path.endswith("/") else path)
        case Scan(source=ReadSource(path=path)):
            return FileEffect(path)
        case Scan(source=FilesSource(pattern, base)):
            return FileEffect(os.path.join(base, pattern))  # noqa: PTH118 (paths of users stay text)
        case _:
            raise TypeError(f"step {ref.step} has no file effects")


def is_known(plan: Plan, step: str, datasets: Mapping[str, Dataset]) -> bool:
    """Whether the paths of a step can be rendered: what it reads is there, and how it falls apart."""
    operation = plan.step(step).operation
    if isinstance(operation, Map) and not is_decided(operation.split):
        return False
    return all(name in datasets for name in plan.step(step).inputs) or isinstance(operation, Save)


def rendered(
    plan: Plan, step: Step, refs: Sequence[EffectRef], datasets: Mapping[str, Dataset]
) -> Iterator[tuple[int, Paths]]:
    """The ordinal of each sub-problem with its paths, for each of ``refs``, absolute and normalised."""
    operation = step.operation
    match operation:
        case Save(path=path):
            yield 0, ((path if is_url(path) else os.path.normpath(path),),)
        case Scan():
            yield from ((number, ((path,),)) for number, path in enumerate(_files(effect_of(plan, refs[0]).template)))
        case Map(task=name) | Call(task=name):
            task = plan.task(name)
            effects = [effect_of(plan, ref) for ref in refs]
            yield from _paths(plan, step, task, effects, [datasets[name] for name in step.inputs])
        case _:
            raise TypeError(f"the paths of step {step.name} are not known before it runs")


def trees(plan: Plan, ref: EffectRef) -> bool:
    """Whether an effect is on a folder and everything in it."""
    effect = effect_of(plan, ref)
    return is_tree(effect.template) and not effect.shown


def _files(pattern: str) -> list[str]:
    try:
        return [file.path if is_url(file.path) else os.path.normpath(file.path) for file in find(pattern)]
    except TableError:
        return []


def _paths(
    plan: Plan, step: Step, task: Task, effects: Sequence[FileEffect], inputs: list[Dataset]
) -> Iterator[tuple[int, Paths]]:
    arguments = arguments_of(step.operation, task)
    wanted = uses((effect.template for effect in effects), (item.condition for item in task.requires))
    binding = Binding(plan, step, task, only={name for name, _ in wanted})
    renders = [paths_read(effect, plan) for effect in effects]
    for ordinal, row in enumerate(subproblem_rows(step, fields_used(wanted, arguments), inputs)):
        try:
            names = binding.names(binding.arguments(row))
        except (EvaluationError, ValueError):
            continue
        paths: list[Sequence[str]] = []
        for render in renders:
            try:
                paths.append(render(names))
            except EvaluationError:
                paths.append(())
        yield ordinal, tuple(paths)


def subproblem_rows(step: Step, needed: frozenset[str] | None, inputs: list[Dataset]) -> Iterator[Row]:
    """Sub-problems with at least the fields ``needed``; all of them for None."""
    if isinstance(step.operation, Call):
        names = step.inputs if needed is None else [name for name in step.inputs if name in needed]
        yield {name: list(inputs[step.inputs.index(name)].rows_as_dicts()) for name in names}
        return
    assert isinstance(step.operation, Map)
    split = step.operation.split
    record = split.subproblem
    if needed is not None:
        record = _narrowed(record, needed)
    for batch in subproblems(replace(split, subproblem=record), inputs, repeat(_BATCH)):
        yield from from_batch(batch, record)


def _narrowed(record: RecordType, needed: frozenset[str]) -> RecordType:
    """``record`` with the fields ``needed``; one at least, since rows without fields cannot be counted."""
    fields = tuple(field for field in record.fields if field.name in needed)
    return replace(record, fields=fields or record.fields[:1])
