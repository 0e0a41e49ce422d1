"""Applying fixes.

In: findings of a file. Out: the file's new text. Files are replaced whole or left alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from apwa_lang.diagnostics.model import Diagnostic, Edit
from apwa_lang.syntax.source import Source

# A fix may make room for another; two that undo each other must end too.
_MAX_ROUNDS = 10


def apply_fixes(source: Source, diagnostics: Iterable[Diagnostic], *, unsafe: bool = False) -> tuple[str, int]:
    """The text of ``source`` with safe fixes applied, the others too if ``unsafe``, and how many were.

    A fix is taken whole or not at all: not when one of its edits touches another file or meets an edit of a fix taken
    before it. Checking the new text again finds what is left.
    """
    taken: list[Edit] = []
    count = 0
    for diagnostic in sorted(diagnostics, key=lambda finding: finding.sort_key):
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe) or not fix.edits:
            continue
        if all(edit.span.source is source and not any(_meet(edit, other) for other in taken) for edit in fix.edits):
            taken += fix.edits
            count += 1
    text = source.text
    for edit in sorted(taken, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text, count


def mend(source: Source, find: Callable[[Source], Iterable[Diagnostic]], *, unsafe: bool = False) -> tuple[Source, int]:
    """``source`` with the fixes of what ``find`` finds, until none is left, and how many were applied."""
    total = 0
    for _ in range(_MAX_ROUNDS):
        text, count = apply_fixes(source, find(source), unsafe=unsafe)
        if count == 0:
            break
        source = Source(text, source.path, source.file)
        total += count
    return source, total


def _meet(one: Edit, other: Edit) -> bool:
    if one.span.start == other.span.start:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` in place of a file's, keeping its mode and a leading byte order mark; a link's target is replaced.

    Raises OSError, and then the file is as it was.
    """
    target = path.resolve()
    with target.open("r+b") as old:  # What may not be written is not replaced either.
        encoding = "utf-8-sig" if old.read(3) == b"\xef\xbb\xbf" else "utf-8"
        mode = os.fstat(old.fileno()).st_mode
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(text.encode(encoding))
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
