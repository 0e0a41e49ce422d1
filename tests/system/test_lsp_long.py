"""Long programs, whose check takes longer than a key, and clients that ask for much after each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import client_capabilities

from benchmarks.lsp.programs import EXAMPLES, program
from tests.system.lsp_client import SERVER, Client, connected, insert, opened, typed, until

pytestmark = pytest.mark.asyncio

FILE = EXAMPLES / "long.apwa"
TEXT = program(900)
RECORD = next(number for number, line in enumerate(TEXT.split("\n")) if line.startswith("record "))
NAME = TEXT.split("\n")[RECORD].split()[1]


def document() -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(FILE.as_uri())


def type_now(client: Client, version: int, *changes: types.TextDocumentContentChangeEvent) -> None:
    """Send an edit, and wait for nothing."""
    item = types.VersionedTextDocumentIdentifier(version, FILE.as_uri())
    client.text_document_did_change(types.DidChangeTextDocumentParams(item, list(changes)))


def ask_much(client: Client) -> Awaitable[list[object]]:
    """What an editor asks for after a key, asked at once: answers and refusals."""
    everything = types.Range(types.Position(0, 0), types.Position(60, 0))
    at = types.Position(RECORD, len("record ") + 1)
    asked: list[Future[Any]] = [
        client.text_document_semantic_tokens_full(types.SemanticTokensParams(document())),
        client.text_document_inlay_hint(types.InlayHintParams(document(), everything)),
        client.text_document_code_lens(types.CodeLensParams(document())),
        client.text_document_folding_range(types.FoldingRangeParams(document())),
        client.text_document_document_symbol(types.DocumentSymbolParams(document())),
        client.text_document_hover(types.HoverParams(document(), at)),
        client.text_document_document_highlight(types.DocumentHighlightParams(document(), at)),
        client.text_document_code_action(types.CodeActionParams(document(), everything, types.CodeActionContext([]))),
    ]
    return asyncio.gather(*map(asyncio.wrap_future, asked), return_exceptions=True)


async def test_what_is_asked_of_a_text_that_is_typed_on_is_refused_as_outdated(tmp_path: Path) -> None:
    async with connected(tmp_path) as client:
        assert await opened(client, FILE, TEXT) == []
        type_now(client, 2, insert(RECORD, 7, "a"))
        asked = ask_much(client)
        type_now(client, 3, insert(RECORD, 7, "b"))
        refused = await asked
        assert {one.code for one in refused if isinstance(one, JsonRpcException)} == {
            types.LSPErrorCodes.ContentModified
        }
        assert len(refused) == sum(isinstance(one, JsonRpcException) for one in refused)


async def test_answers_are_about_the_text_as_it_is(tmp_path: Path) -> None:
    async with connected(tmp_path) as client:
        await opened(client, FILE, TEXT)
        type_now(client, 2, insert(RECORD, 7, "New"))
        tokens, hints, _, folds, symbols, hover, marks, _ = await ask_much(client)
        assert isinstance(tokens, types.SemanticTokens)
        assert tokens.data
        assert hints is not None
        assert folds
        assert isinstance(symbols, Sequence)
        assert f"New{NAME}" in [symbol.name for symbol in symbols]
        assert isinstance(hover, types.Hover)
        assert isinstance(hover.contents, types.MarkupContent)
        assert f"New{NAME}" in hover.contents.value
        assert isinstance(marks, Sequence)
        assert len(marks) == 1


async def test_the_first_findings_of_a_long_program_are_all_of_them(tmp_path: Path) -> None:
    async with connected(tmp_path) as client:
        found = await opened(client, FILE, TEXT.replace(f"record {NAME} ", f"record {NAME}s ", 1))
        assert found
        assert [list(said.diagnostics) for said in client.published if said.uri == FILE.as_uri()] == [found]


async def test_who_asks_for_findings_is_told_to_ask_again_once_all_is_checked(tmp_path: Path) -> None:
    async with connected(tmp_path, refreshes=True) as client:
        again = asyncio.Event()
        client.protocol.fm.features[types.WORKSPACE_DIAGNOSTIC_REFRESH] = lambda _: again.set()
        await opened(client, FILE, TEXT)
        ask = types.DocumentDiagnosticParams(document())
        assert codes(await client.text_document_diagnostic_async(ask)) == []
        unused = "# apwa: ignore[APWA901] nothing\n"
        type_now(client, 2, insert(RECORD, 0, unused))
        assert codes(await client.text_document_diagnostic_async(ask)) == []
        await asyncio.wait_for(again.wait(), 60)
        assert codes(await client.text_document_diagnostic_async(ask)) == ["APWA690"]


def codes(report: types.DocumentDiagnosticReport) -> list[object]:
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    return [one.code for one in report.items]


async def test_an_import_that_changes_is_seen_in_a_long_program(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    filling = "".join(f"record R{number} {{ id: str @key }}\n" for number in range(800))
    text = 'import "lib.apwa" as lib\ntable notes: lib.Note = [{ id: "a" }]\n' + filling
    async with connected(tmp_path) as client:
        await opened(client, library, "record Note { id: str @key }\n")
        await opened(client, main, text)
        await typed(client, library, 2, insert(0, 14, "x"))
        await until(
            client,
            lambda said: (
                said.uri == main.as_uri()
                and any(one.severity == types.DiagnosticSeverity.Error for one in said.diagnostics)
            ),
        )


async def test_all_safe_fixes_are_made_when_they_are_chosen(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    comment = "# apwa: ignore[APWA901] a\n"
    text = comment + 'record Note { id: str @key }\ntable notes: Note = [{ id: "a" }]\n'
    async with connected(tmp_path) as client:
        await opened(client, file, text)
        identifier = types.TextDocumentIdentifier(file.as_uri())
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        offered = await client.text_document_code_action_async(
            types.CodeActionParams(identifier, start, types.CodeActionContext([]))
        )
        (action,) = [one for one in offered or () if isinstance(one, types.CodeAction) and one.kind != "quickfix"]
        assert action.edit is None
        chosen = await client.code_action_resolve_async(action)
        assert chosen.edit is not None
        assert chosen.edit.changes is not None
        (edit,) = chosen.edit.changes[file.as_uri()]
        assert (edit.range.start.line, edit.range.end.line, edit.new_text) == (0, 1, "")


async def test_a_server_that_still_has_to_answer_can_be_ended() -> None:
    client = await SERVER.start()
    assert isinstance(client, Client)
    await client.initialize_session(types.InitializeParams(client_capabilities("visual_studio_code")))
    await opened(client, FILE, TEXT)
    type_now(client, 2, insert(RECORD, 7, "a"))
    asked = ask_much(client)
    await client.shutdown_session()
    assert {one.code for one in await asked if isinstance(one, JsonRpcException)} == {
        types.LSPErrorCodes.RequestCancelled
    }
