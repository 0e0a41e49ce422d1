"""The files that prompts may show, and those that a sub-problem's prompt does.

In: a plan; paths out of data. Out: contents of files below the program's folder, but for hidden ones and those behind
links, and of files that a table of files lists. Any other path is refused: a row says which picture is meant, not which
files of the machine are read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any

from apwa_compiler.plan import FileEffect, FilesSource, Plan, Prompt, Scan
from apwa_runtime.media import MAX_BYTES, MediaError, Part, ShownPath, content
from apwa_runtime.paths import compile_target
from apwa_runtime.prompts import compile_prompt
from apwa_runtime.tables.locate import is_url

Names = Mapping[str, Any]

_LONGEST = 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LISTED = "that a table of `files` lists"


class ProgramFiles:
    """The files below the folder ``base``, and those that the absolute patterns ``listed`` match."""

    def __init__(self, base: str, listed: Sequence[str] = ()) -> None:
        self._base = base
        self._listed = [pattern.split("/") for pattern in listed]

    @classmethod
    def of(cls, plan: Plan) -> ProgramFiles:
        """The files of a plan."""
        return cls(plan.base, listed_patterns(plan))

    def place(self, path: str) -> str:
        """The absolute path of a file that may be shown. Raises MediaError."""
        absolute = os.path.normpath(f"{self._base}/{path}")
        if not (_is_plain(path) or self._lists(absolute)):
            raise MediaError(f"{_named(path)} is no visible file below the program's folder, nor one {_LISTED}")
        return absolute

    def load(self, place: str) -> bytes:
        """The bytes of the file at a :meth:`place` on this disk; of one that is too large, one more than it may have.

        Raises MediaError.
        """
        path = _named(os.path.relpath(place, self._base))
        try:
            if not self._lists(place) and os.path.realpath(place) != self._below_base(place):
                raise MediaError(f"{path} lies behind a link, and is none {_LISTED}")
            if not stat.S_ISREG(Path(place).stat().st_mode):
                raise MediaError(f"{path} is no file")
            with Path(place).open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise MediaError(f"{path} does not exist") from None
        except OSError as error:
            raise MediaError(f"{path} cannot be read: {error.strerror}") from None

    def content(self, path: ShownPath, sent: Mapping[str, bytes] | None = None) -> tuple[str, Part]:
        """The digest of a file, one of those ``sent`` along by absolute path or one on this disk, and what is shown.

        Raises MediaError.
        """
        place = self.place(path)
        data = sent[place] if sent and place in sent else self.load(place)
        return sha256(data).hexdigest(), content(path.kind, data, _named(path))

    def _below_base(self, place: str) -> str:
        """Where a file below the folder really lies if there is no link on the way."""
        return f"{os.path.realpath(self._base)}/{os.path.relpath(place, self._base)}"

    def _lists(self, absolute: str) -> bool:
        return any(_matches(absolute.split("/"), pattern) for pattern in self._listed)


class Shows:
    """The files that the calls of one task show."""

    def __init__(self, plan: Plan, prompt: Prompt) -> None:
        self._files = ProgramFiles.of(plan)
        self._render = compile_prompt(prompt.template)

    def digests(self, names: Names, sent: Mapping[str, bytes] | None) -> tuple[str, ...]:
        """The digest of each file of a call, in order. Raises EvaluationError, of which MediaError is one."""
        paths = (piece for piece in self._render(names) if isinstance(piece, ShownPath))
        return tuple(self._files.content(path, sent)[0] for path in paths)


def paths_read(effect: FileEffect, plan: Plan) -> Callable[[Names], list[str]]:
    """A function that gives the absolute paths which a call reads by one effect. It raises EvaluationError."""
    if not effect.shown:
        target = compile_target(effect.template, plan.base)
        return lambda names: [target(names)]
    files, render = ProgramFiles.of(plan), compile_prompt(effect.template)
    return lambda names: [files.place(piece) for piece in render(names) if isinstance(piece, ShownPath)]


def listed_patterns(plan: Plan) -> list[str]:
    """The patterns of the tables of files, absolute."""
    sources = (step.operation.source for step in plan.steps if isinstance(step.operation, Scan))
    return [
        os.path.normpath(os.path.join(source.base, source.pattern))  # noqa: PTH118 (paths of users stay text)
        for source in sources
        if isinstance(source, FilesSource) and not is_url(source.pattern)
    ]


def _is_plain(path: str) -> bool:
    """Whether a path leads straight down to a file that is not hidden."""
    return all(part and not part.startswith(".") for part in path.split("/")) and _is_printed(path)


def _is_printed(path: str) -> bool:
    """Whether a path can be told to people as it is."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return len(path) <= _LONGEST and not _CONTROL.search(path)


def _named(path: str) -> str:
    return f"`{path}`" if path and _is_printed(path) else f"a path of {len(path):,} characters"


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path, cut at each `/`, matches a pattern as the table of files does."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        deep = next((place for place, part in enumerate(parts) if part.startswith(".")), len(parts))
        return any(_matches(parts[place:], pattern[1:]) for place in range(deep + 1))
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
