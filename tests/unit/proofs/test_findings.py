"""What a person reads when a claim does not hold: the place, the reason, the rows, and a path that would do."""

from __future__ import annotations

import proof_programs as make

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.proofs import decide
from apwa_lang.semantics.core import Const
from apwa_lang.semantics.program import Program, UnionAll
from apwa_lang.semantics.types import INT, STR, Field, ListOf, RecordType
from apwa_lang.syntax.source import Source, Span

NOTE = make.record(Field("id", STR, unique=True), Field("author", STR, key=True), Field("title", STR, key=True))
KEYED = make.record(Field("id", STR, key=True), Field("title", STR), Field("count", INT))


def only(program: Program) -> Diagnostic:
    (found,) = decide(program)[1]
    assert found.severity is Severity.ERROR
    return found


def fixed(found: Diagnostic) -> str:
    """The path once the fix is made."""
    assert found.fix is not None
    text = found.fix.edits[0].span.source.text
    for edit in sorted(found.fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_the_sample_of_the_design() -> None:
    found = only(make.one_map(NOTE, writes=["out/{{ note.author }}-{{ note.title }}.md"]))
    assert found.code == "APWA301"
    assert found.message == "two sub-problems of `work` can write the same file"
    assert found.primary.span.text == "{{ note.author }}-{{ note.title }}"
    assert found.primary.text == "author and title are free text, so '-' does not part them"
    assert found.facts == (
        'row 1: { author: "o-", title: "o" }',
        'row 2: { author: "o", title: "-o" }',
        "both:  out/o--o.md",
    )
    assert found.help == (
        '"out/{{ note.author | key }}-{{ note.title | key }}.md" is proved; so is "out/{{ note.id }}.md"'
    )
    assert fixed(found) == "out/{{ note.author | key }}-{{ note.title | key }}.md"
    assert decide(make.one_map(NOTE, writes=[fixed(found)]))[1] == ()


def test_a_missing_key_is_named_and_put_in() -> None:
    found = only(make.one_map(KEYED, writes=["out/pages/{{ note.title }}.md"]))
    assert found.primary.text == "`id` tells the rows apart but is not in the path"
    assert found.help == '"out/pages/{{ note.id }}.md" is proved'
    assert fixed(found) == "out/pages/{{ note.id }}.md"
    assert decide(make.one_map(KEYED, writes=[fixed(found)]))[1] == ()


def test_a_path_without_holes() -> None:
    found = only(make.one_map(KEYED, writes=["out/all.md"]))
    assert found.primary.span.text == "out/all.md"
    assert found.facts == ('row 1: { id: "o" }', 'row 2: { id: "a" }', "both:  out/all.md")
    assert fixed(found) == "out/{{ note.id }}.md"


def test_a_filter_is_blamed() -> None:
    found = only(make.one_map(KEYED, writes=["out/{{ note.id | lower }}.md"]))
    assert found.primary.text == "`lower` makes different values of `id` equal"
    assert found.primary.span.text == "{{ note.id | lower }}"
    assert found.facts[:2] == ('row 1: { id: "a" }', 'row 2: { id: "A" }')
    assert fixed(found) == "out/{{ note.id }}.md"


def test_rows_that_nothing_tells_apart() -> None:
    found = only(make.one_map(make.record(Field("title", STR)), writes=["{{ note.title }}.md"]))
    assert found.primary.text == "nothing tells two rows of `notes` apart: its record has no `@key`"
    assert found.fix is None


def test_numbers_side_by_side() -> None:
    numbers = make.record(Field("n", INT, key=True), Field("m", INT, key=True))
    found = only(make.one_map(numbers, writes=["{{ note.n }}{{ note.m }}"]))
    assert found.primary.text == "n and m stand side by side, so nothing parts them"


def test_sub_problems_that_are_no_rows() -> None:
    chunk = RecordType("<chunk>", (Field("index", INT), Field("rows", ListOf(NOTE))))
    over = make.split("notes", chunk, "chunk", ("index",), n=10)
    found = only(make.one_map(NOTE, writes=["part.md"], over=over))
    assert found.facts == ("sub-problem 1: { index: 0 }", "sub-problem 2: { index: 1 }", "both:          part.md")
    assert fixed(found) == "{{ note.index }}.md"


def test_no_fix_is_offered_that_meets_the_other_effect() -> None:
    found = decide(make.one_map(KEYED, writes=["out/{{ note.title }}.md"], reads=["out/{{ note.title }}.md"]))[1]
    assert [one.code for one in found] == ["APWA301", "APWA304"]
    assert found[1].fix is None
    assert found[1].secondary[0].text == "read here"


def placed(name: str, text: str, start: int) -> Span:
    return Span(Source(text), start, start + len(name))


def test_unordered_steps_are_offered_an_order() -> None:
    flow = Source("a = map one\nb = map two")
    of = make.split("notes", KEYED)
    tasks = [make.task(name, {"note": KEYED}, writes=["{{ note.id }}.md"]) for name in ("one", "two")]
    steps = [
        make.mapped("a", tasks[0], of, span=Span(flow, 0, 11)),
        make.mapped("b", tasks[1], of, span=Span(flow, 12, 23)),
    ]
    found = only(make.program([make.table("notes", KEYED)], [of], tasks, steps))
    assert (found.code, found.message) == ("APWA302", "`a` and `b` can write the same file at the same time")
    assert found.facts == ('`a`:  { id: "o" }', '`b`:  { id: "o" }', "both: o.md")
    assert fixed(found) == "a = map one\nb = map two after a"


def test_a_tree_and_a_file_in_it() -> None:
    found = only(make.one_map(KEYED, writes=["site/{{ note.id }}.md"], reads=["site/**"]))
    assert found.code == "APWA303"
    assert found.facts == ('row 1:  { id: "o" }', 'row 2:  { id: "a" }', "path 1: site/o.md", "path 2: site/**")


def test_what_is_undecided_says_why_and_what_to_do() -> None:
    found = only(make.one_map(KEYED, writes=["out/{{ note.id | slugify }}.md"]))
    assert found.code == "APWA305"
    assert found.message == "cannot tell whether two sub-problems of `work` touch the same file"
    assert found.primary.text == "`slugify` may give one text for different values"
    assert found.facts == ("this release does not look at the real rows before a run starts",)
    assert found.help == '"out/{{ note.id }}.md" is proved'


def test_a_key_that_is_not_sure_is_named() -> None:
    of = make.split("both", KEYED)
    work = make.task("work", {"note": KEYED}, writes=["{{ note.id }}"])
    steps = [make.step("both", UnionAll(("a", "b"))), make.mapped("x", work, of)]
    tables = [make.table("a", KEYED), make.table("b", KEYED)]
    found = only(make.program(tables, [of], [work], steps))
    assert found.primary.text == "that `id` differs between any two rows is not known for this table"


def test_one_mistake_is_told_once() -> None:
    of = make.split("notes", KEYED)
    work = make.task("work", {"note": KEYED}, writes=["{{ note.title }}"])
    steps = [make.mapped("a", work, of), make.mapped("b", work, of, depends=["a"])]
    assert len(decide(make.program([make.table("notes", KEYED)], [of], [work], steps))[1]) == 1


def test_a_path_that_could_not_be_read_is_not_reported_again() -> None:
    program = make.one_map(KEYED, writes=["x"])
    effect = program.tasks["work"].effects[0]
    object.__setattr__(effect.target, "segments", None)
    claims, found = decide(program)
    assert [str(claim.verdict) for claim in claims] == ["undecided"]
    assert found == ()


def test_a_constant_argument_is_part_of_the_path() -> None:
    of = make.split("notes", KEYED)
    work = make.task("work", {"kind": STR, "id": STR}, writes=["{{ kind }}/{{ id }}"])
    steps = [
        make.mapped(name, work, of, {"kind": Const(name, STR), "id": make.Var("id")}) for name in ("letters", "bills")
    ]
    assert decide(make.program([make.table("notes", KEYED)], [of], [work], steps))[1] == ()
