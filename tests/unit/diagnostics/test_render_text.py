"""How findings look on a terminal."""

from __future__ import annotations

from textwrap import dedent

import pytest
from findings import finding, span

from apwa_lang.diagnostics.model import Diagnostic, Label, Severity
from apwa_lang.diagnostics.render.text import render
from apwa_lang.syntax.source import Source, Span


def shown(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_a_refutation_reads_as_designed() -> None:
    line = '  writes: ["out/{{ note.author }}-{{ note.title }}.md"]'
    source = Source("\n" * 13 + line + "\n", "notes.apwa")
    diagnostic = finding(
        source,
        "{{ note.author }}-{{ note.title }}",
        "author and title are free text",
        code="APWA301",
        message="two sub-problems of `publish` can write the same file",
        facts=('row 1: { author: "o-", title: "o" }', 'row 2: { author: "o", title: "-o" }', "both:  out/o--o.md"),
        help='"out/{{ note.id }}.md" is proved',
    )
    assert render([diagnostic]) == shown(
        """
        error[APWA301]: two sub-problems of `publish` can write the same file
          --> notes.apwa:14:17
           |
        14 |   writes: ["out/{{ note.author }}-{{ note.title }}.md"]
           |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ author and title are free text
           |
           = row 1: { author: "o-", title: "o" }
           = row 2: { author: "o", title: "-o" }
           = both:  out/o--o.md
        help: "out/{{ note.id }}.md" is proved
        note: run `apwa explain APWA301`
        """
    )


def test_other_parties_are_marked_in_place_and_in_other_files() -> None:
    main = Source("first\nsecond\nthird\nfourth\nfifth\nsixth\nlast word\n", "main.apwa")
    library = Source("import me\n", "lib/a.apwa")
    diagnostic = finding(
        main,
        "word",
        "here",
        also=(
            Label(span(main, "first"), "one"),
            Label(span(main, "third"), "two"),
            Label(span(library, "me"), "and me"),
        ),
    )
    assert render([diagnostic]) == shown(
        """
        error[APWA201]: this is wrong
         --> main.apwa:7:6
          |
        1 | first
          | ----- one
        2 | second
        3 | third
          | ----- two
        ...
        7 | last word
          |      ^^^^ here
         ::: lib/a.apwa:1:8
          |
        1 | import me
          |        -- and me
        note: run `apwa explain APWA201`
        """
    )


def test_a_span_over_lines_shows_its_first_and_last() -> None:
    source = Source("x = {\n  a\n  b\n  c\n  } end\n", "m.apwa")
    assert render([finding(source, "{\n  a\n  b\n  c\n  }", "this block")]) == shown(
        """
        error[APWA201]: this is wrong
         --> m.apwa:1:5
          |
        1 | x = {
          |     ^
        ...
        5 |   } end
          |   ^ this block
        note: run `apwa explain APWA201`
        """
    )


def test_two_marks_of_one_line_stand_below_each_other() -> None:
    source = Source("a + b\n", "m.apwa")
    text = render(
        [finding(source, "+", "differ", also=(Label(span(source, "a"), "int"), Label(span(source, "b"), "str")))]
    )
    assert text.splitlines()[3:7] == ["1 | a + b", "  | - int", "  |   ^ differ", "  |     - str"]


@pytest.mark.parametrize(
    ("line", "shown", "mark"),
    [
        ("\tbad", "    bad", "    ^^^"),
        ("ab\tbad", "ab  bad", "    ^^^"),
        ("日本 bad", "日本 bad", "     ^^^"),
        ("e\u0301 bad", "e\u0301 bad", "  ^^^"),
        ("\x1b[2J bad", "\ufffd[2J bad", "     ^^^"),
        ("a\u202e bad", "a\ufffd bad", "   ^^^"),
    ],
)
def test_marks_stand_below_what_they_mark(line: str, shown: str, mark: str) -> None:
    source_line, mark_line = render([finding(Source(line, "m.apwa"), "bad")]).splitlines()[3:5]
    assert (source_line, mark_line) == (f"1 | {shown}", f"  | {mark}")


def test_wide_characters_have_wide_marks() -> None:
    assert "\n  | ^^^^ wide\n" in render([finding(Source("日本", "m.apwa"), "日本", "wide")])


@pytest.mark.parametrize(("before", "after"), [(300, 300), (0, 300), (300, 0)])
def test_a_long_line_is_cut_around_the_mark(before: int, after: int) -> None:
    source = Source("a" * before + "bad" + "z" * after, "m.apwa")
    source_line, mark_line = render([finding(source, "bad", "")], width=40).splitlines()[3:5]
    assert len(source_line) == len("1 | ") + 40 - (not before) - (not after)
    assert source_line.startswith("1 | …") == bool(before)
    assert source_line.endswith("…") == bool(after)
    start = mark_line.index("^^^")
    assert source_line[start : start + 3] == "bad"


def test_a_mark_longer_than_the_width_is_cut() -> None:
    text = render([finding(Source("x" * 500, "m.apwa"), "x" * 500)], width=40)
    assert max(len(line) for line in text.splitlines()) <= 44


def test_the_end_of_the_text_can_be_marked() -> None:
    source = Source("flow main {\n", "m.apwa")
    end = Span(source, len(source.text), len(source.text))
    text = render([Diagnostic("APWA001", Severity.ERROR, "a brace is missing", Label(end, "here"))])
    assert text.splitlines()[1:5] == [" --> m.apwa:2:1", "  |", "2 |", "  | ^ here"]


def test_a_line_end_belongs_to_its_line() -> None:
    source = Source("one\r\ntwo\r\n", "m.apwa")
    text = render([Diagnostic("APWA001", Severity.ERROR, "m", Label(Span(source, 0, 5), "l"))])
    assert text.splitlines()[3:5] == ["1 | one", "  | ^^^ l"]


def test_each_code_is_explained_once() -> None:
    source = Source("a b", "m.apwa")
    text = render([finding(source, "a"), finding(source, "b"), finding(source, "a", code="APWA202")])
    assert text.count("note: run") == 2


def test_more_lines_of_help_and_facts_are_indented() -> None:
    text = render([finding(Source("a", "m.apwa"), "a", facts=("one\ntwo",), help="do this\nthen that")])
    assert "  = one\n    two\nhelp: do this\n      then that\n" in text


def test_severities_have_colours() -> None:
    source = Source("a", "m.apwa")
    colors = {
        severity: render([finding(source, "a", severity=severity)], color=True).split("[APWA201]")[0]
        for severity in Severity
    }
    assert colors[Severity.ERROR] == "\x1b[1;31merror"
    assert colors[Severity.WARNING] == "\x1b[1;33mwarning"
    assert "\x1b" not in render([finding(source, "a")])
