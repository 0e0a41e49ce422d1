"""The options of ``read "…" as csv(delimiter: ";")``, checked.

In: the pairs of a plan's source. Out: :class:`Options`. Options that other parts use (``on_error``) pass unread.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from apwa_compiler.plan import ReadSource
from apwa_runtime.tables.problems import TableError

_SUFFIXES = {
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "parquet": "parquet",
    "pq": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How text is to be read. ``null`` is the cell for null, ``path`` the dotted way to the rows of a json file."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    null: str | None = None
    header: bool = True
    path: str = ""


def format_of(path: str, named: str = "") -> str:
    """The format of a file: as named, else by its suffix. Raises TableError for one that is not known."""
    parts = path.split("?", 1)[0].removesuffix(".gz").rpartition(".")
    suffix = named.lower() or (parts[2].lower() if parts[0] else "")
    if suffix not in _SUFFIXES:
        raise TableError(f"`{suffix or path}` is not a format of tables: use csv, tsv, jsonl, json, parquet or arrow")
    return _SUFFIXES[suffix]


def options_of(source: ReadSource, format: str) -> Options:
    """The options of a source for a file of ``format``. Raises TableError for values that make no sense."""
    given = dict(source.options)
    delimiter = _one_character("delimiter", given.get("delimiter", "\t" if format == "tsv" else ","))
    quote = given.get("quote", '"')
    encoding = str(given.get("encoding", "utf-8"))
    try:
        encoding = codecs.lookup(encoding).name
    except LookupError:
        raise TableError(f'`encoding: "{encoding}"` is not an encoding that Python knows') from None
    null = given.get("null")
    return Options(
        delimiter=delimiter,
        quote=_one_character("quote", quote) if quote else "",
        encoding=encoding,
        null=None if null is None else str(null),
        header=bool(given.get("header", True)),
        path=str(given.get("path", "")),
    )


def _one_character(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in "\r\n":
        raise TableError(f"`{name}` has to be one character")
    return value
