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
    mapped,
    reach_at,
    record_of,
    scope_at,
    splits_at,
    table_behind,
    type_of,
)
from apwa_lang.lsp.features.completion.item import BEST, LIKELY, POSSIBLE, RARE, USUAL, Item, of_field
from apwa_lang.lsp.features.completion.values import choices
from apwa_lang.semantics import operators
from apwa_lang.semantics.annotations import ELEMENTS, FILE_RECORD
from apwa_lang.semantics.annotations import FORMS as MADE_TYPES
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.maps import keepable
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.reach import InBothBranches, LocalSplit, LocalTable, Reach
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.signatures import substitute
from apwa_lang.semantics.types import DOCS as TYPES
from apwa_lang.semantics.types import (
    UNKNOWN,
    Field,
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
    yield from _imports(around, "record")
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
    yield from _imports(around, "table")


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


def reference(place: Place, around: Around) -> Iterator[Item]:
    """A name that is no expression: what it is of, the words before it say."""
    word, prefix = _governing(place), place.qualifier
    if prefix is not None:
        kinds = {"map": "task", "reduce": "task", "over": "split", "mock": "model", "when": "model"}.get(word, "table")
        yield from members(prefix.text, around, kinds, "table")
        return
    reach = reach_at(place, around)
    match word:
        case "map":
            yield from declared(around, "task")
            yield from _imports(around, "task")
        case "reduce":
            yield from declared(around, "task")
            written = table_behind(place, "over")
            for name in [written] if written is not None else _local_tables(reach, place):
                yield from fields(record_of(name, reach))
        case "over" if any(part.symbol == "reduce" for part in place.parts[-4:]):
            yield from tables(reach, around)
        case "over":
            yield from splits(reach)
        case "keep":
            yield from _kept(place, reach)
        case "group" | "sort by":
            yield from fields(record_of(_table_before(place), reach))
        case "on":
            yield from _common(place, reach)
        case "mock":
            yield from declared(around, "model")
        case "after":
            yield from tables(reach, around)
        case _:
            yield from tables(reach, around)


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


def _local_tables(reach: Reach, place: Place) -> list[ast.Name]:
    """The results of the flow, the latest first."""
    return [ast.Name(place.word, text) for text in reversed(reach.locals)]


def _governing(place: Place) -> str:
    """The word that says what a name is of: the one before it, or before the list that it is in."""
    back = 3 if place.before() == "," and place.before(2) in ("_names", "_tables") else 1
    word = place.before(back)
    if back == 3 and place.before(2) == "_tables":
        return "union"
    if word == "by" and place.before(back + 1) == "sort":
        return "sort by"
    return word


def _table_before(place: Place) -> ast.Name | None:
    """The table of the statement: that before `sort`, or behind `over`."""
    parts = place.parts
    for index in range(len(parts) - 1, 0, -1):
        if parts[index].symbol in ("sort", "over"):
            value = parts[index - 1 if parts[index].symbol == "sort" else index + 1].value
            return value if isinstance(value, ast.Name) else None
    return None


def _kept(place: Place, reach: Reach) -> Iterator[Item]:
    parts = place.parts
    at = max((index for index, part in enumerate(parts) if part.symbol == "over"), default=-1)
    name = getattr(parts[at + 1].value, "text", "") if 0 <= at < len(parts) - 1 else ""
    split = splits_at(reach).get(name)
    for found in [split] if split is not None else mapped(place, reach):
        for key, kept in keepable(found).items():
            if kept is not None:
                yield of_field(Field(key, kept[1].type, description=kept[1].description))


def _common(place: Place, reach: Reach) -> Iterator[Item]:
    """The fields that both sides of a `join` have."""
    at = max((index for index, part in enumerate(place.parts) if part.symbol == "join"), default=0)
    sides = [place.parts[index].value for index in (at - 1, at + 1) if 0 < index < len(place.parts)]
    records = [record_of(side, reach) for side in sides if isinstance(side, ast.Name)]
    if len(records) == 2 and records[0] is not None and records[1] is not None:
        yield from (of_field(field) for field in records[0].fields if records[1].field(field.name) is not None)


def _imports(around: Around, kind: str) -> Iterable[Item]:
    """The prefixes under which there is something of a kind."""
    prefixes = {text.partition(".")[0] for text, _ in around.of_kind(kind) if "." in text}
    return (Item(prefix, "module", "import", rank=RARE, again=True) for prefix in sorted(prefixes))
