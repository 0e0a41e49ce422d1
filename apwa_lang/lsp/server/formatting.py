"""Formatting a file or a part of it.

In: requests. Out: edits; none, and a message, where the formatter must not or cannot work.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from apwa_lang.config import ConfigError
from apwa_lang.formatter.format import UnsafeError
from apwa_lang.formatter.settings import line_length_of
from apwa_lang.lsp.features.formatting import TextEdit, formatting, range_formatting
from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.syntax.source import Source, Span


def register(server: ApwaServer) -> None:
    """Answer with edits. What the client says of tabs and line ends is not asked: there is one style."""

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def _formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        document = server.documents.get(params.text_document.uri)
        return _edits(server, document.source, None) if document is not None else None

    @server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
    def _range(params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        document = server.documents.get(params.text_document.uri)
        return _edits(server, document.source, params.range) if document is not None else None


def _edits(server: ApwaServer, source: Source, range: types.Range | None) -> list[types.TextEdit] | None:
    file = source.file
    edits: Iterable[TextEdit]
    try:
        length = line_length_of(file.parent if file is not None else Path.cwd())
        if range is None:
            edits = formatting(source, length)
        else:
            edits = range_formatting(source, server.convert.span(source, range), length)
    except ConfigError as error:
        _complain(server, str(error))
        return None
    except UnsafeError as error:
        _complain(server, f"{source.path} is left as it is, for {error}; that is a bug in apwa")
        return None
    return [types.TextEdit(_range(server, edit.span), edit.text) for edit in edits]


def _range(server: ApwaServer, span: Span) -> types.Range:
    """The range of a span. One up to the end of a last line without line end goes beyond it, to the next line.

    Clients clamp that. Those that keep lines without their ends, as Neovim does, know by it that the line end that is
    written there begins no further line.
    """
    range = server.convert.range(span)
    if span.end == len(span.source.text) and range.end.character:
        return types.Range(range.start, types.Position(range.end.line + 1, 0))
    return range


def _complain(server: ApwaServer, line: str) -> None:
    server.window_show_message(types.ShowMessageParams(types.MessageType.Error, line))
