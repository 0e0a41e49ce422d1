"""csv and tsv.

In: a file and its options. Out: raw rows by column name. A header is needed unless ``header: false``, where the
columns stand in the order of the record's fields. Cells of lists, maps, records and json hold JSON text. An empty
cell is null in an optional field, the default in a field that has one, and text otherwise.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from typing import IO, Any

from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.semantics.types import Choice, Field, Optional, Primitive, RecordType
from apwa_runtime.tables.formats.text import lines_of
from apwa_runtime.tables.options import Options
from apwa_runtime.tables.problems import Part, RowProblem, TableError, masked
from apwa_runtime.values.problems import holds_secret
from apwa_runtime.values.schema import may_be_missing

_TEXTS = ("str", "file", "image", "audio")
_LARGEST_CELL = 2**31 - 1
_ABSENT = object()

Cell = Callable[[str], Any]


def read_delimited(
    stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int
) -> Iterator[Part]:
    """The raw rows. Raises TableError for missing columns."""
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(
        lines_of(stream, options.encoding, file),
        delimiter=options.delimiter,
        quotechar=options.quote or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        strict=True,
    )
    header = _header(reader, file) if options.header else [field.name for field in record.fields]
    if header is None:
        return
    columns = _columns(header, record, options, file)
    part = Part([], [], [])
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            part.problems.append(RowProblem(file, line, "", f"is not well formed: {error}", ""))
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            row = masked(options.delimiter.join(cells), record)
            part.problems.append(RowProblem(file, line, "", reason, row))
        else:
            _add(part, cells, columns, file, line, record)
        if len(part.rows) + len(part.problems) >= batch_rows:
            yield part
            part = Part([], [], [])
    yield part


def _add(
    part: Part, cells: list[str], columns: list[tuple[int, str, Cell | None]], file: str, line: int, record: RecordType
) -> None:
    row: dict[str, Any] = {}
    for index, name, convert in columns:
        value: Any = cells[index]
        if convert is not None:
            try:
                value = convert(value)
            except (ValueError, RecursionError):
                raw = dict(zip((name for _, name, _ in columns), (cells[i] for i, _, _ in columns), strict=True))
                reason = "is not valid JSON in its cell"
                part.problems.append(RowProblem(file, line, name, reason, masked(raw, record)))
                return
            if value is _ABSENT:
                continue
        row[name] = value
    part.rows.append(row)
    part.lines.append(line)


def _header(reader: Any, file: str) -> list[str] | None:
    try:
        for cells in reader:
            if cells:
                return [cell.strip() for cell in cells]
    except csv.Error as error:
        raise TableError(f"{file}:{reader.line_num}: the header cannot be read: {error}") from None
    return None


def _columns(header: list[str], record: RecordType, options: Options, file: str) -> list[tuple[int, str, Cell | None]]:
    require_columns(header, record, file)
    return [
        (header.index(field.name), field.name, _cell(field, options.null))
        for field in record.fields
        if field.name in header
    ]


def require_columns(columns: list[str], record: RecordType, file: str) -> None:
    """Raise TableError if a field that a row must have is no column, or a field is a column twice."""
    twice = next((field.name for field in record.fields if columns.count(field.name) > 1), None)
    if twice is not None:
        raise TableError(f"{file}: column `{twice}` stands there twice")
    missing = [field.name for field in record.fields if field.name not in columns and not may_be_missing(field)]
    if not missing:
        return
    # Without its header, a file's first row stands in for the columns: it may hold secrets.
    shown = [] if holds_secret(record) else columns
    spare = [column for column in shown if record.field(column) is None]
    known = ", ".join(f"`{column}`" for column in shown[:20]) + (", …" if len(shown) > 20 else "")
    told = ", ".join(map(_told, missing, [did_you_mean(name, spare) for name in missing]))
    raise TableError(
        f"{file}: no column for {'field' if len(missing) == 1 else 'fields'} {told} of record `{record}`"
        + (f"; the columns are {known}" if known else "")
    )


def _told(name: str, near: str | None) -> str:
    return f"`{name}` (did you mean column `{near}`?)" if near else f"`{name}`"


def _cell(field: Field, null: str | None) -> Cell | None:
    """What a cell of ``field`` holds; None where it is taken as it is."""
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    is_text = isinstance(inner, Choice) or (isinstance(inner, Primitive) and inner.name in _TEXTS)
    is_json = inner == Primitive("json") or not isinstance(inner, Primitive | Choice)
    empty: Any = ""
    if isinstance(field.type, Optional) or (inner == Primitive("json") and field.default is None):
        empty = None
    elif field.default is not None and not is_text:
        empty = _ABSENT
    if not is_json and null is None and empty == "":
        return None

    def convert(cell: str) -> Any:
        if cell == null:
            return None
        if cell == "" and empty != "":
            return empty
        return json.loads(cell) if is_json else cell

    return convert
