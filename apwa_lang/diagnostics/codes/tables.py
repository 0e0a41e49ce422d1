"""Findings about tables: APWA407, and APWA410 to APWA414.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import did_you_mean, respelling, suggestion, written
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

UNKNOWN_FORMAT = register(
    "APWA410",
    "the format of a table is not known",
    explanation="""
The format of `read` comes from the suffix (`.csv .tsv .jsonl .ndjson .json .parquet .arrow .feather`, each also
with `.gz` where it is text) or from `as`: `read "notes.txt" as csv(delimiter: ";")`.
""",
    fix="Add `as csv(…)`, `as tsv`, `as jsonl`, `as json`, `as parquet` or `as arrow`.",
    bad="""
record Note { id: str }
table notes: Note = read "notes.txt"
""",
    good="""
record Note { id: str }
table notes: Note = read "notes.txt" as csv(delimiter: ";")
""",
)


def unknown_suffix(place: Span, suffix: str, known: Iterable[str]) -> Diagnostic:
    """The path ends in ``suffix``, which is no format's."""
    shown = f"`{suffix}` is no format's suffix" if suffix else "the path has no suffix"
    near = near_suffix(suffix, known)
    return UNKNOWN_FORMAT.at(
        place,
        f"the format of this table is not known: {shown}",
        help=f"did you mean `{near}`?" if near else 'say it: `read "…" as csv`',
        fix=with_suffix(place, suffix, near) if near else None,
    )


def near_suffix(suffix: str, known: Iterable[str]) -> str | None:
    """The format's suffix that is written otherwise, or misspelt, in ``suffix``."""
    suffixes = tuple(known)
    same = {".ndjson": ".jsonl", ".pq": ".parquet", ".parq": ".parquet", ".feather": ".arrow", ".tab": ".tsv"}
    return same.get(suffix.lower()) or (did_you_mean(suffix, suffixes) if suffix else None)


def with_suffix(place: Span, suffix: str, near: str) -> Fix | None:
    """Writes ``near`` in place of the ``suffix`` of the path at ``place``."""
    if not place.text.endswith(f'{suffix}"'):
        return None
    end = place.end - 1
    return written(Span(place.source, end - len(suffix), end), near)


def unknown_format(name: Name, known: Iterable[str]) -> Diagnostic:
    """There is no format ``name``."""
    formats = tuple(known)
    return UNKNOWN_FORMAT.at(
        name.span,
        f"there is no format `{name.text}`",
        help=suggestion(name.text, formats) or "formats are " + listed(formats),
        fix=respelling(name.span, name.text, formats),
    )


FORMAT_OPTION = register(
    "APWA411",
    "an option of a format is wrong",
    explanation="""
`csv` and `tsv` take `delimiter`, `quote`, `header`, `encoding` and `null`; `json` takes `path`, the way to the list
of rows. Every format takes `on_error`: `fail` (the default), `skip` or `quarantine` rows that do not fit the
record.
""",
    fix="Correct the option's name or value.",
    bad="""
record Note { id: str }
table notes: Note = read "notes.csv" as csv(delimeter: ";")
""",
    good="""
record Note { id: str }
table notes: Note = read "notes.csv" as csv(delimiter: ";")
""",
)


def unknown_option(name: Name, format: str, known: Iterable[str]) -> Diagnostic:
    """``format`` has no option ``name``."""
    options = tuple(known)
    return FORMAT_OPTION.at(
        name.span,
        f"`{format}` has no option `{name.text}`",
        help=suggestion(name.text, options) or "options are " + listed(options),
        fix=respelling(name.span, name.text, options),
    )


def unnamed_option(place: Span, format: str) -> Diagnostic:
    """An option without its name."""
    return FORMAT_OPTION.at(place, f"the options of `{format}` are given by name", help="write `name: value`")


def bad_option(place: Span, name: str, wanted: str) -> Diagnostic:
    """``wanted`` says in a noun phrase what the option takes."""
    return FORMAT_OPTION.at(place, f"`{name}` takes {wanted}", f"not {wanted}")


def repeated_option(name: Name, first: Span) -> Diagnostic:
    """The option is given at ``first`` already."""
    return FORMAT_OPTION.at(
        name.span,
        f"the option `{name.text}` is given twice",
        "again here",
        also=((first, "first here"),),
        help="remove one",
    )


