"""Two steps that do the same work (APWA563)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    CallOnce,
    Map,
    Program,
    PromptBody,
    Reduce,
    Step,
    Task,
    as_written,
)

SAME_STEP = register(
    "APWA563",
    "the same step twice",
    severity=Severity.WARNING,
    explanation="""
Two steps of the flow, in the same branch and round, are the same call of the same task over the same split with the
same arguments. The work is done, and paid for, once more than needed. Tasks that read files, ask the network or have
tools, and models with a `temperature`, may give another answer the second time and are not reported.
""",
    fix="Use the result of the first.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main {
  sizes = map size over per_note keep id
  again = map size over per_note keep id
  long = again where value > 100
  save sizes to "out/sizes.jsonl"
  save long to "out/long.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main {
  sizes = map size over per_note keep id
  long = sizes where value > 100
  save sizes to "out/sizes.jsonl"
  save long to "out/long.jsonl"
}
""",
)


@rule(SAME_STEP)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `map`, `reduce` or call of a flow that stands there once before."""
    for _, flow in subject.flows:
        seen: dict[str, list[Step]] = {}
        for step in flow.steps:
            operation = step.operation
            task = subject.program.tasks.get(operation.task or "") if isinstance(operation, _CALLS) else None
            if not isinstance(operation, _CALLS) or task is None or _may_differ(task, subject.program):
                continue
            others = seen.setdefault(task.name, [])
            earlier = next((other for other in others if _same(other, step)), step)
            others.append(step)
            if earlier.span != step.span:
                name = as_written(earlier.name)
                yield SAME_STEP.at(
                    step.span,
                    f"`{as_written(step.name)}` does the work of `{name}` once more",
                    "again",
                    also=((earlier.span, "first here"),),
                    help=f"use `{name}`",
                )


_CALLS = (Map, CallOnce, Reduce)


def _may_differ(task: Task, program: Program) -> bool:
    """Whether a second call is for another answer: of files or a network that may have changed, or by chance."""
    if any(effect.kind in ("read", "network") for effect in task.effects) or task.tools or task.agents:
        return True
    names = task.body.models if isinstance(task.body, PromptBody) else ()
    return any(dict(program.models[name].settings).get("temperature") for name in names if name in program.models)


def _same(left: Step, right: Step) -> bool:
    """Whether two steps do one thing, in one branch and round."""
    return (left.operation, left.guards, left.unless) == (right.operation, right.guards, right.unless)
