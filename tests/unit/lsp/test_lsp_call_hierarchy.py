"""Who calls what."""

from __future__ import annotations

from pathlib import Path

from marked import opened

from apwa_lang.lsp.features.call_hierarchy import Call, Item, Program, incoming, item_at, outgoing
from apwa_lang.lsp.workspace import Workspace

PROGRAM = """
record Note { id: str @key  text: str }
table notes: Note = [{ id: "a", text: "b" }]
model m { provider: "local" }
tool look(word: str) -> str { python: "tools:look" }
task ask(note: Note) -> str { model: m  prompt: "{{ note.text }}"  tools: [look]  max_steps: 3 }
task merge(parts: list[str]) -> str { return: join(parts, "") }
split each = notes by row
flow main { x = map ask over each
  y = ask(notes[0])
  z = reduce merge over both by fold }
flow other { a = merge(["a"]) }
test "asks" { mock m = "x"
  got = ask(notes[0])
  expect got == "x" }
"""


def at(text: str, file: Path | None = None) -> tuple[Program, Item | None]:
    """The program of a text, and what stands at `¦`."""
    view, offset, _ = opened(text, file)
    program = Program(view.checked.modules, view.checked.uses)
    return program, item_at(program, offset)


def told(calls: tuple[Call, ...]) -> list[tuple[str, str, list[int]]]:
    """Kind, name and lines of calls."""
    return [(call.other.kind, call.other.name, [span.line for span in call.places]) for call in calls]


def test_a_task_is_called_by_flows_and_tests_and_calls_its_tools() -> None:
    program, item = at(PROGRAM.replace("map ask", "map a¦sk"))
    assert item is not None
    assert (item.name, item.detail) == ("ask", "(note: Note) -> str")
    assert told(incoming(program, item, Workspace())) == [("flow", "main", [9, 10]), ("test", "asks", [14])]
    assert told(outgoing(program, item)) == [("tool", "look", [6])]


def test_flows_and_tests_call_tasks_and_are_called_by_nobody() -> None:
    for mark, calls in (
        ("flow ma¦in", [("task", "ask", [9, 10]), ("task", "merge", [11])]),
        ('test "as¦ks', [("task", "ask", [14])]),
    ):
        program, item = at(PROGRAM.replace(mark.replace("¦", ""), mark))
        assert item is not None
        assert told(outgoing(program, item)) == calls
        assert incoming(program, item, Workspace()) == ()


def test_calls_from_other_files_are_found(tmp_path: Path) -> None:
    lib, main = tmp_path / "lib.apwa", tmp_path / "main.apwa"
    text = "task say(word: str) -> str { return: word }\n"
    lib.write_text(text)
    main.write_text('import "lib.apwa" as lib\nflow m { x = lib.say("a") }\n')
    program, item = at(text.replace("say", "s¦ay"), lib)
    assert item is not None
    assert told(incoming(program, item, Workspace(lambda: [tmp_path]))) == [("flow", "m", [2])]
    program, item = at(main.read_text().replace("flow m", "flow ¦m"), main)
    assert item is not None
    (call,) = outgoing(program, item)
    assert (call.other.name, call.other.word.source.file) == ("say", lib)


def test_other_words_neither_call_nor_are_called() -> None:
    for mark in ("record No¦te", "mo¦del m", "map ask over ea¦ch", '"x" }¦'):
        assert at(PROGRAM.replace(mark.replace("¦", ""), mark, 1))[1] is None
