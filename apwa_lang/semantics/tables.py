"""Tables: from their declarations to typed tables.

In: a table as declared and the file it stands in. Out: the table, or None where a mistake was reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from apwa_lang.diagnostics.codes import tables as codes
from apwa_lang.semantics.annotations import FILE_RECORD
from apwa_lang.semantics.constants import constant
from apwa_lang.semantics.context import File
from apwa_lang.semantics.formats import READ_SUFFIXES, read_format, read_options, suffix_of
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import (
    FilesSource,
    LiteralSource,
    ReadSource,
    SqlSource,
    Table,
    TableSource,
    short_name,
)
from apwa_lang.semantics.types import UNKNOWN, Field, Optional, RecordType, open_fields
from apwa_lang.syntax import nodes as ast

_WORD = re.compile(r"[^\W\d]\w*")


def resolve_table(symbol: Symbol, file: File) -> Table | None:
    """The table that ``symbol`` declares."""
    node = symbol.node
    assert isinstance(node, ast.Table)
    record = file.annotations.record(node.record)
    source = _source(node, record, file)
    return Table(symbol.name, record, source, symbol.span) if record is not None and source is not None else None


def check_query(table: Table, query: ast.StringLiteral, tables: Mapping[str, Table], file: File) -> None:
    """Report a query that reads itself, or that DuckDB, where it is installed, cannot read."""
    assert isinstance(table.source, SqlSource)
    circle = _circle(table.name, tables)
    if circle:
        file.report(codes.query_circle(query.span, circle))
        return
    records = {short_name(name): tables[name].record for name in table.source.tables if name in tables}
    same = {name.lower(): name for name in records}
    clash = next((name for name in records if same[name.lower()] != name), None)
    if clash is not None:
        file.report(codes.query_names(query.span, clash, same[clash.lower()]))
        return
    from apwa_lang.semantics.queries import columns

    others = [name for name, symbol in file.names.own.items() if symbol.kind == "table" and symbol.name != table.name]
    try:
        found = columns(query.value, records, others)
    except ImportError:
        return
    except ValueError as error:
        hidden = {field.name for record in records.values() for field in {*record.fields} - {*open_fields(record)}}
        file.report(codes.query(query.span, str(error), sorted(hidden & {*_WORD.findall(query.value)})))
        return
    needed = (
        field.name for field in table.record.fields if field.default is None and not isinstance(field.type, Optional)
    )
    missing = [name for name in needed if name not in found]
    if missing:
        file.report(codes.query_column(query.span, missing[0], str(table.record), found))


def _circle(name: str, tables: Mapping[str, Table], above: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The way from a table back to itself through queries, () where there is none."""
    if name in above:
        return (*above[above.index(name) :], name)
    source = tables[name].source if name in tables else None
    below = source.tables if isinstance(source, SqlSource) else ()
    return next((found for one in below if (found := _circle(one, tables, (*above, name)))), ())


def _source(node: ast.Table, record: RecordType | None, file: File) -> TableSource | None:
    match node.source:
        case ast.ReadSource(path=path, format=format):
            return _read(path, format, file)
        case ast.FilesSource(span=span, pattern=pattern):
            if record is not None:
                _check_files_record(node, record, file)
            return FilesSource(pattern.value, file.unit.base, span) if _has_path(pattern, file) else None
        case ast.SqlSource(span=span, query=query):
            return SqlSource(query.value, tuple(_named(query, node.name.text, file)), span)
        case ast.LiteralSource(span=span, rows=rows):
            return None if record is None else LiteralSource(_rows(rows, record, file), span)
        case None:
            return None


def _named(query: ast.StringLiteral, own: str, file: File) -> Iterator[str]:
    """The tables that a query seems to read: those of the file that are words of it, but for its ``own``."""
    found: dict[str, None] = {}
    for word in _WORD.finditer(query.value):
        symbol = file.names.own.get(word.group())
        if symbol is not None and symbol.kind == "table" and word.group() != own:
            file.uses.record(query.place(*word.span()), symbol.declared)
            found[symbol.name] = None
    yield from found


def _has_path(path: ast.StringLiteral, file: File) -> bool:
    if not path.value.strip():
        file.report(codes.empty_path(path.span))
        return False
    if "{{" in path.value or "{%" in path.value:
        file.report(codes.template_path(path.span))
        return False
    return True


def _read(path: ast.StringLiteral, format: ast.Call | None, file: File) -> ReadSource | None:
    options: tuple[tuple[str, object], ...] = ()
    usable = _has_path(path, file)
    if format is not None:
        said = read_options(format, file.report)
        if said is None:
            return None
        name, options = said
    elif not usable:
        return None
    else:
        by_suffix = read_format(path.value)
        if by_suffix is None:
            file.report(codes.unknown_suffix(path.span, suffix_of(path.value), READ_SUFFIXES))
            return None
        name = by_suffix
    return ReadSource(path.value, name, options, file.unit.base, path.span) if usable else None


def _check_files_record(node: ast.Table, record: RecordType, file: File) -> None:
    for field in record.fields:
        found = FILE_RECORD.field(field.name)
        if found is None:
            why = "is nothing that is known of a file"
        elif field.type not in (found.type, UNKNOWN):
            why = f"is `{found.type}`, not `{field.type}`"
        else:
            continue
        file.report(codes.files_record(node.record.span, str(record), field.name, why))
        return


def _rows(rows: ast.ListLiteral, record: RecordType, file: File) -> tuple[tuple[object, ...], ...]:
    values: list[tuple[object, ...]] = []
    for row in rows.items:
        if isinstance(row, ast.ErrorExpr):
            continue
        if not isinstance(row, ast.RecordLiteral):
            file.report(codes.row_not_record(row.span))
            continue
        value = constant(row, record, file.scope_of_constants, f"a row of `{record}`")
        if isinstance(value, dict):
            values.append(tuple(_cell(value, field) for field in record.fields))
    return tuple(values)


def _cell(row: dict[str, object], field: Field) -> object:
    if field.name in row:
        return row[field.name]
    return field.default.value if field.default is not None else None
