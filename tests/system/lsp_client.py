"""A real client of the real server, and what tests ask of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SERVER = ClientServerConfig([sys.executable, "-m", "apwa_lang.cli", "lsp"])


@asynccontextmanager
async def connected(folder: Path, client_name: str = "visual_studio_code") -> AsyncIterator[LanguageClient]:
    """A client that speaks as that editor does, with one folder open. The server must not have complained."""
    client = await SERVER.start()
    assert isinstance(client, LanguageClient)
    parameters = types.InitializeParams(
        client_capabilities(client_name),
        root_uri=folder.as_uri(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
    )
    await client.initialize_session(parameters)
    yield client
    await client.shutdown_session()
    assert [message.message for message in client.messages + client.log_messages] == []


async def opened(client: LanguageClient, file: Path, text: str) -> list[types.Diagnostic]:
    """Open a file with this text; the findings that come back."""
    item = types.TextDocumentItem(file.as_uri(), "apwa", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return await published(client, file, 1)


async def typed(
    client: LanguageClient, file: Path, version: int, *changes: types.TextDocumentContentChangeEvent
) -> list[types.Diagnostic]:
    """Edit an open file; the findings that come back."""
    item = types.VersionedTextDocumentIdentifier(version, file.as_uri())
    client.text_document_did_change(types.DidChangeTextDocumentParams(item, list(changes)))
    return await published(client, file, version)


async def published(client: LanguageClient, file: Path, version: int) -> list[types.Diagnostic]:
    """The findings that the server publishes for this version of a file."""
    while True:
        seen = await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        if seen.uri == file.as_uri() and seen.version == version:
            return list(seen.diagnostics)


def insert(line: int, character: int, text: str) -> types.TextDocumentContentChangePartial:
    """The edit of typing something there."""
    return replace(line, character, line, character, text)


def replace(
    line: int, character: int, to_line: int, to_character: int, text: str
) -> types.TextDocumentContentChangePartial:
    """The edit of a selection typed over."""
    start, end = types.Position(line, character), types.Position(to_line, to_character)
    return types.TextDocumentContentChangePartial(types.Range(start, end), text)
