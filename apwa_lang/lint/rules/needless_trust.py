"""A word of the author that no claim rests on (APWA571)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.proofs.claims import Verdict
from apwa_lang.semantics.program import CallOnce, Map, Reduce

NEEDLESS_TRUST = register(
    "APWA571",
    "a `trust` that is not needed",
    severity=Severity.WARNING,
    explanation="""
`trust` vouches for what can be neither proved nor refuted. Here every claim about the sub-problems of the task is
proved, or checked when the program runs, without it (`apwa prove` lists them). Left in place, it would silently vouch
for whatever the task becomes later.
""",
    fix="Remove it.",
    bad="""
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task keep(note: Note) -> str {
  return: note.text
  writes: "out/{{ note.id | key }}.txt"
  trust: "no two notes have one file"
}
flow main { kept = map keep over per_note keep id save kept to "out/kept.jsonl" }
""",
    good="""
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task keep(note: Note) -> str {
  return: note.text
  writes: "out/{{ note.id | key }}.txt"
}
flow main { kept = map keep over per_note keep id save kept to "out/kept.jsonl" }
""",
)


@rule(NEEDLESS_TRUST)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `trust` of a task that a flow runs, where no claim about the task needs it and all hold."""
    trusting = [(node, task) for node, task in subject.tasks if task.trust is not None]
    for node, task in trusting:
        place = setting(node, "trust")
        steps = {
            (flow.name, step.name)
            for flow in subject.program.flows.values()
            for step in flow.steps
            if isinstance(step.operation, Map | CallOnce | Reduce) and step.operation.task == task.name
        }
        verdicts = {
            claim.verdict
            for claim in subject.claims
            if steps & {(claim.flow, claim.step_a), (claim.flow, claim.step_b)}
        }
        if place is not None and verdicts and verdicts <= {Verdict.PROVED, Verdict.CHECKED}:
            yield NEEDLESS_TRUST.at(
                place.span,
                f"`{task.name}` needs no `trust`",
                "every claim about it holds without this",
                help="remove it",
                fix=Fix("remove `trust`", (removal(place.span),)),
            )
