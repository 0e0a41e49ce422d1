"""The filters of templates: their signatures and what they do; the first parameter is the value filtered.

In: nothing. Out: the table that the template checker, hover and the documentation read; ``apwa_runtime.filters``
implements it.
"""

from __future__ import annotations

from apwa_lang.semantics.signatures import Function


def _filter(doc: str, *overloads: str) -> Function:
    return Function(overloads, doc)


FILTERS: dict[str, Function] = {
    "key": _filter(
        "Percent-encodes everything but a-z and 0-9: safe in a path, and no two values give one text.",
        "key(value: scalar) -> str",
    ),
    "json": _filter("The value as JSON.", "json(value: T, indent: int = 0) -> str"),
    "tojson": _filter("The value as JSON.", "tojson(value: T, indent: int = 0) -> str"),
    "hex": _filter(
        "The bytes, or the UTF-8 bytes of the text, in hexadecimal digits.", "hex(value: scalar | bytes) -> str"
    ),
    "sha256": _filter("SHA-256 in hexadecimal digits.", "sha256(value: scalar | bytes) -> str"),
    "lower": _filter("The text in lower case.", "lower(text: str) -> str"),
    "upper": _filter("The text in upper case.", "upper(text: str) -> str"),
    "title": _filter("The text with a capital at each word.", "title(text: str) -> str"),
    "capitalize": _filter("The text with one capital, at its start.", "capitalize(text: str) -> str"),
    "strip": _filter("The text without white space at its ends.", "strip(text: str) -> str"),
    "trim": _filter("The text without white space at its ends.", "trim(text: str) -> str"),
    "truncate": _filter(
        "At most `length` characters; a text that is cut ends in `end`.",
        'truncate(text: str, length: int, end: str = "") -> str',
    ),
    "slugify": _filter("Lower-case ASCII letters and digits, parted by hyphens.", "slugify(text: str) -> str"),
    "image": _filter("The image at a path, which the prompt shows.", "image(path: str | file | image) -> image"),
    "audio": _filter("The sound at a path, which the prompt shows.", "audio(path: str | file | audio) -> audio"),
    "file": _filter("The document at a path, which the prompt shows.", "file(path: str | file) -> file"),
    "basename": _filter("The last component of a path.", "basename(path: str | file) -> str"),
    "stem": _filter("The last component of a path, without its suffix.", "stem(path: str | file) -> str"),
    "replace": _filter("The text with every `old` replaced by `new`.", "replace(text: str, old: str, new: str) -> str"),
    "indent": _filter(
        "The text with its lines, but for the first, moved in.",
        "indent(text: str, width: int = 4, first: bool = false) -> str",
    ),
    "zfill": _filter("The number with zeros before it.", "zfill(value: int | str, width: int) -> str"),
    "round": _filter("The number rounded to `digits` decimals.", "round(value: number, digits: int = 0) -> number"),
    "int": _filter("The whole number.", "int(value: str | int | float | bool | json) -> int"),
    "float": _filter("The number.", "float(value: str | int | float | bool | json) -> float"),
    "string": _filter("The value as text.", "string(value: value) -> str"),
    "default": _filter("The value, or `otherwise` when it is null.", "default(value: T?, otherwise: T) -> T"),
    "strftime": _filter("The date or time in a format.", "strftime(when: date | datetime, format: str) -> str"),
    "length": _filter(
        "Number of characters, items or entries.", "length(value: str | list[T] | map[str, T] | bytes) -> int"
    ),
    "first": _filter("The first item of a list that is not empty.", "first(items: list[T]) -> T"),
    "last": _filter("The last item of a list that is not empty.", "last(items: list[T]) -> T"),
    "join": _filter(
        "The items as text, with a separator between them.", 'join(items: list[scalar], separator: str = "") -> str'
    ),
    "list": _filter(
        "The items, keys or characters as a list.",
        "list(items: list[T]) -> list[T]",
        "list(value: str | map[str, T]) -> list[str]",
    ),
    "map": _filter("One field of each record.", "map(items: list[T], attribute: str) -> list[T]"),
    "sort": _filter("The items in ascending order.", "sort(items: list[ordered]) -> list[ordered]"),
    "unique": _filter("The items without repetitions, in order of first sight.", "unique(items: list[T]) -> list[T]"),
    "reverse": _filter("The items from last to first.", "reverse(items: list[T]) -> list[T]"),
    "sum": _filter("The sum of the items.", "sum(items: list[number]) -> number"),
    "min": _filter("The least item.", "min(items: list[ordered]) -> ordered"),
    "max": _filter("The greatest item.", "max(items: list[ordered]) -> ordered"),
}
