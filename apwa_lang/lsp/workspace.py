"""The programs of a workspace, analysed when a question is about them.

In: the workspace's folders and the texts of open files. Out: the analysis of each file in which a word stands. Texts
on disk and analyses are kept until what they were made of changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apwa_lang.semantics.analysis import Analysis, analyse
from apwa_lang.semantics.modules import read_source
from apwa_lang.syntax.source import Source

_SKIPPED = frozenset(("node_modules", "__pycache__", "venv", "site-packages"))
_MOST_FILES = 5_000
"""A folder with more programs is searched in part; a folder of that size is a mistake, say the root of a disk."""


@dataclass
class _Kept:
    """An analysis and the texts that it was made of."""

    analysis: Analysis
    texts: dict[Path, str | None] = field(default_factory=dict)


class Workspace:
    """The files below ``folders``, and those that are open. ``opened`` gives the text of an open file."""

    def __init__(
        self,
        folders: Callable[[], Iterable[Path]] = tuple,
        opened: Callable[[], dict[Path, str]] = dict,
    ) -> None:
        self._folders = folders
        self._opened = opened
        self._disk: dict[Path, tuple[tuple[int, int], str]] = {}
        self._kept: dict[Path, _Kept] = {}

    def analyses(self, word: str) -> Iterator[Analysis]:
        """The analysis of every file that holds ``word``, as a program of its own."""
        opened = self._opened()
        for path in self._files(opened):
            text = self._text(path, opened)
            if text is not None and word in text:
                yield self._analysis(path, text, opened)

    def analysis(self, path: Path) -> Analysis | None:
        """The analysis of one file, None where it cannot be read."""
        opened = self._opened()
        text = self._text(path, opened)
        return None if text is None else self._analysis(path, text, opened)

    def read(self, path: Path) -> str:
        """The text of a file as its editor has it, else as the disk has it. Raises OSError where there is none."""
        text = self._text(path, self._opened())
        if text is None:
            raise FileNotFoundError(path)
        return text

    def sources(self) -> Iterator[Source]:
        """The text of every file."""
        opened = self._opened()
        for path in self._files(opened):
            text = self._text(path, opened)
            if text is not None:
                yield Source(text, str(path), path)

    def _files(self, opened: dict[Path, str]) -> Iterator[Path]:
        found = dict.fromkeys(opened)
        for folder in self._folders():
            for base, below, names in os.walk(folder):
                below[:] = sorted(name for name in below if name[0] != "." and name not in _SKIPPED)
                found.update(dict.fromkeys(Path(base, name) for name in sorted(names) if name.endswith(".apwa")))
                if len(found) >= _MOST_FILES:
                    break
        yield from found

    def _text(self, path: Path, opened: dict[Path, str]) -> str | None:
        """The text of a file, None where it cannot be read."""
        if path in opened:
            return opened[path]
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            kept = self._disk.get(path)
            if kept is None or kept[0] != stamp:
                kept = self._disk[path] = (stamp, read_source(path))
        except (OSError, UnicodeDecodeError):
            return None
        return kept[1]

    def _analysis(self, path: Path, text: str, opened: dict[Path, str]) -> Analysis:
        kept = self._kept.get(path)
        if kept is not None and all(self._text(file, opened) == known for file, known in kept.texts.items()):
            return kept.analysis
        texts: dict[Path, str | None] = {path: text}

        def load(file: Path) -> str:
            found = texts[file] = self._text(file, opened)
            if found is None:
                raise FileNotFoundError(file)
            return found

        analysis = analyse(Source(text, str(path), path), load=load)
        self._kept[path] = _Kept(analysis, texts)
        return analysis
