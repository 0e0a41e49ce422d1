"""Completion and signature help, asked by a real client."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from tests.system.lsp_client import connected, insert, opened

pytestmark = pytest.mark.asyncio

PROGRAM = """\
record Note { id: str @key  text: str }
table notes: Note = read "notes.jsonl"
model small { provider: "local" }
task ask(note: Note) -> str { model: small  prompt: "😀 {{ note.te }}" }
split each = notes by row
flow main { x =  }
"""


async def asked(client: LanguageClient, file: Path, line: int, character: int) -> list[types.CompletionItem]:
    """What the server offers at a place."""
    document = types.TextDocumentIdentifier(file.as_uri())
    params = types.CompletionParams(document, types.Position(line, character))
    found = await client.text_document_completion_async(params)
    assert isinstance(found, types.CompletionList)
    return list(found.items)


async def test_a_client_with_snippets_gets_forms_and_ranges_in_its_units(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, PROGRAM)
        column = PROGRAM.splitlines()[3].index(".te ") + 3 + 1
        fields = {item.label: item for item in await asked(client, file, 3, column)}
        assert fields.keys() == {"id", "text"}
        edit = fields["text"].text_edit
        assert isinstance(edit, types.InsertReplaceEdit)
        assert (edit.new_text, edit.replace.start.character, edit.replace.end.character) == ("text", column - 2, column)
        relations = {item.label: item for item in await asked(client, file, 5, 16)}
        assert relations["ask"].kind == types.CompletionItemKind.Function
        assert relations["map"].documentation is not None
        best = min(relations.values(), key=lambda item: item.sort_text or "")
        assert best.label in ("map", "reduce", "union")


async def test_a_client_without_snippets_gets_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path, editor="emacs") as client:
        await opened(client, file, "\n")
        items = await asked(client, file, 0, 0)
        record = next(item for item in items if item.label == "record")
        assert isinstance(record.text_edit, types.TextEdit)
        assert record.text_edit.new_text == "record"


async def test_the_parameter_that_is_next_is_told(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = PROGRAM.replace("x = ", "x = map ask(")
    async with connected(tmp_path) as client:
        await opened(client, file, text)
        document = types.TextDocumentIdentifier(file.as_uri())
        place = types.Position(5, text.splitlines()[5].index("(") + 1)
        found = await client.text_document_signature_help_async(types.SignatureHelpParams(document, place))
        assert found is not None
        assert [signature.label for signature in found.signatures] == ["ask(note: Note) -> str"]
        assert found.active_parameter == 0


async def test_what_was_typed_just_now_is_answered_at_once(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, PROGRAM)
        for version, letter in enumerate("map ", 2):
            item = types.VersionedTextDocumentIdentifier(version, file.as_uri())
            change = insert(5, 14 + version, letter)
            client.text_document_did_change(types.DidChangeTextDocumentParams(item, [change]))
            offered = {item.label for item in await asked(client, file, 5, 15 + version)}
            assert ("ask" if version == 5 else "map") in offered
