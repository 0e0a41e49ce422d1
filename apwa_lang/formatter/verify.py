"""Whether two texts are the same program.

In: the tree of a text and that of the text that is to replace it. Out: what differs, in a few words, or None. Compared
are the trees without places, the tokens without commas that part items, the comments with the tokens that they stand
between, and the tokens in which findings are silenced.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from apwa_lang.diagnostics.suppress import silenced_lines
from apwa_lang.syntax.nodes import Comment, Module, Node
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan


def difference(before: Module, after: Module) -> str | None:
    """What is another in ``after``, or None."""
    if not same_tree(before, after):
        return "has another syntax tree"
    if words(before.source) != words(after.source):
        return "has other words or comments, or in another order"
    if silenced(before) != silenced(after):
        return "silences other findings"
    return None


def same_tree(one: Any, other: Any) -> bool:
    """Whether two trees differ in nothing but places."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same_tree, one, other))
    if isinstance(one, Comment):
        return bool(one.span.text.rstrip() == other.span.text.rstrip())
    if isinstance(one, Node | Module):
        names = (field.name for field in fields(one) if field.name not in ("span", "source", "offsets"))
        return all(same_tree(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)


def words(source: Source) -> list[str]:
    """The tokens and comments of a text in order, without commas; a comment begins with a line end where it has a line
    of its own.
    """
    scanned = scan(source)
    pieces = [(token.start, token.text) for token in scanned.tokens if token.text != ","]
    for start, end in scanned.comments:
        line_start = source.line_starts[Span(source, start, end).line - 1]
        alone = "" if source.text[line_start:start].strip(" \t\r\f\ufeff") else "\n"
        pieces.append((start, alone + source.text[start:end].rstrip()))
    return [text for _, text in sorted(pieces)]


def silenced(module: Module) -> list[list[str]]:
    """The tokens in each line that an ``# apwa: ignore[…]`` speaks of, without commas."""
    lines: dict[int, list[str]] = {line: [] for line in sorted(silenced_lines(module))}
    for token in scan(module.source).tokens if lines else ():
        line = module.source.line_column(token.start)[0]
        if line in lines and token.text != ",":
            lines[line].append(token.text)
    return list(lines.values())
