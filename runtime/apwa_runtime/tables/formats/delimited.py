"""csv and tsv.

In: a file and its options. Out: raw rows by column name. A header is needed unless ``header: false``, where the
columns stand in the order of the record's fields. Cells of lists, maps, records and json hold JSON text. An empty
cell is null in an optional field, the default in a field that has one, and text otherwise.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.semantics.types import Choice, Field, Optional, Primitive, RecordType, holds_secret
from apwa_runtime.tables.formats.text import BLOCK, lines_of
from apwa_runtime.tables.options import Options
from apwa_runtime.tables.problems import Part, RowProblem, TableError, masked
from apwa_runtime.values.schema import may_be_missing

_TEXTS = ("str", "file", "image", "audio")
_LARGEST_CELL = 2**31 - 1
_ABSENT = object()

Cell = Callable[[str], Any]


def read_delimited(
    stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int
) -> Iterator[Part]:
    """The raw rows. Raises TableError for missing columns."""
    reader = _reader(stream, file, options)
    header = _header(reader, file) if options.header else [field.name for field in record.fields]
    if header is None:
        return
    columns = _columns(header, record, options, file)
    ended = False
    while not ended:
        part, found = Part([], [], []), _Found([], [])
        try:
            ended = found.read(reader, batch_rows)
        except csv.Error as error:
            part.problems.append(RowProblem(file, found.line, "", f"is not well formed: {error}", ""))
        if not _add_all(part, found, columns, len(header)):
            for line, cells in zip(found.lines, found.rows, strict=True):
                if len(cells) == len(header):
                    _add(part, cells, columns, file, line, record)
                    continue
                reason = f"has {len(cells)} cells where the header has {len(header)}"
                row = masked(options.delimiter.join(cells), record)
                part.problems.append(RowProblem(file, line, "", reason, row))
            part.problems.sort(key=lambda problem: problem.line)
        yield part


def column_names(stream: IO[bytes], file: str, options: Options) -> list[str]:
    """The columns that the header names, or the first row's cells by number where there is none."""
    names = _header(_reader(stream, file, options), file) or []
    return names if options.header else [f"column_{number}" for number, _ in enumerate(names, 1)]


def _reader(stream: IO[bytes], file: str, options: Options) -> Any:
    csv.field_size_limit(_LARGEST_CELL)
    return csv.reader(
        lines_of(stream, options.encoding, file),
        delimiter=options.delimiter,
        quotechar=options.quote or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        strict=True,
    )


@dataclass(slots=True)
class _Found:
    """Rows of cells with their lines; ``line`` is where the next one begins."""

    rows: list[list[str]]
    lines: list[int]
    line: int = 0

    def read(self, reader: Any, most: int) -> bool:
        """Take in some rows; whether there are no more. Raises csv.Error at the row on ``line``."""
        weight = 0
        self.line = reader.line_num + 1
        for cells in reader:
            if cells:
                self.rows.append(cells)
                self.lines.append(self.line)
                weight += sum(map(len, cells))
            self.line = reader.line_num + 1
            if len(self.rows) >= most or weight >= BLOCK:
                return False
        return True


def _add_all(part: Part, found: _Found, columns: list[tuple[int, str, Cell | None]], width: int) -> bool:
    """Add all rows column by column; False, and nothing is added, where one of them needs a look of its own."""
    if not columns or set(map(len, found.rows)) != {width}:
        return False
    cells = list(zip(*found.rows, strict=True))
    values: list[Sequence[Any]] = []
    for index, _, convert in columns:
        try:
            values.append(cells[index] if convert is None else list(map(convert, cells[index])))
        except (ValueError, RecursionError):
            return False
        if convert is not None and any(value is _ABSENT for value in values[-1]):
            return False
    names = [name for _, name, _ in columns]
    part.rows.extend([dict(zip(names, row)) for row in zip(*values, strict=True)])  # noqa: B905 -- as long, and faster
    part.lines.extend(found.lines)
    return True


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
