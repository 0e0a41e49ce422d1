"""Findings and other things, counted in words.

In: findings, or a number and a noun. Out: ``3 errors, 1 warning``, ``2 files``.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic, Severity


def numbered(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{'es' if noun.endswith('x') else 's'}"


def tally(findings: Iterable[Diagnostic]) -> str:
    """How many findings there are of each severity; empty where there are none."""
    found = [finding.severity for finding in findings]
    return ", ".join(numbered(found.count(one), str(one)) for one in Severity if one in found)
