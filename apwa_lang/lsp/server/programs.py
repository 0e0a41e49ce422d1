"""The programs of the client's folders.

In: the server's open files and folders. Out: the workspace that features search.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.convert import path_of
from apwa_lang.lsp.workspace import Workspace


@cache
def workspace(server: ApwaServer) -> Workspace:
    """The workspace of a server, the same each time."""
    return Workspace(
        lambda: _folders(server),
        lambda: {
            document.source.file: document.source.text
            for document in server.documents
            if document.source.file is not None
        },
    )


def _folders(server: ApwaServer) -> Iterable[Path]:
    """The folders that the client has open; without any, those of the open files."""
    folders = [path for uri in server.workspace.folders if (path := path_of(uri)) is not None]
    if folders:
        return folders
    if server.documents.root is not None:
        return [server.documents.root]
    files = (document.source.file for document in server.documents)
    return dict.fromkeys(file.parent for file in files if file is not None)
