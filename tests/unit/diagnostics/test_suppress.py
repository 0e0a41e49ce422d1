"""`# apwa: ignore[CODE]` comments."""

from __future__ import annotations

import re

import pytest
from findings import finding

from apwa_lang.diagnostics.fixes import apply_fixes
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.suppress import suppress
from apwa_lang.syntax.nodes import Comment, Module
from apwa_lang.syntax.source import Source, Span


def module(text: str) -> Module:
    """A module with the comments of ``text``; no declaration matters here."""
    source = Source(text, "m.apwa")
    comments = tuple(Comment(Span(source, *match.span())) for match in re.finditer("#.*", text))
    return Module(source, (), comments)


def left(text: str, *codes: str, severity: Severity = Severity.WARNING) -> list[Diagnostic]:
    """What remains of findings of ``codes`` at ``here``."""
    parsed = module(text)
    found = [finding(parsed.source, "here", code=code, severity=severity) for code in codes]
    return list(suppress([parsed], found))


@pytest.mark.parametrize(
    "text",
    [
        "here # apwa: ignore[APWA901] later",
        "# apwa: ignore[APWA901] later\nhere",
        "  ## apwa:ignore[ APWA901 ]\n  # and a word on it\n  here",
        "# apwa: ignore[APWA901]\n# apwa: ignore[APWA902]\nhere",
        "# apwa: ignore[APWA902, APWA901]\nhere",
    ],
)
def test_a_comment_silences_its_line_or_the_next(text: str) -> None:
    assert left(text, "APWA901", "APWA902" if "902" in text else "APWA901") == []


@pytest.mark.parametrize(
    "text",
    [
        "here\n# apwa: ignore[APWA901]\n",
        "# apwa: ignore[APWA901]\n\nhere",
        "x # apwa: ignore[APWA901]\nhere",
    ],
)
def test_a_comment_elsewhere_silences_nothing_and_is_reported(text: str) -> None:
    assert [finding.code for finding in left(text, "APWA901")] == ["APWA901", "APWA690"]


def test_another_code_is_not_silenced() -> None:
    assert [finding.code for finding in left("here # apwa: ignore[APWA902]", "APWA901")] == ["APWA901", "APWA690"]


def test_an_error_is_not_silenced() -> None:
    error, complaint = left("here # apwa: ignore[APWA201]", "APWA201", severity=Severity.ERROR)
    assert error.code == "APWA201"
    assert complaint.message == "`APWA201` is an error here, and an error cannot be ignored"
    assert complaint.severity is Severity.WARNING


def test_a_mistyped_code_gets_a_suggestion() -> None:
    [complaint] = left("# apwa: ignore[APWA9O1]\nx")
    assert complaint.message == "there is no code `APWA9O1`"
    assert complaint.help == "did you mean `APWA901`?"


def test_a_program_with_errors_has_no_useless_comments() -> None:
    [error] = left("here # apwa: ignore[APWA901]", "APWA001", severity=Severity.ERROR)
    assert error.code == "APWA001"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("a\n  # apwa: ignore[APWA901] why\nb\n", "a\nb\n"),
        ("a\r\n# apwa: ignore[APWA901]\r\nb", "a\r\nb"),
        ("a  # apwa: ignore[APWA901] why\nb", "a\nb"),
        ("here # apwa: ignore[APWA901, APWA902] why", "here # apwa: ignore[APWA902] why"),
        ("here # apwa: ignore[APWA902, APWA901] why", "here # apwa: ignore[APWA902] why"),
        ("# apwa: ignore[APWA901]", ""),
    ],
)
def test_the_fix_removes_what_is_useless(text: str, fixed: str) -> None:
    parsed = module(text)
    found = [finding(parsed.source, "here", code="APWA902", severity=Severity.WARNING)] if "here" in text else []
    assert apply_fixes(parsed.source, suppress([parsed], found)) == (fixed, 1)
