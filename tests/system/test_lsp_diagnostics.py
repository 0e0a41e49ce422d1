"""Findings that the language server publishes, seen by a real client."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tests.system.lsp_client import connected, insert, opened, replace, typed, until

pytestmark = pytest.mark.asyncio

RECORD = 'record Note { id: str @key }\ntable notes: Note = read "notes.jsonl"\n'


async def test_a_mistake_is_shown_at_its_place_and_goes_when_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, RECORD + "split s = note by row\n")
        assert found.code == "APWA102"
        place = found.range
        assert (place.start.line, place.start.character, place.end.character) == (2, 10, 14)
        assert await typed(client, file, 2, insert(2, 14, "s")) == []


async def test_columns_are_counted_as_the_editor_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = 'record Note { id: str @key kind: "😀" | "a" }\r\ntable notes: Note = [{ id: "😀", kind: "b" }]\r\n'
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, text)
        assert (found.range.start.line, found.range.start.character) == (1, 39)
        assert await typed(client, file, 2, replace(1, 39, 1, 42, '"😀"')) == []


async def test_a_mistake_in_an_imported_file_is_shown_there_until_it_is_mended(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    library.write_text("record Note { id: strr @key }\n")
    text = 'import "lib.apwa" as lib\ntable notes: lib.Note = read "notes.jsonl"\n'
    async with connected(tmp_path) as client:
        await opened(client, main, text)
        wrong = await until(client, lambda said: said.uri == library.as_uri())
        assert [one.code for one in wrong.diagnostics] == ["APWA102"]
        assert codes_of(await opened(client, library, "record Note { id: str @key }\n")) == []
        client.published.clear()
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(library.as_uri())))
        again = await until(client, lambda said: said.uri == library.as_uri())
        assert codes_of(again.diagnostics) == ["APWA102"]


async def test_a_change_of_an_open_file_is_seen_by_what_imports_it(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    text = 'import "lib.apwa" as lib\ntable notes: lib.Note = [{ id: "a" }]\n'
    async with connected(tmp_path) as client:
        await opened(client, library, "record Note { id: str @key }\n")
        assert codes_of(await opened(client, main, text)) == []
        await typed(client, library, 2, replace(0, 14, 0, 16, "no"))
        await until(client, lambda said: said.uri == main.as_uri() and codes_of(said.diagnostics) != [])


def codes_of(diagnostics: Sequence[types.Diagnostic]) -> list[object]:
    """The codes of errors."""
    return [one.code for one in diagnostics if one.severity == types.DiagnosticSeverity.Error]


async def test_a_client_may_ask_for_findings_and_is_then_not_sent_them(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, RECORD + "split s = note by row\n")
        document = types.TextDocumentIdentifier(file.as_uri())
        answer = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
        assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
        assert [(one.code, one.range) for one in answer.items] == [(found.code, found.range)]
        again = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=answer.result_id)
        )
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
        await until(client, lambda said: said.uri == file.as_uri() and not said.diagnostics)
        everything = await client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
        assert [one.uri for one in everything.items] == [file.as_uri()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_client_and_server_agree_on_an_encoding(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = 'record N { id: str @key }\ntable n: N = [{ id: "é😀", kind: 1 }]\n'
    units = len('table n: N = [{ id: "é😀", '.encode(encoding + ("-le" if encoding != "utf-8" else "")))
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    async with connected(tmp_path, encodings=[encoding]) as client:
        found = await opened(client, file, text)
        assert [one.range.start.character for one in found] == [units // width]
