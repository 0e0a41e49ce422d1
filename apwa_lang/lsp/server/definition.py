"""Going to where something is declared.

In: a position. Out: links to declarations, files and Python functions, or to the record of a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lsprotocol import types

from apwa_lang.lsp.features.definition import Target, definition, type_definition
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.view import View

_Params = types.DefinitionParams | types.DeclarationParams | types.TypeDefinitionParams
_Answer = Sequence[types.LocationLink] | Sequence[types.Location] | None


def register(server: ApwaServer) -> None:
    """Answer where names lead."""

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def _definition(params: types.DefinitionParams) -> Steps[_Answer]:
        asked = server.client_capabilities.text_document
        links = asked.definition.link_support if asked and asked.definition else False
        return (yield from _answer(server, params, definition, links or False))

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    def _declaration(params: types.DeclarationParams) -> Steps[_Answer]:
        asked = server.client_capabilities.text_document
        links = asked.declaration.link_support if asked and asked.declaration else False
        return (yield from _answer(server, params, definition, links or False))

    @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    def _type_definition(params: types.TypeDefinitionParams) -> Steps[_Answer]:
        asked = server.client_capabilities.text_document
        links = asked.type_definition.link_support if asked and asked.type_definition else False
        return (yield from _answer(server, params, type_definition, links or False))


def _answer(
    server: ApwaServer,
    params: _Params,
    find: Callable[[View, int], Iterable[Target]],
    links: bool,
) -> Steps[_Answer]:
    view = yield from server.view(params.text_document.uri)
    if view is None:
        return None
    found: list[types.LocationLink] = []
    for target in find(view, server.convert.offset(view.source, params.position)):
        place = server.convert.location(target.span)
        if place is not None:
            origin = server.convert.range(target.origin)
            found.append(types.LocationLink(place.uri, place.range, place.range, origin))
    return found if links else [types.Location(link.target_uri, link.target_range) for link in found]
