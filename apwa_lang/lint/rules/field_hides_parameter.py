"""A field that hides a parameter of the program (APWA510)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.hiding import outer_names
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

FIELD_HIDES_PARAMETER = register(
    "APWA510",
    "a field hides a parameter",
    severity=Severity.WARNING,
    explanation="""
In `where`, `select` and the arguments of a `map` a name is first looked for among the fields of the row, which hide
parameters of the program of the same name. So `notes where ward == ward` compares each row with itself, and
`--param ward=2` does not reach it.
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
    """Each name that stands for a field of a row and is also that of a parameter of the program."""
    outer = outer_names(subject)
    for variable in subject.all(ast.Variable) if outer else ():
        declared = subject.declared_at(variable) if variable.name in outer else None
        if declared is not None and declared.kind == "field":
            yield FIELD_HIDES_PARAMETER.at(
                variable.span,
                f"`{variable.name}` is the field here, not the parameter",
                "the field",
                also=((outer[variable.name], "the parameter that it hides"),),
                help="give the parameter another name, so that both can be said",
            )
