"""Quick fixes, and all safe fixes at once.

In: a selection, with the kinds of actions that are wanted. Out: actions with their edits.
"""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.code_actions import code_actions, fix_all
from apwa_lang.lsp.server.base import ApwaServer
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

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    def _actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        view = server.view(params.text_document.uri)
        if view is None:
            return []
        within = server.convert.span(view.source, params.range)
        made = [action for provide in server.action_providers for action in provide(view, params, within)]
        return [action for action in made if wants(params.context.only, action.kind)]

    server.action_providers.append(lambda view, params, within: _quick_fixes(server, view, within))
    server.action_providers.append(lambda view, params, within: _fix_all(server, view, params))


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


def _fix_all(server: ApwaServer, view: View, params: types.CodeActionParams) -> Iterable[types.CodeAction]:
    """All safe fixes. They take a check each round, so unless they are asked for, one must be there to offer them."""
    asked = params.context.only is not None and wants(params.context.only, FIX_ALL)
    fixes = (one.fix for one in view.checked.diagnostics if one.primary.span.source is view.source)
    if not any(fix is not None and fix.safe for fix in fixes) or not (asked or params.context.only is None):
        return
    edit = fix_all(view, lambda source: server.documents.check(source).diagnostics)
    if edit is not None:
        made = workspace_edit(server, params.text_document.uri, [edit])
        yield types.CodeAction("Apply all safe fixes", kind=FIX_ALL, edit=made)
