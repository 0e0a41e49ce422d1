"""Baselines: findings that a project takes as they are, so that only new ones are shown.

In: warnings and notes, and a file of those that are known. Out: what is not known yet. An entry names a finding by its
file, code, message and the text of its line, never by the number of a line, so that edits elsewhere bring nothing back.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apwa_lang.config import ConfigError
from apwa_lang.diagnostics.model import Diagnostic, Severity

VERSION = 1
_FIELDS = ("file", "code", "message", "line")
Entry = tuple[str, str, str, str]
"""File, relative to the folder of the baseline, code, message, and the text of the line without its indent."""


@dataclass(frozen=True)
class Baseline:
    """The known findings of a file, with how often each is there."""

    path: Path
    entries: Counter[Entry]

    def parted(self, findings: Iterable[Diagnostic]) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
        """The findings that are new, and those that are known. Errors are always new."""
        left = Counter(self.entries)
        new: list[Diagnostic] = []
        known: list[Diagnostic] = []
        for finding in findings:
            entry = entry_of(finding, self.path)
            if finding.severity is not Severity.ERROR and left[entry] > 0:
                left[entry] -= 1
                known.append(finding)
            else:
                new.append(finding)
        return tuple(new), tuple(known)

    def stale(self, known: Iterable[Diagnostic], files: Iterable[Path], looked_for: Callable[[str], bool]) -> int:
        """How many findings the baseline has in ``files``, of codes that were ``looked_for``, beyond the ``known``."""
        looked = {_relative(file, self.path) for file in files}
        found = Counter(entry_of(finding, self.path) for finding in known)
        asked = {one: count for one, count in self.entries.items() if one[0] in looked and looked_for(one[1])}
        return (Counter(asked) - found).total()


def entry_of(finding: Diagnostic, baseline: Path) -> Entry:
    """What a finding is known by."""
    span = finding.primary.span
    file = _relative(span.source.file, baseline) if span.source.file is not None else span.source.path
    return file, finding.code, finding.message, span.source.line_text(span.line).strip()


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises :class:`~apwa_lang.config.ConfigError`."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"cannot read the baseline `{path}`: {reason}; --write-baseline FILE writes one") from None


@cache
def _read(path: Path, changed: int) -> Baseline:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ConfigError(f"the baseline `{path}` is of another version; write it anew with --write-baseline")
        entries: Counter[Entry] = Counter()
        for one in document["findings"]:
            file, code, message, line = (str(one[name]) for name in _FIELDS)
            entries[file, code, message, line] += int(one["count"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"`{path}` is no baseline; write it anew with --write-baseline") from error
    return Baseline(path, entries)


def write_baseline(path: Path, findings: Iterable[Diagnostic]) -> int:
    """Write the warnings and notes among ``findings`` to a file, which is replaced whole; how many they are.

    Raises OSError, and then the file is as it was.
    """
    import tempfile

    counted = Counter(entry_of(one, path) for one in findings if one.severity is not Severity.ERROR)
    listed = [{**dict(zip(_FIELDS, entry, strict=True)), "count": counted[entry]} for entry in sorted(counted)]
    text = json.dumps({"version": VERSION, "findings": listed}, indent=1, ensure_ascii=False) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(text)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return counted.total()


def _relative(file: Path, baseline: Path) -> str:
    return Path(os.path.relpath(file.resolve(), baseline.resolve().parent)).as_posix()
