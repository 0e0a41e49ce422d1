"""What is said about a mistaken flow or test: where, who else is involved, and what to do."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from analysing import NOTES, clean, findings, only

PROGRAM = (
    NOTES
    + """
param fast: bool = true
record Part { summary: str }
record Total { ward: str, words: int }
split passages = notes by tokens(text, 100)
split wards = notes by group(ward)
split pairs = notes by cross(notes)
record Sum { ward: str, total: int }
record Long { words: str }
task total(rows: list[Sum]) -> int { return: len(rows) }
task long(rows: list[Long]) -> int { return: len(rows) }
task copy(note: Note) -> Note { return: note }
task sum_up(text: str, words: int) -> Part { return: { summary: text + str(words) } }
task merge(parts: list[Part]) -> Part { return: first(parts) }
task count(parts: list[Part]) -> int { return: len(parts) }
table parts: Part = [{ summary: "a" }]
table totals: Total = [{ ward: "a", words: 3 }]
"""
)


class Case(NamedTuple):
    """Statements of a flow, and the texts of the places that the one finding points to."""

    statements: str
    code: str
    at: str
    also: tuple[str, ...] = ()
    help: str = ""


CASES = {
    "unknown table": Case("x = note where words > 1", "APWA451", "note", (), "did you mean `notes`?"),
    "unknown split": Case("x = map copy over eahc", "APWA451", "eahc", (), "did you mean `each`?"),
    "used before it is assigned": Case("y = x limit 1 x = notes limit 2", "APWA451", "x", ("x",), "below"),
    "its own result": Case("x = x limit 1", "APWA451", "x", ("x",)),
    "assigned in one branch": Case(
        "if (fast) { x = notes limit 1 } y = x limit 1", "APWA451", "x", ("x",), "other branch"
    ),
    "a table where a split is wanted": Case(
        "x = map copy over notes", "APWA103", "notes", ("notes",), "map over a split of it: `each`"
    ),
    "a result where a split is wanted": Case("x = notes limit 1 y = map copy over x", "APWA103", "x", ("x",)),
    "a split where a table is wanted": Case("x = each limit 1", "APWA103", "each", ("each",)),
    "a split of the flow where a table is wanted": Case("split s = notes by row x = s limit 1", "APWA103", "s", ("s",)),
    "a table where a task is wanted": Case("x = map notes over each", "APWA103", "notes", ("notes",)),
    "assigned twice": Case("x = notes limit 1 x = notes limit 2", "APWA452", "x", ("x",)),
    "a table's name": Case("notes = totals limit 1", "APWA452", "notes", ("notes",)),
    "a parameter's name": Case("fast = totals limit 1", "APWA452", "fast", ("fast",)),
    "branches with different records": Case(
        "if (fast) { x = notes limit 1 } else { x = totals limit 1 } y = x limit 1",
        "APWA453",
        "x",
        ("x", "x"),
        "`select`",
    ),
    "an argument missing": Case("x = map sum_up(text) over each", "APWA454", "sum_up", ("sum_up",), "text, words"),
    "an argument too many": Case("x = map sum_up(text, words, id) over each", "APWA454", "id", ("sum_up",)),
    "an unknown argument": Case(
        "x = map sum_up(text, wrods: words) over each", "APWA454", "wrods", ("sum_up",), "did you mean `words`?"
    ),
    "an argument twice": Case("x = map sum_up(text, text: id) over each", "APWA454", "text: id", ("text",)),
    "several parameters without arguments": Case(
        "x = map sum_up over each", "APWA454", "sum_up", ("sum_up",), "map sum_up(text, words)"
    ),
    "an argument of another type": Case(
        "x = map sum_up(words, words) over each", "APWA207", "words", ("text: str", "each")
    ),
    "a field of the row that the sub-problem lacks": Case("x = map sum_up(id, 3) over passages", "APWA201", "id"),
    "a sub-problem of another type": Case(
        "x = map copy over wards", "APWA455", "copy", ("note: Note", "wards"), "`ward`, `rows`"
    ),
    "keep of an unknown field": Case(
        "x = map merge(parts: []) over each keep wrad", "APWA456", "wrad", ("each",), "ward"
    ),
    "keep of a field that is not the group's": Case(
        "x = map merge([]) over wards keep id", "APWA456", "id", ("wards",)
    ),
    "keep of a field of both sides": Case(
        "x = map merge([]) over pairs keep id", "APWA456", "id", ("pairs",), "select"
    ),
    "keep twice": Case("x = map merge([]) over each keep id, id", "APWA456", "id", ("id",)),
    "keep of a field that the result has": Case("x = map copy over each keep ward", "APWA456", "ward", ("copy",)),
    "unknown reduction": Case("x = reduce words over notes by summ", "APWA457", "summ", (), "did you mean `sum`?"),
    "tree of one": Case("x = reduce merge over parts by tree(1)", "APWA457", "tree(1)", (), "tree(8)"),
    "sum of nothing": Case("x = reduce over notes by sum", "APWA457", "reduce over notes by sum"),
    "a field without a way": Case("x = reduce words over notes", "APWA457", "reduce words over notes"),
    "a task that merges no list": Case(
        "x = reduce copy over notes by tree", "APWA458", "copy", ("copy",), "list[Note]"
    ),
    "a task that merges other rows": Case("x = reduce merge over notes", "APWA458", "merge", ("merge", "notes")),
    "a task whose result cannot be merged": Case("x = reduce count over parts", "APWA458", "count", ("count",)),
    "sort by an unknown field": Case(
        "x = notes sort by wrods", "APWA459", "wrods", ("notes",), "did you mean `words`?"
    ),
    "sort by a field twice": Case("x = notes sort by id, id", "APWA459", "id", ("id",)),
    "group by an unknown field": Case(
        "x = reduce words over notes by sum group wrad", "APWA459", "wrad", ("notes",), "did you mean `ward`?"
    ),
    "sum of texts": Case("x = reduce ward over notes by sum", "APWA460", "ward", ("notes",)),
    "group by the field that is summed": Case("x = reduce words over notes by sum group words", "APWA460", "words"),
    "join on a field of one side": Case("x = totals join parts on ward", "APWA459", "ward", ("parts",)),
    "join of fields of one name": Case(
        "x = notes join totals on ward", "APWA461", "totals", ("notes", "totals"), "select"
    ),
    "join of unlike fields": Case(
        "y = totals select { ward: words } x = totals join y on ward", "APWA461", "ward", ("totals", "y")
    ),
    "union of unlike tables": Case("x = union(notes, totals)", "APWA462", "totals", ("notes", "totals"), "select"),
    "rows that lack a field": Case(
        "x = map total(rows) over wards",
        "APWA207",
        "rows",
        ("rows: list[Sum]", "wards"),
        "`Note` has no field `total`, which `Sum` has",
    ),
    "rows with a field of another type": Case(
        "x = map long(rows) over wards",
        "APWA207",
        "rows",
        ("rows: list[Long]", "wards"),
        "`words` of `Note` is `int`, but of `Long` it is `str`",
    ),
    "limit of a text": Case('x = notes limit "a"', "APWA207", '"a"'),
    "limit below zero": Case("x = notes limit -1", "APWA465", "-1"),
    "where that is no condition": Case("x = notes where words", "APWA207", "words", ("notes",)),
    "if over a field": Case("if (words > 3) { x = notes limit 1 }", "APWA201", "words"),
    "if that is no condition": Case('if ("a") { x = notes limit 1 }', "APWA207", '"a"'),
    "save without a format": Case('save notes to "out/notes"', "APWA464", '"out/notes"', (), "`.parquet`"),
    "save in an unknown format": Case(
        'save notes to "out/notes.cvs"', "APWA464", '"out/notes.cvs"', (), "did you mean `.csv`?"
    ),
    "save under a field": Case('save notes to "out/{{ id }}.csv"', "APWA201", "id"),
    "after a table": Case("x = notes limit 1 after totals", "APWA466", "totals", ("totals",), "remove"),
    "too many rounds": Case("repeat max 65 until (true) { x = notes limit 1 }", "APWA465", "65"),
    "too many rounds in rounds": Case(
        "repeat max 9 until (true) { repeat max 8 until (true) { x = notes limit 1 } }", "APWA465", "8"
    ),
    "a round changes the record": Case(
        "x = notes limit 1 repeat max 2 until (true) { x = x select { id: id } }", "APWA468", "x", ("x",), "select"
    ),
    "twice in a round": Case(
        "x = notes limit 1 repeat max 2 until (true) { x = x limit 1 x = x limit 2 }", "APWA452", "x", ("x",)
    ),
    "in one branch of a round": Case(
        "x = notes limit 1 repeat max 2 until (true) { if (fast) { x = x limit 1 } }", "APWA452", "x", ("x",)
    ),
    "a round reads what it assigns below": Case(
        "repeat max 2 until (true) { y = x limit 1 x = notes limit 1 }", "APWA451", "x", ("x",)
    ),
    "a split of a round": Case(
        "repeat max 2 until (true) { split s = notes by row x = map copy over s } y = map copy over s",
        "APWA451",
        "s",
        ("s",),
        "split the table again",
    ),
    "a round for a text": Case('repeat max 2 until ("yes") { x = notes limit 1 }', "APWA207", '"yes"'),
    "repeat of nothing": Case("repeat max 0 until (true) { x = notes limit 1 }", "APWA465", "0"),
    "a call without its arguments": Case("x = sum_up(words: 3)", "APWA454", "sum_up", ("sum_up",)),
    "a call with another table": Case("x = merge(totals)", "APWA207", "totals", ("parts: list[Part]", "totals")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_finding_points_to_all_parties(case: Case) -> None:
    found = only(f"{PROGRAM}flow main {{ {case.statements} }}")
    assert (found.code, found.primary.span.text) == (case.code, case.at)
    assert tuple(label.span.text for label in found.secondary) == case.also
    assert case.help in (found.help or "")


def test_a_branch_that_is_never_used_after_it_may_differ() -> None:
    clean(f"""{PROGRAM}flow main {{
      if (fast) {{ x = notes limit 1 save x to "a.csv" }} else {{ x = totals limit 1 save x to "b.csv" }}
    }}""")


def test_a_broken_statement_is_told_once() -> None:
    text = f"""{PROGRAM}flow main {{
      x = map copy over nothing
      y = x where anything > 3
      z = reduce merge over y by tree(8)
      w = x join y on id
      save w to "w.csv" after x
    }}"""
    assert [found.primary.span.text for found in findings(text)] == ["nothing"]


TESTS = {
    "unknown model": ('test "t" { mock smll = 3 }', "APWA102", "smll"),
    "model mocked twice": ('test "t" { mock small = 3 mock small = 4 }', "APWA467", "small"),
    "name twice": ('test "t" { a = 1 a = 2 }', "APWA467", "a"),
    "argument missing": ('test "t" { a = sum_up("x") expect a.summary == "" }', "APWA454", "sum_up"),
    "unknown field of a result": ('test "t" { a = sum_up("x", 1) expect a.sumary == "" }', "APWA202", "sumary"),
    "expectation that is no condition": ('test "t" { expect 3 }', "APWA207", "3"),
}


@pytest.mark.parametrize(
    "use",
    [
        'test "t" { expect sum_up("x", 1) == 3 }',
        'test "t" { a = sum_up("x", 1) + 1 expect a == 1 }',
        'flow main { x = notes where sum_up("x", 1) > 1 }',
        'task f(n: int) -> int { return: sum_up("x", 1) }',
    ],
)
def test_a_task_in_an_expression_is_told_as_a_task(use: str) -> None:
    found = only(f"{PROGRAM}{use}")
    assert (found.code, found.primary.span.text) == ("APWA203", "sum_up")
    assert found.message == "`sum_up` is a task, which an expression cannot call"
    (declared,) = found.secondary
    assert declared.span.start == PROGRAM.index("sum_up(text")
    assert "write `got = sum_up(…)` first" in (found.help or "")


@pytest.mark.parametrize("keep", ["", " keep id", " keep id, text"])
def test_a_field_that_a_map_does_not_keep_is_added_to_its_keep(keep: str) -> None:
    text = f"""{PROGRAM}flow main {{
      x = map sum_up(text, words) over each{keep}
      split s = x by group(ward)
      save x to "x.csv"
    }}"""
    found = only(text)
    assert (found.code, found.message) == ("APWA442", "the rows of `x` have no field `ward`")
    assert found.help == "add `ward` to the `keep` of `x`"
    assert found.fix is not None
    (edit,) = found.fix.edits
    clean(text[: edit.span.start] + edit.text + text[edit.span.end :])


@pytest.mark.parametrize(("test", "code", "at"), TESTS.values(), ids=TESTS)
def test_findings_of_tests(test: str, code: str, at: str) -> None:
    found = only(f'{PROGRAM}model small {{ provider: "local" }}\n{test}')
    assert (found.code, found.primary.span.text) == (code, at)
