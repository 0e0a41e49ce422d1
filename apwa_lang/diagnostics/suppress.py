"""Comments that silence warnings: ``# apwa: ignore[APWA901, APWA501] reason``.

In: the modules of a program and its findings. Out: the findings that remain, with a warning for each code in a comment
that silences nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.source import Source, Span

_MARK = re.compile(r"#+\s*apwa:\s*ignore\[([^\]]*)\]")
_CODE = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One code of one comment; it looks at the findings that begin in ``line``."""

    code: str
    span: Span
    line: int
    fix: Fix


def suppress(
    modules: Iterable[Module],
    diagnostics: Iterable[Diagnostic],
    looked_for: Callable[[str, Source], bool] = lambda code, source: True,
) -> tuple[Diagnostic, ...]:
    """The findings without those that a comment silences.

    Errors stay. A program with errors is analysed in part only, so a comment in it is not called useless for want of a
    finding; nor is one whose code was not ``looked_for`` in its file.
    """
    found = list(diagnostics)
    ignores = [ignore for module in modules for ignore in _ignores(module)]
    if not ignores:
        return tuple(found)
    places = {(id(ignore.span.source), ignore.line, ignore.code): ignore for ignore in ignores}
    used: set[_Ignore] = set()
    errors: dict[_Ignore, Diagnostic] = {}
    kept = []
    for finding in found:
        span = finding.primary.span
        ignore = places.get((id(span.source), span.line, finding.code))
        if ignore is None:
            kept.append(finding)
        elif finding.severity is Severity.ERROR:
            errors[ignore] = finding
            kept.append(finding)
        else:
            used.add(ignore)
    complete = all(finding.severity is not Severity.ERROR for finding in found)
    complaints = (
        _complaint(ignore, errors.get(ignore), complete and looked_for(ignore.code, ignore.span.source))
        for ignore in ignores
        if ignore not in used
    )
    return (*kept, *(complaint for complaint in complaints if complaint is not None))


def is_ignore(comment: str) -> bool:
    """Whether a comment silences warnings."""
    return _MARK.match(comment) is not None


def silenced_lines(module: Module) -> frozenset[int]:
    """The lines that comments of a file speak of."""
    return frozenset(ignore.line for ignore in _ignores(module))


def _complaint(ignore: _Ignore, error: Diagnostic | None, complete: bool) -> Diagnostic | None:
    from apwa_lang.diagnostics.codes import suppressions as codes
    from apwa_lang.diagnostics.registry import all_codes

    if error is not None:
        return codes.unsuppressible(ignore.span, ignore.code, error.primary.span, ignore.fix)
    known = tuple(code.id for code in all_codes())
    if ignore.code not in known:
        return codes.unknown_code(ignore.span, ignore.code, known)
    return codes.useless(ignore.span, ignore.code, ignore.fix) if complete else None


def _ignores(module: Module) -> Iterator[_Ignore]:
    alone = {comment.span.line for comment in module.comments if _stands_alone(comment.span)}
    for comment in module.comments:
        mark = _MARK.match(comment.span.text)
        if mark is None:
            continue
        line = comment.span.line
        while line in alone:
            line += 1
        source, start = module.source, comment.span.start + mark.start(1)
        listed = list(_CODE.finditer(mark[1]))
        for code in listed:
            span = Span(source, start + code.start(), start + code.end())
            yield _Ignore(code[0], span, line, _removal(comment.span, span, alone_in_list=len(listed) == 1))


def _stands_alone(comment: Span) -> bool:
    line_start = comment.source.line_starts[comment.line - 1]
    return not comment.source.text[line_start : comment.start].strip()


def _removal(comment: Span, code: Span, *, alone_in_list: bool) -> Fix:
    """Removes the comment with its line or the space before it, or one code from its list."""
    if not alone_in_list:
        return Fix("remove the code", (Edit(_with_comma(code), ""),))
    text = comment.source.text
    start, end = comment.start, comment.end
    if _stands_alone(comment):
        start = comment.source.line_starts[comment.line - 1]
        end += len(text[end:]) - len(text[end:].removeprefix("\r").removeprefix("\n"))
    else:
        while text[start - 1] in " \t":
            start -= 1
    return Fix("remove the comment", (Edit(Span(comment.source, start, end), ""),))


def _with_comma(code: Span) -> Span:
    source: Source = code.source
    after = re.compile(r"\s*,\s*").match(source.text, code.end)
    if after:
        return Span(source, code.start, after.end())
    start = code.start
    while source.text[start - 1] in ", \t":
        start -= 1
    return Span(source, start, code.end)
