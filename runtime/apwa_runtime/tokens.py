"""An estimate of a model's tokens that needs no model.

In: a text. Out: its pieces, which are about what a byte-pair tokenizer would make of it: words in parts of at most six
letters with the space before them, numbers in threes, marks alone, characters of scripts without spaces alone. The same
text always gives the same pieces, and the pieces put together are the text.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r" ?[A-Za-z]{1,6}"
    r"| ?\d{1,3}"
    r"|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"
    r"| ?[^\W\d_A-Za-z\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]{1,3}"
    r"| ?[^\w\s]"
    r"| ?_+"
    r"|\s+(?=\s\S)"
    r"|\s+"
    r"|."
)


def pieces(text: str) -> list[str]:
    """The pieces of ``text``, in order."""
    return _PIECE.findall(text)


def count_tokens(text: str) -> int:
    """The estimated number of tokens of ``text``."""
    return len(_PIECE.findall(text))
