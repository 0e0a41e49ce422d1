"""Tables that a program has written out, and the paths of their rows.

In: a split of such a table; the pieces of a path. Out: its sub-problems as texts by field; the paths.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.applied import after
from apwa_lang.verifier.declarations import Program, number
from apwa_lang.verifier.flows import Flow
from apwa_lang.verifier.paths import Shown
from apwa_lang.verifier.splits import Split
from apwa_lang.verifier.types import Column

KnownRows = tuple[dict[str, str], ...]

_MOST_ROWS = 1_000


def known_rows(program: Program, flow: Flow, split: Split) -> KnownRows | None:
    """The sub-problems of a split whose rows are written in the program; a value not read here is left out."""
    table = program.tables.get(split.table)
    if split.rule != "row" or table is None or flow.step(split.table) is not None:
        return None
    if not isinstance(table.source, ast.LiteralSource) or len(table.source.rows.items) > _MOST_ROWS:
        return None
    rows = []
    for item in table.source.rows.items:
        if not isinstance(item, ast.RecordLiteral):
            return None
        written = {entry.key.text: entry.value for entry in item.entries}
        texts = {
            column.name: text
            for column in table.record.columns
            if column.name in written and (text := _text(written[column.name], column)) is not None
        }
        rows.append(texts)
    return tuple(rows)


def _text(node: ast.Expr, column: Column) -> str | None:
    match node, column.type.kind:
        case ast.StringLiteral(value=value), "str":
            return value if column.pattern is None or re.fullmatch(column.pattern, value) else None
        case ast.StringLiteral(value=value), "choice":
            return value
        case ast.BoolLiteral(value=flag), "bool":
            return "true" if flag else "false"
        case _, "int":
            count = number(node)
            return str(count) if isinstance(count, int) else None
        case _:
            return None


def rendered(pieces: Sequence[object], row: dict[str, str]) -> str | None:
    """The path of a row, or None where it is not known here."""
    found = ""
    for piece in pieces:
        if isinstance(piece, str):
            found += piece
            continue
        if not isinstance(piece, Shown) or piece.origin != "field" or piece.name not in row:
            return None
        text = after(piece.column.type, row[piece.name], piece.filters)
        if text is None or text in ("", ".", "..") or set(text) & {"/", "\0"}:
            return None
        found += text
    return found
