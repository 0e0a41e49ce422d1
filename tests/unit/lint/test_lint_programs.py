"""Programs as people write them: what lint says of each, and what its fixes make of them.

`programs/*.apwa` stand beside the Python modules that they name.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from apwa_compiler.build import build_plan
from apwa_lang.check import Checked, check
from apwa_lang.diagnostics.fixes import apply_fixes, mend
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import all_codes
from apwa_lang.diagnostics.render.text import render
from apwa_lang.lint.selection import Selection, is_lint
from apwa_lang.syntax.source import Source
from apwa_runtime.resume import step_keys

PROGRAMS = Path(__file__).parent / "programs"
FOUND = {
    "agents": "APWA522 APWA523 APWA531 APWA531 APWA570",
    "extraction": "APWA530 APWA608 APWA602",
    "folders": "APWA591",
    "gpu": "APWA580 APWA532 APWA580 APWA508",
    "images": "APWA522 APWA590 APWA531 APWA574 APWA600",
    "imports": "APWA500",
    "params": "APWA507 APWA507 APWA507 APWA552 APWA604",
    "redaction": "APWA522 APWA530 APWA531 APWA540 APWA506 APWA542 APWA542",
    "replies": "APWA522 APWA520 APWA612 APWA610",
    "sql": "APWA542",
    "summary": "",
    "voting": "APWA522",
}
EXAMPLES = {code.id: code.bad for code in all_codes() if is_lint(code.id) and code.bad}
EVERYTHING = Selection(select=("all",))


def checked(source: Source, lint: Selection = EVERYTHING) -> Checked:
    """What is said of a program, which has no errors."""
    found = check(source, lint=lint)
    assert not found.has_errors, source.text + render(found.diagnostics)
    return found


def program(name: str) -> Source:
    file = PROGRAMS / f"{name}.apwa"
    return Source(EXAMPLES.get(name) or file.read_text(), file.name, file)


def told(found: Checked) -> Counter[tuple[str, str]]:
    return Counter((one.code, one.message) for one in found.diagnostics)


def fixable(found: Checked, *, safe: bool = False) -> list[Diagnostic]:
    return [one for one in found.diagnostics if one.fix is not None and (one.fix.safe or not safe)]


@pytest.mark.parametrize("name", FOUND)
def test_what_is_said_of_a_program(name: str) -> None:
    found = checked(program(name), Selection()).diagnostics
    assert " ".join(one.code for one in found) == FOUND[name], render(found)


@pytest.mark.parametrize("name", [*FOUND, *EXAMPLES])
def test_each_fix_by_itself_mends_its_finding(name: str) -> None:
    source = program(name)
    before = checked(source)
    for one in fixable(before):
        text, count = apply_fixes(source, [one], unsafe=True)
        assert count == 1
        after = checked(Source(text, source.path, source.file))
        key = (one.code, one.message)
        assert told(after)[key] < told(before)[key], text


@pytest.mark.parametrize("name", [*FOUND, *EXAMPLES])
def test_all_fixes_together_mend_all(name: str) -> None:
    mended, _ = mend(program(name), lambda source: checked(source).diagnostics, unsafe=True)
    assert fixable(checked(mended)) == []


SAFE = [name for name in (*FOUND, *EXAMPLES) if fixable(checked(program(name)), safe=True)]


@pytest.mark.parametrize("name", SAFE)
def test_safe_fixes_change_no_result(name: str) -> None:
    before = checked(program(name))
    mended, count = mend(program(name), lambda source: checked(source).diagnostics)
    after = checked(mended)
    assert count > 0
    assert fixable(after, safe=True) == []
    assert keys(after) == keys(before)


def keys(found: Checked) -> object:
    """For each flow, what the results of each step that calls a task depend on."""
    params = {name: "1" for name, param in found.program.params.items() if param.default is None}
    return [step_keys(build_plan(found.program, flow, params, found.claims)) for flow in found.program.flows]
