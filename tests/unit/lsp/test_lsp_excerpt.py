"""The first answer about a long program says what a whole check says, but for lint, comments and help."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from apwa_lang.check import Checked, check
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.lsp.excerpt import Known, after_edit
from apwa_lang.syntax.parser import Parse
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
TEXT = "".join((ROOT / f"examples/{name}/{name}.apwa").read_text("utf-8") for name in ("redact", "wordcount"))
FILE = ROOT / "examples/redact/typed.apwa"


def told(findings: tuple[Diagnostic, ...]) -> Counter[tuple[object, ...]]:
    """Findings without help, with places as numbers."""
    return Counter(
        (
            one.code,
            one.primary.span.start,
            one.primary.span.end,
            one.message,
            *(other.span.start for other in one.secondary),
        )
        for one in findings
    )


def partly(source: Source, parse: Parse) -> Checked:
    return check(source, parse=parse)


def known_of(text: str) -> Known:
    checked = check(Source(text, "typed.apwa", FILE))
    return Known.of(checked.modules[0], checked.diagnostics)


@pytest.mark.parametrize("seed", range(3))
def test_lines_typed_again(seed: int) -> None:
    rng = random.Random(seed)
    lines = TEXT.split("\n")
    known = known_of(TEXT)
    for _ in range(4):
        number = rng.choice([at for at, line in enumerate(lines) if line.strip()])
        line = lines[number]
        for end in (0, *sorted(rng.sample(range(len(line)), min(4, len(line)))), len(line)):
            text = "\n".join([*lines[:number], line[:end], *lines[number + 1 :]])
            known = after_edit(known, Source(text, "typed.apwa", FILE), partly)
            assert told(known.findings) == told(check(Source(text, "typed.apwa", FILE)).diagnostics)


def test_a_declaration_is_looked_at_again_when_what_it_names_changes() -> None:
    text = "record A { a: str }\n" + 'table t: A = [{ a: "x" }]\n'
    edited = text.replace("a: str", "b: str")
    known = after_edit(known_of(text), Source(edited, "typed.apwa", FILE), partly)
    assert {one.primary.span.line for one in known.findings} == {2}


def test_what_the_edit_cannot_have_changed_is_not_checked() -> None:
    text = "".join(f"record R{number} {{ a: str }}\ntable t{number}: R{number} = []\n" for number in range(50))
    looked_at: list[int] = []

    def counted(source: Source, parse: Parse) -> Checked:
        looked_at.append(len(parse(source)[0].declarations))
        return check(source, parse=parse)

    edited = text.replace("record R7 { a: str }", "record R7 { a: int }")
    after_edit(known_of(text), Source(edited, "typed.apwa", FILE), counted)
    assert 2 <= looked_at[0] <= 5
