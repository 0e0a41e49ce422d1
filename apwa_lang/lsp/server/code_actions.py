"""Quick fixes, and all safe fixes at once.

In: a selection, with the kinds of actions that are wanted. Out: actions with their edits, but for all safe fixes, where
the client can ask for them when they are chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lsprotocol import types

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.code_actions import code_actions, fix_all
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.convert import uri_of
from apwa_lang.lsp.server.findings import to_lsp
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Span

FIX_ALL = "source.fixAll.apwa"


def register(server: ApwaServer) -> None:
    """Register the request; other modules add to ``server.action_providers``."""
    kinds = [
        types.CodeActionKind.QuickFix,
        FIX_ALL,
        types.CodeActionKind.RefactorExtract,
        types.CodeActionKind.RefactorInline,
        types.CodeActionKind.RefactorRewrite,
    ]

    options = types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def _actions(params: types.CodeActionParams) -> Steps[list[types.CodeAction]]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return []
        within = server.convert.span(view.source, params.range)
        made = [action for provide in server.action_providers for action in provide(view, params, within)]
        wanted = [action for action in made if wants(params.context.only, action.kind)]
        if _offers_all(view, params.context.only):
            uri = params.text_document.uri
            action = types.CodeAction("Apply all safe fixes", kind=FIX_ALL, data={"uri": uri})
            if params.context.only is None and _resolves(server):
                return [*wanted, action]
            yield from _resolve(server, action, uri, view)
            if action.edit is not None:
                wanted.append(action)
        return wanted

    @server.feature(types.CODE_ACTION_RESOLVE)
    def _resolved(action: types.CodeAction) -> Steps[types.CodeAction]:
        uri = action.data.get("uri") if isinstance(action.data, dict) else None
        view = (yield from server.view(uri)) if isinstance(uri, str) else None
        if isinstance(uri, str) and view is not None:
            yield from _resolve(server, action, uri, view)
        return action

    server.action_providers.append(lambda view, params, within: _quick_fixes(server, view, within))


def wants(only: Iterable[str] | None, kind: str | None) -> bool:
    """Whether a client that asked for these kinds wants that kind: it itself or one above it, ``source`` say."""
    text = _text(kind or "")
    return only is None or any(text == wanted or text.startswith(f"{wanted}.") for wanted in map(_text, only))


def workspace_edit(server: ApwaServer, uri: str, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    """Edits by file; those of text without a file are of ``uri``."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        changed = changes.setdefault(uri_of(edit.span.source) or uri, [])
        changed.append(types.TextEdit(server.convert.range(edit.span), edit.text))
    return types.WorkspaceEdit(changes=dict(changes))


def _text(kind: str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _quick_fixes(server: ApwaServer, view: View, within: Span) -> Iterable[types.CodeAction]:
    uri = uri_of(view.source) or ""
    for action in code_actions(view, within):
        yield types.CodeAction(
            action.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[to_lsp(server.convert, action.finding)],
            is_preferred=action.preferred or None,
            edit=workspace_edit(server, uri, action.edits),
        )


def _offers_all(view: View, only: Iterable[str] | None) -> bool:
    """Whether to offer all safe fixes. They take a check each round, so one must be there to begin with."""
    fixes = (one.fix for one in view.checked.diagnostics if one.primary.span.source is view.source)
    return wants(only, FIX_ALL) and any(fix is not None and fix.safe for fix in fixes)


def _resolves(server: ApwaServer) -> bool:
    """Whether the client asks for the edit of an action once it is chosen."""
    client = server.client_capabilities.text_document
    support = client.code_action.resolve_support if client is not None and client.code_action is not None else None
    return support is not None and "edit" in support.properties


def _resolve(server: ApwaServer, action: types.CodeAction, uri: str, view: View) -> Steps[None]:
    """Give the action that applies all safe fixes its edit."""
    mended = fix_all, view, lambda source: server.documents.check(source).diagnostics
    edit: Edit | None = yield asyncio.to_thread, mended, None
    if edit is not None:
        action.edit = workspace_edit(server, uri, [edit])
