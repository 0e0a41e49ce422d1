"""Refactorings, asked for by a real client."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from tests.system.lsp_client import connected, opened

pytestmark = pytest.mark.asyncio

PROGRAM = 'task work(a: str) -> str {\n  python: "lib:make"\n}\n'


async def actions(client: LanguageClient, file: Path, *only: types.CodeActionKind) -> dict[str, types.CodeAction]:
    """The actions at the target of the task, by title."""
    place = types.Position(1, 12)
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(file.as_uri()),
        types.Range(place, place),
        types.CodeActionContext([], only=list(only) or None),
    )
    found = await client.text_document_code_action_async(params)
    return {action.title: action for action in found or () if isinstance(action, types.CodeAction)}


async def test_a_missing_function_is_written_in_a_new_file(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, PROGRAM)
        found = await actions(client, file)
        edit = found["Write `make` in `lib`"].edit
        assert edit is not None
        assert edit.document_changes is not None
        created, written = edit.document_changes
        assert isinstance(created, types.CreateFile)
        assert created.uri == (tmp_path / "lib.py").as_uri()
        assert isinstance(written, types.TextDocumentEdit)
        assert "def make(a):" in written.edits[0].new_text  # type: ignore[union-attr]
        policy = found["Add `retry` and `timeout`"]
        assert policy.kind == types.CodeActionKind.RefactorRewrite
        assert policy.edit is not None
        assert policy.edit.changes is not None
        assert [edit.new_text for edit in policy.edit.changes[file.as_uri()]] == ["\n  retry: 3\n  timeout: 30s"]


async def test_only_what_is_asked_for_is_offered(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, PROGRAM)
        assert await actions(client, file, types.CodeActionKind.RefactorExtract) == {}
        assert "Add `retry` and `timeout`" in await actions(client, file, types.CodeActionKind.Refactor)


async def test_a_client_that_makes_no_files_is_offered_none(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path, editor="emacs") as client:
        await opened(client, file, PROGRAM)
        assert "Write `make` in `lib`" not in await actions(client, file)
