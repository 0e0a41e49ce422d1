"""What the rows of a table depend on, in a few bytes: the bytes of its files."""

from __future__ import annotations

import hashlib

from apwa_compiler.plan import FilesSource, LiteralSource, ReadSource, Source
from apwa_runtime.tables.files import file_digest, matching
from apwa_runtime.tables.locate import find
from apwa_runtime.tables.problems import TableError


def digest(source: Source) -> str:
    """A hash of what ``source`` names; empty where it cannot be read, which is told where it is."""
    whole = hashlib.sha256()
    try:
        match source:
            case ReadSource(path):
                files = [("", file) for file in find(path)]
            case FilesSource(pattern, base):
                files = matching(pattern, base)
            case LiteralSource(rows):
                files = []
                whole.update(repr(rows).encode("utf-8", "surrogatepass"))
        for name, file in files:
            with file.opened(unzip=False) as stream:
                whole.update(f"{name}\n{file_digest(stream)}\n".encode())
    except TableError:
        return ""
    return whole.hexdigest()
