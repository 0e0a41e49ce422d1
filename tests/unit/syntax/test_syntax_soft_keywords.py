"""Every keyword may name a field, a setting, a parameter, an argument, a declaration, a variable."""

from __future__ import annotations

import pytest
from trees import read

from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.tokens import keywords

WORDS = keywords()
# These have a value of their own wherever an expression may stand.
VALUES = ("true", "false", "null", "not")


@pytest.mark.parametrize("word", WORDS)
def test_names_of_declarations_and_their_parts(word: str) -> None:
    module = read(
        f"""
        param {word}: {word} = 1
        record {word} {{ a: {word} {word}: int, {word}: list[{word}] @{word} b: str }}
        table {word}: {word}.R = read "x" as {word}
        model {word} {{ a: 1 {word}: 2, {word}: 3 b: 4 }}
        task {word}({word}: str, b: {word}) -> {word} {{ prompt: "x" {word}: 1 }}
        split {word} = {word} by {word}({word}: 1)
        flow {word} {{ a = {word} {word} = map {word} over {word} keep {word}, b save {word} to "x" }}
        """
    )
    assert len(module.declarations) == 7
    record = module.declarations[1]
    assert isinstance(record, n.Record)
    assert [field.name.text for field in record.fields] == ["a", word, word, "b"]
    flow = module.declarations[6]
    assert isinstance(flow, n.Flow)
    assert [type(statement) for statement in flow.statements] == [n.Assign, n.Assign, n.Save]


@pytest.mark.parametrize("word", [word for word in WORDS if word not in VALUES])
def test_names_in_expressions(word: str) -> None:
    module = read(
        f"task f() -> R {{ return: {word} + row.{word} ensure: g({word}, {word}: {word}) and {word}(1) > {word}[0] "
        f"cfg: {{ {word}: {word} }} last: 600 }}"
    )
    task = module.declarations[0]
    assert isinstance(task, n.Task)
    assert [setting.name.text for setting in task.settings] == ["return", "ensure", "cfg", "last"]


@pytest.mark.parametrize("word", WORDS)
def test_a_statement_may_assign_to_any_word(word: str) -> None:
    flow = read(f"flow main {{ x = t {word} = t limit 3 {word} = f(1) }}").declarations[0]
    assert isinstance(flow, n.Flow)
    assert [item.name.text for item in flow.statements if isinstance(item, n.Assign)] == ["x", word, word]


@pytest.mark.parametrize("word", WORDS)
def test_a_test_may_assign_to_any_word(word: str) -> None:
    test = read(f'test "t" {{ {word} = 1 expect {word}.a == 1 mock {word} = 2 }}').declarations[0]
    assert isinstance(test, n.Test)
    assert len(test.statements) == 3
