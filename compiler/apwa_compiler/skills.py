"""Skills: folders of instructions, as part of a plan.

In: a built-in tool `skills`. Out: the texts of its folders, by the name of the folder and of the file below it. Raises
CompileError.
"""

from __future__ import annotations

from pathlib import Path

from apwa_compiler.errors import CompileError
from apwa_lang.diagnostics.codes.tools import unreadable_skill
from apwa_lang.semantics import program as typed

_MOST_BYTES = 2**20


def skills(tool: typed.Tool) -> tuple[tuple[str, str], ...]:
    """Every text of the folders; files that are no UTF-8 text are left out."""
    assert tool.builtin is not None
    file = tool.span.source.file
    base = file.parent if file is not None else Path()
    found: dict[str, str] = {}
    held = 0
    for place in tool.builtin.places:
        folder = (base / place).resolve()
        try:
            for path in sorted(each for each in folder.rglob("*") if each.is_file()):
                held += path.stat().st_size
                if held > _MOST_BYTES:
                    raise CompileError(unreadable_skill(tool.span, place, "skills hold 1 MiB at most"))
                try:
                    found[f"{folder.name}/{path.relative_to(folder).as_posix()}"] = path.read_text("utf-8")
                except UnicodeDecodeError:
                    continue
        except OSError as error:
            raise CompileError(unreadable_skill(tool.span, place, error.strerror or str(error))) from None
    return tuple(found.items())
