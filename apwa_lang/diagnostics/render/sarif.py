"""Findings as SARIF 2.1.0, for code scanning services.

In: findings. Out: one SARIF log with one run, whose rules are the registry's entries for the codes that occur.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from urllib.parse import quote

from apwa_lang.diagnostics.model import Diagnostic, Fix, Label
from apwa_lang.diagnostics.registry import Code, find
from apwa_lang.diagnostics.render.position import region
from apwa_lang.diagnostics.render.prose import unwrapped
from apwa_lang.syntax.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings as an indented SARIF log."""
    findings = list(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in findings})
    driver = {
        "name": "apwa",
        "semanticVersion": version("apwa-lang"),
        "rules": [_rule(id, find(id)) for id in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes) for diagnostic in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(id: str, code: Code | None) -> dict[str, object]:
    if code is None:
        return {"id": id}
    explanation, fix = unwrapped(code.explanation), f"To fix it: {unwrapped(code.fix)}"
    markdown = explanation
    for title, program in (("For example", code.bad), ("Mended", code.good)):
        if program:
            markdown += f"\n\n{title}:\n\n```apwa\n{program}\n```"
    return {
        "id": id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": explanation},
        "help": {"text": f"{explanation}\n\n{fix}", "markdown": f"{markdown}\n\n{fix}"},
        "defaultConfiguration": {"level": str(code.severity)},
    }


def _result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": str(diagnostic.severity),
        "message": {"text": _message(diagnostic)},
        "locations": [_location(diagnostic.primary)],
    }
    if diagnostic.secondary:
        result["relatedLocations"] = [
            {"id": index, **_location(label)} for index, label in enumerate(diagnostic.secondary)
        ]
    if diagnostic.fix is not None and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _message(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.message, *diagnostic.facts]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def _location(label: Label) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": _artifact(label.span), "region": _region(label.span)}
    }
    if label.text:
        location["message"] = {"text": label.text}
    return location


def _artifact(span: Span) -> dict[str, object]:
    path = span.source.path
    return {"uri": f"file://{quote(path)}" if path.startswith("/") else quote(path)}


def _region(span: Span) -> dict[str, object]:
    where = region(span)
    return {
        "startLine": where.line,
        "startColumn": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
    }


def _fix(fix: Fix) -> dict[str, object]:
    changes: dict[str, dict[str, object]] = {}
    replacements: dict[str, list[dict[str, object]]] = {}
    for edit in fix.edits:
        path = edit.span.source.path
        replacements.setdefault(path, []).append(
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        )
        changes[path] = {"artifactLocation": _artifact(edit.span), "replacements": replacements[path]}
    return {"description": {"text": fix.title}, "artifactChanges": list(changes.values())}
