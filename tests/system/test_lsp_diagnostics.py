"""Findings that the language server publishes, seen by a real client."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tests.system.lsp_client import Client, connected, insert, opened, replace, typed, until

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


def changed(client: Client, *files: Path) -> None:
    """Say that somebody has written files, or removed them."""
    kinds = types.FileChangeType
    events = [types.FileEvent(file.as_uri(), kinds.Changed if file.exists() else kinds.Deleted) for file in files]
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))


async def next_codes(client: Client, file: Path) -> list[object]:
    """The codes of what is published next about a file."""
    found = await until(client, lambda said: said.uri == file.as_uri())
    client.published.clear()
    return [one.code for one in found.diagnostics]


async def test_an_imported_file_that_changes_on_disk_is_read_again(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    text = 'import "lib.apwa" as lib\ntable notes: lib.Note = [{ id: "a" }]\n'
    async with connected(tmp_path) as client:
        assert codes_of(await opened(client, main, text)) == ["APWA106"]
        client.published.clear()
        for written, expected in (("record Note { id: str @key }\n", []), ("record Not {}\n", ["APWA102"])):
            library.write_text(written)
            changed(client, library)
            assert await next_codes(client, main) == expected
        library.unlink()
        changed(client, library)
        assert await next_codes(client, main) == ["APWA106"]


async def test_a_python_module_that_changes_on_disk_is_read_again(tmp_path: Path) -> None:
    main, module = tmp_path / "main.apwa", tmp_path / "words.py"
    module.write_text("def count(note):\n    return 1\n")
    text = RECORD + 'task count(note: Note) -> int {\n  python: "words:count"\n  timeout: 1m\n}\n'
    async with connected(tmp_path) as client:
        before = codes_of(await opened(client, main, text))
        client.published.clear()
        module.unlink()
        changed(client, module)
        assert before == [] and "APWA314" in await next_codes(client, main)


async def test_settings_that_change_on_disk_hold_at_once(tmp_path: Path) -> None:
    main, settings = tmp_path / "main.apwa", tmp_path / "apwa.toml"
    async with connected(tmp_path) as client:
        text = "task same(a: int, b: int) -> int { return: a }\n"
        usual = [one.code for one in await opened(client, main, text)]
        assert usual == ["APWA509"]
        for written, expected in (('[lint]\nignore = ["APWA5"]\n', []), (None, usual)):
            client.published.clear()
            if written is None:
                settings.unlink()
            else:
                settings.write_text(written)
            changed(client, settings)
            assert await next_codes(client, main) == expected


async def test_a_file_that_begins_with_a_mark_of_its_encoding_is_read_without(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    library.write_bytes(b"\xef\xbb\xbfrecord Note { id: strr @key }\n")
    async with connected(tmp_path) as client:
        await opened(client, main, 'import "lib.apwa" as lib\ntable notes: lib.Note = [{ id: "a" }]\n')
        wrong = await until(client, lambda said: said.uri == library.as_uri())
        assert [(one.code, one.range.start.character) for one in wrong.diagnostics] == [("APWA102", 18)]


async def test_a_mark_that_the_editor_sends_is_a_character_of_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        found = await opened(client, file, "\ufeffrecord Note { id: strr @key }\n")
        assert [(one.code, one.range.start.character) for one in found] == [("APWA102", 19)]


async def test_findings_are_under_the_address_that_the_client_uses(tmp_path: Path) -> None:
    folder = tmp_path / "a (b)+c"
    folder.mkdir()
    # Some editors quote fewer characters of a path than others.
    uri = f"{tmp_path.as_uri()}/a%20(b)+c/main.apwa"
    async with connected(folder) as client:
        item = types.TextDocumentItem(uri, "apwa", 1, "record Note { id: strr @key }\n")
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        found = await until(client, lambda said: bool(said.diagnostics))
        assert found.uri == uri and found.version == 1
        document = types.TextDocumentIdentifier(uri)
        answer = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
        assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
        assert [one.code for one in answer.items] == ["APWA102"]


async def test_a_file_that_is_opened_again_is_sent_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, RECORD)
        document = types.TextDocumentIdentifier(file.as_uri())
        await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
        client.text_document_did_close(types.DidCloseTextDocumentParams(document))
        item = types.TextDocumentItem(file.as_uri(), "apwa", 7, "record Note { id: strr @key }\n")
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert codes_of((await until(client, lambda said: said.version == 7)).diagnostics) == ["APWA102"]


async def test_what_two_programs_find_in_a_file_is_told_once_in_its_own_words(tmp_path: Path) -> None:
    main, library = tmp_path / "main.apwa", tmp_path / "lib.apwa"
    text = (
        RECORD
        + 'table notes: Note = [{ id: "a" }]\ntask size(n: int) -> int { return: n }\nsplit each = notes by row\n'
    )
    text += 'flow main {\n  sizes = map size over each\n  save sizes to "out.jsonl"\n}\n'
    async with connected(tmp_path) as client:
        alone = told(await opened(client, library, text))
        assert any("`Note`" in one for one in alone)
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(library.as_uri())))
        library.write_text(text)
        await opened(client, main, 'import "lib.apwa" as lib\ntable more: lib.Note = [{ id: "a" }]\n')
        item = types.TextDocumentItem(library.as_uri(), "apwa", 7, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert told((await until(client, lambda said: said.version == 7)).diagnostics) == alone


def told(diagnostics: Sequence[types.Diagnostic]) -> list[str]:
    """All that findings say, of their other parties too."""
    return [word for one in diagnostics for word in (one.message, *(o.message for o in one.related_information or ()))]
