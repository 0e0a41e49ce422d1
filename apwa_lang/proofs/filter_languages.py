"""Languages of filters: which texts they give, and for which texts they keep values apart.

In: fields, arguments, languages of what a filter is given. Out: languages, and whether nothing is made equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from string import ascii_lowercase

from apwa_lang.proofs.charset import EVERYTHING, Ranges, between, chars, intersection, normal, without
from apwa_lang.proofs.filter_texts import (
    Arguments,
    width_of,
)
from apwa_lang.proofs.regex import (
    Chars,
    Concat,
    Either,
    Regex,
    Repeat,
    TooLargeError,
    automaton,
    letters,
    longest,
    shortest,
    word,
)
from apwa_lang.proofs.search import search
from apwa_lang.proofs.values import EVERY, TEXT
from apwa_lang.semantics.types import BYTES, DATE, INT, STR, Field, Type

SMALL_HEX = normal([*between("0", "9"), *between("a", "f")])
_ANY_HEX = normal([*SMALL_HEX, *between("A", "F")])
_DIGIT = between("0", "9")
ASCII: Ranges = ((0, 127),)


def zero_filled(field: Field, arguments: Arguments) -> Regex:
    """Numbers with zeros before them."""
    if field.type != INT:
        return TEXT
    try:
        width = max(width_of(arguments), 1)
    except ValueError:
        return TEXT
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low >= 0 and high < 10**width:
        return Repeat(Chars(_DIGIT), width, width)

    def number(digits: int) -> Regex:
        longer = Concat((Chars(between("1", "9")), Repeat(Chars(_DIGIT), digits, None)))
        return Either((Repeat(Chars(_DIGIT), digits, digits), longer))

    return Either((number(width), Concat((word("-"), number(max(width - 1, 1))))))


def _directives(arguments: Arguments) -> str | None:
    """Which parts of a date a format shows, without numbers of unknown width next to each other; None for others."""
    format = arguments[0] if arguments else None
    found = "".join(re.findall("%(.)", format)) if isinstance(format, str) else None
    return found if found is not None and sorted(found) == ["Y", "d", "m"] else None


def shows_the_day(type: Type, arguments: Arguments, _: Regex) -> bool:
    """Whether a format shows year, month and day of a date."""
    # Only the year has more than one width, so the rest finds its place from either end.
    return type == DATE and _directives(arguments) is not None


def date_texts(field: Field, arguments: Arguments) -> Regex:
    """Dates in a format."""
    if field.type != DATE or _directives(arguments) is None:
        return TEXT
    pieces = re.split("(%.)", str(arguments[0]))
    widths = {"%Y": (1, 4), "%m": (2, 2), "%d": (2, 2)}
    return Concat(tuple(Repeat(Chars(_DIGIT), *widths[one]) if one in widths else word(one) for one in pieces))


def not_bytes(type: Type, *_: object) -> bool:
    """Whether values are no bytes."""
    return type != BYTES


def whole_numbers(type: Type, *_: object) -> bool:
    """Whether values are whole numbers."""
    return type == INT


def meet(left: Regex, right: Regex) -> bool:
    """Whether some text may be of both languages."""
    try:
        found = search(automaton(left), automaton(right))
    except TooLargeError:
        return True
    return bool(found.goals) or not found.complete


def with_some(ranges: Ranges) -> Callable[[Arguments], Regex | None]:
    """The texts with a character of the set somewhere."""
    return lambda _: Concat((EVERY, Chars(ranges), EVERY))


def with_old(arguments: Arguments) -> Regex | None:
    """The texts in which a part is replaced."""
    old = arguments[0] if arguments else None
    return Concat((EVERY, word(old), EVERY)) if isinstance(old, str) and old else None


def longer(arguments: Arguments) -> Regex | None:
    """The texts that are cut."""
    try:
        return Concat((Repeat(Chars(EVERYTHING), width_of(arguments) + 1, None),))
    except ValueError:
        return None


def no_letter_twice(_: Type, arguments: Arguments, language: Regex) -> bool:
    """Whether the language has ASCII only, and no letter in both cases."""
    found = letters(language)
    both = any(intersection(found, chars(one)) and intersection(found, chars(one.upper())) for one in ascii_lowercase)
    return not without(found, ASCII) and not both


def one_for_another(_: Type, arguments: Arguments, language: Regex) -> bool:
    """Whether one character is replaced by one that no text has."""
    match arguments:
        case (str(old), str(new)) if len(old) == len(new) == 1:
            return not intersection(letters(language), chars(new))
        case _:
            return False


def digits_of_one_length(type: Type, _: Arguments, language: Regex) -> bool:
    """Whether texts are as many digits each, so that no zero is lost."""
    if type == INT:
        return True
    most = longest(language)
    return not without(letters(language), _DIGIT) and most is not None and shortest(language) == most


def in_one_folder(type: Type, _: Arguments, language: Regex) -> bool:
    """Whether all texts are paths in one folder, so that the last component tells them apart."""
    example = _an_example(language)
    if type != STR or example is None:
        return False
    folder = example[: example.rfind("/") + 1]
    # `a/` and `a/.` have the last component of their folder.
    outside = (word(folder), word(f"{folder}.")) if folder else ()
    elsewhere = (*_not_after(folder), Concat((word(folder), EVERY, word("/"), EVERY)), *outside)
    return not meet(language, Either(elsewhere))


def with_one_suffix(type: Type, arguments: Arguments, language: Regex) -> bool:
    """Whether all texts are paths in one folder with one suffix, none of them hidden."""
    example = _an_example(language)
    if example is None or not in_one_folder(type, arguments, language):
        return False
    folder, suffix = example[: example.rfind("/") + 1], PurePosixPath(example).suffix
    other = (*_not_before(suffix), Concat((word(folder), word("."), EVERY)), word(folder + suffix))
    return bool(suffix) and not meet(language, Either(other))


def _an_example(language: Regex) -> str | None:
    """A shortest text of a language."""
    try:
        machine = automaton(language)
    except TooLargeError:
        return None
    return next((found.text for found in search(machine, machine).meetings()), None)


def _not_after(start: str) -> tuple[Regex, ...]:
    """The texts that do not start with ``start``."""
    return tuple(
        found
        for place, char in enumerate(start)
        for found in (
            Concat((word(start[:place]), Chars(without(EVERYTHING, chars(char))), EVERY)),
            word(start[:place]),
        )
    )


def _not_before(end: str) -> tuple[Regex, ...]:
    """The texts that do not end with ``end``."""
    return tuple(
        found
        for place, char in enumerate(end)
        for found in (
            Concat((EVERY, Chars(without(EVERYTHING, chars(char))), word(end[place + 1 :]))),
            word(end[place + 1 :]),
        )
    )


def is_whole(type: Type, arguments: Arguments, *_: object) -> bool:
    """Whether rounding leaves the values as they are."""
    return type == INT and (not arguments or (isinstance(arguments[0], int) and arguments[0] >= 0))


def unequal(constant: int) -> Callable[[Type, Arguments, Regex], bool]:
    """Whether whole numbers are multiplied by another constant than this one."""
    return lambda type, arguments, _: type == INT and arguments[:1] != (constant,)


_SPACES = normal((ord(char), ord(char)) for char in map(chr, range(0x3001)) if char.isspace())
_SLUG_LETTER = normal([*between("a", "z"), *_DIGIT])
NO_SLUG = Either(
    (
        Concat(()),
        Concat((EVERY, Chars(without(EVERYTHING, normal([*_SLUG_LETTER, *chars("-")]))), EVERY)),
        Concat((word("-"), EVERY)),
        Concat((EVERY, word("-"))),
        Concat((EVERY, word("--"), EVERY)),
    )
)
LOWER, UPPER = between("a", "z"), between("A", "Z")


def _hex_byte(high: str, low: Ranges = SMALL_HEX) -> Regex:
    return Concat((Chars(chars(high)), Chars(low)))


def _hex_rest(count: int) -> tuple[Regex, ...]:
    return (_hex_byte("89ab"),) * count


# The bytes of UTF-8, printable ones first, so that what a search finds can be read back as text.
HEX_IMAGE = Repeat(
    Either(
        (
            _hex_byte("234567"),
            _hex_byte("01"),
            Concat((_hex_byte("cd"), *_hex_rest(1))),
            Concat((_hex_byte("e"), *_hex_rest(2))),
            Concat((_hex_byte("f", between("0", "4")), *_hex_rest(3))),
        )
    ),
    1,
    None,
)
_ESCAPED = Concat((word("%"), Repeat(Chars(_ANY_HEX), 2, 2)))
KEY_IMAGE = Repeat(Either((Chars(normal([*LOWER, *_DIGIT])), _ESCAPED)), 1, None)
JSON_TEXT = Concat(
    (
        word('"'),
        Repeat(
            Either(
                (
                    Chars(without(EVERYTHING, normal([*chars('"\\'), (0, 31)]))),
                    Concat((word("\\"), Chars(chars('"\\/bfnrt')))),
                    Concat((word("\\u"), Repeat(Chars(_ANY_HEX), 4, 4))),
                )
            ),
            0,
            None,
        ),
        word('"'),
    )
)
SPACE_AT_AN_END = Either((Concat((Chars(_SPACES), EVERY)), Concat((EVERY, Chars(_SPACES)))))
