"""A step whose result nobody uses (APWA508)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.agents import tools_of
from apwa_lang.semantics.program import (
    Program,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

UNUSED_RESULT = register(
    "APWA508",
    "a result that is not used",
    severity=Severity.WARNING,
    explanation="""
No statement takes the rows of this step, they are not saved, and its task writes no file and asks no host. So its work
is done, and paid for where a model is asked, and nothing comes of it.
""",
    fix="Save the result, use it, or remove the step.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main {
  sizes = map size over per_note
  long = sizes where value > 100
  save sizes to "out/sizes.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main {
  sizes = map size over per_note
  long = sizes where value > 100
  save sizes to "out/sizes.jsonl"
  save long to "out/long.jsonl"
}
""",
)


@rule(UNUSED_RESULT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each assigned name of a flow that no statement reads, but for steps that act on the world."""
    declared = [step for step in subject.uses.declarations() if step.kind == "step"]
    read = {(step.owner, step.name) for step in declared if step.span not in subject.unread}
    steps = {step.span: step.owner for step in declared}
    saved = {PurePosixPath(node.path.value).stem for node in subject.all(ast.Save)}
    for node in subject.all(ast.Assign):
        name = node.name.text
        if (steps.get(node.name.span), name) in read or _acts(node.relation, subject.program):
            continue
        yield UNUSED_RESULT.at(
            node.name.span,
            f"the result `{name}` is not used",
            "worked out for nothing",
            help=f"write `{_save(name)}`, or remove the step",
            fix=Fix("save the result", (_saved(node, name),), safe=False) if name not in saved else None,
        )


def _save(name: str) -> str:
    return f'save {name} to "out/{name}.jsonl"'


def _saved(node: ast.Assign, name: str) -> Edit:
    """A line below the step, and below the comment behind it."""
    text, end = node.span.source.text, node.span.end
    start = text.rfind("\n", 0, node.span.start) + 1
    indent = text[start : len(text) - len(text[start:].lstrip(" \t"))]
    rest = text[end:].partition("\n")[0].rstrip()
    if not rest or rest.lstrip().startswith("#"):
        end += len(rest)
    return Edit(Span(node.span.source, end, end), f"\n{indent}{_save(name)}")


def _acts(relation: ast.Relation, program: Program) -> bool:
    """Whether a step does more than give rows: its task or one of its tools writes or reaches the world."""
    match relation:
        case ast.MapRelation(task=name) | ast.CallRelation(task=name) | ast.ReduceRelation(function=ast.Name() as name):
            task = program.tasks.get(name.text)
        case _:
            return False
    if task is None or task.trust is not None:
        return task is not None
    tools = tools_of(task, program)
    effects = [*task.effects, *(effect for tool in tools for effect in tool.effects)]
    return any(effect.kind in ("write", "reduce", "network") for effect in effects) or any(
        tool.server is not None for tool in tools
    )
