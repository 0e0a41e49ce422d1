"""What is known of each filter of templates, and of the arithmetic that arguments may do.

In: texts and arguments. Out: :data:`FILTERS`, a :class:`Knowledge` by name. Operators on whole numbers with a constant
on their right stand in the table under their signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from apwa_lang.proofs.charset import EVERYTHING, without
from apwa_lang.proofs.filter_languages import (
    ASCII,
    HEX_IMAGE,
    JSON_TEXT,
    KEY_IMAGE,
    LOWER,
    NO_SLUG,
    SMALL_HEX,
    SPACE_AT_AN_END,
    UPPER,
    date_texts,
    digits_of_one_length,
    in_one_folder,
    is_whole,
    longer,
    meet,
    no_letter_twice,
    not_bytes,
    one_for_another,
    shows_the_day,
    unequal,
    whole_numbers,
    with_old,
    with_one_suffix,
    with_some,
    zero_filled,
)
from apwa_lang.proofs.filter_texts import (
    Arguments,
    Pairs,
    defaulted,
    divided,
    equal_remainders,
    formatted_time,
    in_both_cases,
    json_text,
    known_text,
    no_undo,
    on_text,
    otherwise_pairs,
    percent_encoded,
    replaced,
    replaced_pairs,
    rounded,
    slug_of,
    strftime_pairs,
    truncated,
    truncated_pairs,
    unfill,
    unformatted,
    unhex,
    unjson,
    whole_number,
    width_of,
    with_number,
)
from apwa_lang.proofs.regex import (
    Chars,
    Either,
    Regex,
    Repeat,
)
from apwa_lang.proofs.values import INTEGERS, NATURALS, TEXT
from apwa_lang.semantics.types import INT, STR, Field, Type


@dataclass(frozen=True)
class Knowledge:
    """One filter. ``apply`` and ``undo`` raise ValueError where they do not know.

    ``keeps_apart`` tells for which types and languages of input no two values give one text; ``changes`` gives a
    language that holds every text which does not come out as it went in, None for all; ``merges`` gives candidate pairs
    of inputs that become one; ``gives`` is the type of the output.
    """

    apply: Callable[[str | None, Arguments], str]
    keeps_apart: Callable[[Type, Arguments, Regex], bool] = lambda *_: False
    image: Callable[[Field, Arguments], Regex] = lambda *_: TEXT
    undo: Callable[[str, Arguments], str] = lambda text, _: text
    merges: Callable[[Arguments], Pairs] = lambda _: ()
    changes: Callable[[Arguments], Regex | None] = lambda _: None
    gives: Type = STR

    def unchanged(self, language: Regex, arguments: Arguments) -> bool:
        """Whether every text of the language comes out as it went in."""
        changed = self.changes(arguments)
        return changed is not None and not meet(language, changed)


_JSON = Knowledge(
    on_text(json_text), lambda type, *_: type == STR, lambda *_: JSON_TEXT, undo=lambda text, _: unjson(text)
)
_STRIP = Knowledge(on_text(str.strip), merges=lambda _: [("a", "a ")], changes=lambda _: SPACE_AT_AN_END)
_AS_INT = Knowledge(
    lambda value, _: str(int(float(known_text(value)) if "." in known_text(value) else int(known_text(value)))),
    digits_of_one_length,
    lambda *_: INTEGERS,
    merges=lambda _: [("1", "01"), ("1", " 1"), ("1.25", "1.5")],
    gives=INT,
)
_SAME = Knowledge(on_text(str), lambda *_: True, changes=lambda _: Either(()))
FILTERS: dict[str, Knowledge] = {
    "key": Knowledge(
        on_text(percent_encoded), not_bytes, lambda *_: KEY_IMAGE, lambda text, _: unquote(text, errors="strict")
    ),
    "hex": Knowledge(
        on_text(lambda text: text.encode().hex()),
        not_bytes,
        lambda *_: HEX_IMAGE,
        lambda text, _: unhex(text),
    ),
    "sha256": Knowledge(
        on_text(lambda text: hashlib.sha256(text.encode()).hexdigest()),
        not_bytes,
        lambda *_: Repeat(Chars(SMALL_HEX), 64, 64),
        no_undo,
    ),
    "json": _JSON,
    "tojson": _JSON,
    "string": _SAME,
    "image": _SAME,
    "audio": _SAME,
    "file": _SAME,
    "zfill": Knowledge(
        lambda value, arguments: known_text(value).zfill(width_of(arguments)),
        whole_numbers,
        zero_filled,
        undo=unfill,
        merges=lambda arguments: [("1", "01"), ("0", "00")],
    ),
    "lower": Knowledge(
        on_text(str.lower),
        no_letter_twice,
        merges=in_both_cases,
        changes=with_some(without(EVERYTHING, without(ASCII, UPPER))),
    ),
    "upper": Knowledge(
        on_text(str.upper),
        no_letter_twice,
        merges=in_both_cases,
        changes=with_some(without(EVERYTHING, without(ASCII, LOWER))),
    ),
    "title": Knowledge(on_text(str.title), merges=in_both_cases),
    "capitalize": Knowledge(on_text(str.capitalize), merges=in_both_cases),
    "strip": _STRIP,
    "trim": _STRIP,
    "slugify": Knowledge(
        on_text(slug_of),
        merges=lambda _: [("a b", "a-b"), ("a", "A"), ("a", "a ")],
        changes=lambda _: NO_SLUG,
    ),
    "truncate": Knowledge(truncated, merges=truncated_pairs, changes=longer),
    "replace": Knowledge(replaced, one_for_another, merges=replaced_pairs, changes=with_old),
    "round": Knowledge(
        rounded,
        is_whole,
        lambda field, arguments: INTEGERS if is_whole(field.type, arguments) else TEXT,
        merges=lambda _: [("1.25", "1.125"), ("1.0001", "1.0002")],
        gives=INT,
    ),
    "int": _AS_INT,
    "length": Knowledge(
        on_text(lambda text: str(len(text))),
        image=lambda *_: NATURALS,
        merges=lambda _: [("a", "b"), ("aaaaaaaa", "bbbbbbbb")],
        gives=INT,
    ),
    "+": Knowledge(
        with_number(lambda value, number: value + number),
        whole_numbers,
        lambda *_: INTEGERS,
        lambda text, arguments: str(int(text) - whole_number(arguments)),
        gives=INT,
    ),
    "*": Knowledge(
        with_number(lambda value, number: value * number),
        unequal(0),
        lambda *_: INTEGERS,
        divided,
        merges=lambda _: [("0", "1")],
        gives=INT,
    ),
    "//": Knowledge(
        with_number(lambda value, number: value // number),
        image=lambda *_: INTEGERS,
        merges=lambda _: [("0", "1"), ("2", "3")],
        gives=INT,
    ),
    "%": Knowledge(
        with_number(lambda value, number: value % number),
        image=lambda *_: INTEGERS,
        merges=equal_remainders,
        gives=INT,
    ),
    "basename": Knowledge(
        on_text(lambda text: PurePosixPath(text).name), in_one_folder, merges=lambda _: [("a/o", "b/o")]
    ),
    "stem": Knowledge(
        on_text(lambda text: PurePosixPath(text).stem), with_one_suffix, merges=lambda _: [("o.a", "o.b")]
    ),
    "default": Knowledge(defaulted, merges=otherwise_pairs),
    "strftime": Knowledge(formatted_time, shows_the_day, date_texts, unformatted, strftime_pairs),
}
