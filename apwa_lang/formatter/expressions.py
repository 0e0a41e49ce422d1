"""Types and expressions.

In: a node and the cursor before its first token. Out: its layout. Parentheses, numbers and strings stay as they were
written.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.formatter.brackets import listed
from apwa_lang.formatter.cursor import LINE, NOTHING, SOFT_LINE, SPACE, Cursor
from apwa_lang.formatter.document import Doc, concat, fill, group, hang, indent
from apwa_lang.syntax import nodes as n

# Operators of one level are broken together.
_LEVELS = {"or": 0, "and": 1, "+": 3, "-": 3, "*": 4, "/": 4, "//": 4, "%": 4}
_COMPARISON = 2

_NUMBERS = (n.IntLiteral, n.FloatLiteral, n.DurationLiteral, n.SizeLiteral)


def type_(cursor: Cursor, node: n.TypeNode | n.IntLiteral) -> Doc:
    """``str``, ``list[T]``, ``T?``, ``A | B``; the members of a union that is too long fill lines."""
    match node:
        case n.UnionType(members=members):
            first, *others = members
            parts: list[Doc] = [type_(cursor, first)]
            for member in others:
                parts += [cursor.gap(LINE), concat(cursor.token(), cursor.gap(SPACE), type_(cursor, member))]
            return indent(fill(parts))
        case n.OptionalType(inner=inner):
            return concat(type_(cursor, inner), cursor.token())
        case n.NamedType(name=name, arguments=arguments):
            parts = [cursor.name(name, NOTHING)]
            if arguments:
                parts.append(cursor.token())
                for index, argument in enumerate(arguments):
                    parts += [cursor.token(), cursor.gap(SPACE)] if index else []
                    parts.append(type_(cursor, argument))
                parts += [cursor.comma(), cursor.token()]
            return concat(*parts)
        case _:
            return cursor.token()


def expression(cursor: Cursor, node: n.Expr, *, enclosed: bool = False) -> Doc:
    """Any expression; ``enclosed`` in brackets that put it on a line of its own."""
    if cursor.before(node.span.start):
        return _enclosed(cursor, node, NOTHING)
    match node:
        case n.Binary():
            return _chain(cursor, node, enclosed=enclosed)
        case n.Unary(operator=operator, operand=operand):
            mark = cursor.token()
            return concat(mark, hang(cursor.gap(SPACE if operator == "not" else NOTHING), expression(cursor, operand)))
        case n.ListLiteral(items=items):
            return listed(
                cursor, cursor.token(), items, expression, filled=all(isinstance(item, _NUMBERS) for item in items)
            )
        case n.RecordLiteral(entries=entries, type=name):
            head = cursor.name(name, NOTHING) if name else NOTHING
            return concat(head, listed(cursor, cursor.token(SPACE if name else NOTHING), entries, _entry, edge=SPACE))
        case n.FieldAccess(base=base):
            return concat(expression(cursor, base), cursor.token(), cursor.token())
        case n.Index(base=base, index=index):
            value = expression(cursor, base)
            return concat(value, cursor.token(), cursor.gap(), expression(cursor, index), cursor.token())
        case n.Call(function=function, arguments=arguments):
            return concat(cursor.name(function, NOTHING), arguments_(cursor, arguments))
        case n.Route(arms=arms):
            return listed(cursor, cursor.token(), arms, _arm, edge=SPACE)
        case n.RateLiteral():
            return cursor.words(3)
        case n.PythonReference():
            return cursor.words(2)
        case _:
            return cursor.token()


def arguments_(cursor: Cursor, arguments: Sequence[n.Argument]) -> Doc:
    """``(a, b: c)``. The brackets of a list or record that is the only argument stand beside the parentheses."""
    opener = cursor.token()
    if len(arguments) == 1 and _is_bracketed(arguments[0]) and not cursor.line_end_ahead():
        return concat(opener, expression(cursor, arguments[0].value), cursor.comma(), cursor.token())
    return listed(cursor, opener, arguments, _argument)


def condition(cursor: Cursor, node: n.Expr) -> Doc:
    """An expression in the parentheses of an ``if`` or ``until``."""
    return _enclosed(cursor, node, SPACE)


def names(cursor: Cursor, nodes: Sequence[n.Name]) -> Doc:
    """``a, b.c``; those that are too many fill lines."""
    parts: list[Doc] = []
    for index, name in enumerate(nodes):
        parts += [cursor.gap(LINE)] if index else []
        word = cursor.name(name, SPACE if not index else NOTHING)
        parts.append(concat(word, cursor.token()) if index + 1 < len(nodes) else word)
    return indent(fill(parts))


def _enclosed(cursor: Cursor, node: n.Expr, gap: Doc) -> Doc:
    opener = cursor.token(gap)
    inside = concat(cursor.gap(SOFT_LINE), expression(cursor, node, enclosed=True), cursor.comments())
    end = cursor.closing_line(SOFT_LINE)
    return group(opener, indent(inside), end, cursor.token())


def _chain(cursor: Cursor, node: n.Binary, *, enclosed: bool) -> Doc:
    """Operands of operators of one level; where they do not fit a line, each operator begins one."""
    operands: list[n.Expr] = []
    left: n.Expr = node
    while isinstance(left, n.Binary) and _level(left) == _level(node) and left.span.start == node.span.start:
        operands.append(left.right)
        left = left.left
    first = expression(cursor, left)
    parts: list[Doc] = []
    for operand in reversed(operands):
        parts += [cursor.gap(LINE), cursor.token()]
        if node.operator == "not in":
            parts.append(cursor.token(SPACE))
        parts.append(hang(cursor.gap(SPACE), expression(cursor, operand)))
    return group(first, concat(*parts) if enclosed else indent(*parts))


def _level(node: n.Binary) -> int:
    return _LEVELS.get(node.operator, _COMPARISON)


def _entry(cursor: Cursor, node: n.Entry) -> Doc:
    return concat(cursor.token(), cursor.token(), hang(cursor.gap(SPACE), expression(cursor, node.value)))


def _is_bracketed(node: n.Argument) -> bool:
    return node.name is None and isinstance(node.value, n.ListLiteral | n.RecordLiteral)


def _argument(cursor: Cursor, node: n.Argument) -> Doc:
    if node.name is None:
        return expression(cursor, node.value)
    return concat(cursor.token(), cursor.token(), hang(cursor.gap(SPACE), expression(cursor, node.value)))


def _arm(cursor: Cursor, node: n.RouteArm) -> Doc:
    target = cursor.name(node.target, NOTHING)
    if node.condition is None:
        return target
    return concat(target, cursor.token(SPACE), hang(cursor.gap(SPACE), expression(cursor, node.condition)))
