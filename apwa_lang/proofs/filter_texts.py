"""What filters do to a text and back, and pairs of texts that they make one.

In: a text and the filter's arguments. Out: the text after the filter, or before it; ValueError where that is not known.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime

Arguments = tuple[object, ...]
Pairs = Sequence[tuple[str | None, str]]
_LONGEST_WITNESS = 60


def known_text(value: str | None) -> str:
    """The text of a value that is not null. Raises ValueError."""
    if value is None:
        raise ValueError("null has no text")
    return value


def on_text(function: Callable[[str], str]) -> Callable[[str | None, Arguments], str]:
    """A filter without arguments that looks at the text only."""
    return lambda value, _: function(known_text(value))


def percent_encoded(text: str) -> str:
    """Percent-encodes all but small letters and digits."""
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789" else f"%{byte:02X}"
        for byte in text.encode()
    )


def unhex(text: str) -> str:
    """The text whose UTF-8 bytes are given in hexadecimal digits."""
    return bytes.fromhex(text).decode()


def json_text(text: str) -> str:
    """The text as JSON."""
    return json.dumps(text, ensure_ascii=False)


def unjson(text: str) -> str:
    """The text that a JSON text says."""
    value = json.loads(text)
    if not isinstance(value, str):
        raise ValueError("not the JSON of a text")
    return value


def no_undo(text: str, arguments: Arguments) -> str:
    """Raises ValueError: nothing is known of what was hashed."""
    raise ValueError("a hash is not undone")


def width_of(arguments: Arguments) -> int:
    """The width that an argument says. Raises ValueError for one that is not looked at."""
    width = arguments[0] if arguments else None
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= 200:
        raise ValueError("a width that is not looked at")
    return width


def unfill(text: str, arguments: Arguments) -> str:
    """The number without zeros before it."""
    return str(int(text))


def truncated(value: str | None, arguments: Arguments) -> str:
    """At most so many characters; a text that is cut ends in the end that is given."""
    text, width = known_text(value), width_of(arguments)
    end = arguments[1] if len(arguments) > 1 else ""
    if not isinstance(end, str) or len(end) > width:
        raise ValueError("an end that is not looked at")
    return text if len(text) <= width else text[: width - len(end)] + end


def truncated_pairs(arguments: Arguments) -> Pairs:
    """Texts that differ behind the cut."""
    try:
        width = width_of(arguments)
    except ValueError:
        return []
    return [("o" * width + "a", "o" * width + "b")] if width <= _LONGEST_WITNESS else []


def replaced(value: str | None, arguments: Arguments) -> str:
    """The text with every old part replaced."""
    old, new = arguments
    if not isinstance(old, str) or not isinstance(new, str):
        raise ValueError("only texts are replaced")
    return known_text(value).replace(old, new)


def replaced_pairs(arguments: Arguments) -> Pairs:
    """A part and what replaces it."""
    match arguments:
        case (str(old), str(new)) if old and old != new:
            return [(old, new), (old + "o", new + "o")]
        case _:
            return []


def _otherwise(arguments: Arguments) -> str:
    if not arguments or not isinstance(arguments[0], str):
        raise ValueError("only a text stands for null here")
    return arguments[0]


def defaulted(value: str | None, arguments: Arguments) -> str:
    """The value, or what stands for null."""
    return _otherwise(arguments) if value is None else value


def otherwise_pairs(arguments: Arguments) -> Pairs:
    """Null and what stands for it."""
    try:
        return [(None, _otherwise(arguments))]
    except ValueError:
        return []


def formatted_time(value: str | None, arguments: Arguments) -> str:
    """A date or time in a format."""
    text = known_text(value)
    return (datetime if "T" in text else date).fromisoformat(text).strftime(str(arguments[0]))


_DAYS = ("2024-01-01", "2024-01-02", "2024-02-01", "2025-01-01", "2024-01-08")
_MOMENTS = (
    *(f"2024-01-01T{time}" for time in ("00:00:00", "00:00:01", "00:01:00", "01:00:00")),
    "2024-01-02T00:00:00",
    "2025-01-01T00:00:00",
)


def strftime_pairs(_: Arguments) -> Pairs:
    """Dates and moments that coarse formats make one."""
    return [(first, other) for first, *others in (_DAYS, _MOMENTS) for other in others]


def unformatted(text: str, arguments: Arguments) -> str:
    """The date that a format shows."""
    return datetime.strptime(text, str(arguments[0])).date().isoformat()


def in_both_cases(_: Arguments) -> Pairs:
    """Texts that differ in case."""
    return [("a", "A"), ("aaaaaaaa", "AAAAAAAA")]


def equal_remainders(arguments: Arguments) -> Pairs:
    """Numbers that leave one remainder."""
    number = abs(whole_number(arguments))
    return [(str(start), str(start + number)) for start in (0, 1)] if number else []


def slug_of(text: str) -> str:
    """Small letters and digits, parted by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def rounded(value: str | None, arguments: Arguments) -> str:
    """The number rounded to so many digits."""
    text = known_text(value)
    digits = arguments[0] if arguments else 0
    if not isinstance(digits, int):
        raise ValueError("digits that are not looked at")
    return str(round(int(text), digits)) if re.fullmatch("-?[0-9]+", text) else str(round(float(text), digits))


def with_number(function: Callable[[int, int], int]) -> Callable[[str | None, Arguments], str]:
    """An operation on whole numbers whose right side is a constant."""

    def apply(value: str | None, arguments: Arguments) -> str:
        try:
            return str(function(int(known_text(value)), whole_number(arguments)))
        except ZeroDivisionError:
            raise ValueError("division by zero") from None

    return apply


def whole_number(arguments: Arguments) -> int:
    """The whole number that an argument is. Raises ValueError."""
    number = arguments[0] if arguments else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("only whole numbers are looked at")
    return number


def divided(text: str, arguments: Arguments) -> str:
    """The number that was multiplied, if there is one."""
    number = whole_number(arguments)
    return str(int(text) // number) if number else text
