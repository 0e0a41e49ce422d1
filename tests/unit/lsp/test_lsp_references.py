"""Where names are used: in one file, and in all files of a workspace."""

from __future__ import annotations

from pathlib import Path

from marked import opened, places

from apwa_lang.lsp.features.references import highlights, references
from apwa_lang.lsp.workspace import Workspace

NOTES = """
record Note { «id»: str @key  text: str }
table notes: Note = [{ «id»: "a", text: "b" }]
model m { provider: "local" }
task f(note: Note) -> str { model: m  prompt: "{{ note.«id» }} {{ note.text }}" writes: "out/{{ note.«¦id» | key }}" }
split each = notes by group(«id»)
flow main {
  x = map f(rows[0]) over each keep «id»
  y = x where «id» != ""
}
"""


def test_a_field_is_followed_into_templates_splits_and_results() -> None:
    view, offset, expected = opened(NOTES)
    assert places(references(view, offset, Workspace())) == places(expected)
    without = references(view, offset, Workspace(), declaration=False)
    assert places(without) == places(expected)[1:]


def test_highlights_tell_writing_from_reading() -> None:
    view, offset, expected = opened(
        'record R { «a»: str }\ntable t: R = [{ «a¦»: "x" }]\nflow m { x = t where «a» == "" }'
    )
    found = highlights(view, offset)
    assert places([each.span for each in found]) == places(expected)
    assert [each.writes for each in sorted(found, key=lambda each: each.span.start)] == [True, True, False]


def test_files_that_import_the_name_are_searched_and_open_ones_as_they_are_open(tmp_path: Path) -> None:
    lib, one, two = tmp_path / "lib.apwa", tmp_path / "below" / "one.apwa", tmp_path / "two.apwa"
    one.parent.mkdir()
    lib.write_text("record Word { text: str }\n")
    one.write_text('import "../lib.apwa" as w\ntable words: w.Word = []\n')
    two.write_text("nothing of it: Word")
    typed = 'import "lib.apwa" as l\ntable t: l.Word = [{ text: "Word" }]'
    workspace = Workspace(lambda: [tmp_path], lambda: {two: typed})
    view, offset, _ = opened("record Wo¦rd { text: str }\n", lib)
    found = [(span.source.file, span.line, span.text) for span in references(view, offset, workspace)]
    assert sorted(found, key=str) == sorted([(lib, 1, "Word"), (one, 2, "Word"), (two, 2, "Word")], key=str)
    one.write_text("record Word { a: str }\n")
    assert len(references(view, offset, workspace)) == 2


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "bad.apwa").write_bytes(b"\xff\xfe record R")
    (tmp_path / "gone.apwa").symlink_to(tmp_path / "nowhere")
    view, offset, expected = opened("record «R¦» { a: str }", tmp_path / "main.apwa")
    assert places(references(view, offset, Workspace(lambda: [tmp_path]))) == places(expected)
