"""Which models prompts will go to, how long they will be, and what sub-problems will need, from the first rows.

In: a plan. Out: for a step, each model's share of the calls and the mean input tokens of one, and its resource classes;
None where its rows are made only by running.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from apwa_compiler.estimate import Sample, Share
from apwa_compiler.plan import Limit, Map, Plan, Prompt, Scan, Select, Sort, Split, SqlSource, Step, Union, Where
from apwa_lang.semantics.core import Core
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.media import MediaError, ShownPath, files_tokens
from apwa_runtime.models.route import chooser
from apwa_runtime.parameters import parameter_names
from apwa_runtime.prompts import Piece, compile_prompt
from apwa_runtime.resources import ResourceClasses, Resources
from apwa_runtime.shown_files import ProgramFiles
from apwa_runtime.splits import subproblems
from apwa_runtime.tables.metadata import sample
from apwa_runtime.templates import compile_template
from apwa_runtime.tokens import count_tokens
from apwa_runtime.values.arrow import from_batch, to_batch

Row = dict[str, Any]

_ROWS = 50
_MOST_ROWS = 2_000

# The first rows say nothing about how long these sub-problems are.
_UNLIKE_THEIR_SAMPLE = frozenset(("group", "plan", "python"))


def prompt_sample(plan: Plan) -> Sample:
    """A function that estimates what each model gets of a step's calls."""
    return _Sampler(plan).shares


def resource_classes(plan: Plan, step: Step) -> list[tuple[Resources, int]]:
    """The classes of the first sub-problems of a step with their counts; none where they are not known."""
    operation = step.operation
    if not isinstance(operation, Map) or operation.split.rule in _UNLIKE_THEIR_SAMPLE:
        return []
    rows = _Sampler(plan).subproblems(step, operation.split)
    return [(needs, len(places)) for needs, places in ResourceClasses(plan, step).classes(rows)]


class _Sampler:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._parameters = parameter_names(plan.parameters)

    def shares(self, step: Step) -> dict[str, Share] | None:
        """The shares of the sampled sub-problems; None where there are none to look at."""
        operation = step.operation
        if not isinstance(operation, Map) or operation.split.rule in _UNLIKE_THEIR_SAMPLE:
            return None
        body = self._plan.task(operation.task).body
        if not isinstance(body, Prompt):
            return None
        prompt = compile_prompt(body.template)
        system = compile_template(body.system) if body.system else None
        files = ProgramFiles.of(self._plan)
        arguments = [(name, compile_core(core)) for name, core in operation.arguments]
        choose = chooser(body)
        lengths: dict[str, list[int]] = {}
        for subproblem in self.subproblems(step, operation.split):
            names = {**self._parameters, **subproblem, "@": subproblem}
            try:
                bound = {**self._parameters, **{name: value(names) for name, value in arguments}}
                tokens = sum(_tokens(piece, files) for piece in prompt(bound))
                tokens += count_tokens(system(bound)) if system else 0
                lengths.setdefault(choose(bound), []).append(tokens)
            except EvaluationError:
                continue
        total = sum(map(len, lengths.values()))
        return {name: Share(len(found) / total, sum(found) / len(found)) for name, found in lengths.items()} or None

    def subproblems(self, step: Step, split: Split) -> list[Row]:
        """The first sub-problems; none where their rows are made only by running."""
        sizes = [value for _, value in split.arguments if isinstance(value, int)]
        count = min(max([_ROWS, *sizes]), _MOST_ROWS)
        inputs = [(self._plan.step(name), self._rows(self._plan.step(name), count)) for name in step.inputs]
        with TemporaryDirectory(prefix="apwa-sample-") as folder:
            datasets = [
                _dataset(Path(folder) / str(place), source, rows) for place, (source, rows) in enumerate(inputs) if rows
            ]
            if len(datasets) < len(inputs):
                return []
            batches = subproblems(split, datasets, repeat(_ROWS))
            made = (row for batch in batches for row in from_batch(batch, split.subproblem))
            return list(islice(made, _ROWS))

    def _rows(self, step: Step, count: int) -> list[Row] | None:
        """The first rows of a step as far as they follow from tables alone."""
        if isinstance(step.operation, Scan) and isinstance(step.operation.source, SqlSource):
            return None
        if isinstance(step.operation, Scan):
            return sample(step.operation.source, step.record, count) if step.record else None
        rows = self._rows(self._plan.step(step.inputs[0]), count) if step.inputs else None
        if rows is None:
            return None
        match step.operation:
            case Where(condition):
                return list(self._kept(rows, condition))
            case Select(fields):
                values = [(name, compile_core(core)) for name, core in fields]
                return [{name: value({**self._parameters, **row}) for name, value in values} for row in rows]
            case Limit(limit):
                return rows[:limit]
            case Sort() | Union():
                return rows
            case _:
                return None

    def _kept(self, rows: list[Row], condition: Core) -> Iterator[Row]:
        holds = compile_core(condition)
        for row in rows:
            try:
                if holds({**self._parameters, **row}):
                    yield row
            except EvaluationError:
                continue


def _tokens(piece: Piece, files: ProgramFiles) -> int:
    """The tokens of a piece of a prompt; those of a file that cannot be shown are none."""
    if not isinstance(piece, ShownPath):
        return count_tokens(piece)
    try:
        _, part = files.content(piece)
    except MediaError:
        return 0
    return count_tokens(part) if isinstance(part, str) else files_tokens((part,))


def _dataset(folder: Path, step: Step, rows: list[Row]) -> Dataset:
    assert step.record is not None
    writer = DatasetWriter(folder, step.record)
    writer.add(0, to_batch(rows, step.record))
    return writer.finish()
