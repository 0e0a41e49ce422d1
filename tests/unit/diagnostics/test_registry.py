"""Every diagnostic code keeps its promises: its bad example has that finding alone, its good example none."""

from __future__ import annotations

import re

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import Code, all_codes, find, register
from apwa_lang.diagnostics.render.text import render
from apwa_lang.lint.selection import Selection, is_lint
from apwa_lang.syntax.source import Source

CODES = all_codes()

# Proofs know constructs that are not run yet, so their examples may have this warning beside.
NOT_LOWERED = "APWA901"


def checked(program: str, of: Code) -> tuple[Diagnostic, ...]:
    """What is found in an example of ``of``; those of lint rules are linted for what is on by default beside."""
    lint = Selection(select=("default", of.id)) if is_lint(of.id) else None
    return check(Source(program, "example.apwa"), lint=lint).diagnostics


def findings(program: str, *, of: Code) -> set[str]:
    """The codes found in an example of ``of``."""
    found = {finding.code for finding in checked(program, of)}
    return found if of.id == NOT_LOWERED else found - {NOT_LOWERED}


def page(program: str, of: Code) -> str:
    return render(checked(program, of))


@pytest.mark.parametrize("code", [code for code in CODES if code.bad], ids=lambda code: code.id)
def test_the_bad_example_has_this_finding_alone(code: Code) -> None:
    assert findings(code.bad, of=code) == {code.id}, page(code.bad, code)


@pytest.mark.parametrize("code", [code for code in CODES if code.good], ids=lambda code: code.id)
def test_the_good_example_is_clean(code: Code) -> None:
    assert findings(code.good, of=code) == set(), page(code.good, code)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_a_code_says_what_it_is(code: Code) -> None:
    assert re.fullmatch(r"APWA[0-9]{3}", code.id)
    assert code.title and code.explanation and code.fix
    assert not code.title.endswith(".")
    assert bool(code.bad) == bool(code.good), "an example needs its counterpart"


def test_codes_are_told_apart() -> None:
    titles = [code.title for code in CODES]
    assert len(set(titles)) == len(titles)
    with pytest.raises(ValueError, match="twice"):
        register(CODES[0].id, "again", explanation="", fix="")


def test_a_code_is_found_in_any_letter_case() -> None:
    assert find("apwa101") is find("APWA101") is not None
    assert find("APWA999") is None
