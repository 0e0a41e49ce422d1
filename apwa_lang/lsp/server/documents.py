"""The open files.

In: their texts and edits, as the client sends them. Out: for each a :class:`~apwa_lang.lsp.view.View` of the newest
text. Files that a program imports are read as they are in the editor where they are open there, else from disk.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsprotocol import types

from apwa_lang.check import Checked, check
from apwa_lang.config import ConfigError, config_of
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.interrupt import NotWantedError, interruptible
from apwa_lang.lsp.excerpt import Known, after_edit
from apwa_lang.lsp.server.convert import Converter, path_of
from apwa_lang.lsp.view import View
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.modules import Load, read_source
from apwa_lang.syntax.parser import Parse, Parsed, parse
from apwa_lang.syntax.reparse import Parser
from apwa_lang.syntax.source import Source

SLOW = 0.03
"""A check of more seconds than this does not keep up with the keys of a person who types on."""
LONG = 20_000
"""A text of more characters is expected to be slow."""


@dataclass(eq=False)
class Document:
    """An open file. ``reads`` are the files that its last analysis asked for, whether they were there or not.

    ``turn`` is another object whenever the text or a file that it depends on has changed. ``seen`` is there once the
    newest text is checked; until then ``known`` is what is known of it, or was before the edit, and ``waiting`` are
    those who wait for it. ``before`` is the view of the newest text that was checked. ``slow`` when a check takes
    longer than :data:`SLOW`; ``complaint`` is what is wrong with the `apwa.toml` that holds for the file.
    """

    uri: str
    source: Source
    version: int
    reads: set[Path] = field(default_factory=set)
    turn: object = field(default_factory=object)
    seen: View | None = None
    before: View | None = None
    known: Known | None = None
    slow: bool = False
    complaint: str | None = None
    waiting: list[asyncio.Future[View | None]] = field(default_factory=list)

    def next_turn(self) -> None:
        """Nobody gets an answer any more about what was there until now."""
        self.turn, self.seen = object(), None
        self.answer(None)

    def answer(self, view: View | None) -> None:
        """Tell those who wait."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(view)
        self.waiting.clear()


@dataclass(frozen=True)
class _Whole:
    """A check of a whole program, and how long it took."""

    checked: Checked
    complaint: str | None
    seconds: float


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
        document = Document(item.uri, self._source(item.uri, item.text), item.version, slow=len(item.text) > LONG)
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
            self._parsers.pop(document.source.path, None)
            self._touch(document)

    def view(self, uri: str) -> View | None:
        """The file as features see it, checked now if its text or a file that it depends on has changed."""
        document = self._open.get(uri)
        if document is None:
            return None
        if document.seen is None:
            self._take(document, self._whole(document))
        return document.seen

    async def settled(self, document: Document, turn: object) -> View | None:
        """The file, once it is checked as it was at this ``turn``; None where it changes before."""
        if document.turn is not turn:
            return None
        if document.seen is not None:
            return document.seen
        waiting: asyncio.Future[View | None] = asyncio.get_running_loop().create_future()
        document.waiting.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            # So ends a wait when the server ends, an exception that pygls does not expect here.
            return None

    def recent(self, uri: str) -> View | None:
        """The text of a file as it is, with the newest tree and analysis that there are, which may be of older text.

        For what must be told between two keys. Only here ``module`` is not the tree of ``source``.
        """
        document = self._open.get(uri)
        if document is None or document.seen is not None or document.before is None:
            return self.view(uri)
        return replace(document.before, source=document.source)

    def findings(self, document: Document) -> Sequence[Diagnostic] | None:
        """What is found in a file. Of a long program that was edited, what the edit can have changed comes first; None
        where nothing can be said before it is :meth:`settled`.
        """
        if document.seen is None and document.slow:
            if document.known is None:
                return None
            if document.known.source is not document.source:
                document.known = after_edit(document.known, document.source, self._part)
            return document.known.findings
        view = self.view(document.uri)
        return view.checked.diagnostics if view is not None else ()

    async def finish(self) -> None:
        """Check in another thread, meanwhile answering, the files of which not all is known, until one changes."""
        for document in self:
            turn = document.turn
            if document.seen is None:
                try:
                    whole = await asyncio.to_thread(self._unless_changed, document, turn)
                except NotWantedError:
                    return
                except Exception:
                    document.answer(None)
                    raise
                if document.turn is turn and document.seen is None:
                    self._take(document, whole)

    def _unless_changed(self, document: Document, turn: object) -> _Whole:
        return interruptible(lambda: self._whole(document), lambda: document.turn is not turn)

    def _take(self, document: Document, whole: _Whole) -> None:
        checked = whole.checked
        view = document.seen = document.before = View(document.source, checked.modules[0], checked)
        document.known = Known.of(checked.modules[0], checked.diagnostics)
        document.complaint, document.slow = whole.complaint, whole.seconds > SLOW
        document.answer(view)

    def forget(self, files: Iterable[Path]) -> None:
        """Analyse again what depends on files that have changed; what is not a program may matter to any."""
        changed = {path.resolve() for path in files}
        others = any(path.suffix != ".apwa" for path in changed)
        for document in self._open.values():
            if others or changed & document.reads:
                document.next_turn()
                document.known = None
        self.on_change()

    def complaints(self) -> list[str]:
        """What keeps open files from being proved, where it is not in them; each once until it changes."""
        current = {document.complaint for document in self._open.values() if document.complaint is not None}
        new = sorted(current - self._complained)
        self._complained = current
        return new

    def check(self, source: Source) -> Checked:
        """What ``apwa check`` says of a text, with other files as the editor has them; no proofs without its config."""
        return self._check(source, self.load, parse)[0]

    def _whole(self, document: Document) -> _Whole:
        begun = time.perf_counter()
        source = document.source
        # Kept as the check goes on, so that a change of one of them meanwhile is noticed.
        document.reads = reads = set()

        def load(path: Path) -> str:
            reads.add(path.resolve())
            return self.load(path)

        checked, complaint = self._check(source, load, self._parse)
        return _Whole(checked, complaint, time.perf_counter() - begun)

    def _check(self, source: Source, load: Load, parse: Parse) -> tuple[Checked, str | None]:
        complaint = None
        try:
            checked = check(source, load=load, lint=config_of(source.file).lint, parse=parse)
        except ConfigError as error:
            complaint = str(error)
            analysis = analyse(source, load=load, parse=parse)
            checked = Checked(analysis.program, analysis.modules, (), analysis.diagnostics, analysis.uses)
        return checked, complaint

    def _part(self, source: Source, parse: Parse) -> Checked:
        try:
            return check(source, load=self.load, parse=parse)
        except ConfigError:
            return self._check(source, self.load, parse)[0]

    def _parse(self, source: Source) -> Parsed:
        return self._parsers.setdefault(source.path, Parser()).parse(source)

    def _touch(self, document: Document) -> None:
        document.next_turn()
        file = document.source.file
        self.forget([file] if file is not None else [])

    def load(self, path: Path) -> str:
        """The text of a file as the editor has it, else from disk. Raises OSError and UnicodeDecodeError."""
        identity = path.resolve()
        for other in self:
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
