"""The server that features register with.

In: messages of a client. Out: :class:`ApwaServer`, a pygls server with the open files of :mod:`.documents` in place of
pygls's own text store.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import lsp_method

from apwa_lang.lsp.server.convert import Converter, path_of
from apwa_lang.lsp.server.documents import Documents
from apwa_lang.lsp.server.wire import Protocol
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Span

ActionProvider = Callable[[View, types.CodeActionParams, Span], Iterable[types.CodeAction]]
"""Makes the actions for a selection, which comes as the span too."""

T = TypeVar("T")
Steps = Generator[Any, Any, T]
"""What a handler is that waits: pygls runs what it yields and goes on with the result. Until then it has not waited, so
that what it first sees are the texts that the client meant.
"""


class _Protocol(Protocol):
    """The protocol without pygls's text store: a second copy of each text, in lines that no editor cuts so."""

    _server: ApwaServer

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Keep the text of a file."""
        self._server.documents.open(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Edit the text of a file."""
        self._server.documents.change(params.text_document, params.content_changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget the text of a file."""
        self._server.documents.close(params.text_document.uri)


class ApwaServer(LanguageServer):
    """The language server. ``documents`` are the open files; ``convert`` knows the client's way to count characters.

    The protocol has one request for all code actions: each of ``action_providers`` makes some.
    """

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("apwa", version("apwa-lang"), protocol_cls=_Protocol)
        self.convert = Converter()
        self.documents = Documents(self.convert)
        self.action_providers: list[ActionProvider] = []
        self._at_start: list[Callable[[types.InitializeParams], None]] = []

        @self.feature(types.INITIALIZE)
        def _start(params: types.InitializeParams) -> None:
            self._start(params)

    def on_initialize(self, handler: Callable[[types.InitializeParams], None]) -> None:
        """Have ``handler`` told what the client can do, in time to register more."""
        self._at_start.append(handler)

    def _start(self, params: types.InitializeParams) -> None:
        self.convert.encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        root = path_of(params.root_uri) if params.root_uri else None
        self.documents.root = root or (Path(params.root_path) if params.root_path else None)
        for handler in self._at_start:
            handler(params)

    def recent(self, uri: str) -> View | None:
        """The open file of that address, its text as it is, its program as it was analysed last."""
        return self.documents.recent(uri)

    def view(self, uri: str, *, again: bool = False) -> Steps[View | None]:
        """The open file of that address as features see it; None where it is not open.

        Where the file changes before it is checked, the client is answered that its question is outdated, or that it
        should ask ``again``.
        """
        document = self.documents.get(uri)
        if document is None or document.seen is not None or not document.slow:
            return self.documents.view(uri)
        view: View | None = yield self.documents.settled, (document, document.turn), None
        if view is None:
            codes = types.LSPErrorCodes
            code, data = (codes.ServerCancelled, {"retriggerRequest": True}) if again else (codes.ContentModified, None)
            raise JsonRpcException("the text has changed", code, data)
        return view

    def settled(self) -> Steps[None]:
        """Go on when every open file is checked; where one changes before, the client is to ask again."""
        for document in self.documents:
            yield from self.view(document.uri, again=True)
