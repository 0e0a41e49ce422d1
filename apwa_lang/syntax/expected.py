"""Plain words for what the grammar wants at some place.

In: the parser's state and the tokens around an error. Out: phrases such as "`:` after the field name", for the
diagnostics.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from apwa_grammar.tables import END
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.tokens import Token

OPERATORS = frozenset(
    ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "not", "|", "?", ".", "per"]
)
COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">=", "in"])

_NOUNS = {
    "NAME": "a name",
    "STRING": "a string",
    "INT": "a whole number",
    "FLOAT": "a number",
    "DURATION": "a duration such as `30s`",
    "SIZE": "a size such as `8GiB`",
}
# What stands before a `:` or `=`, by the list it is part of.
_PARTS = {
    "field": "the field name",
    "setting": "the setting's name",
    "parameter": "the parameter's name",
    "entry": "the key",
}
_OPENS_A_VALUE = frozenset(("INT", "FLOAT", "SIZE"))


def noun(kind: str, wanted: Set[str], before: Token | None) -> str:
    """What to call a terminal where ``wanted`` are all that could stand."""
    if kind in ("NAME", "STRING"):
        if wanted >= _OPENS_A_VALUE:
            return "a value"
        if "map" in wanted and "reduce" in wanted:
            return "a table or `map`, `reduce`, `union`"
        if "NAME" in wanted and "STRING" in wanted:
            return "a type" if before is not None and before.kind in (":", "|", "->", "[") else "a key"
    return _NOUNS.get(kind, f"`{kind}`")


def nouns(wanted: Set[str], before: Token | None) -> str:
    """All that could stand somewhere, in a few words."""
    kinds = [kind for kind in wanted if kind not in OPERATORS and kind != END]
    if wanted >= _OPENS_A_VALUE:
        starters = {"NAME", "STRING", *_OPENS_A_VALUE, "DURATION", "(", "[", "{", "true", "false", "null", "python"}
        kinds = ["NAME", *(kind for kind in kinds if kind not in starters)]
    elif not OPERATORS.isdisjoint(wanted) and {"(", "[", "{"} & set(kinds):
        kinds = [kind for kind in kinds if kind not in ("(", "[", "{")] or kinds
    words = list(dict.fromkeys(noun(kind, wanted, before) for kind in sorted(kinds, key=_order)))
    if len(words) > 5:
        words = [*words[:4], "something else"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "the end"


def after(machine: Machine, before: Token | None, kind: str) -> str:
    """`` after …``: the words for the token that an expected ``kind`` would follow."""
    if before is None:
        return ""
    if kind == before.text:
        return f": {quoted(before)} stands where a name is missing, and was taken for it"
    if kind == ":" and (before.kind == "NAME" or before.kind[0].islower()):
        for part in machine.enclosing(_PARTS):
            return f" after {_PARTS[part]}"
    return f" after {quoted(before)}"


def quoted(token: Token) -> str:
    """A token in a message."""
    if token.kind == "STRING":
        return "the string" if len(token.text) > 24 or "\n" in token.text else f"`{token.text}`"
    return f"`{token.text}`" if len(token.text) <= 40 else f"`{token.text[:40]}…`"


def keywords_among(kinds: Set[str]) -> Sequence[str]:
    """The words among terminals, in order."""
    return sorted(kind for kind in kinds if kind[0].islower())


def _order(kind: str) -> tuple[int, str]:
    return (0 if kind.isupper() else 1 if not kind[0].isalpha() else 2, kind)
