"""Growing selections.

In: places. Out: for each, ranges one inside the other.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.selection_ranges import selection_ranges
from apwa_lang.lsp.server.base import ApwaServer, Steps


def register(server: ApwaServer) -> None:
    """Answer what selections grow to."""

    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    def _selections(params: types.SelectionRangeParams) -> Steps[list[types.SelectionRange] | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        found = []
        for position in params.positions:
            spans = selection_ranges(view, server.convert.offset(view.source, position))
            grown: types.SelectionRange | None = None
            for span in reversed(spans):
                grown = types.SelectionRange(server.convert.range(span), grown)
            found.append(grown or types.SelectionRange(types.Range(position, position)))
        return found
