"""What the manifest of the VS Code extension says is true of its sources, of the grammar and of the command line."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.render.text import render
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "editors/vscode"
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((EXTENSION / "src").glob("*.ts")))


def read(name: str) -> Any:
    return json.loads((EXTENSION / name).read_text(encoding="utf-8"))


MANIFEST = read("package.json")
CONTRIBUTED = MANIFEST["contributes"]
SNIPPETS = read("snippets/apwa.json")


def test_its_version_is_that_of_the_language() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert MANIFEST["version"] == project["version"]
    assert MANIFEST["license"] == project["license"]


def test_every_command_of_the_palette_is_registered() -> None:
    declared = {command["command"] for command in CONTRIBUTED["commands"]}
    registered = set(re.findall(r'registerCommand\("(apwa\.\w+)"', SOURCES))
    (listed,) = re.findall(r"\(\[(.*)\] as const\)\.map\(inTerminal\)", SOURCES)
    assert declared == registered | {f"apwa.{name}" for name in re.findall(r"\w+", listed)}


def test_settings_that_are_read_are_declared() -> None:
    declared = set(CONTRIBUTED["configuration"]["properties"])
    read_there = {f"apwa.{name}" for name in re.findall(r'(?:(?<!\.)\bon|\)\.get)\("([\w.]+)"', SOURCES)}
    # What the client library reads by itself.
    assert declared == read_there | {"apwa.trace.server"}


def test_embedded_languages_are_scopes_of_the_grammar() -> None:
    (grammar,) = CONTRIBUTED["grammars"]
    text = (ROOT / "grammar/apwa_grammar/apwa.tmLanguage.json").read_text(encoding="utf-8")
    assert json.loads(text)["scopeName"] == grammar["scopeName"]
    for scope in grammar["embeddedLanguages"]:
        assert f'"{scope}"' in text


def test_nothing_of_an_untrusted_workspace_is_started() -> None:
    assert MANIFEST["capabilities"]["untrustedWorkspaces"]["supported"] == "limited"
    assert "apwa.path" in MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    find = SOURCES[SOURCES.index("private async find()") :]
    assert find.index("isTrusted") < find.index("choose(")


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_a_program_once_it_is_filled_in(name: str) -> None:
    text = "\n".join(SNIPPETS[name]["body"])
    text = re.sub(r"\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
    while (filled := re.sub(r"\$\{\d+:((?:[^$}\\]|\\.)*)\}", r"\1", text)) != text:
        text = filled
    text = re.sub(r"\$\d+", "", text).replace("\\}", "}")
    assert "$" not in text
    _, problems = parse(Source(text))
    assert problems == (), text


def test_the_problem_matcher_reads_what_check_prints() -> None:
    printed = render(check(Source("record A { a: in }\n", "main.apwa")).diagnostics)
    (matcher,) = CONTRIBUTED["problemMatchers"]
    first, place = matcher["pattern"]
    lines = printed.splitlines()
    message = re.search(first["regexp"], lines[0])
    found = re.search(place["regexp"], lines[1])
    assert message and found
    assert (message[first["severity"]], message[first["code"]]) == ("error", "APWA102")
    assert Path(found[place["file"]]).name == "main.apwa"
    assert (found[place["line"]], found[place["column"]]) == ("1", "15")
