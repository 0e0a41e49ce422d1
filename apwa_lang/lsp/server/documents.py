"""The open files.

In: their texts and edits, as the client sends them. Out: for each a :class:`~apwa_lang.lsp.view.View` of the newest
text. Files that a program imports are read as they are in the editor where they are open there, else from disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from apwa_lang.check import Checked, check
from apwa_lang.config import ConfigError, config_of
from apwa_lang.lsp.server.convert import Converter, path_of
from apwa_lang.lsp.view import View
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.modules import Load, read_source
from apwa_lang.syntax.parser import Parsed
from apwa_lang.syntax.reparse import Parser
from apwa_lang.syntax.source import Source


@dataclass
class Document:
    """An open file. ``reads`` are the files that its last analysis asked for, whether they were there or not.

    ``complaint`` is what is wrong with the `apwa.toml` that holds for it.
    """

    uri: str
    source: Source
    version: int
    reads: set[Path] = field(default_factory=set)
    seen: View | None = None
    complaint: str | None = None


class Documents:
    """The open files by address. ``on_change`` is called when what is known of them may no longer hold."""

    def __init__(self, convert: Converter) -> None:
        self.root: Path | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._convert = convert
        self._open: dict[str, Document] = {}
        self._complained: set[str] = set()
        self._parsers: dict[str, Parser] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The open file of that address."""
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> None:
        """Take the text of a file that an editor has opened."""
        document = Document(item.uri, self._source(item.uri, item.text), item.version)
        self._open[item.uri] = document
        self._touch(document)

    def change(
        self,
        item: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
    ) -> None:
        """Apply edits in their order."""
        document = self._open.get(item.uri)
        if document is None:
            return
        for change in changes:
            text = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                span = self._convert.span(document.source, change.range)
                whole = document.source.text
                text = whole[: span.start] + text + whole[span.end :]
            document.source = self._source(item.uri, text)
        document.version = item.version
        self._touch(document)

    def close(self, uri: str) -> None:
        """Forget a file; what imports it reads it from disk again."""
        document = self._open.pop(uri, None)
        if document is not None:
            self._touch(document)

    def view(self, uri: str) -> View | None:
        """The file as features see it, analysed now if its text or one that it imports has changed."""
        document = self._open.get(uri)
        if document is None:
            return None
        if document.seen is None:
            document.reads.clear()

            def load(path: Path) -> str:
                document.reads.add(path.resolve())
                return self.load(path)

            checked, document.complaint = self._check(document.source, load)
            document.seen = View(document.source, checked.modules[0], checked)
        return document.seen

    def forget(self, files: Iterable[Path]) -> None:
        """Analyse again what depends on files that have changed; what is not a program may matter to any."""
        changed = {path.resolve() for path in files}
        others = any(path.suffix != ".apwa" for path in changed)
        for document in self._open.values():
            if others or changed & document.reads:
                document.seen = None
        self.on_change()

    def complaints(self) -> list[str]:
        """What keeps open files from being proved, where it is not in them; each once until it changes."""
        current = {document.complaint for document in self._open.values() if document.complaint is not None}
        new = sorted(current - self._complained)
        self._complained = current
        return new

    def check(self, source: Source) -> Checked:
        """What ``apwa check`` says of a text, with other files as the editor has them; no proofs without its config."""
        return self._check(source, self.load)[0]

    def _check(self, source: Source, load: Load) -> tuple[Checked, str | None]:
        """What is found, and what is wrong with the `apwa.toml` that holds for it."""
        try:
            return check(source, load=load, lint=config_of(source.file).lint, parse=self._parse), None
        except ConfigError as error:
            analysis = analyse(source, load=load, parse=self._parse)
            return Checked(analysis.program, analysis.modules, (), analysis.diagnostics, analysis.uses), str(error)

    def _parse(self, source: Source) -> Parsed:
        return self._parsers.setdefault(source.path, Parser()).parse(source)

    def _touch(self, document: Document) -> None:
        document.seen = None
        file = document.source.file
        self.forget([file] if file is not None else [])

    def load(self, path: Path) -> str:
        """The text of a file as the editor has it, else from disk. Raises OSError and UnicodeDecodeError."""
        identity = path.resolve()
        for other in self._open.values():
            if other.source.file is not None and other.source.file.resolve() == identity:
                return other.source.text
        return read_source(path)

    def _source(self, uri: str, text: str) -> Source:
        file = path_of(uri)
        if file is None:
            return Source(text, uri)
        file = Path(os.path.normpath(file))
        shown = file.relative_to(self.root) if self.root is not None and file.is_relative_to(self.root) else file
        return Source(text, str(shown), file)
