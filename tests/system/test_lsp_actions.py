"""What a person can have done: fixes, lenses, hints, commands; seen by a real client."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from tests.system.lsp_client import connected, opened

pytestmark = pytest.mark.asyncio

PROGRAM = """record Note { id: str @key text: str }
table notes: Note = [{ id: "a", text: "x" }, { id: "b", text: "y" }]
task shout(note: Note) -> str { return: upper(note.text) }
split each = notes by row
flow main {
  loud = map shout over each keep id
  save loud to "out/loud.jsonl"
}
test "shouts" {
  said = shout(Note { id: "a", text: "x" })
  expect said == "X"
}
"""


async def actions(
    client: LanguageClient, file: Path, range: types.Range, only: list[str] | None = None
) -> list[types.CodeAction]:
    made = await client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(file.as_uri()), range, types.CodeActionContext([], only=only)
        )
    )
    assert made is not None
    return [action for action in made if isinstance(action, types.CodeAction)]


def applied(text: str, action: types.CodeAction, file: Path) -> str:
    """The text with an action's edits, which must be of this file; positions count in UTF-16 units of plain text."""
    assert action.edit is not None
    assert action.edit.changes is not None
    assert list(action.edit.changes) == [file.as_uri()]
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(action.edit.changes[file.as_uri()], key=lambda edit: edit.range.start, reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


async def test_a_fix_mends_what_it_is_offered_for(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = PROGRAM + "# apwa: ignore[APWA901] gone\n"
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, text)
        assert found.code == "APWA690"
        assert list(found.tags or ()) == [types.DiagnosticTag.Unnecessary]
        (fix,) = [one for one in await actions(client, file, found.range) if one.title == "Remove the comment"]
        assert fix.is_preferred
        assert applied(text, fix, file) == PROGRAM


async def test_all_safe_fixes_come_as_one_action(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = "# apwa: ignore[APWA901] a\n" + PROGRAM + "# apwa: ignore[APWA901] b\n"
    async with connected(tmp_path) as client:
        await opened(client, file, text)
        everywhere = types.Range(types.Position(0, 0), types.Position(0, 0))
        (fix,) = await actions(client, file, everywhere, only=["source.fixAll"])
        assert applied(text, fix, file) == PROGRAM


async def test_a_warning_can_be_ignored_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = PROGRAM.replace("save loud", "  # apwa: ignore[APWA901]\n  save loud")
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, text)
        chosen = await actions(client, file, found.range)
        (ignore,) = [one for one in chosen if one.title == "Ignore APWA690 here"]
        assert "ignore[APWA690, APWA901]" in applied(text, ignore, file)


async def test_a_link_leads_to_the_page_of_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with connected(tmp_path) as client:
        (found,) = await opened(client, tmp_path / "main.apwa", PROGRAM.replace("by row", "by rows"))
        assert found.code_description is not None
        page = Path(found.code_description.href.removeprefix("file://"))
        assert page.is_relative_to(tmp_path / "cache")
        assert page.read_text("utf-8").startswith(f"# {found.code}: ")


async def test_flows_and_tests_have_lenses_whose_commands_answer(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    file.write_text(PROGRAM)
    async with connected(tmp_path) as client:
        await opened(client, file, PROGRAM)
        document = types.TextDocumentIdentifier(file.as_uri())
        lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
        assert lenses is not None
        commands = [lens.command for lens in lenses if lens.command is not None]
        assert [(one.command, list(one.arguments or ())) for one in commands] == [
            ("apwa.run", [file.as_uri(), "main"]),
            ("apwa.graph", [file.as_uri(), "main"]),
            ("apwa.test", [file.as_uri(), "shouts"]),
        ]
        drawn = await client.workspace_execute_command_async(
            types.ExecuteCommandParams("apwa.graph", [file.as_uri(), "main"])
        )
        assert "loud" in drawn
        said = await client.workspace_execute_command_async(
            types.ExecuteCommandParams("apwa.test", [file.as_uri(), "shouts"])
        )
        assert "1 passed" in said
        client.messages.clear()


async def test_hints_tell_types_counts_and_verdicts(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = PROGRAM.replace(" }\nsplit", ' writes: "out/{{ note.id }}" }\nsplit')
    async with connected(tmp_path) as client:
        assert await opened(client, file, text) == []
        everywhere = types.Range(types.Position(0, 0), types.Position(20, 0))
        hints = await client.text_document_inlay_hint_async(
            types.InlayHintParams(types.TextDocumentIdentifier(file.as_uri()), everywhere)
        )
        assert hints is not None
        assert [(hint.position.line, hint.position.character, hint.label) for hint in hints] == [
            (3, 25, "2 sub-problems, proved"),
            (5, 6, ": { value, id }"),
        ]


async def test_what_keeps_sub_problems_apart_is_left_to_choose(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = """record Note { id: str @key, ward: str }
table notes: Note = [{ id: "a", ward: "x" }, { id: "b", ward: "x" }]
task put(note: Note) -> str { return: note.id  writes: "out/{{ note.ward | key }}.txt" }
split each = notes by row
flow main { done = map put over each }
"""
    async with connected(tmp_path) as client:
        found = next(one for one in await opened(client, file, text) if str(one.code).startswith("APWA3"))
        (fix, *_) = await actions(client, file, found.range)
        assert fix.edit is not None
        assert not fix.is_preferred
        typo = text.replace("notes by row", "note by row")
        file = tmp_path / "typo.apwa"
        found = next(one for one in await opened(client, file, typo) if one.code == "APWA102")
        assert any(one.is_preferred for one in await actions(client, file, found.range))
