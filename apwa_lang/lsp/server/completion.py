"""Completion for clients.

In: positions in open files. Out: lists of items. Of a snippet a client that knows none gets the plain word.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from apwa_lang.lsp.features.completion import Completions, Item, complete
from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.syntax.source import Span

TRIGGERS = (".", "@", ":", '"', "{", "|", "[", "/", "(", ",", " ", "%")

_KINDS = {
    "keyword": types.CompletionItemKind.Keyword,
    "type": types.CompletionItemKind.Keyword,
    "record": types.CompletionItemKind.Struct,
    "table": types.CompletionItemKind.Variable,
    "model": types.CompletionItemKind.Class,
    "tool": types.CompletionItemKind.Interface,
    "task": types.CompletionItemKind.Function,
    "split": types.CompletionItemKind.Operator,
    "flow": types.CompletionItemKind.Event,
    "module": types.CompletionItemKind.Module,
    "variable": types.CompletionItemKind.Variable,
    "parameter": types.CompletionItemKind.Variable,
    "field": types.CompletionItemKind.Field,
    "function": types.CompletionItemKind.Function,
    "setting": types.CompletionItemKind.Property,
    "rule": types.CompletionItemKind.Keyword,
    "value": types.CompletionItemKind.EnumMember,
    "snippet": types.CompletionItemKind.Snippet,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "code": types.CompletionItemKind.Constant,
}
_AGAIN = types.Command("Complete on", "editor.action.triggerSuggest")


def register(server: ApwaServer) -> None:
    """Answer completion requests."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list(TRIGGERS)))
    def _complete(params: types.CompletionParams) -> types.CompletionList:
        view = server.recent(params.text_document.uri)
        if view is None:
            return types.CompletionList(False, [])
        offset = server.convert.offset(view.source, params.position)
        trigger = params.context.trigger_character if params.context is not None else None
        if trigger in (" ", ",", "%", "{") and not _is_asked(view.source.text, offset, trigger):
            return types.CompletionList(False, [])
        return to_lsp(server, complete(view, offset))


def to_lsp(server: ApwaServer, found: Completions) -> types.CompletionList:
    """What is offered, as the protocol writes it."""
    client = server.client_capabilities.text_document
    item = client.completion.completion_item if client is not None and client.completion is not None else None
    snippets = bool(item is not None and item.snippet_support)
    both = bool(item is not None and item.insert_replace_support)
    written = Span(found.span.source, found.span.start, found.offset)
    formats = item.documentation_format or () if item is not None else ()
    insert, replace = server.convert.range(written), server.convert.range(found.span)
    items = []
    for number, each in enumerate(found.items):
        text = each.snippet if snippets and each.snippet is not None else each.insert or each.label
        edit: Any = types.InsertReplaceEdit(text, insert, replace) if both else types.TextEdit(insert, text)
        items.append(_item(each, number, edit, snippets, types.MarkupKind.Markdown in formats))
    return types.CompletionList(False, items)


def _item(item: Item, number: int, edit: Any, snippets: bool, markdown: bool) -> types.CompletionItem:
    doc = types.MarkupContent(types.MarkupKind.Markdown, item.doc) if markdown else item.doc
    return types.CompletionItem(
        label=item.label,
        kind=_KINDS[item.kind],
        detail=item.detail or None,
        documentation=doc if item.doc else None,
        sort_text=f"{item.rank}{number:04}",
        insert_text_format=types.InsertTextFormat.Snippet if snippets and item.snippet is not None else None,
        insert_text_mode=types.InsertTextMode.AdjustIndentation if item.snippet else None,
        text_edit=edit,
        command=_AGAIN if item.again else None,
    )


def _is_asked(text: str, offset: int, trigger: str) -> bool:
    """Whether a mark that is typed often really opens something to choose from."""
    before = text[:offset]
    match trigger:
        case "%" | "{":
            return before.endswith(("{%", "{{"))
        case " ":
            return before.rstrip(" ").endswith(("{{", "{%", "|", ":", "=", ",")) or before.split()[-1:] in _WORDS
        case _:
            return True


_WORDS = [
    [word] for word in ("map", "over", "by", "keep", "reduce", "where", "on", "group", "save", "mock", "after", "as")
]
