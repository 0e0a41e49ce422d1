"""Formats of tables on disk: which suffix means which, and the options that each takes.

In: a path, or the options written after ``as``. Out: the format's name; the options, checked.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from apwa_lang.diagnostics.codes import tables as codes
from apwa_lang.semantics.modules import Report
from apwa_lang.semantics.settings import WRONG, boolean, text
from apwa_lang.syntax import nodes as ast

READ_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
SAVE_SUFFIXES = {suffix: name for suffix, name in READ_SUFFIXES.items() if suffix not in (".ndjson", ".feather")}
ON_ERROR = ("fail", "skip", "quarantine")

_TEXT_FORMATS = ("csv", "tsv", "jsonl", "json")


def suffix_of(path: str) -> str:
    """The suffix of a path, glob or URL, ``.gz`` and the suffix before it taken together; "" without one."""
    plain = urlsplit(path).path if "://" in path and "[" not in path else path
    name = plain.rpartition("/")[2].lower()
    stem, dot, last = name.rpartition(".")
    if not dot:
        return ""
    before = "." + stem.rpartition(".")[2] if last == "gz" and "." in stem else ""
    return f"{before}.{last}"


def read_format(path: str) -> str | None:
    """The format that the suffix of ``path`` says, or None."""
    suffix = suffix_of(path)
    name = READ_SUFFIXES.get(suffix.removesuffix(".gz"))
    return None if name is None or (suffix.endswith(".gz") and name not in _TEXT_FORMATS) else name


def _character(expr: ast.Expr) -> object:
    return expr.value if isinstance(expr, ast.StringLiteral) and len(expr.value) == 1 else WRONG


def _encoding(expr: ast.Expr) -> object:
    if not isinstance(expr, ast.StringLiteral):
        return WRONG
    try:
        codecs.lookup(expr.value)
    except (LookupError, ValueError):
        return WRONG
    return expr.value


def _null(expr: ast.Expr) -> object:
    match expr:
        case ast.StringLiteral(value=value):
            return value
        case ast.ListLiteral(items=items) if items and all(isinstance(item, ast.StringLiteral) for item in items):
            return [item.value for item in items if isinstance(item, ast.StringLiteral)]
        case _:
            return WRONG


def _on_error(expr: ast.Expr) -> object:
    match expr:
        case ast.Variable(name=word) | ast.StringLiteral(value=word) if word in ON_ERROR:
            return word
        case _:
            return WRONG


class Option(NamedTuple):
    """How an option is read, what it takes in words, and what it means."""

    reader: Callable[[ast.Expr], object]
    wanted: str
    doc: str


_COMMON: dict[str, Option] = {
    "on_error": Option(
        _on_error, "`fail`, `skip` or `quarantine`", "What becomes of a row that does not fit the record."
    )
}
_SEPARATED: dict[str, Option] = {
    "delimiter": Option(_character, "one character", "What parts the cells of a row."),
    "quote": Option(_character, "one character", "What stands around a cell that has the delimiter in it."),
    "header": Option(boolean, "`true` or `false`", "Whether the first row names the fields."),
    "encoding": Option(
        _encoding, 'the name of an encoding, such as `"latin-1"`', "The encoding of the text; UTF-8 without it."
    ),
    "null": Option(_null, "a text, or a list of texts, that stands for null", "Cells that stand for null."),
}
OPTIONS: dict[str, dict[str, Option]] = {
    "csv": _SEPARATED | _COMMON,
    "tsv": _SEPARATED | _COMMON,
    "jsonl": _COMMON,
    "json": {
        "path": Option(
            text, 'the way to the list of rows, such as `"data.rows"`', "Where in the document the rows are."
        )
    }
    | _COMMON,
    "parquet": _COMMON,
    "arrow": _COMMON,
}
DOCS = {
    "csv": "Rows of cells that commas part.",
    "tsv": "Rows of cells that tabs part.",
    "jsonl": "A JSON object on each line.",
    "json": "A list of JSON objects.",
    "parquet": "Apache Parquet.",
    "arrow": "Apache Arrow, the file format of Feather.",
}
"""What each format is."""

_ALIASES = {"ndjson": "jsonl", "feather": "arrow"}


def read_options(call: ast.Call, report: Report) -> tuple[str, tuple[tuple[str, object], ...]] | None:
    """The format and options that ``as …`` says; None, reported, when there is no such format."""
    name = _ALIASES.get(call.function.text, call.function.text)
    options = OPTIONS.get(name)
    if options is None:
        report(codes.unknown_format(call.function, OPTIONS))
        return None
    found: dict[str, object] = {}
    places: dict[str, ast.Name] = {}
    for argument in call.arguments:
        key = argument.name
        if key is None:
            report(codes.unnamed_option(argument.span, name))
        elif key.text not in options:
            report(codes.unknown_option(key, name, options))
        elif key.text in places:
            report(codes.repeated_option(key, places[key.text].span))
        else:
            places[key.text] = key
            reader, wanted, _ = options[key.text]
            value = reader(argument.value)
            if value is not WRONG:
                found[key.text] = value
            elif not isinstance(argument.value, ast.ErrorExpr):
                report(codes.bad_option(argument.value.span, key.text, wanted))
    return name, tuple(found.items())
