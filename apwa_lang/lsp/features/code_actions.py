"""What mends a finding, or silences it.

In: a view and a selection. Out: for each finding there its fix, and for a warning a comment that silences it; for the
whole file, all safe fixes at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from apwa_lang.diagnostics.fixes import mend
from apwa_lang.diagnostics.model import Diagnostic, Edit, Severity
from apwa_lang.diagnostics.suppress import is_ignore
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan

_CODES = re.compile(r"ignore\[")


@dataclass(frozen=True, slots=True)
class Action:
    """Edits to choose. ``finding`` is what they are about; ``preferred`` when they may be applied unseen."""

    title: str
    edits: tuple[Edit, ...]
    finding: Diagnostic
    preferred: bool = False


def code_actions(view: View, within: Span) -> tuple[Action, ...]:
    """What can be done about the findings that meet ``within``: fixes first."""
    found = [
        finding
        for finding in view.checked.diagnostics
        if finding.primary.span.source is view.source
        and finding.primary.span.start <= within.end
        and within.start <= finding.primary.span.end
    ]
    return (*_fixes(found), *_silencers(view, found))


def fix_all(view: View, find: Callable[[Source], Iterable[Diagnostic]]) -> Edit | None:
    """All safe fixes of the file, and of what ``find`` finds once they are applied, as one edit; None without any."""
    source, count = mend(view.source, find)
    return difference(view.source, source.text) if count else None


def difference(source: Source, text: str) -> Edit:
    """The shortest single edit that makes ``text`` of a source."""
    old = source.text
    most = min(len(old), len(text))
    start = next((at for at in range(most) if old[at] != text[at]), most)
    most -= start
    end = next((at for at in range(most) if old[-1 - at] != text[-1 - at]), most)
    return Edit(Span(source, start, len(old) - end), text[start : len(text) - end])


def _fixes(findings: list[Diagnostic]) -> Iterator[Action]:
    for finding in findings:
        if finding.fix is not None and finding.fix.edits:
            # A program with an error does nothing yet that a fix could change, but what keeps parts apart is a choice.
            error = finding.severity is Severity.ERROR
            harmless = finding.fix.safe or error
            preferred = finding.fix.safe or (error and not finding.code.startswith("APWA3"))
            title = finding.fix.title if harmless else f"{finding.fix.title} (may change what the program does)"
            yield Action(title[:1].upper() + title[1:], finding.fix.edits, finding, preferred)


def _silencers(view: View, findings: list[Diagnostic]) -> Iterator[Action]:
    done: set[tuple[str, int]] = set()
    for finding in findings:
        line = finding.primary.span.line
        if finding.severity is Severity.ERROR or (finding.code, line) in done:
            continue
        done.add((finding.code, line))
        edit = _silencer(view, finding.code, line)
        if edit is not None:
            yield Action(f"Ignore {finding.code} here", (edit,), finding)


def _silencer(view: View, code: str, line: int) -> Edit | None:
    """A comment above the line or, where that would fall into a text, behind it; None where neither can be."""
    source = view.source
    start = source.line_starts[line - 1]
    end = start + len(source.line_text(line))
    for comment in view.module.comments:
        if comment.span.line in (line - 1, line) and is_ignore(comment.span.text):
            mark = _CODES.search(comment.span.text)
            if mark is not None and (comment.span.line == line or _alone(comment.span)):
                at = comment.span.start + mark.end()
                return Edit(Span(source, at, at), f"{code}, ")
    tokens = scan(source).tokens
    if not any(token.start < start < token.end for token in tokens):
        text = source.line_text(line)
        indent = text[: len(text) - len(text.lstrip())]
        return Edit(Span(source, start, start), f"{indent}# apwa: ignore[{code}] {_line_end(source)}")
    commented = any(comment.span.end == end for comment in view.module.comments)
    if not commented and not any(token.start < end < token.end for token in tokens):
        return Edit(Span(source, end, end), f"  # apwa: ignore[{code}] ")
    return None


def _alone(comment: Span) -> bool:
    start = comment.source.line_starts[comment.line - 1]
    return not comment.source.text[start : comment.start].strip()


def _line_end(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
