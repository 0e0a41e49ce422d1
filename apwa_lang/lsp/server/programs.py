"""The programs of the client's folders.

In: the server's open files and folders. Out: the workspace that features search.
"""

from __future__ import annotations

from functools import cache

from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.convert import path_of
from apwa_lang.lsp.workspace import Workspace


@cache
def workspace(server: ApwaServer) -> Workspace:
    """The workspace of a server, the same each time."""
    return Workspace(
        lambda: [path for uri in server.workspace.folders if (path := path_of(uri)) is not None],
        lambda: {
            document.source.file: document.source.text
            for document in server.documents
            if document.source.file is not None
        },
    )
