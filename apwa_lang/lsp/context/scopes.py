"""What an expression at a place can name, and what a flow has made before it.

In: a place and the declarations around it. Out: a scope, or a flow's reach: of the statements before the place, those
of enclosing branches and rounds included.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place, tokens_behind
from apwa_lang.semantics.expressions import check
from apwa_lang.semantics.flows import reach_after
from apwa_lang.semantics.program import Split
from apwa_lang.semantics.reach import LocalSplit, Reach
from apwa_lang.semantics.relations import TablesInReach
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.tests import scope_after
from apwa_lang.semantics.types import UNKNOWN, RecordType, Type
from apwa_lang.syntax import nodes as ast


def reach_at(place: Place, around: Around) -> Reach:
    """What the flow around a place has made before it; outside of flows, the tables of the program."""
    statements: list[ast.Statement] = []
    for part in place.parts:
        if part.symbol == "_statements":
            statements += (one for one in part.value if isinstance(one, ast.Statement))
    return reach_after(statements, around.file, around.world)


def scope_at(place: Place, around: Around) -> Scope:
    """What an expression at the place can name."""
    base = around.file.scope
    match place.owner:
        case "task" | "tool":
            return _of_task(place, around)
        case "test":
            statements = [part.value for part in place.parts if part.symbol == "_test_statements"]
            return scope_after(statements[0] if statements else (), around.file, around.world)
        case "split":
            return _of_row(base, record_of(_name(place, 3), reach_at(place, around)))
        case "flow":
            return _of_flow(place, around)
        case _:
            return base


def type_of(node: object, scope: Scope) -> Type:
    """The type of an expression that the parser has read."""
    if isinstance(node, ast.Name):
        node = _expression(node)
    if not isinstance(node, ast.Expr):
        return UNKNOWN
    return check(node, replace(scope, report=_silent))[1]


def record_of(name: ast.Name | None, reach: Reach) -> RecordType | None:
    """The record of a table's rows."""
    rows = reach.peek(name.text) if name is not None else None
    return rows.record if rows is not None else None


def splits_at(reach: Reach) -> dict[str, Split]:
    """The splits that a statement can name, as it writes them."""
    found = {text: local.split for text, local in reach.locals.items() if isinstance(local, LocalSplit) and local.split}
    for text, symbol in reach.file.names.visible():
        split = reach.world.splits.get(symbol.name) if symbol.kind == "split" else None
        if split is not None:
            found.setdefault(text, split)
    return found


def mapped(place: Place, reach: Reach) -> list[Split]:
    """The split that the `map` around a place goes over; all that it could, where that is not written yet."""
    splits = splits_at(reach)
    behind = tokens_behind(place)
    written = behind[behind.index("over") + 1 :] if "over" in behind else []
    name = "".join(written[:3]) if written[1:2] == ["."] else "".join(written[:1])
    return [splits[name]] if name in splits else list(splits.values())


def table_behind(place: Place, word: str) -> ast.Name | None:
    """The name behind ``word`` in the rest of the statement."""
    behind = tokens_behind(place)
    if word not in behind[:-1]:
        return None
    written = behind[behind.index(word) + 1 :]
    text = "".join(written[:3]) if written[1:2] == ["."] else written[0]
    return ast.Name(place.word, text)


def _name(place: Place, index: int) -> ast.Name | None:
    value = place.parts[index].value if len(place.parts) > index else None
    return value if isinstance(value, ast.Name) else None


def _of_task(place: Place, around: Around) -> Scope:
    given = next((part.value for part in place.parts if part.symbol == "parameters"), ())
    parameters = tuple(one for one in given if isinstance(one, ast.Parameter))
    scope = around.scope_of(parameters)
    symbols = [part.symbol for part in place.parts]
    if "_settings" in symbols:
        setting = place.parts[symbols.index("_settings") + 1].value if symbols[-1] != "_settings" else None
        if isinstance(setting, ast.Name) and setting.text == "ensure":
            result = next((part.value for part in place.parts if part.symbol == "type"), None)
            return scope.child(result=Binding(around.type(result)))
    return scope


def _of_flow(place: Place, around: Around) -> Scope:
    reach = reach_at(place, around)
    base = around.file.scope
    parts = place.parts
    for index in range(len(parts) - 1, 0, -1):
        before = parts[index - 1].value
        match parts[index].symbol:
            case "where" | "select":
                return _of_row(base, record_of(before if isinstance(before, ast.Name) else None, reach))
            case "by" if parts[index - 2].symbol == "=":
                return _of_row(base, record_of(before if isinstance(before, ast.Name) else None, reach))
            case "map":
                for split in mapped(place, reach):
                    base = _of_row(base, split.subproblem)
                return base
            case "(" if parts[index - 1].symbol == "dotted" and parts[index - 2].symbol == "=":
                return replace(base, names=TablesInReach(reach))
            case "until":
                return replace(base, names=TablesInReach(reach))
    return base


def _of_row(scope: Scope, record: RecordType | None) -> Scope:
    if record is None:
        return scope
    return scope.child(**{field.name: Binding(field.type) for field in record.fields})


def _expression(name: ast.Name) -> ast.Expr:
    first, *fields = name.text.split(".")
    made: ast.Expr = ast.Variable(name.span, first)
    for field in fields:
        made = ast.FieldAccess(name.span, made, ast.Name(name.span, field))
    return made


def _silent(_: Diagnostic) -> None:
    """What is wrong is told elsewhere."""
