"""Who calls a task, tool or flow, and what it calls.

In: a position, then the items that were answered. Out: items with the places of calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from apwa_lang.lsp.features.call_hierarchy import Call, Item, Program, incoming, item_at, of_analysis, outgoing
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.convert import path_of
from apwa_lang.lsp.server.programs import workspace

_KINDS = {
    "task": types.SymbolKind.Function,
    "tool": types.SymbolKind.Interface,
    "flow": types.SymbolKind.Method,
    "test": types.SymbolKind.Event,
}


def register(server: ApwaServer) -> None:
    """Answer which calls there are."""

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    def _prepare(params: types.CallHierarchyPrepareParams) -> Steps[list[types.CallHierarchyItem] | None]:
        found = yield from _find(server, params.text_document.uri, params.position)
        made = _made(server, found[1]) if found is not None else None
        return [made] if made is not None else None

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    def _incoming(
        params: types.CallHierarchyIncomingCallsParams,
    ) -> Steps[list[types.CallHierarchyIncomingCall] | None]:
        found = yield from _find(server, params.item.uri, params.item.selection_range.start)
        if found is None:
            return None
        calls = incoming(*found, workspace(server))
        return [types.CallHierarchyIncomingCall(made, ranges) for made, ranges in _shown(server, calls)]

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    def _outgoing(
        params: types.CallHierarchyOutgoingCallsParams,
    ) -> Steps[list[types.CallHierarchyOutgoingCall] | None]:
        found = yield from _find(server, params.item.uri, params.item.selection_range.start)
        if found is None:
            return None
        return [types.CallHierarchyOutgoingCall(made, ranges) for made, ranges in _shown(server, outgoing(*found))]


def _find(server: ApwaServer, uri: str, position: types.Position) -> Steps[tuple[Program, Item] | None]:
    """What stands at a position of a file, open or not."""
    path = path_of(uri)
    view = yield from server.view(uri)
    if view is not None:
        program = Program(view.checked.modules, view.checked.uses)
    else:
        analysis = workspace(server).analysis(path) if path is not None else None
        if analysis is None:
            return None
        program = of_analysis(analysis)
    item = item_at(program, server.convert.offset(program.modules[0].source, position))
    return None if item is None else (program, item)


def _shown(server: ApwaServer, calls: Sequence[Call]) -> list[tuple[types.CallHierarchyItem, list[types.Range]]]:
    made = [(_made(server, call.other), [server.convert.range(span) for span in call.places]) for call in calls]
    return [(item, ranges) for item, ranges in made if item is not None]


def _made(server: ApwaServer, item: Item) -> types.CallHierarchyItem | None:
    place = server.convert.location(item.extent)
    if place is None:
        return None
    word = server.convert.range(item.word)
    return types.CallHierarchyItem(item.name, _KINDS[item.kind], place.uri, place.range, word, detail=item.detail)
