"""What a model is told of the language: all that the checker knows, and examples that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.draft import language, rules
from apwa_lang.draft.language import description
from apwa_lang.draft.offer import Declaration, Offer
from apwa_lang.draft.rules import Offered, violations
from apwa_lang.semantics.attributes import _READERS, FORMS
from apwa_lang.semantics.bodies import BESIDE_PROMPT, BODIES
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.effects import SETTINGS as EFFECTS
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.splits import FORMS as SPLITS
from apwa_lang.semantics.task_settings import FORMS as SETTINGS
from apwa_lang.semantics.tasks import CONTRACTS
from apwa_lang.semantics.types import PRIMITIVES
from apwa_lang.syntax.source import Source

EXAMPLES = sorted((Path(language.__file__).parent / "examples").glob("*.apwa"))
WHOLE, BRIEF = description(), description(brief=True)


def test_it_tells_all_that_the_checker_knows() -> None:
    signatures = [one for function in (*FUNCTIONS.values(), *FILTERS.values()) for one in function.overloads]
    for told in (*signatures, *PRIMITIVES, *(form.syntax for form in FORMS.values()), *rules.RULES):
        assert told in WHOLE
    for setting in SETTINGS:
        assert (f"- {setting}: {SETTINGS[setting].doc}" in WHOLE) == (setting in rules.SETTINGS)
        assert (f'"{setting}" ":" ({SETTINGS[setting].syntax})' in WHOLE) == (setting in rules.SETTINGS)
    for rule, form in SPLITS.items():
        assert (f"- {form.syntax}: " in WHOLE) == (rule in rules.SPLITS)


def test_sub_problems_are_as_the_checker_makes_them() -> None:
    assert "- row: the row\n- chunk(100): { index: int, rows: list[Row] }\n" in WHOLE
    assert "- tokens(field, 1000, 100): { row: Row, index: int, text: str }\n" in WHOLE
    assert "- cross(other): { left: Row, right: Row }\n" in WHOLE


def test_it_is_short() -> None:
    assert len(WHOLE) < 18_000
    assert len(BRIEF) < 3_500
    assert set(rules.RULES) <= {line.removeprefix("- ") for line in BRIEF.splitlines()}


def test_tables_of_settings_and_attributes_are_whole() -> None:
    assert {*BODIES, *BESIDE_PROMPT, *EFFECTS, *CONTRACTS} <= set(SETTINGS)
    assert set(FORMS) == set(_READERS)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_examples_are_clean_drafts(file: Path, tmp_path: Path) -> None:
    (tmp_path / "prices.py").write_text("def price(article: str) -> float:\n    return 1.0\n")
    checked = check(Source(file.read_text(), file.name, tmp_path / file.name))
    program = checked.program
    offered = Offered(*(frozenset(some) for some in (program.tables, program.models, program.tools)))
    assert (*checked.diagnostics, *violations(checked, offered)) == ()
    assert list(program.flows) == ["main"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_told_as_drafts_are_made(file: Path) -> None:
    question, given, answer = (part.strip() for part in parts_of(file))
    offer = Offer(question, (Declaration("record", "X", given),))
    assert offer.program(answer).text == file.read_text()


def parts_of(file: Path) -> tuple[str, str, str]:
    """Question, given declarations and answer, as they stand in the description."""
    question = file.read_text().splitlines()[0].removeprefix("# Question: ")
    told = WHOLE.partition(f"Question: {question}\n")[2]
    given = told.partition("```apwa\n")[2].partition("\n```")[0]
    answer = told.partition("Answer:\n```apwa\n")[2].partition("\n```")[0]
    return question, given, answer
