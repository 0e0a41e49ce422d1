"""Formatting, folds, selections, symbols and links, asked for by a real client."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from tests.system.lsp_client import SERVER, connected, opened

pytestmark = pytest.mark.asyncio

PROGRAM = """# 😀
record  Note {
  id: str @key
  text:str }
table notes: Note = read "notes.jsonl"
"""
FORMATTED = """# 😀
record Note {
  id: str @key
  text: str
}

table notes: Note = read "notes.jsonl"
"""


def applied(text: str, edits: list[types.TextEdit]) -> str:
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


async def test_structure(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").touch()
    (tmp_path / "lib.apwa").write_text("record NotedElsewhere {}\n")
    main = tmp_path / "main.apwa"
    item = types.TextDocumentIdentifier(main.as_uri())
    options = types.FormattingOptions(4, insert_spaces=True)
    async with connected(tmp_path) as client:
        await opened(client, main, PROGRAM)
        edits = await client.text_document_formatting_async(types.DocumentFormattingParams(item, options))
        assert applied(PROGRAM, list(edits or ())) == FORMATTED
        lines = types.Range(types.Position(1, 0), types.Position(1, 3))
        edits = await client.text_document_range_formatting_async(
            types.DocumentRangeFormattingParams(item, lines, options)
        )
        assert applied(PROGRAM, list(edits or ())) == PROGRAM.replace("record  ", "record ")

        folds = await client.text_document_folding_range_async(types.FoldingRangeParams(item))
        assert [(fold.start_line, fold.end_line) for fold in folds or ()] == [(1, 3)]

        places = [types.Position(1, 9)]
        [selection] = await client.text_document_selection_range_async(types.SelectionRangeParams(item, places)) or ()
        assert selection.range == types.Range(types.Position(1, 8), types.Position(1, 12))
        assert selection.parent is not None
        assert selection.parent.range == types.Range(types.Position(1, 0), types.Position(3, 12))

        symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(item))
        assert [(symbol.name, symbol.kind) for symbol in symbols or ()] == [
            ("Note", types.SymbolKind.Struct),
            ("notes", types.SymbolKind.Array),
        ]
        found = await client.workspace_symbol_async(types.WorkspaceSymbolParams("note"))
        assert [symbol.name for symbol in found or ()] == ["Note", "notes", "NotedElsewhere"]

        [link] = await client.text_document_document_link_async(types.DocumentLinkParams(item)) or ()
        assert link.target == (tmp_path / "notes.jsonl").as_uri()
        assert link.range == types.Range(types.Position(4, 26), types.Position(4, 37))


async def test_edits_are_small_and_end_a_last_line(tmp_path: Path) -> None:
    main = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, main, "record A {\n    id: str\n}\nparam p: int")
        edits = await client.text_document_formatting_async(
            types.DocumentFormattingParams(
                types.TextDocumentIdentifier(main.as_uri()), types.FormattingOptions(4, insert_spaces=True)
            )
        )
        assert [(place(edit), edit.new_text) for edit in edits or ()] == [
            ((1, 2, 1, 4), ""),
            ((3, 0, 3, 0), "\n"),
            ((3, 12, 4, 0), "\n"),
        ]


def place(edit: types.TextEdit) -> tuple[int, int, int, int]:
    start, end = edit.range.start, edit.range.end
    return start.line, start.character, end.line, end.character


async def test_symbols_for_a_client_that_shows_no_tree(tmp_path: Path) -> None:
    client = await SERVER.start()
    assert isinstance(client, LanguageClient)
    await client.initialize_session(types.InitializeParams(types.ClientCapabilities()))
    main = tmp_path / "main.apwa"
    await opened(client, main, PROGRAM)
    item = types.TextDocumentIdentifier(main.as_uri())
    found = await client.text_document_document_symbol_async(types.DocumentSymbolParams(item))
    assert [(symbol.name, getattr(symbol, "container_name", "")) for symbol in found or ()] == [
        ("Note", None),
        ("id", "Note"),
        ("text", "Note"),
        ("notes", None),
    ]
    await client.shutdown_session()


async def test_settings_that_make_no_sense_are_told(tmp_path: Path) -> None:
    (tmp_path / "apwa.toml").write_text("[format]\nline_length = 1\n")
    main = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, main, PROGRAM)
        edits = await client.text_document_formatting_async(
            types.DocumentFormattingParams(
                types.TextDocumentIdentifier(main.as_uri()), types.FormattingOptions(4, insert_spaces=True)
            )
        )
        assert edits is None
        assert "line_length" in client.messages.pop().message
