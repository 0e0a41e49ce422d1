"""Findings in the editor, while a person types.

In: the newest analysis of each open file. Out: its findings, for every file that they are in: published after each
change, or answered to a client that asks for them. What is asked for is no longer published, or editors would show it
twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from weakref import WeakKeyDictionary

from lsprotocol import types

from apwa_lang.diagnostics.distinct import distinct
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.convert import path_of, uri_of
from apwa_lang.lsp.server.documents import Document
from apwa_lang.lsp.server.findings import to_lsp

_log = logging.getLogger(__name__)

# Keys that arrive together are answered together.
_DELAY = 0.005
_PAUSE = 0.15


def register(server: ApwaServer) -> None:
    """Publish findings after each change, and answer requests for them."""
    publisher = _Publisher(server)
    server.documents.on_change = publisher.schedule

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(identifier="apwa", inter_file_dependencies=True, workspace_diagnostics=True),
    )
    def _of_document(params: types.DocumentDiagnosticParams) -> Steps[types.DocumentDiagnosticReport]:
        uri = params.text_document.uri
        publisher.leave(uri)
        if not publisher.refreshes:
            publisher.finish()
            yield from server.settled()
        found = found_in(server)
        while uri in found.pending:
            yield from server.settled()
            found = found_in(server)
        diagnostics = found.of.get(uri, [])
        result = publisher.answered(uri, diagnostics)
        if result == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        return types.RelatedFullDocumentDiagnosticReport(diagnostics, result_id=result)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    def _of_workspace(params: types.WorkspaceDiagnosticParams) -> Steps[types.WorkspaceDiagnosticReport]:
        yield from server.settled()
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        found = found_in(server).of
        for uri in known.keys() - found.keys():
            found[uri] = []
        return types.WorkspaceDiagnosticReport([_report(server, uri, found[uri], known.get(uri)) for uri in found])

    @server.feature(types.INITIALIZED)
    def _watch(params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        if watched is not None and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in ("**/*.apwa", "**/apwa.toml", "**/*.py")]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            server.client_register_capability(
                types.RegistrationParams([types.Registration("apwa-files", method, options)])
            )

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _changed(params: types.DidChangeWatchedFilesParams) -> None:
        paths = [path_of(change.uri) for change in params.changes]
        server.documents.forget(path for path in paths if path is not None)


@dataclass(frozen=True)
class Found:
    """What is found in each file by the programs that are open, each finding once; each open file is there.

    ``pending`` are programs of which nothing can be said yet.
    """

    of: dict[str, list[types.Diagnostic]]
    pending: frozenset[str]


def found_in(server: ApwaServer) -> Found:
    """What is found so far."""
    by_document = {document: server.documents.findings(document) for document in server.documents}
    pending = frozenset(document.uri for document, findings in by_document.items() if findings is None)
    found: dict[str, list[types.Diagnostic]] = {document.uri: [] for document in by_document}
    # There is more than one way to write the address of a file, and a client knows its own alone.
    names = {uri_of(document.source): document.uri for document in by_document}
    for finding in distinct((document.source, findings or ()) for document, findings in by_document.items()):
        uri = uri_of(finding.primary.span.source) or ""
        found.setdefault(names.get(uri, uri), []).append(to_lsp(server.convert, finding))
    return Found(found, pending)


def _result_id(diagnostics: list[types.Diagnostic]) -> str:
    return sha256(repr(diagnostics).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _report(
    server: ApwaServer, uri: str, diagnostics: list[types.Diagnostic], known: str | None
) -> types.WorkspaceDocumentDiagnosticReport:
    document = server.documents.get(uri)
    version = document.version if document is not None else None
    result = _result_id(diagnostics)
    if result == known:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result, version=version)
    return types.WorkspaceFullDocumentDiagnosticReport(uri, diagnostics, version=version, result_id=result)


class _Publisher:
    """Publishes once for all changes until then. ``_shown`` is what is on the screen where there is something.

    Of a long program that is edited, what the edit can have changed is published at once, and all of it in a pause.
    ``_asked`` are the files that the client asks for, and what it was answered of which version: it is told to ask
    again where that no longer holds.
    """

    def __init__(self, server: ApwaServer) -> None:
        self._server = server
        self._timer: asyncio.TimerHandle | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._shown: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._asked: WeakKeyDictionary[Document, tuple[int | None, str]] = WeakKeyDictionary()

    @property
    def refreshes(self) -> bool:
        """Whether the client can be told to ask again."""
        workspace = self._server.client_capabilities.workspace
        return bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)

    def schedule(self) -> None:
        """Publish soon."""
        self._after(_DELAY, self._publish)

    def leave(self, uri: str) -> None:
        """Leave the findings of a file to the client, which asks for them."""
        document = self._server.documents.get(uri)
        if document is not None and document not in self._asked:
            self._asked[document] = (None, "")
            if uri in self._shown:
                self._send(uri, [])

    def answered(self, uri: str, diagnostics: list[types.Diagnostic]) -> str:
        """Remember what a client that asked was told; the name of that."""
        result = _result_id(diagnostics)
        document = self._server.documents.get(uri)
        if document is not None:
            self._asked[document] = (document.version, result)
        return result

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, do)

    def _publish(self) -> None:
        found = found_in(self._server)
        for complaint in self._server.documents.complaints():
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, complaint))
        if not found.pending:
            for uri in self._shown.keys() - found.of.keys():
                found.of[uri] = []
        asked = {document.uri for document in self._server.documents if document in self._asked}
        for uri in found.of.keys() - asked - found.pending:
            self._send(uri, found.of[uri])
        if any(document.seen is None for document in self._server.documents):
            self._after(0 if found.pending else _PAUSE, self.finish)
        else:
            self._refresh(found.of)

    def _refresh(self, found: dict[str, list[types.Diagnostic]]) -> None:
        """Have the client ask again, unless it does so by itself, since there is a newer text."""
        if self.refreshes and any(
            version == document.version and result != _result_id(found[document.uri])
            for document, (version, result) in self._asked.items()
            if self._server.documents.get(document.uri) is document
        ):
            self._server.workspace_diagnostic_refresh(None)

    def finish(self) -> None:
        """Begin to check all that is to be checked, unless that goes on already."""
        if self._finishing is None or self._finishing.done():
            self._finishing = asyncio.ensure_future(self._server.documents.finish())
            self._finishing.add_done_callback(self._finished)

    def _finished(self, check: asyncio.Task[None]) -> None:
        error = check.exception() if not check.cancelled() else None
        if error is None:
            self.schedule()
        else:
            _log.error("a check failed", exc_info=error)

    def _send(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        version = self._version(uri)
        if self._shown.get(uri) == (version, diagnostics):
            return
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, diagnostics, version=version)
        )
        if diagnostics or version is not None:
            self._shown[uri] = (version, diagnostics)
        else:
            self._shown.pop(uri, None)

    def _version(self, uri: str) -> int | None:
        document = self._server.documents.get(uri)
        return document.version if document is not None else None
