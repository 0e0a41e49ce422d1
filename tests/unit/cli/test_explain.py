"""`apwa explain`."""

from __future__ import annotations

import pytest

from apwa_lang.cli.main import run
from apwa_lang.diagnostics.registry import all_codes


def test_a_code_is_explained_with_both_examples(capsys: pytest.CaptureFixture[str]) -> None:
    code = next(code for code in all_codes() if code.bad)
    assert run(["explain", code.id.lower()]) == 0
    page = capsys.readouterr().out
    assert page.startswith(f"{code.id} ({code.severity}): {code.title}\n")
    for prose in (code.explanation, code.fix):
        assert " ".join(prose.split()) in " ".join(page.split())
    for example in (code.bad, code.good):
        assert all(f"    {line}\n" in page for line in example.splitlines() if line)


def test_the_list_has_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [code.id for code in all_codes()]


def test_an_unknown_code_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "APW101"]) == 2
    assert capsys.readouterr().err == "error: no such code `APW101`; did you mean `APWA101`?\n"


def test_a_rule_that_is_off_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code = next(code for code in all_codes() if not code.default)
    assert run(["explain", code.id]) == 0
    assert capsys.readouterr().out.startswith(f"{code.id} ({code.severity}, off unless it is selected): {code.title}\n")
