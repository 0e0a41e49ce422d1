"""A field that hides a parameter of the program (APWA510)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, inside, record_of
from apwa_lang.semantics.program import (
    Where,
)
from apwa_lang.syntax import nodes as ast

FIELD_HIDES_PARAMETER = register(
    "APWA510",
    "a field hides a parameter",
    severity=Severity.WARNING,
    explanation="""
In `where` the fields of the table are in scope, and they hide parameters of the program of the same name. So `notes
where ward == ward` compares each row with itself. Only one of the two can be meant.
""",
    fix="Give the parameter another name.",
    bad="""
param ward: str = "1"
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  here = notes where ward == "1"
  save here to "out/{{ ward }}.jsonl"
}
""",
    good="""
param wanted: str = "1"
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  here = notes where ward == wanted
  save here to "out/{{ wanted }}.jsonl"
}
""",
)


@rule(FIELD_HIDES_PARAMETER)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each name in `where` that is both a field of the table and a parameter of the program."""
    nodes = {node.name.span: node for node in subject.all(ast.Assign)}
    places = {node.name.text: node.name.span for node in subject.all(ast.Param)}
    if not places:
        return
    for flow, step in subject.steps:
        node = nodes.get(step.span)
        if node is None or not isinstance(node.relation, ast.WhereRelation):
            continue
        record = record_of(step.operation.table, flow, subject.program) if isinstance(step.operation, Where) else None
        if record is None:
            continue
        fields = {field.name for field in record.fields}
        for variable in inside(node.relation, ast.Variable):
            if variable.name in fields and variable.name in places:
                yield FIELD_HIDES_PARAMETER.at(
                    variable.span,
                    f"`{variable.name}` is the field here, not the parameter",
                    "the field",
                    also=((places[variable.name], "the parameter that it hides"),),
                    help="give the parameter another name, so that both can be said",
                )
