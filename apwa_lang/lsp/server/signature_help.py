"""Signature help for clients.

In: positions in open files. Out: the signatures of the call there, with the parameter that is next.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.signature_help import Signature, signature_help
from apwa_lang.lsp.server.base import ApwaServer


def register(server: ApwaServer) -> None:
    """Answer requests for signatures."""
    options = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[",", ":"])

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    def _help(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        view = server.recent(params.text_document.uri)
        if view is None:
            return None
        found = signature_help(view, server.convert.offset(view.source, params.position))
        if found is None:
            return None
        # A number past the last parameter is how the protocol says that none is meant.
        past = len(found.signatures[found.active].parameters)
        active = found.parameter if found.parameter is not None else past
        return types.SignatureHelp([_signature(one) for one in found.signatures], found.active, active)


def _signature(signature: Signature) -> types.SignatureInformation:
    doc = types.MarkupContent(types.MarkupKind.Markdown, signature.doc) if signature.doc else None
    parameters = [types.ParameterInformation(one) for one in signature.parameters]
    return types.SignatureInformation(signature.label, doc, parameters)
