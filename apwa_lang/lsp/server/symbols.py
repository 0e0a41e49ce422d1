"""Symbols of files and of the workspace.

In: requests. Out: symbols, nested where the client can show that.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from apwa_lang.lsp.features.symbols import Symbol, document_symbols, workspace_symbols
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.programs import workspace

_KINDS = {
    "import": types.SymbolKind.Module,
    "param": types.SymbolKind.Constant,
    "record": types.SymbolKind.Struct,
    "field": types.SymbolKind.Field,
    "table": types.SymbolKind.Array,
    "model": types.SymbolKind.Object,
    "tool": types.SymbolKind.Interface,
    "task": types.SymbolKind.Function,
    "split": types.SymbolKind.Operator,
    "flow": types.SymbolKind.Method,
    "step": types.SymbolKind.Variable,
    "test": types.SymbolKind.Event,
    "setting": types.SymbolKind.Property,
}


def register(server: ApwaServer) -> None:
    """Answer what files declare."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def _document(
        params: types.DocumentSymbolParams,
    ) -> Steps[list[types.DocumentSymbol] | list[types.SymbolInformation] | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        found = document_symbols(view)
        asked = server.client_capabilities.text_document
        if asked and asked.document_symbol and asked.document_symbol.hierarchical_document_symbol_support:
            return [_nested(server, symbol) for symbol in found]
        return [each for symbol in found for each in _flat(server, symbol, None)]

    @server.feature(types.WORKSPACE_SYMBOL)
    def _workspace(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        found = workspace_symbols(workspace(server).sources(), params.query)
        return [
            types.WorkspaceSymbol(place, symbol.name, _KINDS[symbol.kind], container_name=symbol.selection.source.path)
            for symbol in found
            if (place := server.convert.location(symbol.selection)) is not None
        ]


def _nested(server: ApwaServer, symbol: Symbol) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        symbol.name,
        _KINDS[symbol.kind],
        server.convert.range(symbol.span),
        server.convert.range(symbol.selection),
        symbol.detail or None,
        children=[_nested(server, child) for child in symbol.children],
    )


def _flat(server: ApwaServer, symbol: Symbol, owner: str | None) -> Iterator[types.SymbolInformation]:
    place = server.convert.location(symbol.span)
    if place is not None:
        yield types.SymbolInformation(place, symbol.name, _KINDS[symbol.kind], container_name=owner)
        for child in symbol.children:
            yield from _flat(server, child, symbol.name)
