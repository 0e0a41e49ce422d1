"""What the prover knows of template filters.

In: a filter, its arguments and the texts of values. Out: whether it keeps values apart, which texts it gives, what it
does to one text, and pairs of texts that it makes one. A filter that is not in the table may give any text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

from apwa_lang.proofs.charset import between, normal
from apwa_lang.proofs.regex import Chars, Concat, Either, Regex, Repeat, word
from apwa_lang.proofs.values import TEXT, injective, language
from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import INT, STR, Field, Optional, Primitive, Type

Arguments = tuple[object, ...]

_SMALL_HEX = normal([*between("0", "9"), *between("a", "f")])
_ANY_HEX = normal([*_SMALL_HEX, *between("A", "F")])
_DIGIT = between("0", "9")
_LONGEST_WITNESS = 60


@dataclass(frozen=True)
class Knowledge:
    """One filter. ``apply`` and ``undo`` raise ValueError where they do not know.

    ``keeps_apart`` tells for which types of input no two values give one text; ``merges`` gives candidate pairs of
    inputs that become one.
    """

    apply: Callable[[str | None, Arguments], str]
    keeps_apart: Callable[[Type], bool] = lambda _: False
    image: Callable[[Arguments], Regex] = lambda _: TEXT
    undo: Callable[[str, Arguments], str] = lambda text, _: text
    merges: Callable[[Arguments], Sequence[tuple[str | None, str]]] = lambda _: ()


def keeps_apart(type: Type, filters: tuple[Filter, ...]) -> bool:
    """Whether no two values of ``type`` give one text after ``filters`` (an empty chain: as they are rendered)."""
    if not filters:
        # A null that nothing filters fails before it names a file.
        return injective(inner(type))
    if not injective(type):
        return False
    for one in filters:
        known = FILTERS.get(one.name)
        if known is None or not known.keeps_apart(type):
            return False
        type = STR
    return True


def image(field: Field, filters: tuple[Filter, ...]) -> Regex:
    """A language that holds all texts of values of ``field`` after ``filters``."""
    found = language(field)
    is_number = field.type == INT
    for one in filters:
        known = FILTERS.get(one.name)
        if one.name == "string":
            continue
        if one.name == "zfill":
            found = _zfilled(field, one.arguments) if is_number else TEXT
        else:
            found = known.image(one.arguments) if known is not None else TEXT
        is_number = False
    return found


def applied(text: str | None, filters: tuple[Filter, ...]) -> str | None:
    """The text after ``filters``, or None when a filter is not known well enough."""
    for one in filters:
        known = FILTERS.get(one.name)
        if known is None:
            return None
        try:
            text = known.apply(text, one.arguments)
        except (ValueError, IndexError):
            return None
    return text


def undone(text: str, filters: tuple[Filter, ...]) -> str | None:
    """A text that ``filters`` turn into ``text``, or None when none is known."""
    value = text
    for one in reversed(filters):
        known = FILTERS.get(one.name)
        if known is None:
            return None
        try:
            value = known.undo(value, one.arguments)
        except (ValueError, IndexError):
            return None
    return value if applied(value, filters) == text else None


def merged(filters: tuple[Filter, ...]) -> list[tuple[str | None, str, str]]:
    """Pairs of texts that ``filters`` turn into one, each with the name of the filter that does."""
    pairs: list[tuple[str | None, str, str]] = []
    for one in filters:
        known = FILTERS.get(one.name)
        if known is not None:
            for left, right in known.merges(one.arguments):
                result = applied(left, filters)
                if result is not None and result == applied(right, filters):
                    pairs.append((left, right, one.name))
    return pairs


def inner(type: Type) -> Type:
    """The type without its ``?``."""
    return type.inner if isinstance(type, Optional) else type


def _text(value: str | None) -> str:
    if value is None:
        raise ValueError("null has no text")
    return value


def _on_text(function: Callable[[str], str]) -> Callable[[str | None, Arguments], str]:
    return lambda value, _: function(_text(value))


def _key(text: str) -> str:
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789" else f"%{byte:02X}"
        for byte in text.encode()
    )


def _unhex(text: str) -> str:
    return bytes.fromhex(text).decode()


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unjson(text: str) -> str:
    value = json.loads(text)
    if not isinstance(value, str):
        raise ValueError("not the JSON of a text")
    return value


def _no_undo(text: str, arguments: Arguments) -> str:
    raise ValueError("a hash is not undone")


def _width(arguments: Arguments) -> int:
    width = arguments[0] if arguments else None
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= 200:
        raise ValueError("a width that is not looked at")
    return width


def _zfilled(field: Field, arguments: Arguments) -> Regex:
    try:
        width = max(_width(arguments), 1)
    except ValueError:
        return TEXT
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low >= 0 and high < 10**width:
        return Repeat(Chars(_DIGIT), width, width)

    def number(digits: int) -> Regex:
        longer = Concat((Chars(between("1", "9")), Repeat(Chars(_DIGIT), digits, None)))
        return Either((Repeat(Chars(_DIGIT), digits, digits), longer))

    return Either((number(width), Concat((word("-"), number(max(width - 1, 1))))))


def _unfill(text: str, arguments: Arguments) -> str:
    return str(int(text))


def _truncate(value: str | None, arguments: Arguments) -> str:
    text, width = _text(value), _width(arguments)
    end = arguments[1] if len(arguments) > 1 else ""
    if not isinstance(end, str) or len(end) > width:
        raise ValueError("an end that is not looked at")
    return text if len(text) <= width else text[: width - len(end)] + end


def _truncated_pairs(arguments: Arguments) -> Sequence[tuple[str | None, str]]:
    try:
        width = _width(arguments)
    except ValueError:
        return []
    return [("o" * width + "a", "o" * width + "b")] if width <= _LONGEST_WITNESS else []


def _replace(value: str | None, arguments: Arguments) -> str:
    old, new = arguments
    if not isinstance(old, str) or not isinstance(new, str):
        raise ValueError("only texts are replaced")
    return _text(value).replace(old, new)


def _replaced_pairs(arguments: Arguments) -> Sequence[tuple[str | None, str]]:
    match arguments:
        case (str(old), str(new)) if old and old != new:
            return [(old, new), (old + "o", new + "o")]
        case _:
            return []


def _otherwise(arguments: Arguments) -> str:
    if not arguments or not isinstance(arguments[0], str):
        raise ValueError("only a text stands for null here")
    return arguments[0]


def _default(value: str | None, arguments: Arguments) -> str:
    return _otherwise(arguments) if value is None else value


def _otherwise_pairs(arguments: Arguments) -> Sequence[tuple[str | None, str]]:
    try:
        return [(None, _otherwise(arguments))]
    except ValueError:
        return []


def _strftime(value: str | None, arguments: Arguments) -> str:
    text = _text(value)
    return (datetime if "T" in text else date).fromisoformat(text).strftime(str(arguments[0]))


_DAYS = ("2024-01-01", "2024-01-02", "2024-02-01", "2025-01-01", "2024-01-08")
_MOMENTS = (
    *(f"2024-01-01T{time}" for time in ("00:00:00", "00:00:01", "00:01:00", "01:00:00")),
    "2024-01-02T00:00:00",
    "2025-01-01T00:00:00",
)


def _strftime_pairs(_: Arguments) -> Sequence[tuple[str | None, str]]:
    return [(first, other) for first, *others in (_DAYS, _MOMENTS) for other in others]


def _not_bytes(type: Type) -> bool:
    return type != Primitive("bytes")


_HEX_PAIR = Repeat(Chars(_SMALL_HEX), 2, 2)
_ESCAPED = Concat((word("%"), Repeat(Chars(_ANY_HEX), 2, 2)))
_KEY_IMAGE = Repeat(Either((Chars(normal([*between("a", "z"), *_DIGIT])), _ESCAPED)), 1, None)

FILTERS: dict[str, Knowledge] = {
    "key": Knowledge(_on_text(_key), _not_bytes, lambda _: _KEY_IMAGE, lambda text, _: unquote(text, errors="strict")),
    "hex": Knowledge(
        _on_text(lambda text: text.encode().hex()),
        _not_bytes,
        lambda _: Repeat(_HEX_PAIR, 1, None),
        lambda text, _: _unhex(text),
    ),
    "sha256": Knowledge(
        _on_text(lambda text: hashlib.sha256(text.encode()).hexdigest()),
        _not_bytes,
        lambda _: Repeat(Chars(_SMALL_HEX), 64, 64),
        _no_undo,
    ),
    "json": Knowledge(_on_text(_json), lambda type: type == STR, undo=lambda text, _: _unjson(text)),
    "tojson": Knowledge(_on_text(_json), lambda type: type == STR, undo=lambda text, _: _unjson(text)),
    "string": Knowledge(_on_text(str), lambda _: True),
    "zfill": Knowledge(
        lambda value, arguments: _text(value).zfill(_width(arguments)),
        lambda type: type == INT,
        undo=_unfill,
        merges=lambda arguments: [("1", "01"), ("0", "00")],
    ),
    "lower": Knowledge(_on_text(str.lower), merges=lambda _: [("a", "A"), ("aaaaaaaa", "AAAAAAAA")]),
    "upper": Knowledge(_on_text(str.upper), merges=lambda _: [("a", "A"), ("aaaaaaaa", "AAAAAAAA")]),
    "capitalize": Knowledge(_on_text(str.capitalize), merges=lambda _: [("a", "A")]),
    "strip": Knowledge(_on_text(str.strip), merges=lambda _: [("a", "a ")]),
    "trim": Knowledge(_on_text(str.strip), merges=lambda _: [("a", "a ")]),
    "truncate": Knowledge(_truncate, merges=_truncated_pairs),
    "replace": Knowledge(_replace, merges=_replaced_pairs),
    "basename": Knowledge(_on_text(lambda text: PurePosixPath(text).name), merges=lambda _: [("a/o", "b/o")]),
    "stem": Knowledge(_on_text(lambda text: PurePosixPath(text).stem), merges=lambda _: [("o.a", "o.b")]),
    "default": Knowledge(_default, merges=_otherwise_pairs),
    "strftime": Knowledge(_strftime, merges=_strftime_pairs),
}
