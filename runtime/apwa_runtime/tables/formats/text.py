"""Lines of text files.

In: bytes. Out: decoded lines one by one, so that an undecodable byte is reported with its line.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from apwa_runtime.tables.problems import TableError

_WIDE = ("utf-16", "utf-32")


def lines_of(stream: IO[bytes], encoding: str, file: str) -> Iterator[str]:
    """The lines with their ends; a byte order mark is dropped. Raises TableError with file and line."""
    number = 0
    wide = encoding.startswith(_WIDE)
    lines = io.TextIOWrapper(stream, encoding, newline="\n") if wide else (line.decode(encoding) for line in stream)
    try:
        for number, line in enumerate(lines, 1):
            yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError:
        raise TableError(
            f'{file}:{number + 1}: is not {encoding.upper()} text; say which it is with `encoding: "…"`'
        ) from None
