"""The template checker.

In: a text literal with Jinja2 in it, and the names in its scope. Out: a checked template; one without statements is
also cut into fixed text and holes. Every name, field, filter and operator is checked, and findings point inside the
literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from apwa_lang.diagnostics.codes import templates as codes
from apwa_lang.semantics import operators
from apwa_lang.semantics.core import Core, GetField, Var
from apwa_lang.semantics.media import KINDS, kind_of, with_filter
from apwa_lang.semantics.program import Filter, Hole, Literal, Shown, Template
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.signatures import Constant
from apwa_lang.semantics.types import BOOL, BYTES, INT, JSON, UNKNOWN, Field, RecordType, Tensor, Type
from apwa_lang.syntax.nodes import StringLiteral

if TYPE_CHECKING:
    from jinja2 import nodes as jinja

    from apwa_lang.semantics.template_expressions import Expressions, Frame

_MARKS = ("{{", "{%", "{#")
_NOT_PRINTED = (BYTES,)

LOOP = RecordType(
    "loop",
    tuple(Field(name, INT) for name in ("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"))
    + tuple(Field(name, BOOL) for name in ("first", "last")),
)


# `{name}`, `${name}` and `~{name}`, as other languages write a hole.
_SINGLE = re.compile(r"[$~]?(?<!\{)\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}(?!\})")


def check_template(text: StringLiteral, scope: Scope, *, path: bool = False, prompt: bool = False) -> Template:
    """The checked template of ``text``; findings are reported to the scope.

    A ``path`` has no statements, and each of its holes is one plain value. A ``prompt`` shows files: each hole of that
    type has a filter that says so in the template's text. ``segments`` is None for a template with statements or with
    findings.
    """
    if path or scope.path or prompt:
        for found in _SINGLE.finditer(text.value):
            if found[1].partition(".")[0] in scope.names:
                scope.report(codes.single_braces(text.place(*found.span()), found[1], path or scope.path))
    if not any(mark in text.value for mark in _MARKS):
        fixed = (Literal(text.value, text.place(0, len(text.value))),) if text.value else ()
        return Template(text.value, frozenset(), fixed, text.span)
    from apwa_lang.semantics.template_syntax import TemplateProblem, parse

    try:
        tree = parse(text.value)
    except TemplateProblem as problem:
        scope.report(codes.syntax(text.place(problem.start, problem.end), str(problem)))
        return Template(text.value, frozenset(), None, text.span)
    from apwa_lang.semantics.template_expressions import Expressions, Frame

    expressions = Expressions(text, tree, scope, path or scope.path)
    checker = _Checker(expressions, path or scope.path, prompt)
    try:
        checker.statements(tree.root.body, Frame({}))
    except RecursionError:
        expressions.report(codes.syntax(text.span, "this is nested too deeply"))
    segments = None if expressions.failed or checker.has_statements else tuple(checker.segments)
    shows = () if expressions.failed else tuple(shown for _, _, shown in checker.shows)
    return Template(checker.written(text.value), frozenset(expressions.names), segments, text.span, shows)


class _Checker:
    """Walks the statements of one template and collects its segments, and the files that it ``shows`` by place."""

    def __init__(self, expressions: Expressions, path: bool, prompt: bool) -> None:
        self.segments: list[Literal | Hole] = []
        self.shows: list[tuple[int, int, Shown]] = []
        self.has_statements = False
        self._expressions = expressions
        self._path = path
        self._prompt = prompt
        self._holes = iter(expressions.tree.holes)

    def written(self, text: str) -> str:
        """The template with the filters that say what is shown as a file."""
        for start, end, shown in reversed(self.shows):
            text = text[:start] + shown.text + text[end:]
        return text

    def statements(self, body: list[jinja.Node], frame: Frame) -> Frame:
        """Check statements in order; the frame after them."""
        for node in body:
            frame = self._statement(node, frame)
        return frame

    def _statement(self, node: jinja.Node, frame: Frame) -> Frame:
        from jinja2 import nodes as jinja

        if isinstance(node, jinja.Output):
            for part in node.nodes:
                self._output(part, frame)
            return frame
        self.has_statements = True
        place = self._expressions.place(self._expressions.tree.token(node.lineno))
        if self._path:
            self._expressions.report(codes.path_statement(place, place.text))
            return frame
        match node:
            case jinja.If():
                return self._if(node, frame)
            case jinja.For():
                return self._for(node, frame)
            case jinja.Assign(target=jinja.Name() as target):
                return frame.bind(target.name, self._variable(target, self._expressions.type_of(node.node, frame)))
            case _:
                self._expressions.report(codes.not_allowed(place, f"`{{% {place.text} … %}}`"))
                return frame

    def _if(self, node: jinja.If, frame: Frame) -> Frame:
        """Each branch in turn; a name set in every branch, or before, is there afterwards."""
        from apwa_lang.semantics.template_guards import guards

        ends: list[Frame] = []
        current = frame
        for branch in (node, *node.elif_):
            self._expressions.type_of(branch.test, current)
            when, unless = guards(branch.test)
            ends.append(self.statements(branch.body, current.knowing(when)))
            current = current.knowing(unless)
        ends.append(self.statements(node.else_, current))
        for name in set.intersection(*(set(end.local) for end in ends)):
            bindings = [end.local[name] for end in ends]
            if any(binding != frame.local.get(name) for binding in bindings):
                joined: Type | None = bindings[0].type
                for binding in bindings[1:]:
                    joined = None if joined is None else operators.join(joined, binding.type)
                frame = frame.bind(name, replace(bindings[0], type=joined or UNKNOWN))
        return frame

    def _variable(self, target: jinja.Name, type: Type) -> Binding:
        """A name that the template makes."""
        span = self._expressions.span(target)
        return Binding(type, span, self._expressions.uses.declare("variable", target.name, span, type=type))

    def _for(self, node: jinja.For, frame: Frame) -> Frame:
        from jinja2 import nodes as jinja

        from apwa_lang.semantics.template_guards import guards

        expressions = self._expressions
        over = expressions.value_of(node.iter, frame)
        item = operators.element(over)
        if item is None:
            item = expressions.report(codes.not_a_list(expressions.span(node.iter), over))
        if node.recursive or not isinstance(node.target, jinja.Name):
            construct = "`recursive`" if node.recursive else "a loop over pairs"
            expressions.report(codes.not_allowed(expressions.span(node.target), construct))
            return frame
        inner = frame.bind(node.target.name, self._variable(node.target, item))
        if node.test is not None:
            expressions.type_of(node.test, inner)
            inner = inner.knowing(guards(node.test)[0])
        loop = Binding(LOOP, None, expressions.uses.builtin("variable", "loop"))
        self.statements(node.body, inner.bind("loop", loop) if node.target.name != "loop" else inner)
        self.statements(node.else_, frame)
        return frame

    def _output(self, node: jinja.Expr, frame: Frame) -> None:
        from jinja2 import nodes as jinja

        expressions = self._expressions
        if isinstance(node, jinja.TemplateData):
            start = expressions.tree.offsets[node.lineno]
            end = expressions.tree.offsets[node.lineno + len(node.data)]
            self.segments.append(Literal(node.data, expressions.place((start, end))))
            return
        place = next(self._holes)
        span = expressions.place(place)
        if isinstance(node, jinja.Tuple):
            expressions.report(codes.not_allowed(expressions.span(node), "a list without brackets"))
            return
        found = expressions.value_of(node, frame)
        if isinstance(found, Tensor) or found in _NOT_PRINTED:
            report = codes.path_hole if self._path else codes.not_text
            expressions.report(report(expressions.span(node), found))
        elif self._path and found != UNKNOWN and operators.plain(found) not in operators.SCALARS:
            expressions.report(codes.path_hole(expressions.span(node), found))
        else:
            value, type, filters = self._parts(node, frame)
            hole = Hole(value, found if value is None else type, filters, span)
            self.segments.append(hole)
            kind = kind_of(found) if self._prompt else None
            if kind is not None:
                self.shows.append((*place, Shown(kind, hole, self._filtered(node, place, kind))))

    def _filtered(self, node: jinja.Expr, place: tuple[int, int], kind: str) -> str:
        """A hole with the filter that says what it shows."""
        from jinja2 import nodes as jinja

        hole = self._expressions.text(place)
        if isinstance(node, jinja.Filter) and node.name in KINDS:
            return hole
        plain = isinstance(node, jinja.Name | jinja.Getattr | jinja.Getitem | jinja.Filter)
        return with_filter(hole, kind, plain)

    def _parts(self, node: jinja.Expr, frame: Frame) -> tuple[Core | None, Type, tuple[Filter, ...]]:
        """A hole as a chain of fields and filters with constant arguments; no value where it is more than that."""
        from jinja2 import nodes as jinja

        from apwa_lang.semantics.template_core import core_of
        from apwa_lang.semantics.template_guards import access_path

        filters: list[Filter] = []
        while isinstance(node, jinja.Filter) and node.node is not None:
            match = self._expressions.filters.get(id(node))
            given = [node.node, *node.args, *(keyword.value for keyword in node.kwargs)]
            if match is None:
                return None, UNKNOWN, ()
            arguments: list[object] = []
            for place in match.order[1:]:
                if isinstance(place, Constant):
                    arguments.append(place.value)
                    continue
                try:
                    arguments.append(given[place].as_const())
                except jinja.Impossible:
                    return None, UNKNOWN, ()
            while arguments and isinstance(match.order[len(arguments)], Constant):
                arguments.pop()
            filters.append(Filter(node.name, tuple(arguments)))
            node = node.node
        path = access_path(node)
        if self._expressions.failed or any(name.name in frame.local for name in _names(node)):
            return None, UNKNOWN, ()
        if path is None:
            core = core_of(node)
            return core, UNKNOWN if core is None else self._expressions.type_of(node, frame), tuple(reversed(filters))
        base = node
        while isinstance(base, jinja.Getattr):
            base = base.node
            if self._expressions.type_of(base, frame) == JSON:
                return None, UNKNOWN, ()
        value: Core = Var(path[0])
        for field in path[1:]:
            value = GetField(value, field)
        return value, self._expressions.type_of(node, frame), tuple(reversed(filters))


def _names(node: jinja.Node) -> Iterator[jinja.Name]:
    from jinja2 import nodes as jinja

    if isinstance(node, jinja.Name):
        yield node
    yield from node.find_all(jinja.Name)
