"""Findings as programs read them: JSON, SARIF, GitHub workflow commands."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
from findings import finding, replacing, span

from apwa_lang.diagnostics.model import Label, Severity
from apwa_lang.diagnostics.registry import all_codes
from apwa_lang.diagnostics.render import github, sarif
from apwa_lang.diagnostics.render import json as json_format
from apwa_lang.diagnostics.render.prose import unwrapped
from apwa_lang.syntax.source import Source

MAIN = Source('task a\n  text: "ä 日"\nend\n', "src/my notes.apwa")
LIBRARY = Source("x\n", "/elsewhere/lib.apwa")

FINDING = finding(
    MAIN,
    '"ä 日"',
    "not this",
    code="APWA101",
    message="100% wrong: a, b\nand more",
    also=(Label(span(LIBRARY, "x"), "because of this"),),
    facts=("a fact",),
    help="mend it",
    fix=replacing(MAIN, "ä", "a"),
)


def test_json_has_every_part() -> None:
    [got] = json.loads(json_format.render([FINDING]))
    assert got == {
        "code": "APWA101",
        "severity": "error",
        "message": "100% wrong: a, b\nand more",
        "file": "src/my notes.apwa",
        "start": {"line": 2, "column": 9, "offset": 15},
        "end": {"line": 2, "column": 14, "offset": 20},
        "label": "not this",
        "secondary": [
            {
                "file": "/elsewhere/lib.apwa",
                "start": {"line": 1, "column": 1, "offset": 0},
                "end": {"line": 1, "column": 2, "offset": 1},
                "label": "because of this",
            }
        ],
        "facts": ["a fact"],
        "help": "mend it",
        "fix": {
            "title": "write a",
            "safe": True,
            "edits": [
                {
                    "file": "src/my notes.apwa",
                    "start": {"line": 2, "column": 10, "offset": 16},
                    "end": {"line": 2, "column": 11, "offset": 17},
                    "text": "a",
                }
            ],
        },
    }


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(json_format.render([])) == []


def test_github_escapes_and_places() -> None:
    assert github.render([FINDING]) == (
        "::error file=src/my notes.apwa,line=2,endLine=2,col=9,endColumn=14,title=APWA101::"
        "100%25 wrong: a, b%0Aand more%0Anot this%0Aa fact%0A/elsewhere/lib.apwa:1: because of this%0Ahelp: mend it\n"
    )


def test_github_escapes_properties_and_omits_columns_over_lines() -> None:
    source = Source("a\nb", "c:d,e.apwa")
    line = github.render([finding(source, "a\nb", severity=Severity.NOTE)])
    assert line == "::notice file=c%3Ad%2Ce.apwa,line=1,endLine=2,title=APWA201::this is wrong\n"


# What SARIF 2.1.0 asks of the parts that are written here.
REGION = {
    "type": "object",
    "properties": {
        name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn", "endLine", "endColumn")
    },
    "required": ["startLine"],
    "additionalProperties": False,
}
MESSAGE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
ARTIFACT = {
    "type": "object",
    "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~:/%-]+$"}},
    "required": ["uri"],
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "message": MESSAGE,
        "physicalLocation": {
            "type": "object",
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
            "required": ["artifactLocation"],
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
REPLACEMENT = {
    "type": "object",
    "properties": {"deletedRegion": REGION, "insertedContent": MESSAGE},
    "required": ["deletedRegion"],
    "additionalProperties": False,
}
FIX = {
    "type": "object",
    "properties": {
        "description": MESSAGE,
        "artifactChanges": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "artifactLocation": ARTIFACT,
                    "replacements": {"type": "array", "minItems": 1, "items": REPLACEMENT},
                },
                "required": ["artifactLocation", "replacements"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["artifactChanges"],
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RESULT = {
    "type": "object",
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": LOCATION},
        "relatedLocations": {"type": "array", "items": LOCATION, "uniqueItems": True},
        "fixes": {"type": "array", "items": FIX, "uniqueItems": True},
    },
    "required": ["message"],
    "additionalProperties": False,
}
RULE = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "required": ["id"],
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "items": RULE, "uniqueItems": True},
    },
    "required": ["name"],
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "properties": {
        "tool": {"type": "object", "properties": {"driver": DRIVER}, "required": ["driver"]},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "required": ["tool"],
    "additionalProperties": False,
}
LOG = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}


def sarif_run(text: str) -> dict[str, Any]:
    log = json.loads(text)
    jsonschema.validate(log, LOG)
    [run] = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_has_the_essentials() -> None:
    run = sarif_run(sarif.render([FINDING]))
    [result] = run["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "src/my%20notes.apwa"
    assert location["region"] == {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 14}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "APWA101"
    related = result["relatedLocations"][0]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "file:///elsewhere/lib.apwa"
    assert related["message"]["text"] == "because of this"
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "a"


def test_sarif_rules_are_the_registry_entries() -> None:
    codes = all_codes()
    source = Source("x", "m.apwa")
    run = sarif_run(sarif.render([finding(source, "x", code=code.id, severity=code.severity) for code in codes]))
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {code.id for code in codes}
    for code in codes:
        assert rules[code.id]["shortDescription"]["text"] == code.title
        assert unwrapped(code.fix) in rules[code.id]["help"]["text"]


def test_sarif_of_nothing_is_valid() -> None:
    assert sarif_run(sarif.render([]))["results"] == []
