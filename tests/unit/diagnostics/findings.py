"""Findings over small texts, for the tests of the renderers."""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Label, Severity
from apwa_lang.syntax.source import Source, Span


def span(source: Source, text: str) -> Span:
    """Where ``text`` stands for the first time."""
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def finding(
    source: Source,
    text: str,
    label: str = "",
    *,
    code: str = "APWA201",
    severity: Severity = Severity.ERROR,
    message: str = "this is wrong",
    also: tuple[Label, ...] = (),
    facts: tuple[str, ...] = (),
    help: str | None = None,
    fix: Fix | None = None,
) -> Diagnostic:
    return Diagnostic(code, severity, message, Label(span(source, text), label), also, facts, help, fix)


def replacing(source: Source, text: str, new: str, *, safe: bool = True) -> Fix:
    return Fix(f"write {new}", (Edit(span(source, text), new),), safe)
