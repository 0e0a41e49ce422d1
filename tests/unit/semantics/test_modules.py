"""Programs of several files."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Template

from apwa_lang.semantics.analysis import Analysis, analyse
from apwa_lang.semantics.core import Apply, Const, Var
from apwa_lang.semantics.program import PromptBody, ReturnBody
from apwa_lang.semantics.types import INT
from apwa_lang.syntax.source import Source

LIBRARY = """
param style: str = "short"
record Note { id: str @key }
table notes: Note = read "notes.csv"
model small { provider: "local" }
task ask(note: Note) -> str {
  model: small
  prompt: "{{ style }}: {{ note.id }}{% for style in [note.id] %}{{ loop.index }}{% endfor %}"
  ensure: result != style
}
split each = notes by row
test "not of the root" { expect true }
"""


def program(files: dict[str, str], root: str = "main.apwa") -> Analysis:
    """The analysis of files that exist in memory only."""
    folder = Path("/program")

    def load(path: Path) -> str:
        name = str(path.relative_to(folder))
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        if files[name] == "binary":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return files[name]

    return analyse(Source(files[root], root, folder / root), load=load)


def messages(analysis: Analysis) -> list[str]:
    return [finding.message for finding in analysis.diagnostics]


def test_declarations_of_an_import_stand_under_its_prefix() -> None:
    main = """
