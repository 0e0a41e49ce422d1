"""Doc comments: which text belongs to which declaration, field or statement.

In: the comments and tokens of a file. Out: the doc text by offset of the token that it stands before, and the
module's own. A doc comment begins its line with exactly two marks. The first block of a file is the module's doc
when a blank line, an ``import`` or the end of the file follows it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import Token


def attach_docs(
    source: Source, comments: Sequence[tuple[int, int]], tokens: Sequence[Token]
) -> tuple[dict[int, str], str]:
    """Doc text by token offset, and the module's doc."""
    text = source.text
    starts = [token.start for token in tokens]
    groups: dict[int, list[tuple[int, int]]] = {}
    for start, end in comments:
        if text.startswith("##", start) and not text.startswith("###", start):
            line_start = text.rfind("\n", 0, start) + 1
            if not text[line_start:start].strip("\ufeff \t\r"):
                groups.setdefault(bisect_left(starts, start), []).append((start, end))
    module_doc = ""
    if 0 in groups:
        length = _module_block(source, groups[0], tokens)
        module_doc = _join(text, groups[0][:length])
        groups[0] = groups[0][length:]
    docs = {starts[index]: _join(text, group) for index, group in groups.items() if group and index < len(starts)}
    return docs, module_doc


def _module_block(source: Source, block: list[tuple[int, int]], tokens: Sequence[Token]) -> int:
    """How many comments at the top of the file are the module's doc."""
    text = source.text
    for index, (_, end) in enumerate(block):
        after = block[index + 1][0] if index + 1 < len(block) else tokens[0].start if tokens else len(text)
        between = text[end:after].split("\n")
        if any(not line.strip() for line in between[1:-1]):
            return index + 1
    return len(block) if not tokens or tokens[0].kind == "import" else 0


def _join(text: str, block: list[tuple[int, int]]) -> str:
    lines = (text[start + 2 : end] for start, end in block)
    return "\n".join(line.removeprefix(" ").rstrip() for line in lines).strip()
