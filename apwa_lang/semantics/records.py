"""Records: from their declarations to record types.

In: the files of a program. Out: every record type, by its whole name. A record that contains itself is reported, and
the field that closes the circle has the unknown type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.codes import names as name_codes
from apwa_lang.diagnostics.codes import records as codes
from apwa_lang.semantics.annotations import named_types
from apwa_lang.semantics.attributes import Attributes, read_attributes
from apwa_lang.semantics.constants import constant
from apwa_lang.semantics.context import File
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.types import Default, Field, Optional, RecordType, Type
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

Edge = tuple[ast.Name, Symbol]


def resolve_records(files: list[File], records: dict[str, RecordType]) -> None:
    """Fill ``records``, which the files' scopes read, each record after those that it holds."""
    by_unit = {id(file.unit): file for file in files}
    for file in files:
        for symbol in file.names.own.values():
            if symbol.kind == "record":
                _resolve_below(symbol, by_unit, records)


def _resolve_below(root: Symbol, files: dict[int, File], records: dict[str, RecordType]) -> None:
    """Resolve ``root`` and all that it holds, depth first without recursion."""
    if root.name in records:
        return
    path: list[tuple[Symbol, Iterator[Edge]]] = [(root, _held(root, files))]
    open_at = {root.name: 0}
    taken: list[Span] = []
    while path:
        symbol, edges = path[-1]
        edge = next(edges, None)
        if edge is None:
            path.pop()
            del open_at[symbol.name]
            if taken:
                taken.pop()
            records[symbol.name] = _record(symbol, files[id(symbol.unit)])
            continue
        name, target = edge
        if target.name in open_at:
            at = open_at[target.name]
            chain = tuple(each.node.name.text for each, _ in path[at:])
            report = files[id(symbol.unit)].report
            report(name_codes.recursive_record(name.span, (*chain, chain[0]), tuple(taken[at:])))
        elif target.name not in records:
            open_at[target.name] = len(path)
            taken.append(name.span)
            path.append((target, _held(target, files)))


def _held(symbol: Symbol, files: dict[int, File]) -> Iterator[Edge]:
    """The records that the fields of a record name, in their types and their defaults."""
    names = files[id(symbol.unit)].names
    assert isinstance(symbol.node, ast.Record)
    for field in symbol.node.fields:
        written = list(named_types(field.type))
        if field.default is not None:
            written.extend(_constructed(field.default))
        for name in written:
            target = names.lookup(name.text)
            if target is not None and target.kind == "record":
                yield name, target


def _constructed(expr: ast.Expr) -> Iterator[ast.Name]:
    """The records that a constant constructs."""
    match expr:
        case ast.RecordLiteral(entries=entries, type=type):
            if type is not None:
                yield type
            for entry in entries:
                yield from _constructed(entry.value)
        case ast.ListLiteral(items=items):
            for item in items:
                yield from _constructed(item)


def _record(symbol: Symbol, file: File) -> RecordType:
    node = symbol.node
    assert isinstance(node, ast.Record)
    fields: dict[str, Field] = {}
    places: dict[str, Span] = {}
    for declared in node.fields:
        name = declared.name
        made = _field(declared, symbol.name, file)
        if name.text in places:
            file.report(name_codes.duplicate("field", name, name.text, places[name.text]))
            continue
        places[name.text] = name.span
        fields[name.text] = made
    return RecordType(symbol.name, tuple(fields.values()), node.doc, symbol.declared)


def _field(node: ast.FieldDecl, owner: str, file: File) -> Field:
    type = file.annotations.resolve(node.type)
    attributes = read_attributes(node, type, file.report)
    return Field(
        name=node.name.text,
        type=type,
        key=attributes.key,
        unique=attributes.unique,
        secret=attributes.secret,
        pattern=attributes.pattern,
        minimum=attributes.minimum,
        maximum=attributes.maximum,
        description=node.doc if attributes.description is None else attributes.description,
        default=_default(node, type, attributes, file),
        declared=file.uses.declare("field", node.name.text, node.name.span, owner, type),
    )


def _default(node: ast.FieldDecl, type: Type, attributes: Attributes, file: File) -> Default | None:
    if node.default is None or isinstance(node.default, ast.ErrorExpr):
        return None
    what = f"the default of `{node.name.text}`"
    because = (node.type.span, f"`{node.name.text}` is `{type}`")
    value = constant(node.default, type, file.scope_of_constants, what, because)
    if value is None:
        # A field of type `T?` is null without a default too: both spellings are one record.
        said = isinstance(node.default, ast.NullLiteral) and not isinstance(type, Optional)
        return Default(None) if said else None
    place, rules = node.default.span, attributes.places
    for rule in ("key", "unique"):
        if getattr(attributes, rule):
            file.report(codes.bad_default(place, rules[rule], "rows that leave the field out would share this default"))
    if attributes.pattern is not None and not re.fullmatch(attributes.pattern, str(value)):
        file.report(codes.bad_default(place, rules["pattern"], "the default does not match the field's pattern"))
    low, high = attributes.minimum, attributes.maximum
    if low is not None and high is not None and isinstance(value, int | float) and not low <= value <= high:
        file.report(codes.bad_default(place, rules["range"], "the default is outside the field's range"))
    return Default(value)
