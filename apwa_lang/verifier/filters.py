"""The filters of templates.

In: a column and the filters of a hole. Out: an expression for the texts that come out, and whether two values never
give one text. A filter that is not known here may give any text.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from string import ascii_lowercase

from apwa_lang.verifier.applied import Arguments, Filter, after, gives, is_width
from apwa_lang.verifier.languages import common, letters, longest, shortest, shortest_text
from apwa_lang.verifier.letters import ALL, END, Letters, inverse, meet, minus, only, span, union
from apwa_lang.verifier.places import Any, Expression, One, Row, Times, text
from apwa_lang.verifier.texts import EVERY, INTEGER, NAME, NATURAL, few, printed, written
from apwa_lang.verifier.types import INT, STR, Column, Type, distinct

_DIGIT, _LOWER, _UPPER = span("0", "9"), span("a", "z"), span("A", "Z")
_SMALL = union(_DIGIT, span("a", "f"))
_HEX = union(_SMALL, span("A", "F"))
_ASCII: Letters = (0, 128)
_BEYOND: Letters = (128, END)
_SPACE = only("".join(one for one in map(chr, range(0x3001)) if one.isspace()))
_PARTS_OF_A_DAY = {"%Y": (1, 4), "%m": (2, 2), "%d": (2, 2)}


def filtered(column: Column, filters: tuple[Filter, ...]) -> Expression:
    """The texts of a column's values after filters that may stand in a path."""
    each = _each(column, filters) if filters else None
    if each is not None:
        return Any(tuple(text(one) for one in dict.fromkeys(each) if one and not set(one) & {"/", "\0"}))
    found, whole = printed(column), written(column)
    type = column.type.present
    for one in filters:
        if not _is_known(one, type):
            found = whole = NAME
        elif not _unchanged(one, type, whole):
            found = whole = _image(one, column if column.type == type else Column("", type))
            column = Column("", gives(one.name, type))
        type = gives(one.name, type)
    return found


def kept_apart(column: Column, filters: tuple[Filter, ...]) -> bool:
    """Whether no two values of a column give one text after filters. A null alone never names a file."""
    if not filters:
        return distinct(column.type.present)
    each = _each(column, filters)
    if each is not None:
        return len(set(each)) == len(each)
    if not distinct(column.type):
        return False
    type, whole = column.type, written(column)
    for one in filters:
        if not _is_known(one, type):
            return False
        if not _unchanged(one, type, whole):
            if not _keeps(one, type, whole):
                return False
            whole = _image(one, Column("", type))
        type = gives(one.name, type)
    return True


def _each(column: Column, filters: tuple[Filter, ...]) -> list[str] | None:
    """What each value becomes, where there are few and all is known of them."""
    found = [after(column.type, value, filters) for value in few(column)]
    known = [one for one in found if one is not None]
    return known if known and len(known) == len(found) else None


def _is_known(one: Filter, type: Type) -> bool:
    if one.name in ("json", "tojson"):
        return type.kind in ("str", "choice", "int", "bool")
    return gives(one.name, type).kind != "unknown"


def _keeps(one: Filter, type: Type, whole: Expression) -> bool:
    match one:
        case Filter("key" | "hex" | "sha256"):
            return type.kind != "bytes"
        case Filter("json" | "tojson"):
            return type == STR
        case Filter("zfill" | "+"):
            return type == INT
        case Filter("*", arguments):
            return type == INT and arguments[:1] != (0,)
        case Filter("lower" | "upper"):
            return _one_case(whole)
        case Filter("replace", (str(old), str(new))) if len(old) == len(new) == 1:
            return not meet(letters(whole), only(new))
        case Filter("int"):
            return type == INT or (not minus(letters(whole), _DIGIT) and longest(whole) == shortest(whole))
        case Filter("round"):
            return _rounds_nothing(one, type)
        case Filter("basename"):
            return type == STR and _folder(whole) is not None
        case Filter("stem"):
            return type == STR and _one_suffix(whole)
        case Filter("strftime"):
            return type.kind == "date" and _shows_the_day(one)
        case _:
            return False


def _one_case(whole: Expression) -> bool:
    """Whether all texts are of ASCII, and none of the letters is there in both cases."""
    found = letters(whole)
    both = any(meet(found, only(one)) and meet(found, only(one.upper())) for one in ascii_lowercase)
    return not minus(found, _ASCII) and not both


def _folder(whole: Expression) -> str | None:
    """The folder, with its slash, that all texts are files in, by their last components; None if there is none."""
    example = shortest_text(whole)
    if example is None:
        return None
    folder = example[: example.rfind("/") + 1]
    others = [Row((text(folder), EVERY, text("/"), EVERY)), *_not_from(folder)]
    if folder:
        # The last component of these is not what follows the folder.
        others.extend((text(folder), text(f"{folder}.")))
    return None if common(whole, Any(tuple(others))) else folder


def _one_suffix(whole: Expression) -> bool:
    """Whether all texts are files in one folder with one suffix, none of them hidden."""
    folder = _folder(whole)
    suffix = PurePosixPath(shortest_text(whole) or "").suffix
    if folder is None or len(suffix) < 2:
        return False
    hidden = (Row((text(f"{folder}."), EVERY)), text(folder + suffix))
    return not common(whole, Any((*_not_to(suffix), *hidden)))


