"""A table as a draft is given it: its record, its declaration, and what a model is told of it.

In: ``name=path``, in the form of the command line, and the folder of the program to be. Out: :class:`GivenTable`. The
table is read twice: for its record, and to see that the record holds and what is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apwa_compiler.declarations import lower_source
from apwa_compiler.plan import FilesSource, ReadSource, Source
from apwa_lang.check import check
from apwa_lang.draft.declare import quoted, record_declarations, seen_from
from apwa_lang.draft.offer import Declaration, OfferError
from apwa_lang.semantics.annotations import FILE_RECORD
from apwa_lang.semantics.formats import read_format
from apwa_lang.semantics.names import TYPE_NAMES
from apwa_lang.semantics.types import JSON, STR, Field, Optional, RecordType
from apwa_lang.syntax import source as text
from apwa_runtime.manager.describe import describe
from apwa_runtime.manager.draft.infer import Inference, NoRecordError, record_name
from apwa_runtime.tables.locate import is_url
from apwa_runtime.tables.metadata import column_names
from apwa_runtime.tables.problems import DuplicateError, RowProblem, TableError
from apwa_runtime.tables.read import parts, read_table
from apwa_runtime.values.arrow import from_batch

_LONGEST = 20_000
_NAME = re.compile(r"[^\W\d]\w*")
_FORMAT = re.compile(r"(.+?) as (\w+(?:\(.*\))?)")


@dataclass(frozen=True, slots=True)
class GivenTable:
    """``declarations``: the table's and those of its records. ``described``: size, statistics and a sample.

    ``left_out`` are columns whose names are none in the language.
    """

    name: str
    record: RecordType
    declarations: tuple[Declaration, ...]
    described: dict[str, object]
    left_out: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        rows = self.described["rows"]
        assert isinstance(rows, int)
        return rows

    @property
    def told(self) -> str:
        """What a model is told of it: as much as is not too long, however many fields there are."""
        sample, fields = self.described["sample"], self.described["fields"]
        assert isinstance(sample, list) and isinstance(fields, dict)
        plain = {name: {each: value for each, value in one.items() if each != "values"} for name, one in fields.items()}
        few = {"rows": self.rows, "fields": plain, "sample": sample[:2]}
        least = {"rows": self.rows}
        texts = (json.dumps(told, ensure_ascii=False) for told in (self.described, few, least))
        return next((text for text in texts if len(text) <= _LONGEST), json.dumps(least))


def given_table(name: str, value: str, folder: Path, taken: Collection[str], secrets: Collection[str]) -> GivenTable:
    """The table ``name`` of a program in ``folder``. Its record has a name that is not ``taken``.

    ``secrets`` are fields that nobody is told of. Raises OfferError, also for a table that cannot be read.
    """
    written, source = _source(name, value, folder)
    try:
        if isinstance(source, FilesSource):
            # Hashes would mean reading all files.
            seen = tuple(field for field in FILE_RECORD.fields if field.name != "sha256")
            described = _described(source, RecordType(FILE_RECORD.name, seen))
            return GivenTable(name, FILE_RECORD, (_table(name, FILE_RECORD, written),), described)
        record, left_out, described = _read(source, _free(record_name(name), taken), secrets)
    except (TableError, NoRecordError) as error:
        raise OfferError(f"--table {name}: {error}") from None
    records = [Declaration("record", one.split()[1], one) for one in dict.fromkeys(record_declarations(record))]
    return GivenTable(name, record, (*records, _table(name, record, written)), described, left_out)


def _table(name: str, record: RecordType, written: str) -> Declaration:
    return Declaration("table", name, f"table {name}: {record.name} = {written}")


def _source(name: str, value: str, folder: Path) -> tuple[str, Source]:
    """The source as the program writes it, and as it is read. Raises OfferError."""
    if not _NAME.fullmatch(name):
        raise OfferError(f"--table: `{name}` is no name for a table")
    found = None if Path(value).exists() else _FORMAT.fullmatch(value)
    path, format = (found[1], f" as {found[2]}") if found else (value, "")
    if is_url(path):
        if "@" in path or "?" in path:
            raise OfferError(
                f"--table {name}: the address would stand in the program with its password or query; give a file "
                f"here, and the address to `apwa run --table {name}=…`"
            )
        place = path
    else:
        place = seen_from(folder, path, Path.cwd())
    reads = bool(format) or read_format(path) is not None
    written = f"{'read' if reads else 'files'} {quoted(place)}{format}"
    program = f"record Row {{ path: str }} table {name}: Row = {written}"
    checked = check(text.Source(program, "--table", folder / "draft.apwa"))
    table = checked.program.tables.get(name)
    if checked.diagnostics or table is None:
        raise OfferError(f"--table {name}: {checked.diagnostics[0].message}")
    return written, lower_source(table)


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken or name in TYPE_NAMES:
        name += "Row"
    return name


def _read(source: Source, name: str, secrets: Collection[str]) -> tuple[RecordType, tuple[str, ...], dict[str, object]]:
    assert isinstance(source, ReadSource)
    inference = Inference(cells=source.format in ("csv", "tsv"))
    kind = Optional(STR if inference.cells else JSON)
    names = column_names(source)
    raw = RecordType(name, tuple(Field(one, kind) for one in names if names.count(one) == 1))
    for _, part in parts(source, raw):
        _stop_at(part.problems)
        inference.add(part.rows)
    for key in (True, False):
        record, left_out = inference.record(name, key)
        unknown = [field for field in secrets if record.field(field) is None]
        if unknown:
            known = ", ".join(field.name for field in record.fields)
            raise TableError(f"there is no field `{unknown[0]}` to keep secret; there are {known}")
        fields = tuple(replace(field, secret=field.name in secrets) for field in record.fields)
        record = replace(record, fields=fields)
        try:
            return record, left_out, _described(source, record, inference.rows)
        except DuplicateError:
            if not record.keys:
                raise
    raise AssertionError("a record without a key has no doubled ones")


def _described(source: Source, record: RecordType, rows: int | None = None) -> dict[str, object]:
    if rows is None:
        rows = sum(1 for _ in _rows(source, record))
    return describe(record, rows, _rows(source, record))


def _rows(source: Source, record: RecordType) -> Iterator[dict[str, Any]]:
    for chunk in read_table(source, record):
        _stop_at(chunk.problems)
        yield from from_batch(chunk.batch, record)


def _stop_at(problems: tuple[RowProblem, ...] | list[RowProblem]) -> None:
    """Raises TableError for a row that cannot be read; a draft is not to hide that."""
    if problems:
        first = problems[0]
        field = f"`{first.field}` " if first.field else ""
        raise TableError(f"{first.file}:{first.line}: {field}{first.reason}")
