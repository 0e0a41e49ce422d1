"""Names followed by a real client: definition, references, highlights."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.system.lsp_client import SERVER, connected, insert, opened, typed

pytestmark = pytest.mark.asyncio

LIB = "record Word { text: str }\n"
MAIN = """import "lib.apwa" as lib
# 😀
table words: lib.Word = [{ text: "a" }]
task f(w: lib.Word) -> str { python: "tools:look" }
"""


def at(text: str, word: str, skip: int = 0) -> types.Position:
    """The position of the first character of a word."""
    offset = text.index(word) + skip
    return types.Position(text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1))


async def test_names_lead_across_files(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text(LIB)
    (tmp_path / "tools.py").write_text("\ndef look(w): ...\n")
    main = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, main, MAIN)
        item = types.TextDocumentIdentifier(main.as_uri())
        for word, skip, file, line in (("lib.Word", 4, "lib.apwa", 0), ("tools:look", 0, "tools.py", 1)):
            found = await client.text_document_definition_async(types.DefinitionParams(item, at(MAIN, word, skip)))
            assert isinstance(found, list)
            (link,) = found
            assert isinstance(link, types.LocationLink)
            assert (link.target_uri, link.target_range.start.line) == ((tmp_path / file).as_uri(), line)
        there = types.ReferenceContext(include_declaration=True)
        places = await client.text_document_references_async(
            types.ReferenceParams(there, item, at(MAIN, "lib.Word", 4))
        )
        assert places is not None
        lines = sorted((place.uri.rpartition("/")[2], place.range.start.line) for place in places)
        assert lines == [("lib.apwa", 0), ("main.apwa", 2), ("main.apwa", 3)]
        shown = await client.text_document_document_highlight_async(
            types.DocumentHighlightParams(item, at(MAIN, "words"))
        )
        assert shown is not None
        assert [each.kind for each in shown] == [types.DocumentHighlightKind.Write]


async def test_hover_is_markdown_at_the_word(tmp_path: Path) -> None:
    main = tmp_path / "main.apwa"
    text = "## 😀 what it is\nrecord Note { id: str @key }\ntable notes: Note = []\n"
    async with connected(tmp_path) as client:
        await opened(client, main, text)
        asked = types.HoverParams(types.TextDocumentIdentifier(main.as_uri()), at(text, ": Note", 4))
        found = await client.text_document_hover_async(asked)
        assert found is not None and found.range is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert found.contents.kind is types.MarkupKind.Markdown
        assert "😀 what it is" in found.contents.value
        assert (found.range.start, found.range.end) == (types.Position(2, 13), types.Position(2, 17))


RENAMED = """record Note { text: str }
table notes: Note = read "notes.jsonl"
task f(note: Note) -> str { return: note.text }
"""


async def test_a_rename_edits_all_places_and_asks_where_data_bears_the_name(tmp_path: Path) -> None:
    main = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, main, RENAMED)
        item, here = types.TextDocumentIdentifier(main.as_uri()), at(RENAMED, "note.text", 6)
        prepared = await client.text_document_prepare_rename_async(types.PrepareRenameParams(item, here))
        assert isinstance(prepared, types.PrepareRenamePlaceholder)
        assert prepared.placeholder == "text"
        edit = await client.text_document_rename_async(types.RenameParams(item, here, "body"))
        assert edit is not None and edit.document_changes is not None and edit.change_annotations is not None
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        lines = [(each.range.start.line, each.range.start.character) for each in change.edits]
        assert sorted(lines) == [(0, 14), (2, 41)]
        (annotation,) = edit.change_annotations.values()
        assert annotation.needs_confirmation
        assert "notes.jsonl" in (annotation.description or "")
        with pytest.raises(JsonRpcException, match="is no name"):
            await client.text_document_rename_async(types.RenameParams(item, here, "not a name"))


async def test_a_client_that_cannot_ask_is_told_of_the_data(tmp_path: Path) -> None:
    main = tmp_path / "main.apwa"
    client = await SERVER.start()
    assert isinstance(client, LanguageClient)
    await client.initialize_session(types.InitializeParams(types.ClientCapabilities(), root_uri=tmp_path.as_uri()))
    await opened(client, main, RENAMED)
    item = types.TextDocumentIdentifier(main.as_uri())
    edit = await client.text_document_rename_async(types.RenameParams(item, at(RENAMED, "{ text", 2), "body"))
    assert edit is not None and edit.changes is not None
    assert len(edit.changes[main.as_uri()]) == 2
    assert ["notes.jsonl" in message.message for message in client.messages] == [True]
    await client.shutdown_session()


async def test_tokens_come_whole_as_a_part_and_as_a_change(tmp_path: Path) -> None:
    main = tmp_path / "main.apwa"
    text = (
        '## 😀 a\nrecord Note { text: str }\ntask f(n: Note) -> str { prompt: """a\n   b {{ n.text }}"""\nmodel: m }\n'
    )
    async with connected(tmp_path) as client:
        await opened(client, main, text)
        item = types.TextDocumentIdentifier(main.as_uri())
        whole = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(item))
        assert whole is not None and whole.result_id is not None
        first = [tuple(whole.data[at : at + 5]) for at in range(0, 20, 5)]
        assert [each[:3] for each in first] == [(0, 0, 7), (1, 0, 6), (0, 7, 4), (0, 7, 4)]
        lines = types.Range(types.Position(1, 0), types.Position(1, 30))
        part = await client.text_document_semantic_tokens_range_async(types.SemanticTokensRangeParams(item, lines))
        assert part is not None
        assert part.data[5:] == whole.data[10 : len(part.data) + 5]
        await typed(client, main, 2, insert(1, 14, "more: str "))
        asked = types.SemanticTokensDeltaParams(item, whole.result_id)
        change = await client.text_document_semantic_tokens_full_delta_async(asked)
        assert isinstance(change, types.SemanticTokensDelta)
        (edit,) = change.edits
        data = list(whole.data)
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
        again = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(item))
        assert again is not None
        assert data == list(again.data)


async def test_calls_are_followed_up_and_down(tmp_path: Path) -> None:
    main, lib = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    lib.write_text("task say(word: str) -> str { return: word }\n")
    text = 'import "lib.apwa" as lib\nflow m { x = lib.say("a") }\n'
    async with connected(tmp_path) as client:
        await opened(client, main, text)
        place = at(text, "say")
        item = types.TextDocumentIdentifier(main.as_uri())
        prepared = await client.text_document_prepare_call_hierarchy_async(
            types.CallHierarchyPrepareParams(item, place)
        )
        assert prepared is not None
        (task,) = prepared
        assert (task.name, task.uri) == ("say", lib.as_uri())
        up = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(task))
        assert up is not None
        assert [(call.from_.name, call.from_ranges[0].start) for call in up] == [("m", place)]
        down = await client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(up[0].from_))
        assert down is not None
        assert [call.to.name for call in down] == ["say"]


@pytest.mark.parametrize("root", [True, False])
async def test_files_beside_the_open_one_are_searched_without_workspace_folders(tmp_path: Path, root: bool) -> None:
    lib, main = tmp_path / "lib.apwa", tmp_path / "main.apwa"
    main.write_text(MAIN)
    client = await SERVER.start()
    assert isinstance(client, LanguageClient)
    uri = tmp_path.as_uri() if root else None
    await client.initialize_session(types.InitializeParams(types.ClientCapabilities(), root_uri=uri))
    await opened(client, lib, LIB)
    asked = types.ReferenceParams(
        types.ReferenceContext(False), types.TextDocumentIdentifier(lib.as_uri()), at(LIB, "Word")
    )
    places = await client.text_document_references_async(asked)
    assert places is not None
    assert [(place.uri, place.range.start.line) for place in places] == [(main.as_uri(), 2), (main.as_uri(), 3)]
    await client.shutdown_session()


async def test_imports_follow_files_that_are_moved(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    library.write_text(LIB)
    main.write_text(MAIN)
    (tmp_path / "old").mkdir()
    other = tmp_path / "old" / "other.apwa"
    other.write_text('import "../lib.apwa" as lib\nimport "near.apwa" as near\n')
    async with connected(tmp_path) as client:
        await opened(client, main, f"# as it is in the editor\n{MAIN}")

        async def changes(old: Path, new: Path) -> dict[str, list[tuple[int, str]]]:
            renames = types.RenameFilesParams([types.FileRename(old.as_uri(), new.as_uri())])
            edit = await client.workspace_will_rename_files_async(renames)
            files = {} if edit is None or edit.changes is None else edit.changes
            return {
                uri.rpartition("/")[2]: [(one.range.start.line, one.new_text) for one in edits]
                for uri, edits in files.items()
            }

        assert await changes(library, tmp_path / "lib" / "words.apwa") == {
            "main.apwa": [(1, "lib/words.apwa")],
            "other.apwa": [(0, "../lib/words.apwa")],
        }
        assert await changes(tmp_path / "old", tmp_path / "new" / "deep") == {"other.apwa": [(0, "../../lib.apwa")]}
        assert await changes(other, tmp_path / "other.apwa") == {"other.apwa": [(0, "lib.apwa"), (1, "old/near.apwa")]}
        assert await changes(tmp_path / "x.apwa", tmp_path / "y.apwa") == {}
