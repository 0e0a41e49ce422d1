"""An argument, or a name of a test, that hides a parameter of the program (APWA511)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.hiding import outer_names
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import split_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.core import Var
from apwa_lang.semantics.program import CallOnce, Map
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import inside

LOCAL_HIDES_PARAMETER = register(
    "APWA511",
    "an argument hides a parameter of the program",
    severity=Severity.WARNING,
    explanation="""
Inside the task the name is its argument, and the parameter of the program of the same name cannot be used there:
`--param` does not reach it. Names that a test gives, and `result` in an `ensure`, hide a parameter too. A task that is
given the parameter itself, as in `map f(style: style) over …`, is not reported.
""",
    fix="Give one of the two another name, or remove the argument where the parameter is meant.",
    bad="""
param style: str = "short"
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task label(text: str, style: str) -> str { return: text + style }
flow main {
  labels = map label(text, id) over per_note
  save labels to "out/{{ style }}.jsonl"
}
""",
    good="""
param style: str = "short"
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task label(text: str, mark: str) -> str { return: text + mark }
flow main {
  labels = map label(text, id) over per_note
  save labels to "out/{{ style }}.jsonl"
}
""",
)


@rule(LOCAL_HIDES_PARAMETER)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each argument of a task, name of a test and `result` that has the name of a parameter."""
    outer = outer_names(subject)
    for name, span, what in _locals(subject, outer) if outer else ():
        if name in outer:
            yield LOCAL_HIDES_PARAMETER.at(
                span,
                f"`{name}` is {what} here, and hides the {_kind(outer[name], subject)} `{name}`",
                "hides it",
                also=((outer[name], "hidden"),),
                help="give one of the two another name",
            )


def _locals(subject: Subject, outer: Mapping[str, Span]) -> Iterator[tuple[str, Span, str]]:
    """Each name that is one inside a task or a test only, with words for what it is."""
    for node in subject.all(ast.Task):
        for parameter in node.parameters:
            name = parameter.name.text
            if name in outer and not _is_given_itself(node.name.text, name, subject):
                yield name, parameter.name.span, f"the argument of `{node.name.text}`"
    for test in subject.all(ast.Test):
        for statement in test.statements:
            if isinstance(statement, ast.Let | ast.Fixture):
                yield statement.name.text, statement.name.span, "a name of the test"
    for place in subject.all(ast.Setting):
        if place.name.text == "ensure":
            answers = (one for one in inside(place.value, ast.Variable) if one.name == "result")
            yield from ((one.name, one.span, "the answer of the task") for one in list(answers)[:1])


def _is_given_itself(task: str, name: str, subject: Subject) -> bool:
    """Whether a step gives the parameter of the program for the argument of the same name."""
    for flow, step in subject.steps:
        operation = step.operation
        if isinstance(operation, Map | CallOnce) and operation.task == task:
            split = split_of(flow, operation.split) if isinstance(operation, Map) else None
            is_field = split is not None and split.subproblem.field(name) is not None
            if not is_field and (name, Var(name)) in operation.arguments:
                return True
    return False


def _kind(span: Span, subject: Subject) -> str:
    return "import" if any(node.alias.span == span for node in subject.all(ast.Import)) else "parameter"
