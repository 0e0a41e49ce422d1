"""Types and expressions.

In: a node and the cursor before its first token. Out: its layout. Parentheses, numbers and strings stay as they were
written.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.formatter.brackets import enclosed, listed
from apwa_lang.formatter.cursor import LINE, NOTHING, SOFT_LINE, SPACE, Cursor
from apwa_lang.formatter.document import Doc, concat, fill, group, hugs, indent, level, phrase
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
                parts += [cursor.gap(LINE), concat(cursor.token(), level(cursor.gap(SPACE)), type_(cursor, member))]
            return indent(fill(parts))
        case n.OptionalType(inner=inner):
            return concat(type_(cursor, inner), cursor.token())
        case n.NamedType(name=name, arguments=arguments):
            head = cursor.name(name, NOTHING)
            if not arguments:
                return head
            opener = concat(head, cursor.token())
            start = cursor.gap(SOFT_LINE)
            parts = [type_(cursor, arguments[0])]
            for argument in arguments[1:]:
                parts += [cursor.comma(","), level(cursor.gap(SPACE)), type_(cursor, argument)]
            return enclosed(cursor, opener, start, concat(*parts), cursor.comma(), tight=True)
        case _:
            return cursor.token()


def expression(cursor: Cursor, node: n.Expr, *, alone: bool = False) -> Doc:
    """Any expression; ``alone`` in brackets that put it on a line of its own."""
    if cursor.before(node.span.start):
        return _parenthesised(cursor, node, NOTHING)
    match node:
        case n.Binary():
            return _chain(cursor, node, alone=alone)
        case n.Unary(operator=operator, operand=operand):
            mark = cursor.token()
            return concat(mark, cursor.gap(SPACE if operator == "not" else NOTHING), expression(cursor, operand))
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
            opener = concat(expression(cursor, base), cursor.token())
            start = cursor.gap(SOFT_LINE)
            return enclosed(cursor, opener, start, expression(cursor, index), tight=True)
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
    tight = len(arguments) == 1 and _is_bracketed(arguments[0])
    return listed(cursor, cursor.token(), arguments, _argument, tight=tight)


def condition(cursor: Cursor, node: n.Expr) -> Doc:
    """An expression in the parentheses of an ``if`` or ``until``."""
    return _parenthesised(cursor, node, SPACE)


def names(cursor: Cursor, nodes: Sequence[n.Name]) -> Doc:
    """``a, b.c``; those that are too many fill lines."""
    start = level(cursor.gap(SPACE))
    parts: list[Doc] = []
    for index, name in enumerate(nodes):
        parts += [cursor.gap(LINE)] if index else []
        word = cursor.name(name, NOTHING)
        parts.append(concat(word, cursor.comma(",")) if index + 1 < len(nodes) else word)
    return indent(start, fill(parts))


def _parenthesised(cursor: Cursor, node: n.Expr, gap: Doc) -> Doc:
    opener = cursor.token(gap)
    start = cursor.gap(SOFT_LINE)
    return enclosed(cursor, opener, start, phrase(expression(cursor, node, alone=True)))


def _chain(cursor: Cursor, node: n.Binary, *, alone: bool) -> Doc:
    """Operands of operators of one level; where they do not fit a line, each operator begins one."""
    operands: list[n.Expr] = []
    left: n.Expr = node
    while isinstance(left, n.Binary) and _level(left) == _level(node) and left.span.start == node.span.start:
        operands.append(left.right)
        left = left.left
    first = phrase(expression(cursor, left))
    parts: list[Doc] = []
    for operand in reversed(operands):
        gap = cursor.gap(LINE)
        operator = cursor.words(2 if node.operator == "not in" else 1)
        parts += [gap, phrase(operator, cursor.gap(SPACE), expression(cursor, operand))]
    rest = concat(*parts) if alone else indent(*parts)
    return concat(first, group(rest)) if hugs(first) else group(first, rest)


def _level(node: n.Binary) -> int:
    return _LEVELS.get(node.operator, _COMPARISON)


def _entry(cursor: Cursor, node: n.Entry) -> Doc:
    return concat(cursor.token(), cursor.token(), cursor.gap(SPACE), expression(cursor, node.value))


def _is_bracketed(node: n.Argument) -> bool:
    return node.name is None and isinstance(node.value, n.ListLiteral | n.RecordLiteral)


def _argument(cursor: Cursor, node: n.Argument) -> Doc:
    if node.name is None:
        return expression(cursor, node.value)
    return concat(cursor.token(), cursor.token(), cursor.gap(SPACE), expression(cursor, node.value))


def _arm(cursor: Cursor, node: n.RouteArm) -> Doc:
    target = cursor.name(node.target, NOTHING)
    if node.condition is None:
        return target
    return concat(target, cursor.token(SPACE), cursor.gap(SPACE), expression(cursor, node.condition))
