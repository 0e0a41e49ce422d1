"""Values with a fixed form: of settings, of options, of choices.

In: what a setting or type says of its values. Out: items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.lsp.features.completion.item import LIKELY, Item
from apwa_lang.semantics.types import BOOL, Choice, Optional, Type

_QUOTED = re.compile(r'"([A-Za-z_]+)"')
_CODE = re.compile(r"`([^`]+)`")
_PLACEHOLDER = re.compile(r"\b(?:dollars|name|value|reason|n)\b")

DURATIONS = ("10s", "30s", "1m", "5m", "1h")


def choices(type: Type | None) -> Iterator[Item]:
    """The literals of a type that has only some."""
    type = type.inner if isinstance(type, Optional) else type
    if isinstance(type, Choice):
        for value in type.values:
            yield Item(f'"{value}"', "value", rank=LIKELY)
    elif type == BOOL:
        yield from (Item(word, "value", "bool", rank=LIKELY) for word in ("true", "false"))


def in_grammar(syntax: str) -> Iterator[Item]:
    """What a value may be, of a form that is written in the grammar's notation."""
    for word in _QUOTED.findall(syntax):
        yield Item(word, "value", rank=LIKELY)
    for kind in syntax.split(" | "):
        match kind:
            case "STRING":
                yield Item('""', "value", "a text", rank=LIKELY, snippet='"$1"')
            case "DURATION":
                yield from (Item(text, "value", "a duration", rank=LIKELY) for text in DURATIONS)


def in_words(wanted: str) -> Iterator[Item]:
    """What a value may be, of a form that is told in words with examples between backquotes."""
    for code in _CODE.findall(wanted):
        pieces = _PLACEHOLDER.split(code.replace("}", "\\}"))
        snippet = pieces[0] + "".join(f"${{{stop}}}{piece}" for stop, piece in enumerate(pieces[1:], 1))
        yield Item(code, "value", rank=LIKELY, snippet=snippet if len(pieces) > 1 else None)
    if wanted == "a text":
        yield Item('""', "value", "a text", rank=LIKELY, snippet='"$1"')
