"""The prover against brute force on whole programs: arguments that calculate, conditions on rows, keys and patterns.

In: random program texts, made from a seed. Every row of a small universe is put through the runtime's own expressions
and templates. A claim must not be called proved when two sub-problems of the universe meet, and a witness must be two
rows that can be there and do meet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

import pytest

from apwa_lang.proofs import Claim, Verdict, decide
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.program import Map, Program, Step, Where
from apwa_lang.syntax.source import Source
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.templates import TemplateError, compile_path
from tests.support.random_programs import Case, Row, completed

CASES = 50

Values = tuple[object, ...]


class World:
    """All rows of a program's universe, put through its steps."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.record = program.records["R"]
        self.keys = self.record.keys
        self.steps = {step.name: step for step in program.flows["main"].steps}
        splits = program.flows["main"].splits
        self.tables = {split.name: split.table for split in splits}

    @lru_cache(maxsize=4)  # noqa: B019
    def places(self, name: str) -> dict[str, set[tuple[Values, Values]]]:
        """Each path that a step writes, with the rows that it writes it for: their keys and all their values."""
        found: dict[str, set[tuple[Values, Values]]] = {}
        for row in self.rows():
            if (path := self.path(name, row)) is not None:
                key = tuple(row[field.name] for field in self.keys)
                found.setdefault(path, set()).add((key, tuple(row.values())))
        return found

    def path(self, name: str, row: Row) -> str | None:
        operation = self.steps[name].operation
        assert isinstance(operation, Map)
        table = self.tables[operation.split]
        if table in self.steps and not self._passes(self.steps[table], row):
            return None
        task = self.program.tasks[operation.task]
        try:
            names = {name: compiled_core(repr(core), core)({**row, "@": row}) for name, core in operation.arguments}
            return compiled_path(task.effects[0].target.text)(names)
        except (TemplateError, EvaluationError):
            return None

    def _passes(self, step: Step, row: Row) -> bool:
        assert isinstance(step.operation, Where)
        return bool(compiled_core(repr(step.operation.condition), step.operation.condition)(row))

    def rows(self) -> list[Row]:
        return completed({}, self.record.fields, {})

    def may_both_be(self, one: Row, other: Row, separate: bool) -> bool:
        """Whether a table may hold both, as two rows or, unless ``separate``, as one."""
        same_key = all(one[field.name] == other[field.name] for field in self.keys)
        return not same_key if separate else (not same_key or one == other)


_cores: dict[str, Callable[[Row], object]] = {}


def compiled_core(key: str, core: Core) -> Callable[[Row], object]:
    if key not in _cores:
        _cores[key] = compile_core(core)
    return _cores[key]


compiled_path = lru_cache(maxsize=64)(compile_path)


def meeting(world: World, claim: Claim) -> bool:
    """Whether two sub-problems of the universe meet."""
    ours, theirs = world.places(claim.step_a), world.places(claim.step_b)
    for path in ours.keys() & theirs.keys():
        if len({key for key, _ in ours[path] | theirs[path]}) > 1:
            return True
        if claim.step_a != claim.step_b and ours[path] & theirs[path]:
            return True
    return False


def witness_holds(world: World, claim: Claim) -> bool:
    """Whether the rows of the witness, with some values for what it leaves out, meet."""
    assert claim.witness is not None
    given = [
        {name.removeprefix("@."): json.loads(text) for name, text in shown}
        for shown in (claim.witness.left, claim.witness.right)
    ]
    sides = []
    for step, own, other in ((claim.step_a, *given), (claim.step_b, *reversed(given))):
        some = completed(own, world.record.fields, other)
        sides.append([(row, path) for row in some if (path := world.path(step, row)) is not None])
    separate = claim.step_a == claim.step_b
    return any(
        path == its and world.may_both_be(row, other, separate) for row, path in sides[0] for other, its in sides[1]
    )


def run(seeds: range) -> dict[str, int]:
    """Check each program; how often there was which verdict."""
    counts: dict[str, int] = {}
    for seed in seeds:
        case = Case.of(seed)
        analysis = analyse(Source(case.text, "random.apwa"))
        if any(found.severity.name == "ERROR" for found in analysis.diagnostics):
            counts["invalid"] = counts.get("invalid", 0) + 1
            continue
        world = World(analysis.program)
        for claim in decide(analysis.program)[0]:
            if {claim.effect_a.kind, claim.effect_b.kind} != {"write"}:
                continue
            verdict = claim.verdict.value
            counts[verdict] = counts.get(verdict, 0) + 1
            if claim.verdict is Verdict.PROVED:
                assert not meeting(world, claim), (
                    f"unsound, seed {seed}: {claim.step_a} and {claim.step_b}\n{case.text}"
                )
            if claim.verdict is Verdict.REFUTED:
                assert witness_holds(world, claim), f"no witness, seed {seed}: {claim.witness}\n{case.text}"
    return counts


@pytest.mark.parametrize("part", range(4))
def test_random_programs(part: int) -> None:
    counts = run(range(part * CASES, (part + 1) * CASES))
    assert counts.get("invalid", 0) < CASES / 20
    assert counts["proved"] > 0
    assert counts["refuted"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_random_programs_at_length(part: int) -> None:
    run(range(1_000_000 + part * 60, 1_000_000 + (part + 1) * 60))
