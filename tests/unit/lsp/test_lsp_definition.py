"""Where names, paths and Python targets lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked import opened, places

from apwa_lang.lsp.features.definition import definition, type_definition

NOTES = 'record Note { id: str @key  text: str }\ntable notes: Note = read "notes.jsonl"\n'


@pytest.mark.parametrize(
    "text",
    [
        "record «Note» { id: str }\ntable notes: N¦ote = []",
        "record Note { «id»: str }\ntable notes: Note = [{ i¦d: \"a\" }]",
        "record Note { «id»: str @key }\ntable t: Note = []\nsplit s = t by group(id¦)",
        "record R { a: str }\ntask f(«row»: R) -> str { return: r¦ow.a }",
        "record R { «a»: str }\ntask f(row: R) -> str { return: row.¦a }",
        'record R { «a»: str }\nmodel m { provider: "local" }\ntask f(r: R) -> str { model: m prompt: "x {{ r.¦a }}" }',
        'record R { a: str }\nmodel «m» { provider: "local" }\ntask f(r: R) -> str { model: m¦ prompt: "x" }',
        "task f(a: str) -> «str» { return: a ensure: len(res¦ult) > 1 }",
        "record R { a: str }\ntable t: R = []\nflow main { «x» = t\n y = x¦ where a == \"\" }",
        "record R { «a»: str }\ntable t: R = []\nflow main { x = t\n y = x where ¦a == \"\" }",
        "record R { a: str }\ntable t: R = []\nflow main { x = t select { «b»: a }\n y = x sort by b¦ }",
        "param «n»: int = 1\ntask f(a: int) -> int { return: a + n¦ }",
    ],
)  # fmt: skip
def test_a_name_leads_to_its_declaration(text: str) -> None:
    view, offset, expected = opened(text)
    assert places([target.span for target in definition(view, offset)]) == places(expected)


def test_a_field_of_a_union_leads_to_each_record() -> None:
    view, offset, expected = opened(
        "record Cat { «name»: str }\nrecord Dog { «name»: str }\ntask f(pet: Cat | Dog) -> str { return: pet.¦name }"
    )
    assert places([target.span for target in definition(view, offset)]) == places(expected)


@pytest.mark.parametrize(
    "text", ["ta¦sk f(a: str) -> str { return: a }", "task f(a: str) -> s¦tr { return: a }", "¦", "task f(a: b¦) ->"]
)
def test_other_words_lead_nowhere(text: str) -> None:
    view, offset, _ = opened(text)
    assert definition(view, offset) == ()


def test_the_type_of_a_value_is_its_record() -> None:
    view, offset, expected = opened("record «R» { a: str }\ntask f(rows: list[R]) -> int { return: len(ro¦ws) }")
    assert places([target.span for target in type_definition(view, offset)]) == places(expected)


def test_a_path_leads_to_its_file_and_a_glob_to_each(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "data" / name).write_text("x")
    for path, found in (("data/b.txt", ["b.txt"]), ("data/*.txt", ["a.txt", "b.txt"]), ("data/c.txt", [])):
        view, offset, _ = opened(f'table t: File = files "da¦{path[2:]}"', tmp_path / "main.apwa")
        files = [target.span.source.file for target in definition(view, offset)]
        assert [file.name for file in files if file is not None] == found


def test_an_import_leads_to_its_file_by_path_and_by_name(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text("\nrecord Word { text: str }\n")
    for text in ('import "li¦b.apwa" as lib', 'import "lib.apwa" as l¦ib'):
        view, offset, _ = opened(text, tmp_path / "main.apwa")
        (target,) = definition(view, offset)
        assert target.span.source.file == tmp_path / "lib.apwa"


def test_an_imported_name_leads_into_its_file(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text("\nrecord Word { text: str }\n")
    view, offset, _ = opened('import "lib.apwa" as lib\ntable w: lib.Wo¦rd = []', tmp_path / "main.apwa")
    (target,) = definition(view, offset)
    assert (target.span.source.file, target.span.text, target.span.line) == (tmp_path / "lib.apwa", "Word", 2)


@pytest.mark.parametrize(
    ("target", "line", "word"),
    [
        ("tools:look", 5, "look"),
        ("tools:later", 8, "later"),
        ("tools:Box.open", 12, "open"),
        ("tools:f", 2, "f"),
        ("tools:ALIAS", 14, "ALIAS"),
        ("tools:missing", 1, ""),
        ("pkg.inner:deep", 1, "deep"),
        ("pkg:deep", 1, "deep"),
        ("json:dumps", None, "dumps"),
    ],
)
def test_a_target_leads_to_the_python_definition(tmp_path: Path, target: str, line: int | None, word: str) -> None:
    (tmp_path / "tools.py").write_text(
        "import os\ndef f(): ...\n\n@wraps\ndef look(word):\n    return word\nif os:\n    async def later(): ...\n"
        "\nclass Box:\n    x = 1\n    def open(self): ...\n\nALIAS = look\n"
    )
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from .inner import deep\n")
    (tmp_path / "pkg" / "inner.py").write_text("def deep(): ...\n")
    view, offset, _ = opened(f'task f(word: str) -> str {{ python: "¦{target}" }}', tmp_path / "main.apwa")
    (found,) = definition(view, offset)
    assert found.span.text == word
    assert line is None or found.span.line == line


def test_a_target_without_a_module_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:")
    for target, count in (("nothing.here:f", 0), ("broken:f", 1), ("sys:exit", 0)):
        view, offset, _ = opened(f'task f(word: str) -> str {{ python: "¦{target}" }}', tmp_path / "main.apwa")
        assert len(definition(view, offset)) == count
