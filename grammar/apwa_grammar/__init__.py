"""What the language looks like: the Lark grammar and the parser tables made from it.

In: nothing. Out: :func:`grammar_text`, and in :mod:`apwa_grammar.tables` the LALR tables.
"""

from __future__ import annotations

from pathlib import Path

GRAMMAR_PATH = Path(__file__).with_name("apwa.lark")


def grammar_text() -> str:
    """The grammar, in Lark's notation."""
    return GRAMMAR_PATH.read_text(encoding="utf-8")
