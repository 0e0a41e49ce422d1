"""jsonl, read line by line, and json, read whole.

In: a file and its options. Out: raw rows. A json file holds a list of objects, at the top or where the option
``path`` (dotted names) leads. pydantic-core's parser is the faster one, Python's says what is wrong; what the faster
one admits, both read alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from pydantic_core import from_json

from apwa_lang.diagnostics.suggest import suggestion
from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.formats.text import UTF_8, blocks_of, lines_of
from apwa_runtime.tables.options import Options
from apwa_runtime.tables.problems import Part, RowProblem, TableError, masked


def read_lines(stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int) -> Iterator[Part]:
    """One row a line; blank lines are passed over."""
    first = 1
    if options.encoding == UTF_8:
        for block in blocks_of(stream, batch_rows):
            try:
                rows = [from_json(line, cache_strings="keys") for line in block]
                yield Part(list(range(first, first + len(rows))), rows, [])
            except ValueError:
                yield _one_by_one(lines_of(block, UTF_8, file, first), first, file, record)
            first += len(block)
        return
    lines = lines_of(stream, options.encoding, file)
    while some := list(islice(lines, batch_rows)):
        yield _one_by_one(some, first, file, record)
        first += len(some)


def _one_by_one(lines: Iterable[str], first: int, file: str, record: RecordType) -> Part:
    rows: list[Any] = []
    numbers: list[int] = []
    problems: list[RowProblem] = []
    for number, line in enumerate(lines, first):
        if line.isspace():
            continue
        try:
            rows.append(_parsed(line))
            numbers.append(number)
        except (ValueError, RecursionError) as error:
            text = masked(line.rstrip("\r\n"), record)
            problems.append(RowProblem(file, number, "", f"is not valid JSON: {_reason(error)}", text))
    return Part(numbers, rows, problems)


def _parsed(line: str) -> Any:
    try:
        return from_json(line, cache_strings="keys")
    except ValueError:
        return json.loads(line)


def read_whole(stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int) -> Iterator[Part]:
    """The rows of a list. Raises TableError if there is no list."""
    text = "".join(lines_of(stream, options.encoding, file))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise TableError(f"{file}:{line}: is not valid JSON: {_reason(error)}") from None
    rows = _follow(value, options.path, file)
    for start in range(0, len(rows), batch_rows):
        some = rows[start : start + batch_rows]
        yield Part(list(range(start + 1, start + 1 + len(some))), some, [])


def _follow(value: Any, path: str, file: str) -> list[Any]:
    for name in path.split(".") if path else ():
        if not isinstance(value, dict) or name not in value:
            known = [str(key) for key in value] if isinstance(value, dict) else []
            hint = suggestion(name, known)
            raise TableError(
                f'{file}: `path: "{path}"` leads nowhere: there is no `{name}`' + (f"; {hint}" if hint else "")
            )
        value = value[name]
    if not isinstance(value, list):
        lists = [key for key, item in value.items() if isinstance(item, list)] if isinstance(value, dict) else []
        hint = f'; say where they are with `path: "{lists[0]}"`' if lists else ""
        raise TableError(f"{file}: expected a list of rows{hint}")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
