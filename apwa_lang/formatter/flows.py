"""Statements of flows.

In: a node and the cursor before its first token. Out: its layout. The clauses of a statement that is too long stand on
lines of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.formatter.brackets import block, listed
from apwa_lang.formatter.cursor import HARD, LINE, NOTHING, SPACE, Cursor
from apwa_lang.formatter.document import Doc, concat, group, indent, phrase
from apwa_lang.formatter.expressions import arguments_, condition, expression, names
from apwa_lang.syntax import nodes as n


def statement(cursor: Cursor, node: n.Statement) -> Doc:
    """Any statement of a flow."""
    match node:
        case n.Split():
            return split(cursor, node)
        case n.Assign(relation=relation, after=after):
            head = concat(cursor.token(), cursor.token(SPACE))
            return concat(head, cursor.gap(SPACE), _relation(cursor, relation, after))
        case n.Save(table=table, after=after):
            head = concat(cursor.token(), cursor.name(table), cursor.words(2, SPACE))
            return concat(head, _clauses(_after(cursor, after)))
        case n.If(condition=expr, then=then):
            first = block(cursor, concat(cursor.token(), condition(cursor, expr)), then, statement)
            has_other = cursor.at("else", "{") or cursor.at("else", "if")
            return concat(first, _otherwise(cursor, node.otherwise) if has_other else NOTHING)
        case n.Repeat(limit=limit, until=until, body=body):
            head = concat(cursor.words(2), cursor.gap(SPACE), expression(cursor, limit))
            return block(cursor, concat(head, cursor.token(SPACE), condition(cursor, until)), body, statement)


def split(cursor: Cursor, node: n.Split) -> Doc:
    """``split name = table by rule(…)``."""
    head = concat(cursor.words(3), cursor.name(node.table))
    return concat(head, _clauses([concat(cursor.gap(LINE), phrase(cursor.token(), rule(cursor, node.rule, SPACE)))]))


def rule(cursor: Cursor, node: n.Rule, gap: Doc = NOTHING) -> Doc:
    """``row`` or ``chunk(100)``."""
    word = cursor.token(gap)
    return concat(word, arguments_(cursor, node.arguments)) if cursor.at("(") else word


def _otherwise(cursor: Cursor, statements: Sequence[n.Statement]) -> Doc:
    word = cursor.token(HARD if cursor.comment_ahead() else SPACE)
    if cursor.at("{"):
        return block(cursor, word, statements, statement)
    return concat(word, cursor.gap(SPACE), statement(cursor, statements[0]))


def _relation(cursor: Cursor, node: n.Relation, after: Sequence[n.Name]) -> Doc:
    """A relation and the ``after`` behind it."""
    head: Doc
    clauses: list[Doc] = []
    match node:
        case n.MapRelation(task=task, arguments=arguments, split=split, keep=keep):
            head = concat(cursor.token(), cursor.name(task))
            if arguments is not None:
                head = concat(head, arguments_(cursor, arguments))
            clauses.append(concat(cursor.gap(LINE), phrase(cursor.token(), cursor.name(split))))
            if keep:
                clauses.append(concat(cursor.gap(LINE), cursor.token(), names(cursor, keep)))
        case n.ReduceRelation(function=function, table=table, strategy=strategy, group=fields):
            head = cursor.token()
            if function:
                head = concat(head, cursor.name(function))
            head = concat(head, cursor.token(SPACE), cursor.name(table))
            if strategy:
                clauses.append(concat(cursor.gap(LINE), phrase(cursor.token(), rule(cursor, strategy, SPACE))))
            if fields:
                clauses.append(concat(cursor.gap(LINE), cursor.token(), names(cursor, fields)))
        case n.WhereRelation(table=table, condition=expr) | n.LimitRelation(table=table, count=expr):
            head = concat(cursor.name(table), cursor.token(SPACE), cursor.gap(SPACE), expression(cursor, expr))
        case n.SelectRelation(table=table, record=record):
            head = concat(cursor.name(table), cursor.token(SPACE), cursor.gap(SPACE), expression(cursor, record))
        case n.JoinRelation(left=left, right=right, on=on):
            head = concat(cursor.name(left), cursor.token(SPACE), cursor.name(right))
            clauses.append(concat(cursor.gap(LINE), cursor.token(), names(cursor, on)))
        case n.SortRelation(table=table, by=fields):
            head = concat(cursor.name(table), cursor.words(2, SPACE), names(cursor, fields))
        case n.UnionRelation(tables=tables):
            head = concat(cursor.token(), listed(cursor, cursor.token(), tables, _table))
        case n.CallRelation(task=task, arguments=arguments):
            head = concat(cursor.name(task), arguments_(cursor, arguments))
        case _:
            head = cursor.name(node.table) if isinstance(node, n.AliasRelation) else cursor.token()
    return concat(head, _clauses([*clauses, *_after(cursor, after)]))


def _table(cursor: Cursor, name: n.Name) -> Doc:
    return cursor.name(name, NOTHING)


def _after(cursor: Cursor, after: Sequence[n.Name]) -> list[Doc]:
    return [concat(cursor.gap(LINE), cursor.token(), names(cursor, after))] if after else []


def _clauses(clauses: Sequence[Doc]) -> Doc:
    return group(indent(*clauses)) if clauses else NOTHING
