"""The program in a model's answer.

In: the text of an answer. Out: the program in it, or :class:`NotClean` with what the model is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.draft.language import CLOSING, OPENING

MOST_CHARACTERS = 20_000
_LABEL = OPENING.strip().strip("`")
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```[ \t]*(\w*)[ \t]*")


class NotClean(ValueError):  # noqa: N818 - it is told to the model
    """An answer that has something to mend; the text says what."""


def code_in(answer: str) -> str:
    """The program: the longest code block, of those that say `apwa` where any does. Raises NotClean."""
    blocks = list(_blocks(_THOUGHT.sub("", answer)))
    named = [code for label, code in blocks if label == _LABEL]
    code = max(named or [code for _, code in blocks], key=len, default="")
    if not code.strip():
        raise NotClean(f"it holds no program: write it in one code block, {OPENING.strip()} … {CLOSING.strip()}")
    if len(code) > MOST_CHARACTERS:
        raise NotClean(f"the program has {len(code):,} characters, and may have {MOST_CHARACTERS:,}")
    hidden = next((one for one in code if not one.isprintable() and one not in "\n\t"), None)
    if hidden is not None:
        # Nobody who reads the program would see it.
        raise NotClean(
            f"the program holds U+{ord(hidden):04X}, which is not seen: write \\u{{{ord(hidden):x}}} in a text"
        )
    return code


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each code block that is closed: its label and what it holds."""
    label: str | None = None
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.fullmatch(line)
        if label is None:
            label, lines = (fence[1], []) if fence else (None, lines)
        elif fence and not fence[1]:
            yield label, "\n".join(lines)
            label = None
        else:
            lines.append(line)
