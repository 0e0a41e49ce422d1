"""Declarations.

In: a node and the cursor before its first token. Out: its layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.formatter.brackets import block, listed
from apwa_lang.formatter.cursor import LINE, NOTHING, SPACE, Cursor
from apwa_lang.formatter.document import Doc, concat, group, indent, phrase
from apwa_lang.formatter.expressions import arguments_, expression, type_
from apwa_lang.formatter.flows import rule, split, statement
from apwa_lang.syntax import nodes as n


def declaration(cursor: Cursor, node: n.Declaration) -> Doc:
    """Any declaration."""
    match node:
        case n.Import():
            return cursor.words(4)
        case n.Param():
            return concat(cursor.token(), cursor.gap(SPACE), _typed(cursor, node.type), _default(cursor, node.default))
        case n.Record(fields=fields):
            return block(cursor, cursor.words(2), fields, _field)
        case n.Table(record=record, source=source):
            head = concat(cursor.token(), cursor.gap(SPACE), _typed(cursor, record), cursor.token(SPACE))
            return concat(head, cursor.gap(SPACE), _source(cursor, source))
        case n.Model(settings=settings):
            return block(cursor, cursor.words(2), settings, _setting)
        case n.Tool():
            return _tool(cursor, node)
        case n.Task(parameters=parameters, result=result, settings=settings):
            return block(cursor, _signature(cursor, parameters, result), settings, _setting)
        case n.Split():
            return split(cursor, node)
        case n.Flow(statements=statements):
            return block(cursor, cursor.words(2), statements, statement)
        case n.Test(statements=statements):
            return block(cursor, cursor.words(2), statements, _test_statement)


def _typed(cursor: Cursor, type_node: n.TypeNode) -> Doc:
    """``name: T``."""
    return concat(cursor.token(), cursor.token(), cursor.gap(SPACE), type_(cursor, type_node))


def _default(cursor: Cursor, default: n.Expr | None) -> Doc:
    if default is None:
        return NOTHING
    return concat(cursor.token(SPACE), cursor.gap(SPACE), expression(cursor, default))


def _field(cursor: Cursor, node: n.FieldDecl) -> Doc:
    head = _typed(cursor, node.type)
    attributes = [_attribute(cursor, attribute) for attribute in node.attributes]
    return concat(head, group(indent(*attributes)) if attributes else NOTHING, _default(cursor, node.default))


def _attribute(cursor: Cursor, node: n.Attribute) -> Doc:
    gap = cursor.gap(LINE)
    mark = concat(cursor.token(), cursor.token())
    return concat(gap, phrase(mark, arguments_(cursor, node.arguments) if cursor.at("(") else NOTHING))


def _source(cursor: Cursor, source: n.TableSource | None) -> Doc:
    match source:
        case n.ReadSource(format=format_) if format_ is not None:
            head = concat(cursor.words(2), cursor.token(SPACE), cursor.name(format_.function))
            return concat(head, arguments_(cursor, format_.arguments)) if cursor.at("(") else head
        case n.LiteralSource(rows=rows):
            return expression(cursor, rows)
        case _:
            return cursor.words(2)


def _tool(cursor: Cursor, node: n.Tool) -> Doc:
    if node.builtin is not None:
        return concat(cursor.words(3), rule(cursor, node.builtin, SPACE))
    if node.mcp is not None:
        head = cursor.words(5)
        return block(cursor, head, node.settings, _setting) if cursor.at("{") else head
    return block(cursor, _signature(cursor, node.parameters, node.result), node.settings, _setting)


def _signature(cursor: Cursor, parameters: Sequence[n.Parameter], result: n.TypeNode | None) -> Doc:
    """``task name(a: A) -> R``."""
    head = concat(
        cursor.words(2), listed(cursor, cursor.token(), parameters, _parameter), cursor.token(SPACE), cursor.gap(SPACE)
    )
    return concat(head, indent(type_(cursor, result)) if result is not None else NOTHING)


def _parameter(cursor: Cursor, node: n.Parameter) -> Doc:
    return _typed(cursor, node.type)


def _setting(cursor: Cursor, node: n.Setting) -> Doc:
    return concat(cursor.token(), cursor.token(), cursor.gap(SPACE), expression(cursor, node.value))


def _test_statement(cursor: Cursor, node: n.TestStatement) -> Doc:
    match node:
        case n.Mock(model=model, value=value):
            head = concat(cursor.token(), cursor.name(model), cursor.token(SPACE))
            return concat(head, cursor.gap(SPACE), expression(cursor, value))
        case n.Let(value=value):
            return concat(cursor.words(2), cursor.gap(SPACE), expression(cursor, value))
        case n.Fixture(type=type_node):
            return concat(_typed(cursor, type_node), cursor.words(3, SPACE))
        case n.Expect(condition=expr):
            return concat(cursor.token(), cursor.gap(SPACE), expression(cursor, expr))