EMPTY_PATH = register(
    "APWA412",
    "the path of a table cannot be used",
    explanation="""
`read` and `files` take the path, glob or URL of their data, relative to the folder of the file that says it. Tables are
what a program starts from, so their paths are fixed texts, without `{{ … }}`.
""",
    fix="Write a path.",
    bad="""
record Note { id: str }
table notes: Note = read "" as csv
""",
    good="""
record Note { id: str }
table notes: Note = read "notes.csv"
""",
)


def empty_path(place: Span) -> Diagnostic:
    """The path is empty."""
    return EMPTY_PATH.at(place, "the path is empty", help="write a path, a glob or a URL")


def template_path(place: Span) -> Diagnostic:
    """The path has holes."""
    return EMPTY_PATH.at(
        place,
        "the path of a table is a fixed text",
        "has `{{ … }}` or `{% … %}`",
        help="write the path out, or use a glob",
    )


FILES_RECORD = register(
    "APWA413",
    "a record does not fit a `files` table",
    explanation="""
A `files` table has one row per file, with `path: str`, `name: str`, `size: int` and `sha256: str`. Its record may
be the built-in `File`, or one of your own with some of these fields.
""",
    fix="Use `File`, or a record with these fields only.",
    bad="""
record Page { path: str @key, text: str }
table pages: Page = files "pages/*.txt"
""",
    good='table pages: File = files "pages/*.txt"',
)


def files_record(place: Span, record: str, field: str, why: str) -> Diagnostic:
    """``why`` says what is wrong with ``field`` of ``record``."""
    return FILES_RECORD.at(
        place, f"`{record}` does not fit a `files` table: `{field}` {why}", help="use the built-in record `File`"
    )


ROW_NOT_RECORD = register(
    "APWA414",
    "a row of a literal table is no record",
    explanation='The rows of a literal table are record literals: `[{ id: "a" }, { id: "b" }]`.',
    fix="Write each row as a record.",
    bad="""
record Note { id: str }
table notes: Note = ["a", "b"]
""",
    good="""
record Note { id: str }
table notes: Note = [{ id: "a" }, { id: "b" }]
""",
)


def row_not_record(place: Span) -> Diagnostic:
    """A row that is no record literal."""
    return ROW_NOT_RECORD.at(place, "a row is written as a record", help="write `{ field: value }`")


QUERY = register(
    "APWA407",
    "a query cannot be used",
    explanation="""
The query of a `sql` table is one SELECT, in DuckDB's SQL, over tables of the same file. It is worked out when the
program starts: it opens no files, asks no clock and draws nothing by chance, and fields that are `@secret` are not
there for it. Its columns are the fields of the table's record. Tables that queries give each other must not go in a
circle.
Without DuckDB (`pip install "apwa-lang[sql]"`) most of this shows at the start of a run only.
""",
    fix="Correct the query, the names in it, or the record.",
    bad="""
record Note { id: str @key, words: int }
table short: Note = sql "select * from few where words < 9"
table few: Note = sql "select * from short limit 10"
""",
    good="""
record Note { id: str @key, words: int }
table notes: Note = [{ id: "a", words: 3 }]
table short: Note = sql "select * from notes where words < 9"
table few: Note = sql "select * from short order by words limit 10"
""",
)


def query(place: Span, problem: str, hidden: Iterable[str]) -> Diagnostic:
    """``problem`` says in a clause why the query cannot be used; fields that it names are ``hidden``."""
    names = listed(hidden)
    return QUERY.at(
        place,
        f"this query cannot be used: {problem}",
        help=f"queries do not see what is `@secret`: {names}" if names else None,
    )


def query_circle(place: Span, names: Iterable[str]) -> Diagnostic:
    """The tables lead from one to the next and back."""
    return QUERY.at(place, f"the table is made from itself: {listed(names, ' from ').replace(', ', ' from ')}")


def query_names(place: Span, one: str, other: str) -> Diagnostic:
    """Two tables that the query may name differ in capitals only."""
    return QUERY.at(place, f"`{one}` and `{other}` are one name in SQL, where capitals do not count")


def query_column(place: Span, field: str, record: str, known: Iterable[str]) -> Diagnostic:
    """The query gives no column for ``field``, only those that are ``known``."""
    names = tuple(known)
    return QUERY.at(
        place,
        f"the query gives no column for `{field}` of `{record}`",
        help=suggestion(field, names) or f"its columns are {listed(names)}; name one with `as {field}`",
    )
