"""What the parser takes each word of many programs for: the measure of every highlighter.

In: nothing. Out: for each word of a program its place and whether it is a keyword there. Run as a script it prints all
programs with their words as JSON, for tests that are not written in Python; offsets there count UTF-16 units.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import keywords, scan

ROOT = Path(__file__).parents[2]
# These have a value of their own wherever an expression may stand.
VALUES = ("true", "false", "null", "not")


class Word(NamedTuple):
    """A word between two offsets."""

    text: str
    start: int
    end: int
    keyword: bool


def read(text: str) -> list[Word] | None:
    """The words of a program in order; None where it has a syntax error."""
    source = Source(text)
    scanned = scan(source)
    builder = Builder(source, {})
    machine = Machine(builder, "module")
    words = []
    for index, token in enumerate(scanned.tokens):
        kind = machine.read_as(scanned.tokens, index, len(scanned.tokens))
        if not machine.shift(kind, builder.terminal(kind, token), token.start, token.end):
            return None
        if token.kind == "NAME" or (token.kind[0].isalpha() and token.kind.islower()):
            words.append(Word(token.text, token.start, token.end, kind != "NAME"))
    return words if machine.finish() and not scanned.diagnostics else None


def written() -> dict[str, str]:
    """Every program of the examples and of the tests that has no syntax error."""
    found = {}
    for folder in ("examples", "tests", "apwa_lang"):
        for path in sorted((ROOT / folder).rglob("[!.]*.apwa")):
            text = path.read_bytes().decode(errors="replace")
            if read(text) is not None:
                found[path.relative_to(ROOT).as_posix()] = text
    return found


def soft() -> dict[str, str]:
    """For each keyword that may be a name a program that gives its name to everything."""
    return {word: _SOFT.replace("NAME", word) for word in keywords() if word not in VALUES}


_SOFT = """
param NAME: NAME = 1
record NAME { a: NAME NAME: int, NAME: list[NAME] @NAME b: str }
table NAME: NAME.R = read "x" as NAME
model NAME { a: 1 NAME: 2, NAME: 3 b: 4 }
task NAME(NAME: str, b: NAME) -> NAME { prompt: "x" NAME: 1 }
split NAME = NAME by NAME(NAME: 1)
flow NAME {
  a = NAME NAME = map NAME over NAME keep NAME, b
  save NAME to "x"
  x = t NAME = t limit 3 NAME = f(1)
  c = NAME sort by NAME
  d = NAME by_name = NAME where NAME > 1 and NAME != NAME or a in NAME
  e = NAME join NAME on NAME
  g = union(NAME, NAME) after NAME
  h = NAME select { NAME: NAME }
  split NAME = NAME by row
  i = NAME limit NAME
}
test "t" { NAME = 1 expect NAME.a == 1 mock NAME = 2 }
task f() -> R {
  return: NAME + row.NAME
  ensure: g(NAME, NAME: NAME) and NAME(1) > NAME[0]
  cfg: { NAME: NAME }
}
"""


def _for_javascript() -> dict[str, dict[str, object]]:
    told = {}
    for name, text in {**written(), **soft()}.items():
        units = [0]
        for character in text:
            units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
        words = read(text) or []
        told[name] = {"text": text, "words": [(w.text, units[w.start], w.keyword) for w in words]}
    return told


if __name__ == "__main__":
    json.dump(_for_javascript(), sys.stdout)
