"""The built-in functions of expressions: their signatures and what they do.

In: nothing. Out: the table that the checker, hover and the documentation read; ``apwa_runtime.builtins`` implements it.
Every function is pure: no clock, no randomness, no files.
"""

from __future__ import annotations

from apwa_lang.semantics.signatures import Function


def _function(doc: str, *overloads: str) -> Function:
    return Function(overloads, doc)


FUNCTIONS: dict[str, Function] = {
    "len": _function(
        "Number of characters, items, entries or bytes.",
        "len(x: str | list[T] | map[str, T] | bytes) -> int",
    ),
    "tokens": _function("Estimated number of model tokens of a text.", "tokens(text: str) -> int"),
    "lower": _function("The text in lower case.", "lower(text: str) -> str"),
    "upper": _function("The text in upper case.", "upper(text: str) -> str"),
    "strip": _function("The text without white space at its ends.", "strip(text: str) -> str"),
    "split": _function("The parts of a text between separators.", "split(text: str, separator: str) -> list[str]"),
    "join": _function("The texts with a separator between them.", "join(parts: list[str], separator: str) -> str"),
    "contains": _function(
        "Whether a text has a part, or a list an item.",
        "contains(text: str, part: str) -> bool",
        "contains(items: list[T], item: T) -> bool",
    ),
    "starts_with": _function("Whether the text starts so.", "starts_with(text: str, start: str) -> bool"),
    "ends_with": _function("Whether the text ends so.", "ends_with(text: str, end: str) -> bool"),
    "replace": _function(
        "The text with every `old` replaced by `new`.", "replace(text: str, old: str, new: str) -> str"
    ),
    "matches": _function(
        "Whether the whole text matches a regular expression, which must be a literal.",
        "matches(text: str, pattern: str) -> bool",
    ),
    "slice": _function(
        "Characters or items from `start` up to, not including, `end`; negative ones count from the end.",
        "slice(text: str, start: int, end: int? = null) -> str",
        "slice(items: list[T], start: int, end: int? = null) -> list[T]",
    ),
    "words": _function("The runs of characters between white space.", "words(text: str) -> list[str]"),
    "lines": _function("The lines of a text, without line ends.", "lines(text: str) -> list[str]"),
    "round": _function(
        "The number rounded to `digits` decimals, halves to even.", "round(x: number, digits: int = 0) -> number"
    ),
    "abs": _function("The number without its sign.", "abs(x: number) -> number"),
    "min": _function(
        "The least item or value.",
        "min(items: list[ordered]) -> ordered",
        "min(a: ordered, b: ordered, ...more: ordered) -> ordered",
    ),
    "max": _function(
        "The greatest item or value.",
        "max(items: list[ordered]) -> ordered",
        "max(a: ordered, b: ordered, ...more: ordered) -> ordered",
    ),
    "sum": _function("The sum of a list; zero for an empty one.", "sum(items: list[summable]) -> summable"),
    "mean": _function("The mean of a list that is not empty.", "mean(items: list[number]) -> float"),
    "sorted": _function("The items in ascending order.", "sorted(items: list[ordered]) -> list[ordered]"),
    "unique": _function("The items without repetitions, in order of first sight.", "unique(items: list[T]) -> list[T]"),
    "reversed": _function("The items from last to first.", "reversed(items: list[T]) -> list[T]"),
    "all": _function("Whether every item of a list is true, as in an empty one.", "all(items: list[bool]) -> bool"),
    "any": _function("Whether some item of a list is true.", "any(items: list[bool]) -> bool"),
    "count": _function("How often an item is in a list.", "count(items: list[T], item: T) -> int"),
    "mode": _function(
        "The item that is most often in a list that is not empty; of several the first seen.",
        "mode(items: list[T]) -> T",
    ),
    "first": _function("The first item of a list that is not empty.", "first(items: list[T]) -> T"),
    "last": _function("The last item of a list that is not empty.", "last(items: list[T]) -> T"),
    "int": _function(
        "The whole number that a text says, or a number without its fraction.",
        "int(x: str | int | float | bool | json) -> int",
    ),
    "float": _function("The number that a text says.", "float(x: str | int | float | bool | json) -> float"),
    "str": _function("The value as text, as templates print it.", "str(x: value) -> str"),
    "bool": _function(
        'The truth of "true" or "false", or whether a number is not zero.',
        "bool(x: str | int | float | bool | json) -> bool",
    ),
    "json": _function("The value as JSON text.", "json(x: T) -> str"),
    "parse_json": _function("The value that a JSON text says.", "parse_json(text: str) -> json"),
    "sha256": _function("SHA-256 in hexadecimal digits.", "sha256(x: str | bytes) -> str"),
    "key": _function("The value as text that is safe in a path; injective.", "key(x: scalar) -> str"),
    "basename": _function("The last component of a path.", "basename(path: str | file) -> str"),
    "dirname": _function("The path without its last component.", "dirname(path: str | file) -> str"),
    "stem": _function("The last component without its suffix.", "stem(path: str | file) -> str"),
    "suffix": _function("The suffix with its dot; empty when there is none.", "suffix(path: str | file) -> str"),
    "get": _function(
        "The entry of that key, or `default` when there is none.",
        "get(map: map[str, T], key: str, default: T) -> T",
        "get(value: json, key: str | int, default: T) -> json",
    ),
    "keys": _function("The keys of a map, in order.", "keys(map: map[str, T] | json) -> list[str]"),
    "values": _function(
        "The values of a map, in order.",
        "values(map: map[str, T]) -> list[T]",
        "values(map: json) -> list[json]",
    ),
    "choose": _function(
        "`then` when the condition holds, else `otherwise`; the other is not evaluated.",
        "choose(condition: bool, then: T, otherwise: T) -> T",
    ),
    "default": _function("The value, or `otherwise` when it is null.", "default(value: T?, otherwise: T) -> T"),
    "is_null": _function("Whether the value is null.", "is_null(value: T) -> bool"),
    "year": _function("The year.", "year(date: date | datetime) -> int"),
    "month": _function("The month, 1 to 12.", "month(date: date | datetime) -> int"),
    "day": _function("The day of the month.", "day(date: date | datetime) -> int"),
    "tally": _function("How often each text occurs.", "tally(items: list[str]) -> map[str, int]"),
}
