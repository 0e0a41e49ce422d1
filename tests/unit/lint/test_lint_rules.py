"""Rules of the lint: their fixes mend, they are silent about what is right, and broken programs do not break them."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.config import config_of
from apwa_lang.diagnostics.fixes import apply_fixes, mend
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import Code, all_codes, find
from apwa_lang.diagnostics.render.text import render
from apwa_lang.lint.rule import all_rules
from apwa_lang.lint.selection import Selection, is_lint
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
EXAMPLES = [*sorted((ROOT / "examples").rglob("*.apwa")), ROOT / "apwa_lang/cli/templates/main.apwa"]
RULES = [code for code in all_codes() if is_lint(code.id)]
EVERYTHING = Selection(select=("all",))


def lint(program: str | Source, *codes: str) -> tuple[Diagnostic, ...]:
    """What the rules of these codes find in a program that is otherwise without errors."""
    source = Source(program, "main.apwa") if isinstance(program, str) else program
    found = check(source, lint=Selection(select=codes)).diagnostics
    assert not [one for one in found if one.severity is Severity.ERROR], render(found)
    return found


def test_every_lint_code_is_that_of_a_rule() -> None:
    assert {rule.code.id for rule in all_rules()} == {code.id for code in RULES}
    assert len(RULES) >= 30


@pytest.mark.parametrize("code", RULES, ids=lambda code: code.id)
def test_a_rule_is_a_warning_or_a_note(code: Code) -> None:
    assert code.severity in (Severity.WARNING, Severity.NOTE)


FIXABLE = [code for code in RULES if code.bad and any(one.fix for one in lint(code.bad, code.id))]


def test_many_rules_offer_a_fix() -> None:
    assert len(FIXABLE) >= 20


@pytest.mark.parametrize("code", FIXABLE, ids=lambda code: code.id)
def test_fixes_mend(code: Code) -> None:
    source = Source(code.bad, "main.apwa")
    found = lint(source, code.id)
    text, count = apply_fixes(source, found, unsafe=True)
    assert count == len([one for one in found if one.fix is not None])
    assert lint(text, code.id) == (), text


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_examples_are_clean(file: Path) -> None:
    found = check(Source(file.read_text(), file.name, file), lint=config_of(file).lint).diagnostics
    assert found == (), render(found)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_a_program_that_breaks_off_breaks_no_rule(file: Path) -> None:
    text = file.read_text()
    for end in range(0, len(text), 97):
        check(Source(text[:end], file.name, file), lint=EVERYTHING)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_a_program_without_a_word_breaks_no_rule(file: Path) -> None:
    text = file.read_text()
    words = text.split(" ")
    for gone in range(0, len(words), 13):
        check(Source(" ".join(words[:gone] + words[gone + 1 :]), file.name, file), lint=EVERYTHING)


LIBRARY = """
record Note { id: str @key, text: str }
param style: str = "short"
task shout(note: Note) -> str { return: upper(note.text) }
"""


def test_in_a_library_nothing_is_unused() -> None:
    assert lint(LIBRARY, "APWA50") == ()


def test_a_file_is_linted_where_it_is_checked_itself(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text(LIBRARY + "task odd(a: int) -> int { return: 1 }\n")
    main = tmp_path / "main.apwa"
    program = 'import "lib.apwa" as lib\ntable n: lib.Note = read "n.jsonl"\nflow main { save n to "o.jsonl" }\n'
    assert check(Source(program, "main.apwa", main), lint=EVERYTHING).diagnostics == ()
    main.write_text('import "lib.apwa" as lib\n')
    found = check(Source(main.read_text(), "main.apwa", main), lint=EVERYTHING).diagnostics
    assert [one.code for one in found] == ["APWA500"]
    assert mend(found[0].primary.span.source, lambda _: found)[0].text == ""


def test_nothing_is_called_unused_in_a_program_with_errors() -> None:
    text = 'record Note { id: str }\nflow main { x = map nothing over nowhere }\ntest "t" { got = 1 }\n'
    found = {one.code for one in check(Source(text), lint=EVERYTHING).diagnostics}
    assert "APWA610" in found, "a rule that does not look for what is missing goes on"
    assert not found & {"APWA501", "APWA508", "APWA612"}


def test_nothing_is_linted_where_text_has_no_meaning() -> None:
    found = check(Source('record Note { id str }\ntest "t" { got = 1 }\n'), lint=EVERYTHING).diagnostics
    assert {one.code for one in found} == {"APWA001"}


def test_nothing_is_linted_unless_it_is_asked_for() -> None:
    bad = find("APWA610")
    assert bad is not None
    assert check(Source(bad.bad)).diagnostics == ()


TWICE = """
task f(a: int) -> int { return: 1 }  # apwa: ignore[APWA509] on purpose
"""


def test_an_ignore_comment_silences_a_rule() -> None:
    assert lint(TWICE, "APWA509") == ()


def test_an_ignore_comment_of_a_rule_that_is_not_looked_for_is_not_useless() -> None:
    assert lint(TWICE.replace("return: 1", "return: a"), "APWA610") == ()
    assert [one.code for one in lint(TWICE.replace("return: 1", "return: a"), "APWA509")] == ["APWA690"]
    assert check(Source(TWICE)).diagnostics == ()
