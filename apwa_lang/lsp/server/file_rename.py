"""Files that get other names in the editor.

In: what is about to be renamed or moved. Out: edits of the imports that lead there, or from there elsewhere.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.file_rename import follow
from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.code_actions import workspace_edit
from apwa_lang.lsp.server.convert import path_of
from apwa_lang.lsp.server.programs import workspace


def register(server: ApwaServer) -> None:
    """Answer what else a rename of files changes."""
    kinds = types.FileOperationPatternKind
    patterns = (("**/*.apwa", kinds.File), ("**/*", kinds.Folder))
    filters = [
        types.FileOperationFilter(types.FileOperationPattern(glob, matches=kind), scheme="file")
        for glob, kind in patterns
    ]

    @server.feature(types.WORKSPACE_WILL_RENAME_FILES, types.FileOperationRegistrationOptions(filters))
    def _rename(params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
        moves = {}
        for file in params.files:
            old, new = path_of(file.old_uri), path_of(file.new_uri)
            if old is not None and new is not None:
                moves[old] = new
        edits = list(follow(moves, workspace(server).sources()))
        return workspace_edit(server, "", edits) if edits else None
