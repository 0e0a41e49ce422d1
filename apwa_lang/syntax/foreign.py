"""Marks and quotes of other languages, read as what they mean here.

In: text that is no token. Out: the tokens that are meant, and how they are written.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Before the marks of the language, whose beginnings these have.
MARKS = r"(?P<FOREIGN_MARK>&&|\|\||===|!==|<>|=>|:=|!(?!=)|/\*(?:[^*]|\*(?!/))*+\*/)"
# Behind its strings.
STRINGS = (
    r"(?P<FOREIGN_STRING>'''(?:[^']|'(?!''))*+'''|'(?:[^'\\\n]|\\.)*+'|`[^`\n]*+`|[“„”][^“„”\n]*+[“”]"
    r"|\$\{?[A-Za-z_]\w*+\}?)"
)
KINDS = ("FOREIGN_MARK", "FOREIGN_STRING")

_MEANT = {"&&": "and", "||": "or", "!": "not", "===": "==", "!==": "!=", "<>": "!=", ":=": "="}
_RESULT = re.compile(r"\s*[\w.]+(?:\[[^\]\n]*\])?\??\s*\{")
_ESCAPED = re.compile(r"\\(['`])")


class Meant(NamedTuple):
    """What is written in place of a foreign spelling: ``text``, in pairs of kind and text ``tokens``; and ``why``."""

    text: str
    tokens: tuple[tuple[str, str], ...]
    why: str = ""


def meant(word: str, before: str, after: str) -> Meant:
    """What ``word`` means between the texts ``before`` and ``after`` it; a comment has no tokens."""
    if word.startswith("/*"):
        lines = word[2:-2].strip().splitlines() or [""]
        return Meant(
            "\n".join(f"# {line.strip().lstrip('*').strip()}".rstrip() for line in lines), (), "comments begin with `#`"
        )
    if word == "=>":
        mark = "->" if before.rstrip().endswith(")") and _RESULT.match(after) else ">="
        return Meant(mark, ((mark, mark),))
    if word in _MEANT:
        mark = _MEANT[word]
        spaced = mark if word != "!" else "not "
        return Meant(spaced, ((mark, mark),))
    if word.startswith("$"):
        name = f'"{word.strip("${}")}"'
        return Meant(
            f"env({name})",
            (("NAME", "env"), ("(", "("), ("STRING", name), (")", ")")),
            "the environment is read by `env`",
        )
    if word.startswith("'''"):
        text = f'"""{word[3:-3]}"""'
    else:
        inner = _ESCAPED.sub(r"\1", word[1:-1]).replace('"', '\\"')
        text = f'"{inner}"'
    return Meant(text, (("STRING", text),), "texts stand in double quotes")