import "lib/pii.apwa" as pii
record Mine { note: pii.Note, style: str }
task wrap(note: pii.Note) -> Mine { return: Mine { note: pii.Note { id: note.id }, style: pii.style } }
flow main {
  asked = map pii.ask over pii.each keep id
  wrapped = map wrap over pii.each
  some = pii.notes where id != pii.style
  save some to "{{ pii.style }}.csv"
}
test "wraps" { got = wrap(pii.Note { id: "a" }) expect got.style == pii.style }
"""
    found = program({"main.apwa": main, "lib/pii.apwa": LIBRARY})
    assert messages(found) == []
    assert set(found.program.params) == {"pii.style"}
    assert set(found.program.tasks) == {"wrap", "pii.ask"}
    assert found.program.tables["pii.notes"].record.name == "pii.Note"
    assert found.program.splits["pii.each"].table == "pii.notes"
    assert [test.name for test in found.program.tests] == ["wraps"]
    assert [module.source.path for module in found.modules] == ["main.apwa", "lib/pii.apwa"]


def test_parameters_of_an_import_have_their_whole_name_everywhere() -> None:
    library = LIBRARY.replace("{% for style in [note.id] %}{{ loop.index }}{% endfor %}", "{{ note.id }}")
    main = 'import "lib/pii.apwa" as pii\nflow main { x = map pii.ask over pii.each }'
    task = program({"main.apwa": main, "lib/pii.apwa": library}).program.tasks["pii.ask"]
    assert isinstance(task.body, PromptBody)
    assert task.body.models == ("pii.small",)
    assert task.body.template.text == "{{ pii.style }}: {{ note.id }}{{ note.id }}"
    assert task.body.template.names == {"pii.style", "note"}
    assert task.ensures[0].condition == Apply("!=", (Var("result"), Var("pii.style")))


def test_a_template_may_use_the_name_of_a_parameter_for_a_variable() -> None:
    main = 'import "lib/pii.apwa" as pii\nflow main { x = map pii.ask over pii.each }'
    body = program({"main.apwa": main, "lib/pii.apwa": LIBRARY}).program.tasks["pii.ask"].body
    assert isinstance(body, PromptBody)
    written = Template(body.template.text).render(pii={"style": "long"}, note={"id": "a"})
    assert written == "long: a1"


def test_a_task_argument_hides_a_parameter_of_an_import() -> None:
    library = "param n: int = 1\ntask f(n: int) -> int { return: n }\ntask g(m: int) -> int { return: n + m }"
    found = program({"main.apwa": 'import "l.apwa" as l', "l.apwa": library}).program
    assert found.tasks["l.f"].body == ReturnBody(Var("n"))
    assert found.tasks["l.g"].body == ReturnBody(Apply("+", (Var("l.n"), Var("m"))))
    assert found.params["l.n"].default == Const(1, INT)


def test_relative_tables_belong_to_the_file_that_declares_them() -> None:
    found = program({"main.apwa": 'import "lib/pii.apwa" as pii', "lib/pii.apwa": LIBRARY})
    assert found.program.tables["pii.notes"].source.base == Path("/program/lib")  # type: ignore[union-attr]


def test_a_file_imported_twice_is_one_file() -> None:
    files = {
        "main.apwa": 'import "a.apwa" as a\nimport "b.apwa" as b\nimport "base.apwa" as base',
        "a.apwa": 'import "base.apwa" as x\ntask f(n: x.Note) -> str { return: n.id }',
        "b.apwa": 'import "base.apwa" as y\ntask f(n: y.Note) -> str { return: n.id }',
        "base.apwa": "record Note { id: str }",
    }
    found = program(files)
    assert messages(found) == []
    assert set(found.program.records) == {"base.Note"}


def test_imports_of_imports_are_not_in_reach() -> None:
    files = {
        "main.apwa": 'import "a.apwa" as a\nrecord R { note: a.base.Note }',
        "a.apwa": 'import "base.apwa" as base\nrecord A { note: base.Note }',
        "base.apwa": "record Note { id: str }",
    }
    assert len(messages(program(files))) == 1


def test_a_circle_is_named_in_full_at_the_import_that_closes_it() -> None:
    files = {
        "main.apwa": 'import "a.apwa" as a',
        "a.apwa": 'import "b.apwa" as b',
        "b.apwa": 'import "a.apwa" as a',
    }
    (found,) = program(files).diagnostics
    assert found.code == "APWA105"
    assert "`a.apwa` -> `b.apwa` -> `a.apwa`" in found.message
    assert found.primary.span.source.path == "b.apwa"
    assert [label.span.source.path for label in found.secondary] == ["a.apwa"]


def test_a_file_may_not_import_itself() -> None:
    (found,) = program({"main.apwa": 'import "main.apwa" as me'}).diagnostics
    assert found.code == "APWA105"


@pytest.mark.parametrize(("content", "code"), [(None, "APWA106"), ("binary", "APWA107")])
def test_a_file_that_cannot_be_read_is_told_once(content: str | None, code: str) -> None:
    main = 'import "lib.apwa" as lib\ntable t: lib.Note = read "t.csv"\nflow main { x = lib.notes where lib.y > 3 }'
    files = {"main.apwa": main} | ({"lib.apwa": content} if content else {})
    found = program(files).diagnostics
    assert [(finding.code, finding.primary.span.text) for finding in found] == [(code, '"lib.apwa"')]


def test_what_a_test_names_of_a_file_that_cannot_be_read_is_not_told_again() -> None:
    main = """import "lib.apwa" as lib
    test "t" {
      got = lib.redact(lib.Note { id: "1" })
      expect len(got.found) == 1 and lib.redact(lib.Note { id: "2" }) == got
    }"""
    found = program({"main.apwa": main}).diagnostics
    assert [finding.code for finding in found] == ["APWA106"]


def test_a_finding_in_an_import_is_shown_in_that_file() -> None:
    (found,) = program({"main.apwa": 'import "l.apwa" as l', "l.apwa": "record A { x: strr }"}).diagnostics
    assert found.primary.span.source.path == "l.apwa"


def test_a_name_that_an_import_lacks() -> None:
    files = {"main.apwa": 'import "l.apwa" as l\nrecord B { a: l.Aa }', "l.apwa": "record A { x: str }"}
    (found,) = program(files).diagnostics
    assert (found.code, found.primary.span.text, found.help) == ("APWA102", "l.Aa", "did you mean `l.A`?")


def test_files_are_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text("record Note { id: str }")
    root = tmp_path / "main.apwa"
    root.write_text('import "lib.apwa" as lib\ntable t: lib.Note = read "t.csv"')
    assert messages(analyse(Source(root.read_text(), "main.apwa", root))) == []
    (tmp_path / "lib.apwa").write_bytes(b"\xff\xfe")
    assert [finding.code for finding in analyse(Source(root.read_text(), "main.apwa", root)).diagnostics] == ["APWA107"]
