"""What the names of a file are used for.

In: a subject. Out: for each kind of declaration the names that something in the file mentions. A name that may mean
one thing or another counts for both, so what is not mentioned is not used.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from apwa_lang.lint.subject import Subject, children
from apwa_lang.semantics.program import SqlSource
from apwa_lang.syntax import nodes as ast

_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
_TEMPLATES = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)


class Mentions:
    """``of(kind)`` are the names, dotted as they are written, that stand where a ``kind`` may."""

    def __init__(self, subject: Subject) -> None:
        self._found: dict[str, set[str]] = defaultdict(set)
        for node in subject.module.declarations:
            self._visit(node)
        for table in subject.program.tables.values():
            if isinstance(table.source, SqlSource):
                self._found["table"].update(table.source.tables)

    def of(self, kind: str) -> set[str]:
        """The names used as a ``kind``."""
        return self._found[kind]

    @property
    def prefixes(self) -> set[str]:
        """The imports of which something is used."""
        return {name.partition(".")[0] for names in self._found.values() for name in names if "." in name}

    def _add(self, name: ast.Name | None, *kinds: str) -> None:
        if name is not None:
            for kind in kinds:
                self._found[kind].add(name.text)

    def _visit(self, node: ast.Node) -> None:
        match node:
            case ast.Assign(after=after):
                for name in after:
                    self._add(name, "step")
            case ast.NamedType(name=name) | ast.RecordLiteral(type=ast.Name() as name):
                self._add(name, "record")
            case ast.Split(table=table):
                self._add(table, "table")
            case ast.MapRelation(task=task, split=split):
                self._add(task, "task")
                self._add(split, "split")
            case ast.ReduceRelation(function=function, table=table):
                self._add(function, "task")
                self._add(table, "table")
            case ast.WhereRelation(table=table) | ast.SelectRelation(table=table) | ast.AliasRelation(table=table):
                self._add(table, "table")
            case ast.SortRelation(table=table) | ast.LimitRelation(table=table):
                self._add(table, "table")
            case ast.Save(table=table, after=after):
                self._add(table, "table")
                for name in after:
                    self._add(name, "step")
            case ast.JoinRelation(left=left, right=right):
                self._add(left, "table")
                self._add(right, "table")
            case ast.UnionRelation(tables=tables):
                for table in tables:
                    self._add(table, "table")
            case ast.CallRelation(task=task) | ast.Call(function=task):
                self._add(task, "task")
            case ast.Mock(model=model) | ast.RouteArm(target=model):
                self._add(model, "model")
            case ast.Variable() | ast.FieldAccess():
                for text in _dotted(node):
                    for kind in ("table", "model", "tool", "task", "parameter"):
                        self._found[kind].add(text)
            case ast.StringLiteral(value=text) if "{{" in text or "{%" in text:
                for hole in _TEMPLATES.findall(text):
                    self._found["parameter"].update(_WORD.findall(hole))
                    self._found["parameter"].update(word.partition(".")[0] for word in _WORD.findall(hole))
        for child in children(node):
            self._visit(child)


def _dotted(node: ast.Variable | ast.FieldAccess) -> Iterator[str]:
    if isinstance(node, ast.Variable):
        yield node.name
    elif isinstance(node.base, ast.Variable):
        yield f"{node.base.name}.{node.field.text}"
