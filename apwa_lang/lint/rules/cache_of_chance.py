"""Results of other runs where they may differ (APWA570)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.agents import tools_of
from apwa_lang.semantics.program import Task
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

CACHE_OF_CHANCE = register(
    "APWA570",
    "`cache: on` for what may come out otherwise",
    severity=Severity.WARNING,
    explanation="""
With `cache: on` a result of an earlier run stands for that of this one, where arguments, prompt, model and code are the
same. This task also depends on something else: a file that it reads, the network, the clock, chance or the environment,
itself or by a function or tool that it calls. So another run need not give what the earlier one gave.
""",
    fix="Remove `cache: on`, or take out what changes from run to run.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task stamp(note: Note) -> str {
  shell: "echo {{ note.id }} $(date +%s)"
  cache: on
}
flow main { stamps = map stamp over per_note save stamps to "out/stamps.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task stamp(note: Note) -> str {
  shell: "echo {{ note.id }} $(date +%s)"
}
flow main { stamps = map stamp over per_note save stamps to "out/stamps.jsonl" }
""",
)


_CHANCE = re.compile(r"(?:^|[|;&({`\n])\s*(date|curl|wget|shuf|uuidgen|ssh|rsync)\b|(\$RANDOM|/dev/u?random)")


@rule(CACHE_OF_CHANCE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task with `cache: on` whose files, hosts, script, functions or tools may answer differently."""
    for node, task in subject.tasks:
        place = setting(node, "cache")
        if place is None or task.policy.cache is not True:
            continue
        because = next(_because(node, task, subject), None)
        if because is not None:
            span, label, facts = because
            yield CACHE_OF_CHANCE.at(
                place.span,
                f"another run of `{task.name}` may give something else",
                "an earlier result would stand for it",
                also=((span, label),),
                facts=facts,
                help="remove it",
                fix=Fix("remove `cache: on`", (removal(place.span),), safe=False),
            )


Reason = tuple[Span, str, tuple[str, ...]]
"""A place, what is there, and how it comes to that."""


def _because(node: ast.Task, task: Task, subject: Subject) -> Iterator[Reason]:
    for effect in task.effects:
        if effect.kind == "network":
            yield effect.span, "it asks the network", ()
        elif effect.kind == "read" and not effect.shown:
            yield effect.span, "what this file holds may have changed", ()
    for tool in tools_of(task, subject.program):
        if tool.server is not None or any(effect.kind in ("read", "network") for effect in tool.effects):
            yield tool.span, "this tool may answer differently", ()
    for body, inference in subject.bodies.functions_of(task):
        if inference.varies is not None:
            yield body.span, "it does not give the same each time", inference.varies.told
    script = setting(node, "shell")
    if script is not None and isinstance(script.value, ast.StringLiteral):
        found = _CHANCE.search(script.value.value)
        if found is not None:
            yield script.value.place(*found.span(found.lastindex or 0)), "not the same each time", ()
