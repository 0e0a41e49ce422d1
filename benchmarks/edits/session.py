"""A person at work: edits, questions, files opened, closed and changed on disk, and now and then a comparison.

In: a server, its folder, chance. Out: nothing. Raises TroubleError for what no client should see, and where what is
shown in the end is not what ``apwa check`` says of the same files.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.edits.buffer import Buffer, Stroke
from benchmarks.edits.checked import Finding, checked, differences, shown
from benchmarks.edits.connection import Server, TroubleError
from benchmarks.edits.programs import change_module, change_settings, programs, write_programs
from benchmarks.edits.questions import Asker, path_of
from benchmarks.edits.strokes import strokes

_OPEN = 3
_COMPARE_EVERY = 50
_SETTLED = 60.0
_LONG = 20_000
"""A text of more characters is not pasted into any more: it would take all the time there is."""
_CREATED, _CHANGED, _DELETED = 1, 2, 3


class Session:
    """Some files open for a while. ``counts`` says what has been done; ``step`` is the number of the last."""

    def __init__(self, server: Server, folder: Path, seed: str) -> None:
        self.counts: Counter[str] = Counter()
        self.step = 0
        self._server = server
        self._folder = folder
        self._rng = random.Random(seed)
        self._buffers: dict[str, Buffer] = {}
        self._asker = Asker(server, self._buffers, pulls=self._rng.random() < 0.4)
        self._ahead: list[int] = []
        self._marked: set[Path] = set()

    def run(self, steps: int) -> None:
        """So many steps, from files as they were at first to all files closed."""
        before = {*self._folder.rglob("*.apwa")}
        write_programs(self._folder)
        self._others = [file.read_text("utf-8") for file in programs(self._folder)]
        words = self._folder / "shared" / "words.py"
        self._changed({*before, *programs(self._folder), words, self._folder / "apwa.toml"})
        for _ in range(_OPEN):
            self._open()
        acts, weights = zip(*_ACTS, strict=True)
        for self.step in range(1, steps + 1):
            act = self._rng.choices(acts, weights)[0]
            self.counts[act.__name__.strip("_").replace("_", " ")] += 1
            act(self)
            if self.step % _COMPARE_EVERY == 0:
                self._compare()
        self._compare()
        for buffer in list(self._buffers.values()):
            self._close(buffer)

    def _any(self) -> Buffer:
        return self._rng.choice(list(self._buffers.values()))

    def _edit(self) -> None:
        """One thing that a person does, key by key, in one message, or ahead of the answers to questions."""
        buffer = self._any()
        others = self._others if len(buffer.text) < _LONG else [""]
        done = strokes(buffer.text, others, self._rng)
        match self._rng.choice(("one", "keys", "ahead")):
            case "one":
                self._send(buffer, [buffer.stroke(stroke) for stroke in done])
            case "keys":
                for stroke in done:
                    self._send(buffer, [buffer.stroke(stroke)])
            case "ahead":
                for stroke in done:
                    self._send(buffer, [buffer.stroke(stroke)])
                    if self._rng.random() < 0.5:
                        self._ahead.append(self._asker.send(buffer, self._rng))
                self._catch_up()

    def _ask(self) -> None:
        buffer = self._any()
        for _ in range(self._rng.randint(1, 4)):
            self.counts[self._asker.ask(buffer, self._rng)] += 1
        self._asker.edits.clear()

    def _undo(self) -> None:
        """Some edits undone, mostly all."""
        buffer = self._any()
        number = len(buffer.undo) if self._rng.random() < 0.7 else self._rng.randint(0, len(buffer.undo))
        self._send(buffer, [buffer.back() for _ in range(number)])

    def _apply(self) -> None:
        """An edit that an answer offers is done, in all files."""
        buffer = self._any()
        for _ in range(12):
            self._asker.ask(buffer, self._rng)
        if self._asker.edits:
            self.counts["edits of answers"] += 1
            self._do(self._rng.choice(self._asker.edits))
        self._asker.edits.clear()

    def _format(self) -> None:
        """What is formatted stays as it is."""
        buffer = self._any()
        edits = self._asker.formatted(buffer)
        self._edit_by(buffer, edits)
        if edits and (again := self._asker.formatted(buffer)):
            raise TroubleError(f"formatting what is formatted changes it: {again}")

    def _do(self, edit: dict[str, Any]) -> None:
        changes = dict(edit.get("changes") or {})
        for change in edit.get("documentChanges") or ():
            if change.get("kind") == "create":
                file = self._path(change["uri"])
                if not file.exists():
                    file.touch()
                    self._changed([file])
            else:
                changes[change["textDocument"]["uri"]] = change["edits"]
        for uri, edits in changes.items():
            if uri in self._buffers:
                self._edit_by(self._buffers[uri], edits)
            else:
                text = self._asker.text(uri)
                file = self._path(uri)
                file.write_bytes(_edited(text.text, [(*text.span(one["range"]), one["newText"]) for one in edits]))
                self._changed([file])

    def _path(self, uri: str) -> Path:
        path = path_of(uri)
        if not path.is_relative_to(self._folder):
            raise TroubleError(f"an edit of {uri}, which is none of these files")
        return path

    def _edit_by(self, buffer: Buffer, edits: list[dict[str, Any]]) -> None:
        spans = sorted(((*buffer.span(edit["range"]), edit["newText"]) for edit in edits), reverse=True)
        self._send(buffer, [buffer.stroke(Stroke(*span)) for span in spans])

    def _rewrite(self) -> None:
        """The whole text in one change, as editors without edits send it."""
        buffer = self._any()
        self._send(buffer, [buffer.rewrite(self._rng.choice((buffer.text, *self._others)))])

    def _open(self) -> None:
        closed = [file for file in programs(self._folder) if file.as_uri() not in self._buffers]
        if not closed:
            return
        shared = [file for file in closed if file.parent.name == "shared"]
        file = self._rng.choice(shared if shared and self._rng.random() < 0.6 else closed)
        try:
            buffer = Buffer(file, file.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError:
            return
        self._buffers[buffer.uri] = buffer
        item = {"uri": buffer.uri, "languageId": "apwa", "version": buffer.version, "text": buffer.text}
        self._server.tell("textDocument/didOpen", {"textDocument": item})

    def _close_one(self) -> None:
        """Closed, at times without saving; opened again, that or another."""
        buffer = self._any()
        if self._rng.random() < 0.5:
            self._save(buffer)
        if len(self._buffers) > 1:
            self._close(buffer)
        self._open()

    def _close(self, buffer: Buffer) -> None:
        self._server.tell("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
        del self._buffers[buffer.uri]
        self._asker.forget(buffer.uri)

    def _change_on_disk(self) -> None:
        """Somebody else writes files that the open ones depend on."""
        file = self._rng.choice(programs(self._folder))
        match self._rng.choice(("settings", "module", "program", "program", "bytes", "gone")):
            case "settings":
                self._changed([change_settings(self._folder, self._rng)])
            case "module":
                self._changed([change_module(self._folder, self._rng)])
            case "program":
                file.write_bytes(self._rng.choice((b"", b"\xef\xbb\xbf")) + self._rng.choice(self._others).encode())
                self._changed([file])
            case "bytes":
                if file.as_uri() not in self._buffers:
                    file.write_bytes(self._rng.randbytes(200))
                    self._changed([file])
            case "gone":
                if file.as_uri() not in self._buffers:
                    file.unlink()
                    self._changed([file])

    def _save(self, buffer: Buffer) -> None:
        """Write a file as an editor does, which keeps the mark that some begin with."""
        if self._rng.random() < 0.1:
            self._marked ^= {buffer.file}
        mark = b"\xef\xbb\xbf" if buffer.file in self._marked else b""
        buffer.file.write_bytes(mark + buffer.text.encode("utf-8", "replace"))
        self._changed([buffer.file])

    def _changed(self, files: Iterable[Path]) -> None:
        changes = [{"uri": file.as_uri(), "type": _CHANGED if file.exists() else _DELETED} for file in sorted(files)]
        self._server.tell("workspace/didChangeWatchedFiles", {"changes": changes})

    def _send(self, buffer: Buffer, changes: list[dict[str, Any]]) -> None:
        if changes:
            buffer.version += self._rng.choice((1, 1, 1, 7))
            item = {"uri": buffer.uri, "version": buffer.version}
            self._server.tell("textDocument/didChange", {"textDocument": item, "contentChanges": changes})
            self.counts["changes"] += len(changes)

    def _catch_up(self) -> None:
        for number in self._ahead:
            self._asker.taken(number)
        self._ahead.clear()

    def _pause(self) -> None:
        """Until all is checked, or not quite."""
        self._server.wait(self._rng.uniform(0, 0.4))

    def _compare(self) -> None:
        """What is shown of the saved files is what the command says of them. Raises TroubleError."""
        for buffer in self._buffers.values():
            for at in [at for at, character in enumerate(buffer.text) if "\ud800" <= character <= "\udfff"]:
                self._send(buffer, [buffer.stroke(Stroke(at, at + 1, "?"))])
            self._save(buffer)
        files = [buffer.file for buffer in self._buffers.values()]
        expected = checked(self._folder, files)
        if expected is None:
            (self._folder / "apwa.toml").unlink()
            self._changed([self._folder / "apwa.toml"])
            expected = checked(self._folder, files) or set()
        until = time.monotonic() + _SETTLED
        while (found := self._shown()) != expected:
            if time.monotonic() > until:
                raise TroubleError("\n".join(differences(found, expected)))
            self._server.wait(0.3)
        self.counts["comparisons"] += 1
        self.counts["findings compared"] += len(expected)

    def _shown(self) -> set[Finding]:
        found = {uri: list(said) for uri, (_, said) in self._server.published.items()}
        for uri in self._asker.pulled & self._buffers.keys():
            found[uri] = self._asker.findings(uri)
        return set(self._findings(found))

    def _findings(self, found: dict[str, list[dict[str, Any]]]) -> Iterator[Finding]:
        for uri, said in found.items():
            for one in said:
                yield shown(uri, one, self._asker.text)


def _edited(text: str, spans: list[tuple[int, int, str]]) -> bytes:
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text.encode("utf-8", "replace")


_ACTS = (
    (Session._edit, 50),
    (Session._ask, 40),
    (Session._undo, 12),
    (Session._apply, 4),
    (Session._format, 3),
    (Session._rewrite, 1),
    (Session._pause, 8),
    (Session._close_one, 4),
    (Session._change_on_disk, 5),
)