def _not_from(start: str) -> list[Expression]:
    """The texts that do not start so."""
    found: list[Expression] = []
    for place, letter in enumerate(start):
        found += [Row((text(start[:place]), One(inverse(only(letter))), EVERY)), text(start[:place])]
    return found


def _not_to(end: str) -> list[Expression]:
    """The texts that do not end so."""
    found: list[Expression] = []
    for place, letter in enumerate(end):
        found += [Row((EVERY, One(inverse(only(letter))), text(end[place + 1 :]))), text(end[place + 1 :])]
    return found


def _rounds_nothing(one: Filter, type: Type) -> bool:
    digits = one.arguments[0] if one.arguments else 0
    return type == INT and isinstance(digits, int) and digits >= 0


def _shows_the_day(one: Filter) -> bool:
    format = one.arguments[0] if one.arguments else None
    return isinstance(format, str) and sorted(re.findall("%(.)", format)) == ["Y", "d", "m"]


def _unchanged(one: Filter, type: Type, whole: Expression) -> bool:
    """Whether each text comes out as it went in."""
    if one.name in ("json", "tojson"):
        return type.kind in ("int", "bool")
    if one.name in ("string", "image", "audio", "file"):
        return True
    changed = _changed(one)
    return changed is not None and not common(whole, changed)


def _changed(one: Filter) -> Expression | None:
    """All texts that may not come out as they went in; None where that may be any."""
    match one:
        case Filter("lower"):
            return _with(union(_BEYOND, _UPPER))
        case Filter("upper"):
            return _with(union(_BEYOND, _LOWER))
        case Filter("strip" | "trim"):
            return Any((Row((One(_SPACE), EVERY)), Row((EVERY, One(_SPACE)))))
        case Filter("slugify"):
            dash = text("-")
            ends = (Row(()), Row((dash, EVERY)), Row((EVERY, dash)), Row((EVERY, dash, dash, EVERY)))
            return Any((*ends, _with(inverse(union(_LOWER, _DIGIT, only("-"))))))
        case Filter("truncate", (int() as width, *_)) if is_width(width):
            return Times(One(ALL), width + 1, None)
        case Filter("replace", (str() as old, *_)) if old:
            return Row((EVERY, text(old), EVERY))
        case _:
            return None


def _with(found: Letters) -> Expression:
    """The texts with a character of the set."""
    return Row((EVERY, One(found), EVERY))


def _image(one: Filter, column: Column) -> Expression:
    match one.name:
        case "key":
            return _KEYS
        case "hex":
            return _BYTES
        case "sha256":
            return Times(One(_SMALL), 64, 64)
        case "json" | "tojson":
            return _QUOTED
        case "zfill" if column.type == INT:
            return _filled(column, one.arguments)
        case "length":
            return NATURAL
        case "int" | "+" | "*" | "//" | "%":
            return INTEGER
        case "round" if _rounds_nothing(one, column.type):
            return INTEGER
        case "strftime" if column.type.kind == "date" and _shows_the_day(one):
            pieces = re.split("(%.)", str(one.arguments[0]))
            return Row(
                tuple(
                    Times(One(_DIGIT), *_PARTS_OF_A_DAY[piece]) if piece in _PARTS_OF_A_DAY else text(piece)
                    for piece in pieces
                )
            )
        case _:
            return NAME


def _byte(high: Letters) -> Expression:
    return Row((One(high), One(_SMALL)))


_REST = _byte(only("89ab"))
_BYTES = Times(
    Any(
        (
            _byte(only("234567")),
            _byte(only("01")),
            Row((_byte(only("cd")), _REST)),
            Row((_byte(only("e")), _REST, _REST)),
            Row((Row((One(only("f")), One(span("0", "4")))), _REST, _REST, _REST)),
        )
    ),
    1,
    None,
)
_KEYS = Times(Any((One(union(_LOWER, _DIGIT)), Row((text("%"), Times(One(_HEX), 2, 2))))), 1, None)

_SHORT = Row((text("\\"), One(only('"\\/bfnrt'))))
_LONG = Row((text("\\u"), Times(One(_HEX), 4, 4)))
_QUOTED = Row(
    (
        text('"'),
        Times(Any((One(minus(ALL, union((0, 32), only('"\\')))), _SHORT, _LONG)), 0, None),
        text('"'),
    )
)


def _filled(column: Column, arguments: Arguments) -> Expression:
    width = arguments[0] if arguments else None
    if not isinstance(width, int) or not is_width(width):
        return NAME
    width = max(width, 1)
    if column.low is not None and column.high is not None and column.low >= 0 and column.high < 10**width:
        return Times(One(_DIGIT), width, width)

    def at_least(count: int) -> Expression:
        longer = Row((One(span("1", "9")), Times(One(_DIGIT), count, None)))
        return Any((Times(One(_DIGIT), count, count), longer))

    return Any((at_least(width), Row((text("-"), at_least(max(width - 1, 1))))))
