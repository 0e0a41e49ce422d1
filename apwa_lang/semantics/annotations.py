"""Written types: from type syntax to type values.

In: a type as written, the names of its file, and the records made so far. Out: the type, UNKNOWN in place of a part
that was reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from apwa_lang.diagnostics.codes import names as codes
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.names import PREDECLARED, Names, Symbol
from apwa_lang.semantics.types import (
    INT,
    PRIMITIVES,
    STR,
    UNKNOWN,
    Choice,
    Field,
    ListOf,
    MapOf,
    Optional,
    RecordType,
    TableOf,
    Tensor,
    Type,
    Union,
    Unknown,
)
from apwa_lang.syntax import nodes as ast

ELEMENTS = ("f16", "f32", "f64", "i32", "i64", "u8")
FORMS: Mapping[str, Form] = {
    "list": Form("list[T]", "Any number of values of one type, in order."),
    "map": Form("map[str, T]", "Values of one type by name."),
    "table": Form("table[R]", "All rows of a table; for parameters of tasks that a flow calls once."),
    "tensor": Form("tensor[f32, 384]", "Numbers of one kind in a fixed shape."),
}
"""Types that are made of others."""

FILE_RECORD = RecordType(
    PREDECLARED,
    (Field("path", STR, key=True), Field("name", STR), Field("size", INT), Field("sha256", STR)),
    "One file that a `files` table found.",
)


def _inner(text: str) -> str:
    return text[text.index("[") + 1 : text.rindex("]")] if "[" in text and "]" in text else "str"


# How types of other languages are written here, given how they stand there.
_ELSEWHERE: dict[str, Callable[[str], str]] = {
    "Optional": lambda text: f"{_inner(text)}?",
    "Literal": lambda text: " | ".join(part.strip() for part in _inner(text).split(",")),
    "Union": lambda text: " | ".join(part.strip() for part in _inner(text).split(",")),
    **dict.fromkeys(("List", "Array", "array", "Sequence", "set", "tuple"), lambda text: f"list[{_inner(text)}]"),
    **dict.fromkeys(("dict", "Dict", "Map", "object"), lambda text: f"map[{_inner(text)}]" if "[" in text else "json"),
    **dict.fromkeys(("any", "Any"), lambda text: "json"),
    **dict.fromkeys(("integer", "long", "Int"), lambda text: "int"),
    **dict.fromkeys(("number", "double", "Float", "decimal"), lambda text: "float"),
    **dict.fromkeys(("string", "String", "text", "varchar"), lambda text: "str"),
    **dict.fromkeys(("boolean", "Boolean"), lambda text: "bool"),
    **dict.fromkeys(("timestamp", "DateTime"), lambda text: "datetime"),
}


class Annotations:
    """Resolves the types written in one file. ``records`` holds the program's records by their whole name."""

    def __init__(self, names: Names, records: Mapping[str, RecordType]) -> None:
        self._names = names
        self._records = records
        self._report = names.report
        self._uses = names.uses

    def resolve(self, node: ast.TypeNode, *, table_allowed: bool = False) -> Type:
        """The type that ``node`` writes; ``table[R]`` only where ``table_allowed``."""
        match node:
            case ast.NamedType():
                return self._named(node, table_allowed)
            case ast.LiteralType(value=value):
                return Choice((value.value,))
            case ast.OptionalType(span=span, inner=inner):
                if isinstance(inner, ast.OptionalType):
                    self._report(codes.nested_optional(span))
                resolved = self.resolve(inner)
                return resolved if isinstance(resolved, Optional | Unknown) else Optional(resolved)
            case ast.UnionType():
                return self._union(node)
            case ast.ErrorType():
                return UNKNOWN

    def record(self, node: ast.TypeNode) -> RecordType | None:
        """The record that ``node`` names; None, reported, when it is no record."""
        resolved = self.resolve(node)
        if isinstance(resolved, RecordType):
            return resolved
        if not isinstance(resolved, Unknown):
            self._report(codes.table_of_records(node.span, str(resolved)))
        return None

    def _named(self, node: ast.NamedType, table_allowed: bool) -> Type:
        word = node.name.text
        if word in FORMS or word in PRIMITIVES:
            self._uses.record(node.name.span, self._uses.builtin("type", word))
        if word in FORMS:
            return self._with_arguments(node, table_allowed)
        primitive = PRIMITIVES.get(word)
        symbol = None if primitive or word == PREDECLARED else self._names.lookup(word)
        if primitive or word == PREDECLARED or symbol is not None:
            if node.arguments:
                self._report(codes.type_arguments(node.name, word))
            if symbol is None and primitive is None:
                self._uses.record(node.name.span, self._uses.builtin("record", PREDECLARED))
            if symbol is None:
                return primitive or FILE_RECORD
            return self._declared(node.name, symbol)
        if word in _ELSEWHERE and not self._names.is_lost(word):
            self._report(codes.foreign_type(node.span, word, _ELSEWHERE[word](node.span.text)))
        elif not self._names.is_lost(word):
            known = [*self._names.known("record"), *PRIMITIVES, *FORMS, PREDECLARED]
            self._names.not_declared("record", node.name, codes.unknown_name("type", node.name, known))
        return UNKNOWN

    def _declared(self, name: ast.Name, symbol: Symbol) -> Type:
        self._names.refer(name, symbol)
        if symbol.kind != "record":
            self._report(codes.wrong_kind(name, symbol.kind, symbol.span, "record"))
            return UNKNOWN
        return self._records.get(symbol.name, UNKNOWN)

    def _with_arguments(self, node: ast.NamedType, table_allowed: bool) -> Type:
        word, arguments = node.name.text, node.arguments
        if word == "tensor" and arguments:
            return self._tensor(node)
        if len(arguments) != (2 if word == "map" else 1) or word == "tensor":
            self._report(codes.type_arguments(node.name, FORMS[word].syntax))
            return UNKNOWN
        inner: list[Type] = []
        for argument in arguments:
            if isinstance(argument, ast.IntLiteral):
                self._report(codes.argument_not_a_type(argument.span, word))
                inner.append(UNKNOWN)
            else:
                inner.append(self.resolve(argument))
        if word == "list":
            return ListOf(inner[0])
        if word == "map":
            if inner[0] not in (STR, UNKNOWN):
                self._report(codes.map_key(arguments[0].span, str(inner[0])))
            return MapOf(inner[1])
        if not table_allowed:
            self._report(codes.table_type(node.span))
            return UNKNOWN
        if isinstance(inner[0], RecordType):
            return TableOf(inner[0])
        if not isinstance(inner[0], Unknown):
            self._report(codes.table_of_records(arguments[0].span, str(inner[0])))
        return UNKNOWN

    def _tensor(self, node: ast.NamedType) -> Type:
        element, *sizes = node.arguments
        if not isinstance(element, ast.NamedType) or element.arguments or element.name.text not in ELEMENTS:
            self._report(codes.tensor_element(element.span, element.span.text, ELEMENTS))
            return UNKNOWN
        if not sizes:
            self._report(codes.tensor_shape(node.span))
            return UNKNOWN
        shape: list[int] = []
        for size in sizes:
            if not isinstance(size, ast.IntLiteral) or size.value < 1:
                self._report(codes.tensor_shape(size.span))
                return UNKNOWN
            shape.append(size.value)
        return Tensor(element.name.text, tuple(shape))

    def _union(self, node: ast.UnionType) -> Type:
        first: dict[Type, ast.TypeNode] = {}
        optional = False
        sound = True
        for member in _members(node):
            if isinstance(member, ast.OptionalType):
                optional = True
                member = member.inner
            resolved = self.resolve(member)
            if isinstance(resolved, Unknown):
                sound = False
            elif not isinstance(resolved, Choice | RecordType):
                sound = False
                self._report(codes.mixed_union(member.span, str(resolved), "neither a text nor a record"))
            elif resolved in first:
                self._report(codes.repeated_member(member.span, member.span.text, first[resolved].span))
            elif first and type(resolved) is not type(next(iter(first))):
                sound = False
                kind = "a text among records" if isinstance(resolved, Choice) else "a record among texts"
                self._report(codes.mixed_union(member.span, member.span.text, kind))
            else:
                first[resolved] = member
        if not sound:
            return UNKNOWN
        texts = tuple(value for member in first if isinstance(member, Choice) for value in member.values)
        records = tuple(member for member in first if isinstance(member, RecordType))
        made: Type = Choice(texts) if texts else records[0] if len(records) == 1 else Union(records)
        return Optional(made) if optional else made


def _members(node: ast.UnionType) -> Iterator[ast.TypeNode]:
    for member in node.members:
        if isinstance(member, ast.UnionType):
            yield from _members(member)
        else:
            yield member


def named_types(node: ast.TypeNode) -> Iterator[ast.Name]:
    """Every name in a written type that may be a record's."""
    pending: list[ast.TypeNode | ast.IntLiteral] = [node]
    while pending:
        match pending.pop():
            case ast.NamedType(name=name, arguments=arguments):
                if name.text not in PRIMITIVES and name.text not in FORMS:
                    yield name
                pending.extend(reversed(arguments))
            case ast.OptionalType(inner=inner):
                pending.append(inner)
            case ast.UnionType(members=members):
                pending.extend(reversed(members))
            case _:
                pass
