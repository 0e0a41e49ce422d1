"""Names of the program that may stand at a place.

In: a place, and what the parser could begin there. Out: items: of types, of tables, tasks and splits, of fields, of
what an expression can name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.expected import Expected
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.context.scopes import (
    scope_at,
    splits_at,
    type_of,
)
from apwa_lang.lsp.features.completion.item import BEST, LIKELY, POSSIBLE, RARE, USUAL, Item, of_field
from apwa_lang.lsp.features.completion.values import choices
from apwa_lang.semantics import operators
from apwa_lang.semantics.annotations import ELEMENTS, FILE_RECORD
from apwa_lang.semantics.annotations import FORMS as MADE_TYPES
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.reach import InBothBranches, LocalSplit, LocalTable, Reach
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.signatures import substitute
from apwa_lang.semantics.types import DOCS as TYPES
from apwa_lang.semantics.types import (
    UNKNOWN,
    ListOf,
    Optional,
    RecordType,
    TableOf,
    Type,
    Union,
    assignable,
)
from apwa_lang.syntax import nodes as ast


def types(place: Place, around: Around) -> Iterator[Item]:
    """Types: those of the language, and records."""
    if place.before() == "[" and "tensor" in getattr(place.parts[-2].value, "text", ""):
        yield from (Item(element, "type", rank=LIKELY) for element in ELEMENTS)
    of_rows = place.owner == "table" or place.before() == "->"
    yield from declared(around, "record", rank=LIKELY if of_rows or place.owner in ("task", "test") else USUAL)
    yield from prefixes(around, "record")
    yield Item(FILE_RECORD.name, "record", doc=FILE_RECORD.description, rank=USUAL)
    for name, doc in () if place.owner == "table" else TYPES.items():
        rank = USUAL if of_rows else BEST if name in ("str", "int", "float", "bool") else LIKELY
        yield Item(name, "type", doc=doc, rank=rank)
    for name, form in () if place.owner == "table" else MADE_TYPES.items():
        if name != "table" or place.owner == "task":
            inside = "${1:str}" if name == "list" else "str, ${1:str}" if name == "map" else "$1"
            rank = USUAL if of_rows else BEST if name == "list" else LIKELY
            yield Item(name, "type", form.syntax, form.doc, rank, snippet=f"{name}[{inside}]")


def declared(around: Around, *kinds: str, rank: int = LIKELY) -> Iterator[Item]:
    """Declarations of these kinds that the file can name."""
    for text, symbol in around.of_kind(*kinds):
        yield of_symbol(text, symbol, rank)


def of_symbol(text: str, symbol: Symbol, rank: int) -> Item:
    """A declaration."""
    kind = symbol.kind
    doc = getattr(symbol.node, "doc", "")
    match symbol.node:
        case ast.Task(parameters=parameters, result=result):
            detail = f"({', '.join(one.span.text for one in parameters)}) -> {result.span.text}"
        case ast.Tool(parameters=parameters):
            detail = f"({', '.join(one.span.text for one in parameters)})"
        case ast.Table(record=record):
            detail = record.span.text
        case ast.Split(table=table, rule=rule):
            detail = f"{table.text} by {rule.span.text}"
        case ast.Param(type=type):
            detail = type.span.text
        case _:
            detail = kind
    return Item(text, kind, detail, doc, rank)  # type: ignore[arg-type]


def members(prefix: str, around: Around, *kinds: str) -> Iterator[Item]:
    """What an import declares, behind its dot."""
    for text, symbol in around.of_kind(*kinds):
        before, dot, name = text.partition(".")
        if dot and before == prefix:
            yield of_symbol(name, symbol, LIKELY)


def tables(reach: Reach, around: Around, rank: int = LIKELY) -> Iterator[Item]:
    """Tables: results of the flow, the latest first, and those of the program."""
    for text, local in reversed(reach.locals.items()):
        if isinstance(local, LocalTable | InBothBranches):
            record = local.rows.record if isinstance(local, LocalTable) else local.record
            yield Item(text, "variable", f"table[{record}]" if record else "table", fields_told(record), rank)
    yield from declared(around, "table", rank=rank)
    yield from prefixes(around, "table")


def splits(reach: Reach) -> Iterator[Item]:
    """Splits, those of the flow first."""
    for text, split in splits_at(reach).items():
        rank = LIKELY if isinstance(reach.locals.get(text), LocalSplit) else USUAL
        yield Item(text, "split", f"{split.table} by {split.rule}", fields_told(split.subproblem), rank)


def fields(record: RecordType | None) -> Iterator[Item]:
    """The fields of a record."""
    if record is not None:
        yield from map(of_field, record.fields)


def fields_of(type: Type) -> Iterator[Item]:
    """What may stand behind a value of a type and a dot."""
    found = operators.plain(type)
    found = found.inner if isinstance(found, Optional) else found
    found = found.item if isinstance(found, ListOf) else found
    if isinstance(found, RecordType):
        yield from fields(found)
    elif isinstance(found, Union):
        for name in operators.field_names(found):
            yield Item(name, "field", str(operators.field_type(found, name)), rank=LIKELY)


def fields_told(record: RecordType | None) -> str:
    """The fields of a record in Markdown."""
    if record is None:
        return ""
    lines = [f"  {field.name}: {field.type}{' @key' if field.key else ''}" for field in record.fields]
    return "\n".join(["```apwa", "{", *lines, "}", "```"])


def expression(place: Place, around: Around) -> Iterator[Item]:
    """What an expression may begin with, what fits the type that is asked for first."""
    scope = scope_at(place, around)
    expected = Expected(place, scope, around)
    if place.qualifier is not None:
        yield from fields_of(type_of(place.qualifier, scope))
        yield from members(place.qualifier.text, around, "parameter", "task", "record")
        return
    wanted = expected.type()
    yield from choices(wanted)
    yield from _namesake(place, scope)
    yield from names_of(scope, wanted)
    yield from functions(wanted, scope)
    if place.owner in ("test", "flow", "table", "task"):
        for item in declared(around, "record", rank=POSSIBLE):
            yield replace(item, rank=LIKELY) if str(wanted) == item.label else item
    if place.owner == "test":
        yield from declared(around, "task", rank=LIKELY if place.before() == "=" else POSSIBLE)


def names_of(scope: Scope, wanted: Type | None) -> Iterator[Item]:
    """The names of a scope."""
    for name, binding in scope.names.items():
        if binding.type == UNKNOWN and "." in name:
            continue
        fits = wanted is not None and wanted != UNKNOWN and assignable(binding.type, wanted)
        kind = "variable" if isinstance(binding.type, TableOf) else "field"
        yield Item(name, kind, str(binding.type), rank=LIKELY if fits or wanted is None else USUAL)  # type: ignore[arg-type]


def _namesake(place: Place, scope: Scope) -> Iterator[Item]:
    """What has the name of the field or argument that it would be given to."""
    name = getattr(place.parts[-2].value, "text", "") if place.before() == ":" and len(place.parts) > 1 else ""
    if name in scope.names:
        yield Item(name, "field", str(scope.names[name].type), rank=BEST)


def functions(wanted: Type | None, scope: Scope) -> Iterator[Item]:
    """The functions of the language, those first whose result is of the type that is wanted."""
    for name, function in FUNCTIONS.items():
        if name in scope.names:
            continue
        doc = "\n\n".join((*(f"```apwa\n{text}\n```" for text in function.overloads), function.doc))
        results = [substitute(one.result, {}) for one in function.signatures]
        fits = wanted not in (None, UNKNOWN) and any(one is not None and one == wanted for one in results)
        rank = USUAL if fits else POSSIBLE
        yield Item(name, "function", function.overloads[0], doc, rank, snippet=f"{name}($1)")


def after_value(place: Place, around: Around) -> Iterator[Item]:
    """Fields of the value before a dot that is no plain name."""
    value = place.parts[-2].value if len(place.parts) > 1 else None
    yield from fields_of(type_of(value, scope_at(place, around)))


def prefixes(around: Around, kind: str) -> Iterable[Item]:
    """The prefixes under which there is something of a kind."""
    found = {text.partition(".")[0] for text, _ in around.of_kind(kind) if "." in text}
    return (Item(prefix, "module", "import", rank=RARE, again=True) for prefix in sorted(found))
