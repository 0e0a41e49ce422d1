"""The types of expressions inside templates.

In: a Jinja2 expression, the names in reach and the values known not to be null. Out: its type; what is wrong is
reported at its place in the template. Values of ``T?`` may be tested for truth and compared, and must be told what
null is otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jinja2 import nodes as jinja

from apwa_lang.diagnostics.codes import literals as literal_codes
from apwa_lang.diagnostics.codes import templates as codes
from apwa_lang.diagnostics.codes import types as type_codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics import operators
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.signatures import Match, Misfit, match_call
from apwa_lang.semantics.template_guards import Path, access_path, guards
from apwa_lang.semantics.template_syntax import TemplateTree
from apwa_lang.semantics.types import (
    BOOL,
    DATE,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    UNKNOWN,
    UUID,
    Choice,
    Field,
    ListOf,
    Optional,
    RecordType,
    Type,
    Union,
)
from apwa_lang.syntax.nodes import Name, StringLiteral
from apwa_lang.syntax.source import Span

# Tests and how many arguments each takes.
TESTS: dict[str, int] = {
    "defined": 0,
    "undefined": 0,
    "none": 0,
    "even": 0,
    "odd": 0,
    "divisibleby": 1,
    "string": 0,
    "number": 0,
    "integer": 0,
    "float": 0,
    "boolean": 0,
    "true": 0,
    "false": 0,
    "mapping": 0,
    "sequence": 0,
    "iterable": 0,
}
_OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "in"}
_ARITHMETIC: dict[type[jinja.Node], str] = {
    jinja.Add: "+",
    jinja.Sub: "-",
    jinja.Mul: "*",
    jinja.Div: "/",
    jinja.FloorDiv: "//",
    jinja.Mod: "%",
}
_CONCATENATED: tuple[Type, ...] = (STR, INT, FLOAT, UUID, DATE)


@dataclass(frozen=True)
class Frame:
    """Names made by the template itself, and the access paths that are known not to be null here."""

    local: Mapping[str, Binding]
    present: frozenset[Path] = frozenset()

    def bind(self, name: str, binding: Binding) -> Frame:
        """This frame with a name that hides any other."""
        present = frozenset(path for path in self.present if path[0] != name)
        return Frame({**self.local, name: binding}, present)

    def knowing(self, paths: Iterable[Path]) -> Frame:
        """This frame with more that is not null."""
        return replace(self, present=self.present.union(paths))


class Expressions:
    """Types the expressions of one template; ``names`` collects the outer names that it uses."""

    def __init__(self, literal: StringLiteral, tree: TemplateTree, scope: Scope, path: bool) -> None:
        self.tree = tree
        self.names: set[str] = set()
        self.filters: dict[int, Match] = {}
        self.failed = False
        self.uses = scope.uses
        self._literal = literal
        self._scope = scope
        self._path = path

    def report(self, diagnostic: Diagnostic) -> Type:
        """Report a finding; what it is about has the unknown type."""
        self.failed = True
        self._scope.report(diagnostic)
        return UNKNOWN

    def span(self, node: jinja.Node) -> Span:
        """Where a node stands in the source."""
        return self._literal.place(*self.tree.range(node))

    def place(self, range: tuple[int, int]) -> Span:
        """Where characters of the template stand in the source."""
        return self._literal.place(*range)

    def text(self, range: tuple[int, int]) -> str:
        """Characters of the template."""
        return self._literal.value[range[0] : range[1]]

    def value_of(self, node: jinja.Node, frame: Frame) -> Type:
        """Type of an expression that must not be null."""
        found = self.type_of(node, frame)
        if isinstance(found, Optional) or found == NULL:
            return self.report(codes.null_used(self.span(node), found, self._path, self._declared(node, frame)))
        return found

    def type_of(self, node: jinja.Node, frame: Frame) -> Type:
        """Type of an expression."""
        match node:
            case jinja.Name():
                return self._present(node, self._name(node, frame), frame)
            case jinja.Getattr():
                return self._present(node, self._attribute(node, frame), frame)
            case jinja.Getitem():
                return self._item(node, frame)
            case jinja.Const():
                return _constant_type(node.value)
            case jinja.List() | jinja.Tuple():
                return self._list(node, frame)
            case jinja.Filter():
                return self._filter(node, frame)
            case jinja.Test():
                return self._test(node, frame)
            case jinja.Compare():
                return self._compare(node, frame)
            case jinja.And() | jinja.Or():
                return self._logic(node, frame)
            case jinja.Not():
                self.type_of(node.node, frame)
                return BOOL
            case jinja.Neg():
                found = self.value_of(node.node, frame)
                result = operators.unary("neg", found)
                return result or self.report(type_codes.bad_operand(self.span(node.node), "-", found, None))
            case jinja.Concat():
                return self._concat(node, frame)
            case jinja.CondExpr():
                return self._conditional(node, frame)
            case jinja.BinExpr() if type(node) in _ARITHMETIC:
                return self._arithmetic(node, frame)
            case jinja.Call():
                return self._call(node, frame)
            case _:
                return self.report(codes.not_allowed(self.span(node), _construct(node)))

    def _present(self, node: jinja.Expr, found: Type, frame: Frame) -> Type:
        return found.inner if isinstance(found, Optional) and access_path(node) in frame.present else found

    def _name(self, node: jinja.Name, frame: Frame) -> Type:
        binding = frame.local.get(node.name) or self._scope.names.get(node.name)
        if binding is None:
            known = {*frame.local, *self._scope.names}
            help = "null is written `none` in a template" if node.name == "null" else None
            meant = replace(self._scope, names={**self._scope.names, **frame.local}).holder(node.name)
            return self.report(type_codes.unknown_variable(self.span(node), node.name, known, (), help, meant=meant))
        if binding.declared is not None:
            self.uses.record(self.place(self.tree.token(node.lineno)), binding.declared, type=binding.type)
        if node.name in frame.local:
            return binding.type
        self.names.add(node.name)
        return operators.plain(binding.type) if not isinstance(binding.type, Choice) else binding.type

    def _attribute(self, node: jinja.Getattr, frame: Frame) -> Type:
        base = self.value_of(node.node, frame)
        field = Name(self.place(self.tree.word(node.attr, node.lineno)), node.attr)
        match base:
            case RecordType() | Union():
                return self._field(base, field, field.span)
            case ListOf(RecordType() | Union()):
                text = self.span(node.node).text
                return self.report(codes.field_of_list(field.span, text, node.attr, base))
            case _ if base in (JSON, UNKNOWN):
                return base
            case _:
                return self.report(type_codes.no_fields(field, self.span(node.node), base))

    def _declared(self, node: jinja.Node, frame: Frame) -> Field | None:
        """The field of a record that an expression reads."""
        if not isinstance(node, jinja.Getattr):
            return None
        base: Type | None = None
        if isinstance(node.node, jinja.Name):
            binding = frame.local.get(node.node.name) or self._scope.names.get(node.node.name)
            base = binding.type if binding is not None else None
        else:
            inner = self._declared(node.node, frame)
            base = inner.type if inner is not None else None
        return base.field(node.attr) if isinstance(base, RecordType) else None

    def _field(self, base: RecordType | Union, field: Name, word: Span) -> Type:
        """Type of a field that is written as ``field``, in quotes perhaps; ``word`` is the place of its name."""
        found = operators.field_type(base, field.text)
        if found is not None:
            self.uses.field(word, base, field.text, found)
        known = operators.field_names(base)
        return found or self.report(type_codes.unknown_field(field, base, known, None))

    def _item(self, node: jinja.Getitem, frame: Frame) -> Type:
        base = self.value_of(node.node, frame)
        if isinstance(node.arg, jinja.Slice):
            for part in (node.arg.start, node.arg.stop, node.arg.step):
                if part is not None and (found := self.value_of(part, frame)) not in (INT, UNKNOWN):
                    self.report(type_codes.bad_index(self.span(part), base, (INT,), found))
            sliced = operators.plain(base)
            if sliced in (STR, UNKNOWN) or isinstance(sliced, ListOf):
                return sliced
            return self.report(type_codes.not_indexable(self.span(node.node), base))
        index = self.value_of(node.arg, frame)
        name = node.arg.value if isinstance(node.arg, jinja.Const) else None
        if isinstance(name, str) and isinstance(base, RecordType | Union):
            return self._field(base, Name(self.span(node.arg), name), self._inside(node.arg))
        indexed = operators.indexing(base)
        if indexed is None:
            if base == UNKNOWN:
                return UNKNOWN
            return self.report(type_codes.not_indexable(self.span(node.node), base))
        wanted, result = indexed
        if index != UNKNOWN and operators.plain(index) not in wanted:
            return self.report(type_codes.bad_index(self.span(node.arg), base, wanted, index))
        return result

    def _inside(self, text: jinja.Expr) -> Span:
        """Where the characters of a text constant stand, without its quotes."""
        start, end = self.tree.range(text)
        return self.place((start + 1, end - 1))

    def _list(self, node: jinja.List | jinja.Tuple, frame: Frame) -> Type:
        joined: Type = UNKNOWN
        for place, item in enumerate(node.items):
            found = self.type_of(item, frame)
            both = operators.join(joined, found) if place else found
            if both is None:
                first = self.span(node.items[0])
                return self.report(literal_codes.items_differ(self.span(item), found, first, joined))
            joined = both
        return ListOf(joined)

    def _filter(self, node: jinja.Filter, frame: Frame) -> Type:
        assert node.node is not None  # only filter blocks have none, and they are refused
        token = self.place(self.tree.token(node.lineno))
        function = FILTERS.get(node.name)
        if function is None:
            self.type_of(node.node, frame)
            return self.report(codes.unknown_filter(token, node.name, FILTERS))
        self.uses.record(token, self.uses.builtin("filter", node.name))
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return self.report(codes.not_allowed(token, "a `*` argument"))
        given = [node.node, *node.args, *(keyword.value for keyword in node.kwargs)]
        names: list[str | None] = [*[None] * (1 + len(node.args)), *(str(keyword.key) for keyword in node.kwargs)]
        found = match_call(function.signatures, names, lambda index, hint: self.type_of(given[index], frame))
        if found is None:
            for argument in given:
                self.type_of(argument, frame)
            return self.report(codes.filter_arguments(token, node.name, function.overloads))
        if isinstance(found, Misfit):
            place = self.span(given[found.argument])
            if found.optional:
                field = self._declared(given[found.argument], frame)
                return self.report(codes.null_used(place, found.found, self._path, field))
            if found.argument == 0:
                return self.report(codes.filter_value(token, node.name, found, function.overloads, place))
            return self.report(codes.filter_argument(place, node.name, found, function.overloads))
        self.filters[id(node)] = found
        return self._mapped(node, given[1], found.result) if node.name == "map" else found.result

    def _mapped(self, node: jinja.Filter, attribute: jinja.Expr, items: Type) -> Type:
        """Type of ``map(attribute="field")``, given that of the list."""
        item = items.item if isinstance(items, ListOf) else items
        if not (isinstance(attribute, jinja.Const) and isinstance(attribute.value, str)):
            return self.report(codes.map_attribute(self.span(attribute)))
        if item == UNKNOWN:
            return UNKNOWN
        if not isinstance(item, RecordType | Union):
            return self.report(codes.map_attribute(self.place(self.tree.token(node.lineno))))
        found = self._field(item, Name(self.span(attribute), attribute.value), self._inside(attribute))
        return UNKNOWN if found == UNKNOWN else ListOf(found)

    def _test(self, node: jinja.Test, frame: Frame) -> Type:
        token = self.place(self.tree.word(node.name, node.lineno + len("is")))
        found = self.type_of(node.node, frame)
        for argument in node.args:
            self.type_of(argument, frame)
        if node.name not in TESTS:
            self.report(codes.unknown_test(token, node.name, TESTS))
            return BOOL
        self.uses.record(token, self.uses.builtin("test", node.name))
        if len(node.args) != TESTS[node.name] or node.kwargs or node.dyn_args or node.dyn_kwargs:
            arguments = "value, number" if TESTS[node.name] else "value"
            self.report(codes.filter_arguments(token, node.name, [f"{node.name}({arguments}) -> bool"]))
        elif node.name in ("even", "odd", "divisibleby") and found not in (INT, UNKNOWN):
            misfit = Misfit(0, "value", "int", found, isinstance(found, Optional))
            self.report(codes.filter_value(token, node.name, misfit, [f"{node.name}(value: int) -> bool"], token))
        return BOOL

    def _compare(self, node: jinja.Compare, frame: Frame) -> Type:
        left_node, left = node.expr, self.type_of(node.expr, frame)
        for operand in node.ops:
            right = self.type_of(operand.expr, frame)
            operator = _OPERATORS[operand.op]
            self._check_choice(left_node, right)
            self._check_choice(operand.expr, left)
            sides = ((self.span(left_node), left), (self.span(operand.expr), right))
            if operators.binary(operator, left, right) is None:
                null = next((side for side in sides if isinstance(side[1], Optional)), None)
                if null is not None and operator not in operators.EQUALITIES:
                    self.report(codes.null_used(*null, self._path))
                else:
                    self.report(type_codes.bad_operands(sides[0][0].to(sides[1][0]), operator, *sides))
            left_node, left = operand.expr, right
        return BOOL

    def _check_choice(self, node: jinja.Expr, other: Type) -> None:
        choice = other.inner if isinstance(other, Optional) else other
        choice = choice.item if isinstance(choice, ListOf) else choice
        texts = node.items if isinstance(node, jinja.List | jinja.Tuple) else [node]
        if not isinstance(choice, Choice):
            return
        for text in texts:
            value = text.value if isinstance(text, jinja.Const) else None
            if isinstance(value, str) and value not in choice.values:
                self.report(literal_codes.not_a_choice(self.span(text), value, choice))

    def _logic(self, node: jinja.And | jinja.Or, frame: Frame) -> Type:
        """``a and b``, ``a or b``: one of the two values, as in Jinja2; null on the left of ``or`` gives way."""
        left = self.type_of(node.left, frame)
        is_or = isinstance(node, jinja.Or)
        right = self.type_of(node.right, frame.knowing(guards(node.left)[1 if is_or else 0]))
        if is_or and isinstance(left, Optional):
            left = left.inner
        joined = operators.join(left, right)
        return BOOL if joined is None else joined

    def _concat(self, node: jinja.Concat, frame: Frame) -> Type:
        for part in node.nodes:
            found = self.value_of(part, frame)
            if found != UNKNOWN and operators.plain(found) not in _CONCATENATED:
                self.report(codes.not_joined(self.span(part), found))
        return STR

    def _conditional(self, node: jinja.CondExpr, frame: Frame) -> Type:
        self.type_of(node.test, frame)
        when, unless = guards(node.test)
        then = self.type_of(node.expr1, frame.knowing(when))
        if node.expr2 is None:
            return self.report(codes.not_allowed(self.span(node), "`if` without `else`", "add `else` and a value"))
        otherwise = self.type_of(node.expr2, frame.knowing(unless))
        joined = operators.join(then, otherwise)
        if joined is None:
            first = self.span(node.expr1)
            return self.report(literal_codes.items_differ(self.span(node.expr2), otherwise, first, then))
        return joined

    def _arithmetic(self, node: jinja.BinExpr, frame: Frame) -> Type:
        left, right = self.value_of(node.left, frame), self.value_of(node.right, frame)
        operator = _ARITHMETIC[type(node)]
        result = operators.binary(operator, left, right)
        if result is not None:
            return result
        sides = ((self.span(node.left), left), (self.span(node.right), right))
        return self.report(type_codes.bad_operands(self.span(node), operator, *sides))

    def _call(self, node: jinja.Call, frame: Frame) -> Type:
        called = node.node
        name = called.attr if isinstance(called, jinja.Getattr) else getattr(called, "name", None)
        if isinstance(called, jinja.Getattr):
            self.type_of(called.node, frame)
        help = f"use the filter: `… | {name}`" if name in FILTERS else "compute it in a task, or use a filter"
        return self.report(codes.not_allowed(self.span(node), "a call", help))


def _constant_type(value: object) -> Type:
    kinds: dict[type, Type] = {str: STR, bool: BOOL, int: INT, float: FLOAT}
    return kinds.get(type(value), NULL)


def _construct(node: jinja.Node) -> str:
    names: dict[type[jinja.Node], str] = {jinja.Dict: "a `{ … }` literal", jinja.Pow: "`**`", jinja.Pos: "a `+` sign"}
    return names.get(type(node), f"`{type(node).__name__.lower()}`")
