"""A finding as the protocol writes it.

In: a :class:`~apwa_lang.diagnostics.model.Diagnostic`. Out: the protocol's, with the other parties as related
information, a link to the page of its code, and its fix as data.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lsprotocol import types

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import find
from apwa_lang.lsp.server.convert import Converter, uri_of
from apwa_lang.lsp.server.explanations import page_of

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def to_lsp(convert: Converter, finding: Diagnostic) -> types.Diagnostic:
    """A finding in the client's units."""
    page = page_of(finding.code)
    return types.Diagnostic(
        range=convert.range(finding.primary.span),
        message="\n".join(_lines(finding)),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(page) if page is not None else None,
        source="apwa",
        tags=[types.DiagnosticTag.Unnecessary] if _can_go(finding.code) else None,
        related_information=[
            types.DiagnosticRelatedInformation(location, label.text or finding.message)
            for label in finding.secondary
            if (location := convert.location(label.span)) is not None
        ]
        or None,
        data=_as_data(convert, finding.fix) if finding.fix is not None else None,
    )


def _lines(finding: Diagnostic) -> Iterator[str]:
    yield finding.message
    if finding.primary.text:
        yield finding.primary.text
    yield from finding.facts
    if finding.help is not None:
        yield f"help: {finding.help}"


@cache
def _can_go(code: str) -> bool:
    """Whether what a finding of this kind marks does nothing, which editors show pale."""
    entry = find(code)
    return entry is not None and any(
        word in entry.title.lower() for word in ("unused", "never used", "suppresses nothing")
    )


def _as_data(convert: Converter, fix: Fix) -> dict[str, Any]:
    """A fix as `--output-format json` has it, with the protocol's ranges."""
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [
            {"uri": uri_of(edit.span.source), "range": _plain(convert.range(edit.span)), "newText": edit.text}
            for edit in fix.edits
        ],
    }


def _plain(range: types.Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": range.start.line, "character": range.start.character},
        "end": {"line": range.end.line, "character": range.end.character},
    }
