"""Files that prompts show: images, sounds, documents.

In: types, and the text of a hole. Out: which values are shown as files and not as text, and a hole that says so by a
filter of the kind's name, for whoever reads the template next.
"""

from __future__ import annotations

import re

from apwa_lang.semantics.types import ListOf, Primitive, Type, parts

KINDS = ("image", "audio", "file")
"""The types whose values are paths of files, and the filters that make one of a path."""

_FILTER = re.compile(r"\|\s*(?:image|audio|file)\b")
_HOLE = re.compile(r"(\{\{[-+]?)\s*(.*?)\s*([-+]?\}\})", re.DOTALL)


def kind_of(type: Type) -> str | None:
    """What a hole of this type shows: an ``image``, an ``audio``, a ``file``, or several in a list; None for text."""
    if isinstance(type, ListOf):
        return kind_of(type.item)
    return type.name if isinstance(type, Primitive) and type.name in KINDS else None


def holds_files(type: Type) -> bool:
    """Whether a value of the type is, or has in it, the path of a file."""
    return kind_of(type) is not None or any(map(holds_files, parts(type)))


def has_filter(template: str) -> bool:
    """Whether some hole of a template makes a file of a path."""
    return _FILTER.search(template) is not None


def with_filter(hole: str, kind: str, plain: bool) -> str:
    """``{{ page.scan }}`` as ``{{ page.scan | image }}``; in brackets unless it is ``plain``."""
    found = _HOLE.fullmatch(hole)
    assert found is not None
    start, inside, end = found.groups()
    return f"{start} {inside if plain else f'({inside})'} | {kind} {end}"
