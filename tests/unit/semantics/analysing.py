"""Programs and what is found in them."""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.program import Flow, Program, Step
from apwa_lang.syntax.source import Source

NOTES = """
record Note { id: str @key, ward: str, text: str, words: int }
table notes: Note = read "notes.jsonl"
split each = notes by row
"""


def clean(text: str) -> Program:
    """The program of ``text``, in which nothing is found."""
    analysis = analyse(Source(text))
    assert [finding.message for finding in analysis.diagnostics] == []
    return analysis.program


def findings(text: str) -> tuple[Diagnostic, ...]:
    """Everything that is found in ``text``."""
    return analyse(Source(text)).diagnostics


def only(text: str) -> Diagnostic:
    """The one thing that is found in ``text``."""
    found = findings(text)
    assert len(found) == 1, [finding.message for finding in found]
    return found[0]


def flow_of(text: str) -> Flow:
    """The flow ``main`` of a clean program."""
    return clean(text).flows["main"]


def steps_of(statements: str, before: str = NOTES) -> dict[str, Step]:
    """The steps of a flow of these statements, by name."""
    return {step.name: step for step in flow_of(f"{before}\nflow main {{\n{statements}\n}}").steps}
