"""Findings as GitHub workflow commands, which annotate a pull request.

In: findings. Out: one ``::error file=…::…`` line each.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.render.position import region

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """One line per finding; line breaks in the message are escaped as the runner asks."""
    return "".join(_line(diagnostic) + "\n" for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic) -> str:
    where = region(diagnostic.primary.span)
    properties = {
        "file": diagnostic.primary.span.source.path,
        "line": where.line,
        "endLine": where.end_line,
        "col": where.column,
        "endColumn": where.end_column,
        "title": diagnostic.code,
    }
    if where.end_line != where.line:
        del properties["col"], properties["endColumn"]  # the runner ignores an annotation that has both
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(_message(diagnostic))}"


def _message(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.message, diagnostic.primary.text, *diagnostic.facts]
    for label in diagnostic.secondary:
        lines.append(f"{label.span.source.path}:{label.span.line}: {label.text}")
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(line for line in lines if line)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
