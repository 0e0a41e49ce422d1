"""Formatting as edits: as few as it takes, and of a selection those in its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.formatter.format import format_source
from apwa_lang.lsp.features.formatting import TextEdit, formatting, range_formatting
from tests.support.grammar_programs import program
from tests.unit.lsp.marked import opened


def applied(text: str, edits: tuple[TextEdit, ...]) -> str:
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_only_gaps_that_change_are_edited() -> None:
    view, _, _ = opened("record A { a: str }\nrecord B{ b: str, c: int }  # of B")
    edits = formatting(view.source, 120)
    assert [(edit.span.text, edit.text) for edit in edits] == [("", " "), (",", " "), (" ", ""), ("", "\n")]


@pytest.mark.parametrize("seed", range(30))
def test_the_edits_give_the_formatted_text(seed: int) -> None:
    view, _, _ = opened(program(seed))
    edits = formatting(view.source, 80)
    if edits:
        assert applied(view.source.text, edits) == format_source(view.source, line_length=80)


def test_what_does_not_parse_is_left_alone() -> None:
    assert formatting(opened("record A{\nrecord  B {}\n")[0].source, 120) == ()


def test_a_selection_is_formatted_in_its_lines() -> None:
    view, _, (selected,) = opened("record  A {}\nrecord  B {\n«b : str\n  c:» int }\nrecord  C {}\n")
    assert applied(view.source.text, range_formatting(view.source, selected, 120)) == (
        "record  A {}\nrecord  B {\n  b: str\n  c: int\n}\n\nrecord  C {}\n"
    )


def test_a_formatted_file_has_no_edits() -> None:
    file = Path(__file__).parents[3] / "examples/documents/documents.apwa"
    assert formatting(opened(file.read_text())[0].source, 120) == ()
