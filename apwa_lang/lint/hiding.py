"""Names of a program that an inner one may hide.

In: a subject. Out: the names that every expression of the file may say, with their places: its parameters, and imports
that have some.
"""

from __future__ import annotations

from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span


def outer_names(subject: Subject) -> dict[str, Span]:
    """Each parameter of the file and each prefix of imported ones, with where it is declared."""
    found = {node.name.text: node.name.span for node in subject.all(ast.Param)}
    for node in subject.all(ast.Import):
        if any(name.startswith(f"{node.alias.text}.") for name in subject.program.params):
            found[node.alias.text] = node.alias.span
    return found
