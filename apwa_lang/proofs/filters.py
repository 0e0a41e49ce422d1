"""What filters do to values, one after the other.

In: a field, a chain of filters, texts of values. Out: whether the chain keeps values apart, which texts it gives, what
it does to one text and back, and pairs of texts that it makes one. A filter that is not in the table may give any text.
"""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.proofs.filter_table import FILTERS, Knowledge
from apwa_lang.proofs.filter_texts import Arguments
from apwa_lang.proofs.regex import Either, Regex, word
from apwa_lang.proofs.values import TEXT, few_values, injective, language, raw_language
from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import BOOL, INT, STR, UNKNOWN, Choice, Field, Optional, Type

__all__ = ["FILTERS", "applied", "image", "inner", "keeps_apart", "merged", "undone"]


def keeps_apart(field: Field, filters: tuple[Filter, ...]) -> bool:
    """Whether no two values of ``field`` give one text after ``filters`` (an empty chain: as they are rendered)."""
    if not filters:
        # A null that nothing filters fails before it names a file.
        return injective(inner(field.type))
    few = _all_rendered(field, filters)
    if few is not None:
        return len(set(few)) == len(few)
    if not injective(field.type):
        return False
    raw = raw_language(field)
    for known, arguments, type in _stages(field.type, filters):
        if known is None:
            return False
        if not known.unchanged(raw, arguments):
            if not known.keeps_apart(type, arguments, raw):
                return False
            raw = known.image(Field("", type), arguments)
    return True


def image(field: Field, filters: tuple[Filter, ...]) -> Regex:
    """A language that holds all texts of values of ``field`` after ``filters`` that may stand in a path."""
    few = _all_rendered(field, filters) if filters else None
    if few is not None:
        return Either(tuple(word(text) for text in dict.fromkeys(few) if text and not set(text) & set("/\0")))
    found, raw = language(field), raw_language(field)
    for known, arguments, type in _stages(field.type, filters):
        if known is None:
            found = raw = TEXT
        elif not known.unchanged(raw, arguments):
            found = raw = known.image(field if type == field.type else Field("", type), arguments)
            field = Field("", known.gives)
    return found


def applied(type: Type, text: str | None, filters: tuple[Filter, ...]) -> str | None:
    """The text after ``filters`` of the value with this text, or None when a filter is not known well enough."""
    for known, arguments, _ in _stages(type, filters):
        try:
            text = known.apply(text, arguments) if known is not None else None
        except (ValueError, IndexError, ArithmeticError):
            return None
        if text is None:
            return None
    return text


def undone(type: Type, text: str, filters: tuple[Filter, ...]) -> str | None:
    """A text that ``filters`` turn into ``text``, or None when none is known."""
    value = text
    for known, arguments, _ in reversed(list(_stages(type, filters))):
        try:
            if known is None:
                return None
            value = known.undo(value, arguments)
        except (ValueError, IndexError, ArithmeticError):
            return None
    return value if applied(type, value, filters) == text else None


def merged(type: Type, filters: tuple[Filter, ...]) -> list[tuple[str | None, str, str]]:
    """Pairs of texts that ``filters`` turn into one, each with the name of the filter that does."""
    pairs: list[tuple[str | None, str, str]] = []
    for number, (known, arguments, _) in enumerate(_stages(type, filters)):
        if known is not None:
            for left, right in known.merges(arguments):
                result = applied(type, left, filters)
                if result is not None and result == applied(type, right, filters):
                    pairs.append((left, right, filters[number].name))
    return pairs


def _stages(type: Type, filters: tuple[Filter, ...]) -> Iterator[tuple[Knowledge | None, Arguments, Type]]:
    """Each filter with the type of what it is given."""
    type = inner(type)
    for one in filters:
        known = FILTERS.get(one.name)
        if one.name in ("json", "tojson") and type != STR and not isinstance(type, Choice):
            # A number or a truth is its own JSON; of dates and the like, only the text is quoted.
            known = FILTERS["string"] if type in (INT, BOOL) else None
        yield known, one.arguments, type
        type = known.gives if known is not None else UNKNOWN


def inner(type: Type) -> Type:
    """The type without its ``?``."""
    return type.inner if isinstance(type, Optional) else type


def _all_rendered(field: Field, filters: tuple[Filter, ...]) -> list[str] | None:
    """What each value of the field gives, where there are few and all is known of them."""
    found: list[str] = []
    for value in few_values(field) or ():
        text = applied(field.type, value, filters)
        if text is None:
            return None
        found.append(text)
    return found or None
