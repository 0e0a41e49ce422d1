"""``files "glob"``: a table with a row for each file.

In: a pattern, relative to a folder or a URL. Out: rows of ``path`` (relative to the folder, with ``/``), ``name``,
``size`` in bytes and ``sha256``, in order of path. The hash is computed only for records that ask for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.locate import File, display, expand, find, is_url, no_match
from apwa_runtime.tables.problems import Part

_BLOCK = 1 << 20


def matching(pattern: str, base: str) -> list[tuple[str, File]]:
    """The relative path and place of each file. Raises TableError where there is none."""
    if is_url(pattern) or is_url(base):
        url = pattern if is_url(pattern) else f"{base.rstrip('/')}/{pattern}"
        return [(file.path, file) for file in find(url)]
    found = {_relative(match, base) for match in expand(pattern, base)}
    if not found:
        raise no_match(str(Path(base, pattern)))
    return [(path, File(os.path.normpath(Path(base, path)))) for path in sorted(found)]


def file_rows(pattern: str, base: str, record: RecordType, batch_rows: int) -> Iterator[tuple[str, Part]]:
    """The rows, with the folder as the file they come from. Raises TableError."""
    files = matching(pattern, base)
    hashed = record.field("sha256") is not None
    for start in range(0, len(files), batch_rows):
        rows = [_row(path, file, hashed) for path, file in files[start : start + batch_rows]]
        yield display(base), Part(list(range(start + 1, start + 1 + len(rows))), rows, [])


def _row(path: str, file: File, hashed: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "name": path.rpartition("/")[2], "size": file.size()}
    if hashed:
        with file.opened(unzip=False) as stream:
            row["sha256"] = file_digest(stream)
    return row


def file_digest(stream: IO[bytes]) -> str:
    """The SHA-256 of the bytes of a file."""
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _relative(match: str, base: str) -> str:
    return os.path.relpath(Path(base, match), base).replace(os.sep, "/")
