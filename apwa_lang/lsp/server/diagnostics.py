"""Findings in the editor, while a person types.

In: the newest analysis of each open file. Out: its findings, published for every file that they are in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from lsprotocol import types

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.convert import uri_of

# Keys that arrive together are answered together.
_DELAY = 0.005

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def register(server: ApwaServer) -> None:
    """Publish findings after each change."""
    publisher = _Publisher(server)
    server.documents.on_change = publisher.schedule


class _Publisher:
    def __init__(self, server: ApwaServer) -> None:
        self._server = server
        self._timer: asyncio.TimerHandle | None = None
        self._published: dict[str, list[types.Diagnostic]] = {}

    def schedule(self) -> None:
        """Publish soon, once for all changes until then."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_DELAY, self._publish)

    def _publish(self) -> None:
        found: dict[str, list[types.Diagnostic]] = {}
        for document in self._server.documents:
            found.setdefault(document.uri, [])
            view = self._server.view(document.uri)
            assert view is not None
            for finding in view.checked.diagnostics:
                uri = uri_of(finding.primary.span.source) or document.uri
                made = to_lsp(self._server, finding)
                if made not in found.setdefault(uri, []):
                    found[uri].append(made)
        for uri in self._published.keys() - found.keys():
            found[uri] = []
        for uri, diagnostics in found.items():
            open_document = self._server.documents.get(uri)
            version = open_document.version if open_document is not None else None
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, diagnostics, version=version)
            )
        self._published = {uri: diagnostics for uri, diagnostics in found.items() if diagnostics}


def to_lsp(server: ApwaServer, finding: Diagnostic) -> types.Diagnostic:
    """A finding as the protocol writes it."""
    return types.Diagnostic(
        range=server.convert.range(finding.primary.span),
        message="\n".join(_lines(finding)),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source="apwa",
        related_information=[
            types.DiagnosticRelatedInformation(location, label.text or finding.message)
            for label in finding.secondary
            if (location := server.convert.location(label.span)) is not None
        ]
        or None,
    )


def _lines(finding: Diagnostic) -> Iterator[str]:
    yield finding.message
    if finding.primary.text:
        yield finding.primary.text
    yield from finding.facts
    if finding.help is not None:
        yield f"help: {finding.help}"
