"""The grammar for llama.cpp: whatever it admits parses, and it admits programs as people write them."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from apwa_grammar.gbnf import gbnf
from apwa_grammar.subset import subset
from apwa_lang.draft.language import CLOSING, OPENING, grammar
from apwa_lang.draft.rules import SETTINGS
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from tests.unit.syntax.gbnf_reader import Grammar

DRAFTS = Grammar.read(gbnf(grammar()).text(OPENING, CLOSING))
WHOLE = Grammar.read(
    gbnf(subset(("import", "param", "table", "model", "tool", "record", "split", "task", "flow", "test"))).text()
)
EXAMPLES = Path(__file__).parents[3] / "apwa_lang" / "draft" / "examples"


@pytest.mark.parametrize("budget", [20, 80, 300])
@pytest.mark.parametrize("grammar", [DRAFTS, WHOLE], ids=["drafts", "whole"])
def test_what_it_admits_parses(grammar: Grammar, budget: int) -> None:
    kinds = set()
    for seed in range(200):
        text = grammar.draw(random.Random(seed), budget).removeprefix(OPENING).removesuffix(CLOSING)
        module, problems = parse(Source(text))
        # What a string holds is not the grammar's affair.
        assert [one for one in problems if one.code < "APWA100"] == [], text
        kinds |= {type(node) for node in module.declarations}
    assert {ast.Record, ast.Task, ast.Split, ast.Flow} <= kinds


def test_a_draft_ends_with_its_flow_and_has_no_other_settings() -> None:
    for seed in range(100):
        text = DRAFTS.draw(random.Random(seed), 80)
        assert text.startswith(OPENING) and text.endswith(CLOSING)
        module, _ = parse(Source(text[len(OPENING) : -len(CLOSING)]))
        assert [isinstance(node, ast.Flow) for node in module.declarations].index(True) == len(module.declarations) - 1
        tasks = [node for node in module.declarations if isinstance(node, ast.Task)]
        assert {setting.name.text for task in tasks for setting in task.settings} <= set(SETTINGS)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.apwa")), ids=lambda file: file.stem)
def test_it_admits_the_examples(file: Path) -> None:
    module, _ = parse(Source(file.read_text()))
    given = [one.span.end for one in module.declarations if isinstance(one, ast.Table | ast.Model | ast.Tool)]
    assert DRAFTS.admits(OPENING + plain(file.read_text()[max(given) :]) + CLOSING)


def plain(program: str) -> str:
    """A program without what the grammar leaves out: comments, texts of several lines, white space at will."""
    program = re.sub(r'"""(.*?)"""', lambda found: f'"{" ".join(found[1].split())}"', program, flags=re.DOTALL)
    program = re.sub(r"#[^\n\"]*\n", "\n", program)
    return "\n" + "\n".join(
        line[: len(line) - len(line.lstrip())][:4] + line.strip() for line in program.split("\n") if line.strip()
    )


@pytest.mark.parametrize(
    "text",
    [
        "record R { a: int }",
        'record R { a: int } import "x" as y flow main {}',
        'task f() -> str { shell: "ls" } flow main {}',
        "flow main {} split s = t by row",
        "flow flow {}",
    ],
)
def test_it_admits_nothing_else(text: str) -> None:
    assert DRAFTS.admits(f"{OPENING} flow main {{}}{CLOSING}")
    assert not DRAFTS.admits(f"{OPENING} {text}{CLOSING}")


def test_a_list_that_begins_ends() -> None:
    names = ", ".join("abcdefghi")
    assert DRAFTS.admits(f"{OPENING} flow main {{ x = t sort by {names} }}{CLOSING}")
    assert not DRAFTS.admits(f"{OPENING} flow main {{ x = t sort by {names}, j }}{CLOSING}")


def test_left_recursion_is_turned_around() -> None:
    grammar = 'module: value\nvalue: item | value "," item\nitem: NAME | value "!"\nNAME: /[a-z]+/\n'
    made = Grammar.read(gbnf(grammar.replace('value "!"', '"(" value ")"')).text())
    assert made.admits(" a, ( b, c), d")
    assert not made.admits(" a, ( b")


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(ValueError, match="no form for the token OTHER"):
        gbnf("module: OTHER\nOTHER: /x+/\n")
    with pytest.raises(ValueError, match="no rule `nothing`"):
        subset(("nothing",))
