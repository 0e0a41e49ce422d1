"""What an editor is told of a file's structure: folds, selections, symbols and links."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from apwa_lang.lsp.features.document_links import document_links
from apwa_lang.lsp.features.folding import folding
from apwa_lang.lsp.features.formatting import formatting
from apwa_lang.lsp.features.selection_ranges import selection_ranges
from apwa_lang.lsp.features.symbols import Symbol, document_symbols, workspace_symbols
from apwa_lang.syntax.source import Source
from tests.unit.lsp.marked import opened

WHOLE = Path(__file__).parents[1] / "syntax" / "whole.apwa"


def folds(text: str) -> list[tuple[int, int, str]]:
    """First and last line of each fold, and its kind."""
    view, _, _ = opened(text)
    found = folding(view)
    return [(fold.span.line, view.source.line_column(fold.span.end)[0], fold.kind) for fold in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("record A {\n  a: str\n  b: str\n}\n", [(1, 3, "region")]),
        ("record A { a: str }\n", []),
        ("record A {\n}\n", []),
        ("record A { a: str\n  b: str }\n", [(1, 2, "region")]),
        ('task f() -> str {\n  prompt: """\n    a\n  """\n  model: m\n}\n', [(1, 5, "region"), (2, 3, "region")]),
        ('param p: str = """a\n  b"""\n', [(1, 2, "region")]),
        ("table t: R = [{ a: [\n  1,\n] }]\n", [(1, 3, "region")]),
        ("# one\n# two\n\n# three\nrecord A {} # four\n# five\n", [(1, 2, "comment")]),
        ('import "a" as a\n# of b\nimport "b" as b\nparam p: int\nimport "c" as c\n', [(1, 3, "imports")]),
        ("record A {\n  a: [(\n  b: str\n}\nflow f {\n  x = y\n}\n", [(1, 3, "region"), (5, 6, "region")]),
    ],
)
def test_folds(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert folds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "task f() -> str { ensure: a and len(b¦c) > 1 }\n",
            ["bc", "(bc)", "len(bc)", "len(bc) > 1", "a and len(bc) > 1", "ensure: a and len(bc) > 1"],
        ),
        (
            'task f() -> str { prompt: "Say {{ a.b¦b | json }} now" }\n',
            ["bb", "a.bb | json", "{{ a.bb | json }}", "Say {{ a.bb | json }} now", '"Say {{ a.bb | json }} now"'],
        ),
        ("record A { a: str } # of¦ A\n", ["of", "# of A", "record A { a: str } # of A\n"]),
        (
            "table t: R = [{ a¦: 1 }, { b: 2 }]\n",
            ["a", "a: 1", "{ a: 1 }", "{ a: 1 }, { b: 2 }", "[{ a: 1 }, { b: 2 }]"],
        ),
    ],
)
def test_what_a_selection_grows_to(text: str, expected: list[str]) -> None:
    view, offset, _ = opened(text)
    grown = selection_ranges(view, offset)
    assert [span.text for span in grown][: len(expected)] == expected
    assert grown[-1].text == view.source.text


def outline(symbols: tuple[Symbol, ...]) -> list[object]:
    return [
        (symbol.kind, symbol.name, symbol.detail, *([outline(symbol.children)] if symbol.children else []))
        for symbol in symbols
    ]


def test_symbols_of_a_file() -> None:
    view, _, _ = opened(
        'import "lib.apwa" as lib\nparam p: "a" | "b"\nrecord A { a: str @key  b: list[int] }\ntable t: A = read "a"\n'
        'task f(a: A,\n  b: int) -> A { model: m }\nsplit s = t by group(a)\ntest "works" { expect true }\n'
        "flow main { x = map f over s  if (p) { y = t where a } repeat max 2 until (p) { split z = y by row } }\n"
    )
    assert outline(document_symbols(view)) == [
        ("import", "lib", '"lib.apwa"'),
        ("param", "p", '"a" | "b"'),
        ("record", "A", "", [("field", "a", "str"), ("field", "b", "list[int]")]),
        ("table", "t", "A"),
        ("task", "f", "(a: A, b: int) -> A", [("setting", "model", "m")]),
        ("split", "s", "t by group(a)"),
        ("test", "works", ""),
        ("flow", "main", "", [("step", "x", "map f over s"), ("step", "y", "t where a"), ("split", "z", "y by row")]),
    ]


def test_symbols_of_a_workspace() -> None:
    records = Source("record PatientNote {}\nrecord Note { patient: str }\n", "a.apwa")
    sources = [records, Source("task note() -> str {"), Source("not a program")]
    assert [symbol.name for symbol in workspace_symbols(sources, "Note")] == ["Note", "note", "PatientNote"]
    assert [symbol.name for symbol in workspace_symbols(sources, "ptnt")] == ["PatientNote"]
    assert len(workspace_symbols(sources, "")) == 3


def test_links_lead_to_files_that_are_there(tmp_path: Path) -> None:
    for file in ("lib.apwa", "notes.jsonl", "skills/report/SKILL.md", "glossary.txt", "fixture.json"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "tools.py").write_text("import os\n\ndef look(word): ...\n")
    text = (
        'import "«lib.apwa»" as lib\ntable t: R = read "«notes.jsonl»"\ntable u: R = read "missing.jsonl"\n'
        'tool k = skills("«skills/report»", "skills/none")\nsplit s = t by python("«tools:look»")\n'
        'task f(x: str) -> str {\n  python: "«tools:look»"\n  reads: { b: "«glossary.txt»", "x": "{{ x }}.txt" }\n}\n'
        'tool g(x: str) -> str { python: "nowhere:g" }\ntest "t" { n: R = read "«fixture.json»" }\n'
    )
    view, _, spans = opened(text, tmp_path / "main.apwa")
    links = document_links(view)
    assert [(link.span.start, link.span.end) for link in links] == [
        (span.start, span.end) for span in sorted(spans, key=lambda span: span.start)
    ]
    lines = [(str(link.file.relative_to(tmp_path)), link.line) for link in links]
    assert lines == [
        ("lib.apwa", 1),
        ("notes.jsonl", 1),
        ("skills/report/SKILL.md", 1),
        ("tools.py", 3),
        ("tools.py", 3),
        ("glossary.txt", 1),
        ("fixture.json", 1),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_typed_is_answered(seed: int) -> None:
    draw = random.Random(seed)
    text = WHOLE.read_text()
    start, length = draw.randrange(len(text)), draw.choice([1, 1, 5, 40, len(text)])
    typed = draw.choice(["", "{", '"', '"""', "}", "((", "é😀", "\r\n", "#", "\\", "{{"])
    view, _, _ = opened(text[:start] + typed + text[start + length :])
    size = len(view.source.text)
    formatting(view.source, 80)
    document_links(view)
    for place in (0, start, draw.randrange(size + 1), size):
        spans = selection_ranges(view, min(place, size))
        assert all(outer.start <= inner.start and inner.end <= outer.end for inner, outer in pairwise(spans))
    for symbol in document_symbols(view):
        assert symbol.span.start <= symbol.selection.start <= symbol.selection.end <= symbol.span.end
    for fold in folding(view):
        assert 0 <= fold.span.start < fold.span.end <= size
