"""Whether a program means the same after edits.

In: a program, edits, and the workspace. Out: what the edits change besides the names, told in one line. The edited text
is analysed: it must have the same findings, and every word of it must refer to what it referred to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apwa_lang.diagnostics.model import Diagnostic, Edit
from apwa_lang.lsp.features.names import place
from apwa_lang.lsp.workspace import Workspace
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.program import Program
from apwa_lang.semantics.uses import Uses
from apwa_lang.syntax.source import Source, Span


@dataclass(frozen=True, eq=False)
class Meaning:
    """What an analysis found."""

    program: Program
    uses: Uses
    findings: tuple[Diagnostic, ...]


def what_changes(before: Meaning, edits: Sequence[Edit], workspace: Workspace) -> str | None:
    """What ``edits`` would break, or give another meaning; None where they do neither."""
    moved = {source: _Moved(source, edits) for source in before.program.sources}
    if not any(one.edits for one in moved.values()):
        return None
    files = {one.source.file: one.text for one in moved.values()}
    root = before.program.source

    def load(path: Path) -> str:
        return files[path] if path in files else workspace.read(path)

    analysis = analyse(Source(moved[root].text, root.path, root.file), load=load)
    known = Counter(_place_of(finding, moved) for finding in before.findings)
    for finding in analysis.diagnostics:
        where = (finding.code, place(finding.primary.span))
        if known[where] <= 0:
            return f"then {finding.message}"
        known[where] -= 1
    after = _references(analysis.uses, None)
    for reference, span in _references(before.uses, moved).items():
        if reference not in after:
            return f"{span.source.path}:{span.line} would then refer to something else"
    return None


class _Moved:
    """One file with its edits made."""

    def __init__(self, source: Source, edits: Sequence[Edit]) -> None:
        self.source = source
        key = place(Span(source, 0, 0))
        own = (edit for edit in edits if place(Span(edit.span.source, 0, 0)) == key)
        self.edits = sorted(own, key=lambda edit: edit.span.start)
        self._starts = [edit.span.start for edit in self.edits]
        self._added = [0]
        pieces: list[str] = []
        at = 0
        for edit in self.edits:
            pieces += (source.text[at : edit.span.start], edit.text)
            at = edit.span.end
            self._added.append(self._added[-1] + len(edit.text) - (edit.span.end - edit.span.start))
        self.text = "".join((*pieces, source.text[at:]))

    def span(self, span: Span) -> Span:
        """Where a place is afterwards."""
        start = span.start + self._added[bisect_left(self._starts, span.start)]
        return Span(span.source, start, start)


def _references(uses: Uses, moved: dict[Source, _Moved] | None) -> dict[Hashable, Span]:
    """What each word refers to, by places after the edits."""

    def after(span: Span) -> Hashable:
        return place(span if moved is None else moved[span.source].span(span))

    found: dict[Hashable, Span] = {}
    for declaration in uses.known():
        target = declaration.name if declaration.span is None else after(declaration.span)
        for use in uses.of(declaration):
            found[after(use.span), declaration.kind, target] = use.span
    return found


def _place_of(finding: Diagnostic, moved: dict[Source, _Moved]) -> Hashable:
    span = finding.primary.span
    return finding.code, place(moved[span.source].span(span) if span.source in moved else span)
