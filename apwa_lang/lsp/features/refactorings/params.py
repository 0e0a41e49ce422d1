"""Literals made parameters.

In: a literal under the cursor, in an expression that may name parameters. Out: a `param` with its value, in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.refactorings.edits import Refactoring, above, fresh, line_end, names_in, with_docs
from apwa_lang.lsp.view import View
from apwa_lang.semantics.tasks import CONTRACTS
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Span

_TYPES: dict[type, str] = {
    n.IntLiteral: "int",
    n.FloatLiteral: "float",
    n.DurationLiteral: "duration",
    n.StringLiteral: "str",
}


def params(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Make the literal a parameter of the program."""
    literal = path[-1] if path else None
    if type(literal) not in _TYPES or view.checked.has_errors or not _may_name_parameters(path):
        return
    assert literal is not None
    if isinstance(literal, n.StringLiteral) and not isinstance(path[-2], n.Binary):
        return
    name = fresh(_name(path), names_in(view.module) | _fields(view))
    text = f"param {name}: {_TYPES[type(literal)]} = {literal.span.text}"
    yield Refactoring(f"Extract a parameter `{name}`", "extract", (_declared(view, text), Edit(literal.span, name)))


def _may_name_parameters(path: Sequence[n.Node]) -> bool:
    """Whether the literal stands in a condition, a `select`, a `limit` or the result of a task."""
    for node, inner in pairwise(path):
        match node:
            case n.WhereRelation() | n.SelectRelation() | n.LimitRelation() | n.Expect():
                return not any(_is_pattern(one) for one in path)
            case n.If(condition=condition) if inner is condition:
                return True
            case n.Repeat(until=until) if inner is until:
                return True
            case n.Setting(name=n.Name(text=text)):
                return text in (*CONTRACTS, "return") and not any(_is_pattern(one) for one in path)
    return False


def _is_pattern(node: n.Node) -> bool:
    return isinstance(node, n.Call) and node.function.text == "matches"


def _name(path: Sequence[n.Node]) -> str:
    match path[-2]:
        case n.LimitRelation():
            return "most_rows"
        case n.Binary(left=n.Variable(name=field)) | n.Binary(right=n.Variable(name=field)):
            return f"wanted_{field}"
        case n.Binary(left=n.FieldAccess(field=n.Name(text=field))):
            return f"wanted_{field}"
        case _:
            return "value"


def _fields(view: View) -> set[str]:
    return {field.name for record in view.checked.program.records.values() for field in record.fields}


def _declared(view: View, text: str) -> Edit:
    """The declaration, behind the last one of its kind or before what is no import."""
    end = line_end(view.source)
    declarations = view.module.declarations
    given = [one for one in declarations if isinstance(one, n.Param)]
    if given:
        at = given[-1].span.end
        return Edit(Span(view.source, at, at), f"{end}{text}")
    first = next(one for one in declarations if not isinstance(one, n.Import))
    return above(with_docs(first.span), f"{text}\n")
