"""Every diagnostic code keeps its promises: its bad example has that finding alone, its good example none."""

from __future__ import annotations

import re

import pytest
from apwa_lang.check import check

from apwa_lang.diagnostics.registry import Code, all_codes, find, register
from apwa_lang.diagnostics.render.text import render
from apwa_lang.syntax.source import Source

CODES = all_codes()


def findings(program: str) -> list[str]:
    return [finding.code for finding in check(Source(program, "example.apwa")).diagnostics]


def page(program: str) -> str:
    return render(check(Source(program, "example.apwa")).diagnostics)


@pytest.mark.parametrize("code", [code for code in CODES if code.bad], ids=lambda code: code.id)
def test_the_bad_example_has_this_finding_alone(code: Code) -> None:
    found = findings(code.bad)
    assert found, "no finding"
    assert set(found) == {code.id}, page(code.bad)


@pytest.mark.parametrize("code", [code for code in CODES if code.good], ids=lambda code: code.id)
def test_the_good_example_is_clean(code: Code) -> None:
    assert findings(code.good) == [], page(code.good)


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
