"""Long programs, grown from the examples.

In: a number of lines. Out: the text of a program of that length: the examples one after the other, each time with their
names changed, so that every declaration is one that a person wrote.
"""

from __future__ import annotations

import re
from itertools import count, cycle
from pathlib import Path

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

EXAMPLES = Path(__file__).parents[2] / "examples"
GROWN_FROM = ("redact", "extract", "pii", "play", "digest", "wordcount")


def program(lines: int) -> str:
    """A program of at least so many lines, in which ``apwa check`` finds nothing. It stands in :data:`EXAMPLES`."""
    text = ""
    for name, number in zip(cycle(GROWN_FROM), count(1)):
        text += _copy(name, number)
        if text.count("\n") >= lines:
            return text
    raise AssertionError


def _copy(name: str, number: int) -> str:
    """An example with ``_number`` behind each name that it declares, its files found from the folder of examples."""
    file = EXAMPLES / name / f"{name}.apwa"
    text = file.read_text("utf-8")
    module, _ = parse(Source(text, name, file))
    names = [
        declaration.name.text
        for declaration in module.declarations
        if not isinstance(declaration, ast.Import | ast.Test)
    ]
    text = re.sub(rf"(?<!:)\b({'|'.join(names)})\b", rf"\1_{number}", text)
    text = re.sub(r'^test "', f'test "{number}: ', text, flags=re.MULTILINE)
    text = text.replace('python: "', f'python: "{name}.')
    return text.replace('"data/', f'"{name}/data/').replace('"out/', f'"out/{number}/') + "\n"
