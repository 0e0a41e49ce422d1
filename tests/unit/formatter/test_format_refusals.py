"""What the formatter must not do, and what it does where it would."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from apwa_lang.cli.main import run
from apwa_lang.formatter import format as formatter
from apwa_lang.formatter.document import Doc, print_doc
from apwa_lang.formatter.format import UnsafeError, format_source
from apwa_lang.formatter.verify import difference
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

PROGRAM = "# first\nrecord A { # of A\n  ## of a\n  a: str\n}\n"


def changed(before: str, after: str) -> str | None:
    return difference(parse(Source(before))[0], parse(Source(after))[0])


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (PROGRAM, None),
        ("# first\nrecord A { # of A\n\n ## of a\n a:str, }", None),
        (PROGRAM.replace("str", "int"), "has another syntax tree"),
        (PROGRAM.replace("## of a", "##"), "has another syntax tree"),
        (PROGRAM.replace("# first\n", ""), "has another syntax tree"),
        ("# first\nrecord A # of A\n{\n  ## of a\n  a: str\n}\n", "has other words or comments, or in another order"),
        ("# first\nrecord A {\n# of A\n  ## of a\n  a: str\n}\n", "has other words or comments, or in another order"),
    ],
)
def test_what_is_another_program(after: str, told: str | None) -> None:
    assert changed(PROGRAM, after) == told


def test_parentheses_and_spellings_count() -> None:
    for before, after in [("(1) + 2", "1 + 2"), ("1_000", "1000"), ('"a"', '"""a"""')]:
        assert changed(f"param p: int = {before}", f"param p: int = {after}") is not None


def test_silenced_lines_count() -> None:
    ignored = "# apwa: ignore[APWA422]\nmodel m { name: 1 }\n"
    assert changed(ignored, ignored.replace("{ ", "{\n")) == "silences other findings"
    assert changed(ignored, ignored.replace("]\n", "]\n\n")) == "silences other findings"


@pytest.mark.parametrize(("word", "told"), [("{", "does not parse any more"), ("# of A", "has another syntax tree")])
def test_a_result_that_is_another_program_is_refused(monkeypatch: pytest.MonkeyPatch, word: str, told: str) -> None:
    monkeypatch.setattr(formatter, "print_doc", lambda *given, **more: print_doc(*given, **more).replace(word, ""))
    with pytest.raises(UnsafeError, match=told):
        format_source(Source(PROGRAM))


def losing(doc: Doc, width: int, *, column: int = 0, line_end: str = "\n") -> str:
    return print_doc(doc, width, column=column, line_end=line_end).replace("# of A", "")


def test_a_fault_of_the_formatter_leaves_the_text_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(formatter, "print_doc", losing)
    Path("a.apwa").write_text(PROGRAM)
    assert run(["fmt", "a.apwa"]) == 70
    assert Path("a.apwa").read_text() == PROGRAM
    assert capsys.readouterr().err == (
        "error: `a.apwa` is left as it is, for what it would become has another syntax tree; that is a bug in apwa\n"
    )


def test_a_layout_that_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = itertools.count()

    def growing(doc: Doc, width: int, *, column: int = 0, line_end: str = "\n") -> str:
        return print_doc(doc, width, column=column, line_end=line_end) + line_end * next(turns)

    monkeypatch.setattr(formatter, "print_doc", growing)
    with pytest.raises(UnsafeError, match="once more"):
        format_source(Source("record A{}"))
