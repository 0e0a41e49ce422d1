"""What a run must do to hold the claims about its flow.

In: the prover's claims and the steps that a compilation takes. Out: the path checks, the isolation of each Python body,
what the proofs take for granted, and notes on the claims for the run's report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from apwa_compiler import plan
from apwa_compiler.plan import ClaimNote, EffectRef, PathCheck
from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Backing, Claim, Verdict
from apwa_lang.proofs.pairs import CASE, LINKS
from apwa_lang.semantics.program import CallOnce, Effect, Map, Program, Reduce, Save, Step

# By these rules a claim holds whatever the body does: nothing runs beside it.
_ALONE = ("P2", "P3")
_TABLE = "table "
_ASSUMPTIONS = {CASE: plan.CASE, LINKS: plan.LINKS}
_VERBS = {
    "read": "reads",
    "write": "writes",
    "reduce": "updates",
    "network": "calls",
    "model": "asks",
    "state": "runs",
}


def claims_of(
    claims: Iterable[Claim], flow: str, steps: Mapping[str, Step], tables: Iterable[str]
) -> tuple[Claim, ...]:
    """The claims about steps that are taken and tables that are read."""
    taken = {*steps, *(f"{_TABLE}{name}" for name in tables)}
    return tuple(claim for claim in claims if claim.flow == flow and {claim.step_a, claim.step_b} <= taken)


def path_checks(claims: Iterable[Claim], program: Program, steps: Mapping[str, Step]) -> tuple[PathCheck, ...]:
    """A check for each claim that is checked at launch."""
    checks = (
        PathCheck(
            _reference(program, steps, claim.step_a, claim.effect_a),
            _reference(program, steps, claim.step_b, claim.effect_b),
        )
        for claim in claims
        if claim.verdict is Verdict.CHECKED and claim.backing is Backing.LAUNCH
    )
    return tuple(dict.fromkeys(checks))


class Known(NamedTuple):
    """What the proofs know of a function: the modules that they have read, with their digests; whether it varies.

    One that ``varies`` asks for the time, for chance or for its environment, so that equal arguments may give another
    result in another run.
    """

    sources: tuple[tuple[str, str], ...] = ()
    varies: bool = False


def functions(program: Program) -> dict[tuple[str, str], Known]:
    """What is known of the functions of tasks and of their tools, by task and function."""
    return {
        (task.name, body.target): Known(found.sources, found.varies is not None)
        for task, body, found in Bodies(program).functions()
    }


def backed_task(
    task: plan.Task,
    claims: Iterable[Claim],
    program: Program,
    steps: Mapping[str, Step],
    known: Mapping[tuple[str, str], Known],
) -> plan.Task:
    """``task`` with the isolation that the claims about its body ask for, and the modules that they are about.

    Where its function varies, results of other runs stand for none of this one, unless the program says so.
    """
    none = Known()
    task = task.with_functions(lambda body: replace(body, sources=known.get((task.name, body.target), none).sources))
    body = task.body
    if task.cache is None and isinstance(body, plan.Python) and known.get((task.name, body.target), none).varies:
        task = replace(task, cache=False)
    if isinstance(body, plan.Python | plan.Torch):
        grounds = _grounds([claim for claim in claims if _is_state_of(task.name, body.target, claim, steps)])
        body = replace(body, grounds=grounds)
        if isinstance(body, plan.Python):
            body = replace(body, isolation="shared" if grounds else "own")
    return replace(task, body=body)


def assumptions(claims: Iterable[Claim]) -> tuple[str, ...]:
    """What the run makes sure of because some claim takes it for granted."""
    taken = {hypothesis for claim in claims for hypothesis in claim.hypotheses}
    return tuple(name for hypothesis, name in _ASSUMPTIONS.items() if hypothesis in taken)


def notes(claims: Sequence[Claim]) -> tuple[ClaimNote, ...]:
    """The claims in short: those that are not proved one by one, the proved ones counted by rule."""
    proved = Counter(claim.rule for claim in claims if claim.verdict is Verdict.PROVED)
    summed = (ClaimNote(Verdict.PROVED.value, rule, count=count) for rule, count in sorted(proved.items()))
    return (*summed, *_single(claims))


def _single(claims: Iterable[Claim]) -> Iterator[ClaimNote]:
    for claim in claims:
        if claim.verdict is not Verdict.PROVED:
            states = [effect.target.text for effect in (claim.effect_a, claim.effect_b) if effect.kind == "state"]
            yield ClaimNote(
                claim.verdict.value,
                claim.rule,
                _subject(claim),
                function=states[0] if states else "",
                backing=claim.backing.value if claim.backing is not None else None,
                reason=claim.reason,
            )


def _reference(program: Program, steps: Mapping[str, Step], step: str, effect: Effect) -> EffectRef:
    if step.startswith(_TABLE):
        return EffectRef(step.removeprefix(_TABLE), "read")
    task = _task_of(steps[step])
    if task is None:
        return EffectRef(step, "write")
    alike = [other for other in program.tasks[task].effects if other.kind == effect.kind]
    return EffectRef(step, effect.kind, alike.index(effect))


def _task_of(step: Step) -> str | None:
    match step.operation:
        case Map(task=name) | CallOnce(task=name) | Reduce(task=str(name)):
            return name
        case Save():
            return None
        case _:
            raise TypeError(f"step {step.name} has no effects")


def _is_state_of(task: str, target: str, claim: Claim, steps: Mapping[str, Step]) -> bool:
    """Whether a claim is about the body of a task, not about what splits its rows."""
    if claim.effect_a.kind != "state" or claim.effect_a.target.text != target:
        return False
    return any(step in steps and _task_of(steps[step]) == task for step in (claim.step_a, claim.step_b))


def _grounds(claims: Sequence[Claim]) -> str:
    """Why the calls of a body may share a process; empty when they may not."""
    own = [claim for claim in claims if claim.rule not in _ALONE]
    if not own or any(claim.verdict not in (Verdict.PROVED, Verdict.TRUSTED) for claim in own):
        return ""
    trusted = next((claim for claim in own if claim.verdict is Verdict.TRUSTED), None)
    return f"trusted: {trusted.reason}" if trusted is not None else "proved pure"


def _subject(claim: Claim) -> str:
    one, other = _touch(claim.effect_a), _touch(claim.effect_b)
    if claim.step_a == claim.step_b:
        return f"two sub-problems of `{claim.step_a}`: {one}" + (f", {other}" if other != one else "")
    return f"`{claim.step_a}` {one}, `{claim.step_b}` {other}"


def _touch(effect: Effect) -> str:
    return f'{_VERBS.get(effect.kind, effect.kind)} "{effect.target.text}"'
