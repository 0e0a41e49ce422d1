"""Changing a name everywhere.

In: a position and a name. Out: edits of all files. Where something outside the programs bears the name, a client that
can asks for confirmation; any other is told.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from apwa_lang.lsp.features.rename import Refusal, Rename, prepare, rename
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.programs import workspace

_OUTSIDE = "outside"


def register(server: ApwaServer) -> None:
    """Answer what a rename changes."""

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def _prepare(params: types.PrepareRenameParams) -> Steps[types.PrepareRenamePlaceholder | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        found = prepare(view, server.convert.offset(view.source, params.position))
        if isinstance(found, Refusal):
            raise _failed(found)
        return types.PrepareRenamePlaceholder(server.convert.range(found), found.text)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def _rename(params: types.RenameParams) -> Steps[types.WorkspaceEdit | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        offset = server.convert.offset(view.source, params.position)
        found = rename(view, offset, params.new_name, workspace(server))
        if isinstance(found, Refusal):
            raise _failed(found)
        return _edit(server, found)


def _failed(refusal: Refusal) -> JsonRpcException:
    return JsonRpcException(refusal.reason, types.LSPErrorCodes.RequestFailed)


def _edit(server: ApwaServer, found: Rename) -> types.WorkspaceEdit:
    asked = server.client_capabilities.workspace
    can = asked.workspace_edit if asked and asked.workspace_edit else types.WorkspaceEditClientCapabilities()
    confirm = bool(found.outside and can.document_changes and can.change_annotation_support)
    edits: dict[str, list[types.TextEdit]] = {}
    for edit in found.edits:
        place = server.convert.location(edit.span)
        if place is not None:
            edits.setdefault(place.uri, []).append(types.TextEdit(place.range, edit.text))
    if found.outside and not confirm:
        told = types.ShowMessageParams(types.MessageType.Warning, f"Not renamed: {'; '.join(found.outside)}")
        server.window_show_message(told)
    if not can.document_changes:
        return types.WorkspaceEdit(changes=edits)
    changes = []
    for uri, own in edits.items():
        document = server.documents.get(uri)
        version = document.version if document is not None else None
        file = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        marked = [types.AnnotatedTextEdit(_OUTSIDE, each.range, each.new_text) for each in own]
        changes.append(types.TextDocumentEdit(file, [*(marked if confirm else own)]))
    annotation = types.ChangeAnnotation(
        "Not renamed with it", needs_confirmation=True, description="; ".join(found.outside)
    )
    annotations = {_OUTSIDE: annotation} if confirm else None
    return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations)
