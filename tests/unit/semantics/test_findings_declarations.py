"""What is said about a mistaken declaration: where, who else is involved, and what to do."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from analysing import NOTES, findings, only


class Case(NamedTuple):
    """A program, and the texts of the places that its one finding points to."""

    program: str
    code: str
    at: str
    also: tuple[str, ...] = ()
    help: str = ""


LOCAL = 'model small { provider: "local" }\n'

CASES = {
    "two records": Case("record A { x: str }\nrecord A { y: str }", "APWA101", "A", ("A",), "rename"),
    "a table and a task of one name": Case(
        NOTES + "task notes(n: int) -> int { return: n }", "APWA101", "notes", ("notes",), "rename"
    ),
    "two fields": Case("record A { x: str, x: int }", "APWA101", "x", ("x",)),
    "two parameters": Case("task f(n: int, n: int) -> int { return: n }", "APWA101", "n", ("n",)),
    "two tests": Case('test "a" { expect true }\ntest "a" { expect true }', "APWA101", '"a"', ('"a"',)),
    "unknown type": Case("record A { x: string }", "APWA102", "string", (), "did you mean `str`?"),
    "unknown record": Case(
        "record Note { id: str }\nrecord B { n: Note, m: Noet }", "APWA102", "Noet", (), "did you mean `Note`?"
    ),
    "unknown table": Case(NOTES + "split s = note by row", "APWA102", "note", (), "did you mean `notes`?"),
    "a split of a flow's step": Case(
        NOTES + "split s = some by row\nflow main { some = notes limit 1 }",
        "APWA102",
        "some",
        ("some",),
        "move the split into the flow `main`",
    ),
    "a split of a step in a branch": Case(
        NOTES + "split s = some by row\nflow main { if (true) { some = notes limit 1 } }",
        "APWA102",
        "some",
        ("some",),
        "move the split into the flow `main`",
    ),
    "unknown model": Case(
        LOCAL + 'task f(n: int) -> str { model: smal  prompt: "{{ n }}" }',
        "APWA102",
        "smal",
        (),
        "did you mean `small`?",
    ),
    "a split where a table is wanted": Case(NOTES + "split s = each by row", "APWA103", "each", ("each",)),
    "a table where a record is wanted": Case(NOTES + "record A { n: notes }", "APWA103", "notes", ("notes",)),
    "a built-in type's name": Case("record list { x: str }", "APWA104", "list", (), "another name"),
    "a parameter called result": Case("task f(result: int) -> int { return: 1 }", "APWA104", "result"),
    "a record that holds itself by way of another": Case(
        "record A { b: list[B] }\nrecord B { a: A? }", "APWA108", "A", ("B",), "key"
    ),
    "a list of nothing": Case("record A { x: list }", "APWA121", "list", (), "`list[T]`"),
    "a str of something": Case("record A { x: str[int] }", "APWA121", "str"),
    "a text among records": Case('record B { x: str }\nrecord A { x: B | "b" }', "APWA122", '"b"'),
    "an int in a union": Case('record A { x: "b" | int }', "APWA122", "int"),
    "a text twice in a union": Case('record A { x: "b" | "c" | "b" }', "APWA122", '"b"', ('"b"',)),
    "an optional of an optional": Case("record A { x: str?? }", "APWA123", "str??", (), "one `?`"),
    "a map of ints": Case("record A { x: map[int, str] }", "APWA124", "int", (), "`map[str, T]`"),
    "a tensor of floats": Case("record A { x: tensor[float, 3] }", "APWA125", "float"),
    "a tensor without sizes": Case("record A { x: tensor[f32] }", "APWA125", "tensor[f32]"),
    "a tensor of size nothing": Case("record A { x: tensor[f32, 0] }", "APWA125", "0"),
    "a table in a record": Case(NOTES + "record A { x: table[Note] }", "APWA126", "table[Note]", (), "`list[R]`"),
    "a table of texts": Case('table t: str = read "t.csv"', "APWA126", "str"),
    "unknown attribute": Case("record A { x: str @kye }", "APWA401", "kye", (), "did you mean `key`?"),
    "key with an argument": Case("record A { x: str @key(1) }", "APWA402", "@key(1)", (), "`@key`"),
    "range upside down": Case("record A { x: int @range(3, 1) }", "APWA402", "@range(3, 1)"),
    "range of one number": Case("record A { x: int @range(3) }", "APWA402", "@range(3)"),
    "key twice": Case("record A { x: str @key @key }", "APWA403", "@key", ("@key",)),
    "key of an optional": Case("record A { x: str? @key }", "APWA404", "@key", ("str?",)),
    "key of a float": Case("record A { x: float @key }", "APWA404", "@key", ("float",)),
    "unique list": Case("record A { x: list[str] @unique }", "APWA404", "@unique", ("list[str]",)),
    "pattern of an int": Case('record A { x: int @pattern("a") }', "APWA404", '@pattern("a")', ("int",)),
    "range of a text": Case("record A { x: str @range(1, 2) }", "APWA404", "@range(1, 2)", ("str",)),
    "pattern that is none": Case('record A { x: str @pattern("a(b") }', "APWA405", "("),
    "default outside the range": Case("record A { x: int @range(1, 2) = 3 }", "APWA406", "3", ("@range(1, 2)",)),
    "default that breaks the pattern": Case(
        'record A { x: str @pattern("a+") = "ab" }', "APWA406", '"ab"', ('@pattern("a+")',)
    ),
    "default of a key": Case('record A { x: str @key = "a" }', "APWA406", '"a"', ("@key",)),
    "default of another type": Case('record A { x: int = "a" }', "APWA207", '"a"', ("int",)),
    "table without a format": Case(
        'record A { x: str }\ntable t: A = read "t.txt"', "APWA410", '"t.txt"', (), "as csv"
    ),
    "parquet in gzip": Case('record A { x: str }\ntable t: A = read "t.parquet.gz"', "APWA410", '"t.parquet.gz"'),
    "unknown format": Case(
        'record A { x: str }\ntable t: A = read "t" as cvs()', "APWA410", "cvs", (), "did you mean `csv`?"
    ),
    "unknown option": Case(
        'record A { x: str }\ntable t: A = read "t" as csv(quotes: "a")',
        "APWA411",
        "quotes",
        (),
        "did you mean `quote`?",
    ),
    "option of a wrong form": Case('record A { x: str }\ntable t: A = read "t" as csv(header: 1)', "APWA411", "1"),
    "option of another format": Case(
        'record A { x: str }\ntable t: A = read "t" as jsonl(quote: "a")', "APWA411", "quote"
    ),
    "option without a name": Case('record A { x: str }\ntable t: A = read "t" as csv(";")', "APWA411", '";"'),
    "table with a template": Case('record A { x: str }\ntable t: A = read "{{ x }}.csv"', "APWA412", '"{{ x }}.csv"'),
    "files in a record of something else": Case(
        'record A { path: str, text: str }\ntable t: A = files "*.txt"', "APWA413", "A", (), "`File`"
    ),
    "row that is none": Case('record A { x: str }\ntable t: A = [{ x: "a" }, 3]', "APWA414", "3"),
    "row without a field": Case("record A { x: str, y: int? }\ntable t: A = [{ y: 1 }]", "APWA221", "{ y: 1 }", ("x",)),
    "unknown setting of a model": Case(
        'model m { provider: "local", temprature: 1 }', "APWA415", "temprature", (), "did you mean `temperature`?"
    ),
    "unknown setting of a task": Case(
        "task f(n: int) -> int { return: n  retyr: 1 }", "APWA415", "retyr", (), "`retry`"
    ),
    "setting twice": Case("task f(n: int) -> int { return: n retry: 1 retry: 2 }", "APWA416", "retry", ("retry",)),
    "timeout without a unit": Case("task f(n: int) -> int { return: n timeout: 30 }", "APWA417", "30", (), "`30s`"),
    "negative retry": Case("task f(n: int) -> int { return: n retry: -1 }", "APWA417", "-1"),
    "unknown word": Case("task f(n: int) -> int { return: n on_error: skp }", "APWA417", "skp", (), "`skip`"),
    "unknown provider": Case('model m { provider: "opnai", name: "x" }', "APWA417", '"opnai"', (), "`openai`"),
    "model without a provider": Case('model m { name: "x" }', "APWA418", "m", (), "provider"),
    "server without a name": Case('model m { provider: "openai" }', "APWA418", "m", (), "name"),
    "tool without a body": Case("tool t(q: str) -> str { }", "APWA418", "t", (), "python"),
    "local model with an address": Case(
        'model m { provider: "local", base_url: "http://x" }', "APWA419", "base_url", ("provider",)
    ),
    "model beside return": Case(
        LOCAL + "task f(n: int) -> int { model: small return: n }", "APWA419", "model", ("return",)
    ),
    "batch beside return": Case("task f(n: int) -> int { batch: 3 return: n }", "APWA419", "batch", ("return",)),
    "model and route": Case(
        LOCAL + 'task f(n: int) -> str { prompt: "{{ n }}" model: small route: { small } }',
        "APWA419",
        "route",
        ("model",),
    ),
    "budget beside return": Case(
        "task f(n: int) -> int { return: n budget: { tokens: 5 } }", "APWA419", "budget", ("return",)
    ),
    "budget in dollars without a price": Case(
        LOCAL + 'task f(n: int) -> str { model: small prompt: "{{ n }}" budget: { dollars: 2 } }',
        "APWA429",
        "budget: { dollars: 2 }",
        ("small",),
        "`budget: { tokens: n }`",
    ),
    "route without an end": Case(
        LOCAL + 'task f(n: int) -> str { prompt: "{{ n }}" route: { small when n < 8 } }', "APWA428", "small", (), "end"
    ),
    "route that ends early": Case(
        LOCAL + 'task f(n: int) -> str { prompt: "{{ n }}" route: { small, small when n < 8, small } }',
        "APWA428",
        "small",
        (),
        "put it last",
    ),
    "rate of another thing": Case(
        'model m { provider: "openai", name: "x", rate: { words: 5 per 1s } }', "APWA417", "{ words: 5 per 1s }"
    ),
    "no body": Case("task f(n: int) -> int { retry: 1 }", "APWA420", "f", (), "`return`"),
    "two bodies": Case(
        'task f(n: int) -> int { return: n python: "a:b" }', "APWA420", "python", ("return",), "two tasks"
    ),
    "prompt without the one model": Case(
        LOCAL + 'task f(n: int) -> str { prompt: "{{ n }}" }', "APWA421", "prompt", (), "add `model: small`"
    ),
    "prompt without any model": Case(
        'task f(n: int) -> str { prompt: "{{ n }}" }', "APWA421", "prompt", (), "declare one"
    ),
    "key in the program": Case(
        'model m { provider: "openai", name: "x", api_key: "sk" }', "APWA422", '"sk"', (), 'secret("M_KEY")'
    ),
    "python target with a dot": Case('task f(n: int) -> int { python: "a.b" }', "APWA423", '"a.b"', (), "`a:b`"),
    "prompt for a tensor": Case(
        LOCAL + 'task f(n: int) -> list[tensor[f32, 3]] { model: small prompt: "{{ n }}" }',
        "APWA424",
        "list[tensor[f32, 3]]",
        ("prompt",),
    ),
    "effect that is no path": Case("task f(n: int) -> int { return: n writes: 3 }", "APWA425", "3"),
    "stars inside a path": Case('task f(n: int) -> int { return: n writes: "out/*.json" }', "APWA425", "*"),
    "label twice": Case('task f(n: int) -> int { python: "a:b" writes: { x: "a", x: "b" } }', "APWA425", "x", ("x",)),
    "return that reads": Case(
        'task f(n: int) -> int { return: n reads: "a.txt" }', "APWA426", '"a.txt"', ("return",), "argument"
    ),
    "python that writes without a name": Case(
        'task f(n: int) -> int { python: "a:b" writes: "a.txt" }',
        "APWA426",
        '"a.txt"',
        ("python",),
        '{ page: "a.txt" }',
    ),
    "model in quotes": Case(
        LOCAL + 'task f(n: int) -> str { model: "small" prompt: "{{ n }}" }', "APWA427", '"small"', (), "without quotes"
    ),
    "model twice": Case(
        LOCAL + 'task f(n: int) -> str { model: [small, small] prompt: "{{ n }}" }', "APWA427", "small", ("small",)
    ),
    "return of another type": Case("task f(n: int) -> str { return: n }", "APWA207", "n", ("str", "n")),
    "ensure that is no condition": Case(
        "task f(n: int) -> int { return: n ensure: result }", "APWA207", "result", ("int",)
    ),
    "result in a path": Case('task f(n: int) -> int { return: n writes: "{{ result }}.json" }', "APWA201", "result"),
    "unknown split rule": Case(NOTES + "split s = notes by rwo", "APWA440", "rwo", (), "did you mean `row`?"),
    "chunk without a size": Case(NOTES + "split s = notes by chunk", "APWA441", "chunk", (), "`chunk(100)`"),
    "chunk of nothing": Case(NOTES + "split s = notes by chunk(0)", "APWA441", "0"),
    "argument too many": Case(NOTES + "split s = notes by chunk(1, 2)", "APWA441", "2"),
    "unknown argument": Case(NOTES + "split s = notes by window(1, strid: 2)", "APWA441", "strid"),
    "overlap as large as the size": Case(NOTES + "split s = notes by tokens(text, 5, 5)", "APWA441", "5", ("5",)),
    "group by an unknown field": Case(
        NOTES + "split s = notes by group(wrad)", "APWA442", "wrad", ("notes",), "did you mean `ward`?"
    ),
    "group by a field twice": Case(NOTES + "split s = notes by group(ward, ward)", "APWA442", "ward", ("ward",)),
    "tokens of a number": Case(NOTES + "split s = notes by tokens(words, 5)", "APWA443", "words"),
    "group by a float": Case(
        'record A { x: float }\ntable t: A = read "t.csv"\nsplit s = t by group(x)', "APWA443", "x"
    ),
    "by file of rows": Case(NOTES + "split s = notes by file", "APWA444", "file", ("notes",), "`by row`"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_finding_points_to_all_parties(case: Case) -> None:
    found = only(case.program)
    assert (found.code, found.primary.span.text) == (case.code, case.at)
    assert tuple(label.span.text for label in found.secondary) == case.also
    assert case.help in (found.help or "")


def test_the_second_declaration_is_the_one_that_is_wrong() -> None:
    found = only("record A { x: str }\nrecord A { y: str }")
    assert (found.primary.span.line, found.secondary[0].span.line) == (2, 1)


def test_a_circle_of_records_is_named_in_full() -> None:
    found = only("record A { b: B }\nrecord B { c: C }\nrecord C { a: A }")
    assert "`A` -> `B` -> `C` -> `A`" in found.message


def test_a_missing_model_is_mended_by_naming_the_only_one() -> None:
    text = LOCAL + 'task f(n: int) -> str {\n  prompt: "{{ n }}"\n}'
    fix = only(text).fix
    assert fix is not None
    (edit,) = fix.edits
    mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert findings(mended) == ()


def test_one_mistake_is_told_once() -> None:
    """A broken record, table and split make no findings where they are used."""
    text = """
record Note { id: strr @key }
record Other { note: Note }
table notes: Note = read "notes.xyz"
table others: Missing = read "others.csv"
split each = notes by row
split them = others by group(anything)
task f(note: Note) -> str { return: note.id + note.id }
flow main {
  x = map f over each keep id
  y = map f over them
  z = others where anything > 3
  save z to "z.csv"
}
"""
    assert [(found.code, found.primary.span.text) for found in findings(text)] == [
        ("APWA102", "strr"),
        ("APWA410", '"notes.xyz"'),
        ("APWA102", "Missing"),
    ]


def test_a_syntax_error_has_no_echo() -> None:
    """What a syntax error may have cost is not reported as missing."""
    text = """
record Note { id: str @key
table notes: Note = read "notes.csv"
task f(note: Note) -> str { return: }
task g(note: Note) -> Noet { return: "x" }
flow main { x = notes where }
"""
    codes = [found.code for found in findings(text)]
    assert [code for code in codes if code > "APWA100"] == ["APWA102"]
