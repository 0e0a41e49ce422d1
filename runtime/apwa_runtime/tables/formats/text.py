"""Lines of text files.

In: bytes. Out: decoded lines one by one, so that an undecodable byte is reported with its line; or, for who reads UTF-8
himself, undecoded lines some at a time.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, cast

from apwa_runtime.tables.problems import TableError

UTF_8 = "utf-8"
# Bytes or characters of rows that are in memory at once, about.
BLOCK = 1 << 20

_WIDE = ("utf-16", "utf-32")


def blocks_of(stream: IO[bytes], most: int) -> Iterator[list[bytes]]:
    """The undecoded lines with their ends, at most ``most`` at a time."""
    while lines := stream.readlines(BLOCK):
        for start in range(0, len(lines), most):
            yield lines[start : start + most]


def lines_of(stream: Iterable[bytes], encoding: str, file: str, first: int = 1) -> Iterator[str]:
    """The lines with their ends; a byte order mark is dropped. Raises TableError with file and line.

    ``first`` is the number of the first of them.
    """
    number = first - 1
    wide = encoding.startswith(_WIDE)
    decoded = (line.decode(encoding) for line in stream)
    lines = io.TextIOWrapper(cast(IO[bytes], stream), encoding, newline="\n") if wide else decoded
    try:
        for number, line in enumerate(lines, first):
            yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError:
        raise TableError(
            f'{file}:{number + 1}: is not {encoding.upper()} text; say which it is with `encoding: "…"`'
        ) from None
