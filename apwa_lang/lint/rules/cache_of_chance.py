"""Results of other runs where they may differ (APWA570)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.chance import chance_in
from apwa_lang.lint.edits import removal
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.program import (
    PythonBody,
    Task,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

CACHE_OF_CHANCE = register(
    "APWA570",
    "`cache: on` for what may come out otherwise",
    severity=Severity.WARNING,
    explanation="""
With `cache: on` a result of an earlier run stands for that of this one. The body asks the network, is a script or a
function that asks the clock or draws by chance, or calls tools whose answers may have changed, so another run need not
give what the earlier one gave.
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
    """Each task with `cache: on` whose network, script or tools may answer differently."""
    for node, task in subject.tasks:
        place = setting(node, "cache")
        if place is None or task.policy.cache is not True:
            continue
        because = _because(node, task)
        if because is not None:
            yield CACHE_OF_CHANCE.at(
                place.span,
                f"another run of `{task.name}` may give something else",
                "an earlier result would stand for it",
                also=(because,),
                help="remove it",
                fix=Fix("remove `cache: on`", (removal(place.span),), safe=False),
            )


def _because(node: ast.Task, task: Task) -> tuple[Span, str] | None:
    asked = next((effect.span for effect in task.effects if effect.kind == "network"), None)
    if asked is not None:
        return asked, "it asks the network"
    tools, script = setting(node, "tools"), setting(node, "shell")
    if tools is not None and (task.tools or task.agents):
        return tools.span, "tools may answer differently"
    body = setting(node, "python")
    if body is not None and isinstance(task.body, PythonBody):
        call = chance_in(task.body)
        return (body.span, f"it calls `{call}`") if call is not None else None
    if script is not None and isinstance(script.value, ast.StringLiteral):
        found = _CHANCE.search(script.value.value)
        if found is not None:
            return script.value.place(*found.span(found.lastindex or 0)), "not the same each time"
    return None
