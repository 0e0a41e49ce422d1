"""Refactorings for clients.

In: a selection. Out: code actions. One that makes a file is offered where the client can make files.
"""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from apwa_lang.lsp.features.refactorings import Refactoring, refactorings
from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.code_actions import wants, workspace_edit
from apwa_lang.lsp.server.convert import uri_of
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Span

_KINDS = {
    "extract": types.CodeActionKind.RefactorExtract,
    "inline": types.CodeActionKind.RefactorInline,
    "rewrite": types.CodeActionKind.RefactorRewrite,
}


def register(server: ApwaServer) -> None:
    """Add refactorings to the code actions."""
    server.action_providers.append(lambda view, params, within: _actions(server, view, params, within))


def _actions(
    server: ApwaServer, view: View, params: types.CodeActionParams, within: Span
) -> Iterable[types.CodeAction]:
    only = params.context.only
    if not any(wants(only, kind) for kind in _KINDS.values()):
        return
    for found in refactorings(view, within):
        edit = (
            _creating(server, found) if found.create else workspace_edit(server, uri_of(view.source) or "", found.edits)
        )
        if edit is not None:
            yield types.CodeAction(found.title, kind=_KINDS[found.kind], edit=edit)


def _creating(server: ApwaServer, found: Refactoring) -> types.WorkspaceEdit | None:
    """An edit that makes files; None where the client cannot."""
    workspace = server.client_capabilities.workspace
    able = workspace.workspace_edit if workspace is not None else None
    if able is None or types.ResourceOperationKind.Create not in (able.resource_operations or ()):
        return None
    changes: list[types.CreateFile | types.TextDocumentEdit] = []
    for file, text in found.create:
        uri = file.as_uri()
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        document = types.OptionalVersionedTextDocumentIdentifier(uri)
        changes.append(types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True)))
        changes.append(types.TextDocumentEdit(document, [types.TextEdit(start, text)]))
    return types.WorkspaceEdit(document_changes=list(changes))
