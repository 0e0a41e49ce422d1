"""Declarations as text.

In: records, and sources of tables. Out: what a program says of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from apwa_lang.semantics.types import Field, RecordType, Type, parts

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quoted(text: str) -> str:
    """``text`` as a literal of the language."""
    return '"' + _SPECIAL.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), text) + '"'


def seen_from(folder: Path, path: str, base: Path) -> str:
    """``path``, which is relative to ``base``, as a program in ``folder`` writes it."""
    return path if Path(path).is_absolute() else os.path.relpath(base / path, folder)


def record_declarations(record: RecordType) -> Iterator[str]:
    """A record's declaration, after those of the records in it."""
    for field in record.fields:
        for inner in _records(field.type):
            yield from record_declarations(inner)
    lines = "".join(f"  {_field(field)}\n" for field in record.fields)
    yield f"record {record.name} {{\n{lines}}}"


def _field(field: Field) -> str:
    marks = "".join(f" @{name}" for name in ("key", "secret") if getattr(field, name))
    return f"{field.name}: {field.type}{marks}"


def _records(type: Type) -> Iterator[RecordType]:
    if isinstance(type, RecordType):
        yield type
        return
    for part in parts(type):
        yield from _records(part)
