"""A real client of the real server, and what tests ask of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

Published = types.PublishDiagnosticsParams


class Client(LanguageClient):
    """A client that keeps everything that was published, in order."""

    published: list[Published]
    more: asyncio.Event


def _client() -> Client:
    client = make_test_lsp_client()
    client.__class__ = Client
    assert isinstance(client, Client)
    client.published, client.more = [], asyncio.Event()
    features = client.protocol.fm.features
    store = features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

    def keep(said: Published) -> None:
        store(said)
        client.published.append(said)
        client.more.set()

    features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = keep
    return client


SERVER = ClientServerConfig([sys.executable, "-m", "apwa_lang.cli", "lsp"], client_factory=_client)


@asynccontextmanager
async def connected(
    folder: Path, encodings: list[str] | None = None, editor: str = "visual_studio_code", refreshes: bool = False
) -> AsyncIterator[Client]:
    """A client with one folder open; one that ``refreshes`` asks for findings again when it is told to. The server must
    not have complained to it.
    """
    client = await SERVER.start()
    assert isinstance(client, Client)
    capabilities = client_capabilities(editor)
    if encodings is not None:
        capabilities.general = types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(encoding) for encoding in encodings]
        )
    if refreshes:
        assert capabilities.workspace is not None
        capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    parameters = types.InitializeParams(
        capabilities,
        root_uri=folder.as_uri(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
    )
    await client.initialize_session(parameters)
    yield client
    await client.shutdown_session()
    assert [message.message for message in client.messages + client.log_messages] == []


async def opened(client: Client, file: Path, text: str) -> list[types.Diagnostic]:
    """Open a file with this text; the findings that come back."""
    item = types.TextDocumentItem(file.as_uri(), "apwa", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return await published(client, file, 1)


async def typed(
    client: Client, file: Path, version: int, *changes: types.TextDocumentContentChangeEvent
) -> list[types.Diagnostic]:
    """Edit an open file; the findings that come back."""
    item = types.VersionedTextDocumentIdentifier(version, file.as_uri())
    client.text_document_did_change(types.DidChangeTextDocumentParams(item, list(changes)))
    return await published(client, file, version)


async def published(client: Client, file: Path, version: int) -> list[types.Diagnostic]:
    """The first findings that the server publishes for this version of a file."""
    uri = file.as_uri()
    found = await until(client, lambda said: said.uri == uri and said.version == version)
    return list(found.diagnostics)


async def until(client: Client, holds: Callable[[Published], bool], limit: float = 120) -> Published:
    """The first thing published, so far or from now on, for which that holds."""
    seen = 0
    async with asyncio.timeout(limit):
        while True:
            for said in client.published[seen:]:
                if holds(said):
                    return said
            seen = len(client.published)
            client.more.clear()
            await client.more.wait()


def insert(line: int, character: int, text: str) -> types.TextDocumentContentChangePartial:
    """The edit of typing something there."""
    return replace(line, character, line, character, text)


def replace(
    line: int, character: int, to_line: int, to_character: int, text: str
) -> types.TextDocumentContentChangePartial:
    """The edit of a selection typed over."""
    start, end = types.Position(line, character), types.Position(to_line, to_character)
    return types.TextDocumentContentChangePartial(types.Range(start, end), text)
