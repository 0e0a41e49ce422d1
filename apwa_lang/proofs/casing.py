"""Upper and lower case as one, for targets whose file names do not tell them apart.

In: texts and sets of characters. Out: the same with every letter folded to one case, and whether a set has no letter in
two forms. Characters whose folding is longer than one are taken in lower case.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

from apwa_lang.proofs.charset import Ranges, member, normal, without
from apwa_lang.proofs.regex import Automaton

# No character from here on has two cases.
_LAST_LETTER = 0x20000


def folded_text(text: str) -> str:
    """The text as a target that knows no case would keep it."""
    return "".join(map(_folded, text))


@lru_cache(maxsize=4096)
def folded_set(ranges: Ranges) -> Ranges:
    """The characters of a set, folded."""
    inside = [(code, folded) for code, folded in _foldings().items() if member(ranges, chr(code))]
    rest = without(ranges, normal((code, code) for code, _ in inside))
    return normal([*rest, *((folded, folded) for _, folded in inside)])


@lru_cache(maxsize=4096)
def in_one_case(ranges: Ranges) -> bool:
    """Whether no two characters of a set are one when folded."""
    seen: set[int] = set()
    for code, folded in _foldings().items():
        if member(ranges, chr(code)):
            if folded in seen or member(ranges, chr(folded)):
                return False
            seen.add(folded)
    return True


@cache
def _foldings() -> dict[int, int]:
    """Every character that folding changes, with what it becomes."""
    every = ((code, ord(_folded(chr(code)))) for code in range(_LAST_LETTER) if not 0xD800 <= code < 0xE000)
    return {code: folded for code, folded in every if folded != code}


def _folded(char: str) -> str:
    for form in (char.casefold(), char.lower()):
        if len(form) == 1:
            return form
    return char


def folded_automaton(machine: Automaton) -> Automaton:
    """An automaton of the folded words."""
    return replace(machine, letters=tuple(map(folded_set, machine.letters)))
