"""Pages about codes, as files that any editor can open.

In: a code. Out: the address of a Markdown file in the user's cache, written when it is first asked for.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

from apwa_lang.diagnostics.registry import Code, find


@cache
def page_of(code: str) -> str | None:
    """The address of a code's page; None where there is no such code, or no place to write."""
    entry = find(code)
    if entry is None:
        return None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base).absolute() / "apwa" / version("apwa-lang") / "codes"
    file = folder / f"{entry.id}.md"
    text = as_markdown(entry)
    try:
        if not file.is_file() or file.read_text("utf-8") != text:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError:
        return None
    return file.as_uri()


def as_markdown(code: Code) -> str:
    """A code's page."""
    parts = [f"# {code.id}: {code.title}", code.explanation]
    if code.bad:
        parts += ["For example:", f"```apwa\n{code.bad}\n```"]
    if code.good:
        parts += ["Mended:", f"```apwa\n{code.good}\n```"]
    return "\n\n".join([*parts, f"To fix it: {code.fix}"]) + "\n"
