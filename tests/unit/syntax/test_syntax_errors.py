"""What is said about a wrong program, and what is still read of it."""

from __future__ import annotations

import pytest
from trees import names, problems

from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.registry import Code
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

CODES = [code for code in vars(codes).values() if isinstance(code, Code)]

FIVE = """\
record Note {
  id str @key
  text: str
}

recrod Span { kind: str }

model small {
  provider: "openai"
  name:
  retry: 3
}

task redact(note: Note -> Note {
  model: small
  prompt: "x"
}

flow main {
  x = mpa redact over per_note
  save x to "out.jsonl"
}
"""


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_examples_of_codes(code: Code) -> None:
    _, found = parse(Source(code.bad))
    assert [problem.code for problem in found] == [code.id]
    assert parse(Source(code.good))[1] == ()


def test_five_errors_are_five_diagnostics_and_the_rest_is_read() -> None:
    module, _ = parse(Source(FIVE))
    assert problems(FIVE) == [
        "APWA001 2:5 expected `:` after the field name",
        "APWA005 6:1 no declaration begins with `recrod`",
        "APWA001 10:8 expected a value after `:`",
        "APWA002 14:23 `(` is never closed",
        "APWA001 20:7 expected `map`, found `mpa`",
    ]
    assert names(module) == ["Note", "Span", "small", "redact", "main"]
    note, _, small, redact, main = module.declarations
    assert isinstance(note, n.Record) and [field.name.text for field in note.fields] == ["id", "text"]
    assert isinstance(small, n.Model)
    assert [setting.name.text for setting in small.settings] == ["provider", "name", "retry"]
    assert isinstance(small.settings[1].value, n.ErrorExpr)
    assert isinstance(redact, n.Task) and len(redact.settings) == 2
    assert isinstance(main, n.Flow) and [type(item) for item in main.statements] == [n.Assign, n.Save]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("param x int", "APWA001 1:8 expected `:` after `x`"),
        ("param x: = 3", "APWA001 1:9 expected a type after `:`"),
        ('import "a.apwa" pii', 'APWA001 1:16 expected `as` after `"a.apwa"`'),
        ("split s = t chunk(3)", "APWA001 1:12 expected `by` after `t`"),
        ("task f(a int) -> R { }", "APWA001 1:9 expected `:` after the parameter's name"),
        ("model m { a 1 }", "APWA001 1:12 expected `:` after the setting's name"),
        ("param x: t = { a 1 }", "APWA001 1:17 expected `:` after the key"),
        ("param x: t = [1 2]", "APWA001 1:16 expected `,` after `1`"),
        ("param x: t = 1 +", "APWA001 1:17 expected a value after `+`"),
        ("param x: t = f(1", "APWA002 1:17 `(` is never closed"),
        ("param x: t = f(1]", "APWA001 1:17 expected `)`, found `]`"),
        ("flow m { x = map f s }", "APWA001 1:19 expected `over` after `f`"),
        ("flow m { x = map f ovre s }", "APWA001 1:20 expected `over`, found `ovre`"),
        ('flow m { x = t sav x to "a" }', "APWA001 1:16 expected `save`, found `sav`"),
        ("flow m { x = }", "APWA001 1:13 expected a table or `map`, `reduce`, `union` after `=`"),
        ("flow m { if a) { } }", "APWA001 1:12 expected `(` after `if`"),
        ('save x to "a"', "APWA005 1:1 no declaration begins with `save`"),
        ("param x: bool = a < b < c", "APWA010 1:23 comparisons do not chain"),
        ("param x: str = 'a'", "APWA004 1:16 texts stand in double quotes"),
        ("param x: int = 12kb", "APWA007 1:16 `12kb` is no number, duration or size"),
        ("param x: int = 99999999999999999999", "APWA007 1:16 this number is too large"),
        ("param x: duration = 99999999999999d", "APWA007 1:21 this number is too large"),
        ("param x: float = 1e999", "APWA007 1:18 this number is too large"),
    ],
)
def test_messages_say_what_was_expected(text: str, expected: str) -> None:
    assert problems(text)[0] == expected


def test_a_missing_closer_names_its_opener() -> None:
    _, (problem,) = parse(Source("record A {\n  a: int\n\nrecord B { b: int }"))
    assert (problem.code, problem.primary.span.line, problem.primary.span.column) == ("APWA002", 2, 9)
    assert [(label.span.text, label.span.line) for label in problem.secondary] == [("{", 1)]


def test_a_likely_word_is_offered_and_the_fix_applies() -> None:
    text = "tsak f(a: int) -> R { return: a }"
    _, (problem,) = parse(Source(text))
    assert problem.help == "did you mean `task`?"
    assert problem.fix is not None
    (edit,) = problem.fix.edits
    mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert parse(Source(mended))[1] == ()


def test_an_unclosed_string_ends_with_its_line() -> None:
    text = 'model m {\n  name: "abc\n  retry: 3\n}\nrecord R { a: int }'
    module, (problem,) = parse(Source(text))
    assert (problem.code, problem.primary.span.text) == ("APWA003", '"abc')
    assert isinstance(module.declarations[0], n.Model)
    assert [setting.name.text for setting in module.declarations[0].settings] == ["name", "retry"]
    assert names(module) == ["m", "R"]


def test_an_unclosed_text_does_not_swallow_the_declarations_behind_it() -> None:
    text = (
        'task f(a: int) -> R {\n  prompt: """\n    Do it.\n}\n\nrecord R { a: int }\n\n'
        'task g(a: int) -> R { prompt: """Again.""" }\n'
    )
    module, found = parse(Source(text))
    assert [(problem.code, problem.primary.span.line) for problem in found] == [("APWA003", 2)]
    assert names(module) == ["f", "R", "g"]


def test_a_table_keeps_its_name_without_a_source() -> None:
    module, found = parse(Source("table notes: Note =\nrecord Note { id: str }"))
    assert len(found) == 1
    table = module.declarations[0]
    assert isinstance(table, n.Table) and (table.name.text, table.source) == ("notes", None)


def test_one_bad_character_is_one_diagnostic() -> None:
    assert problems("record A { a: int; b: str }") == ["APWA004 1:18 `;` has no meaning here"]


@pytest.mark.parametrize("text", ["", " \n", "#", "\ufeff"])
def test_nothing_is_a_program(text: str) -> None:
    assert parse(Source(text))[1] == ()
