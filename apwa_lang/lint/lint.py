"""The lint of one file.

In: a :class:`~apwa_lang.lint.subject.Subject`, and which rules are wanted. Out: their findings. A file is
linted where it is checked itself, not where it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import Code
from apwa_lang.interrupt import checkpoint
from apwa_lang.lint.rule import all_rules
from apwa_lang.lint.subject import Subject


def lint(subject: Subject, wanted: Callable[[Code], bool]) -> Iterator[Diagnostic]:
    """The findings of the wanted rules in a program whose names all have a meaning."""
    for rule in all_rules():
        checkpoint()
        if wanted(rule.code):
            yield from rule.find(subject)
