"""The search for two sub-problems whose effects meet.

In: a pair of accesses that is not proved. Out: a witness: two rows that types, patterns, keys and ``@unique`` fields
allow, whose paths were rendered again, by other code than found them, and do meet; or None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Witness
from apwa_lang.proofs.collide import constants_of, meeting, rows
from apwa_lang.proofs.evaluate import NotKnownError, plain_text, value_of
from apwa_lang.proofs.filters import applied, merged, undone
from apwa_lang.proofs.lineage import Fields
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.parts import Glob, Part, Slot, Text
from apwa_lang.proofs.satisfy import both_taken, possible
from apwa_lang.proofs.search import Meeting
from apwa_lang.proofs.values import is_value, samples, shown, typed

Row = dict[str, str | None]

_MOST_MEETINGS = 60


def find_witness(pair: Pair) -> Witness | None:
    """The first witness that holds."""
    scopes = (pair.left.scope, pair.right.scope)
    if any(scope.rows is not None or scope.conditioned for scope in scopes):
        # Rows that are known are tried one by one elsewhere; of others, not all that they must fulfil is known.
        return None
    return next((found for found in _candidates(pair) if found is not None), None)


def _candidates(pair: Pair) -> Iterator[Witness | None]:
    if _alike(pair):
        if pair.separate:
            yield _told_apart_elsewhere(pair)
            yield from _merged_by_a_filter(pair)
        elif _same_subproblems(pair):
            yield _one_row_twice(pair)
    if not any(isinstance(part, Slot) and part.origin == "derived" for part in _all_parts(pair)):
        for found in islice(pair.search.meetings(), _MOST_MEETINGS):
            yield _from_meeting(pair, found)
    yield from _tried(pair)


def rendered(parts: tuple[Part, ...], row: Row, params: Row, symbolic: bool = False) -> str | None:
    """The text of ``parts``, or None where it is not known or would fail.

    With ``symbolic``, what is not known stands as its hole is written: good enough to compare one value with itself.
    """
    pieces: list[str] = []
    for part in parts:
        piece = part.text if isinstance(part, Text) else None
        if isinstance(part, Slot):
            values = params if part.origin == "param" else row
            if part.origin == "derived":
                piece = _calculated(part, row)
            elif part.key in values:
                piece = part.rendered(values[part.key])
            if piece is not None and (not piece or piece in (".", "..") or set(piece) & set("/\0")):
                return None
            if piece is None and symbolic:
                piece = part.span.text
        if piece is None:
            return None
        pieces.append(piece)
    return "".join(pieces)


def _calculated(slot: Slot, row: Row) -> str | None:
    """What an expression over the fields of a row prints, or None where that is not known."""
    if slot.core is None:
        return None
    names: dict[str, object] = {}
    for name, value in row.items():
        names[name] = names[f"@.{name}"] = value
    for name, field in slot.fields:
        if name in row:
            names[name] = names[f"@.{name}"] = typed(field.type, row[name])
    try:
        text = plain_text(value_of(slot.core, names))
    except NotKnownError:
        return None
    return applied(slot.field.type, text, slot.filters) if slot.filters else text


def overlap(pair: Pair, left: str, right: str) -> bool:
    """Whether two rendered paths are one, or one lies in the tree of the other."""
    left, right = pair.cased(left), pair.cased(right)
    if left == right:
        return True
    return pair.has_tree and (left.startswith(f"{right}/") or right.startswith(f"{left}/"))


def told(
    pair: Pair,
    left: Row,
    right: Row,
    params: Row,
    by: tuple[str, ...] = (),
    filtered: tuple[str, str] | None = None,
    word: str | None = None,
) -> Witness | None:
    """The witness of two rows, if they are two and their paths, rendered now, do meet.

    ``word`` is the path that both are to have, one of many where a path is that of many files.
    """
    symbolic = _alike(pair)
    paths = (
        _matching(pair.paths.left, word) or rendered(pair.paths.left, left, params, symbolic),
        _matching(pair.paths.right, word) or rendered(pair.paths.right, right, params, symbolic),
    )
    if paths[0] is None or paths[1] is None or not overlap(pair, paths[0], paths[1]):
        return None
    if not possible(pair, left, right, params) or not both_taken(pair):
        return None
    return Witness(
        _shown(pair.left, left, by),
        _shown(pair.right, right, by),
        rendered(pair.left.path.shown, left, params, True) or paths[0],
        rendered(pair.right.path.shown, right, params, True) or paths[1],
        by,
        filtered,
    )


def _matching(parts: tuple[Part, ...], word: str | None) -> str | None:
    """``word``, if it is one of the paths of many files that ``parts`` match."""
    texts = [
        re.escape(part.text) if isinstance(part, Text) else part.expression
        for part in parts
        if isinstance(part, Text | Glob)
    ]
    if word is None or len(texts) < len(parts) or not any(isinstance(part, Glob) for part in parts):
        return None
    return word if re.fullmatch("".join(texts), word, re.DOTALL) else None


def _shown(access: Access, row: Row, by: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    claimed = access.scope.split.identity if access.scope.split is not None else ()
    slots = {slot.key: slot for slot in access.path.slots if slot.origin in ("field", "free")}
    used = (name for slot in access.path.slots for name, _ in slot.fields)
    names = (*slots, *used, *by, *claimed)
    return tuple(
        (_name(name, slots), shown(slots[name].field if name in slots else access.scope.field(name), row[name]))
        for name in dict.fromkeys(names)
        if name in row
    )


def _name(key: str, slots: Mapping[str, Slot]) -> str:
    """What a witness calls a value: a field by its path, an argument that is chosen freely as its hole is written."""
    return slots[key].span.text.strip("{}- ") if key in slots and slots[key].origin == "free" else key


def _all_parts(pair: Pair) -> tuple[Part, ...]:
    return (*pair.paths.left, *pair.paths.right)


def _alike(pair: Pair) -> bool:
    """Whether both templates are one and the same function of a sub-problem."""
    left, right = pair.paths.left, pair.paths.right
    return len(left) == len(right) and all(
        one.same_as(other) if isinstance(one, Slot) else isinstance(one, Text) and one == other
        for one, other in zip(left, right, strict=True)
    )


def _same_subproblems(pair: Pair) -> bool:
    one, other = pair.left.scope.split, pair.right.scope.split
    if one is None or other is None:
        return False
    return (one.table, one.rule, one.arguments) == (other.table, other.rule, other.arguments)


def _must_differ(pair: Pair) -> list[Fields]:
    """The sets of fields in each of which two different sub-problems must differ."""
    return list(dict.fromkeys((*pair.left.scope.identities, *pair.left.scope.claimed)))


def _sample_row(parts: tuple[Part, ...]) -> Row:
    """A value for each field of the template, such that the template renders where that is known."""
    row: Row = {}
    for part in parts:
        if isinstance(part, Slot) and part.origin == "field" and part.key not in row:
            values = samples(part.field, 4)
            fitting = [value for value in values if part.rendered(value)]
            if values:
                row[part.key] = (fitting or values)[0]
    return row


def _told_apart_elsewhere(pair: Pair) -> Witness | None:
    """Two sub-problems that agree in all that the path shows, and differ in fields that it does not."""
    touched: set[str] = set()
    for part in pair.paths.left:
        if isinstance(part, Slot) and part.origin in ("derived", "free"):
            if part.touches is None:
                return None
            touched |= part.touches
        elif isinstance(part, Slot) and part.origin == "field":
            touched.add(part.key)
    sets = _must_differ(pair)
    if pair.left.scope.kind == "calls" and touched:
        return None
    if "rows" in touched and pair.left.scope.split is not None and pair.left.scope.split.partitions:
        # Each row is in one sub-problem only, so two do not have the same rows.
        return None
    left = _sample_row(pair.paths.left)
    right = dict(left)
    by: list[str] = []
    for fields in sets:
        if any(name in fields for name in by):
            continue
        free = [name for name in sorted(fields) if name not in touched and name.split(".")[0] not in touched]
        if not any(_give_two(pair, name, left, right, by) for name in free):
            return None
    return told(pair, left, right, {}, tuple(by))


def _give_two(pair: Pair, name: str, left: Row, right: Row, by: list[str]) -> bool:
    """Whether ``name``, which the rows do not both have yet, could be given two different values."""
    field = pair.left.scope.field(name)
    if field is None:
        return False
    given = [row[name] for row in (left, right) if name in row]
    fresh = [value for value in samples(field, 3) if value not in given]
    for row in (left, right):
        if name not in row:
            if not fresh:
                return False
            row[name] = fresh.pop(0)
    by.append(name)
    return True


def _merged_by_a_filter(pair: Pair) -> Iterator[Witness | None]:
    """Two sub-problems that differ in one field, which a filter of the path makes one."""
    sets = _must_differ(pair)
    slots = [part for part in pair.paths.left if isinstance(part, Slot)]
    if any(slot.origin not in ("field", "param") for slot in slots):
        return
    for slot in slots:
        same_field = [one for one in slots if one.origin == "field" and one.key == slot.key]
        if slot.origin != "field" or not any(slot.key in fields for fields in sets):
            continue
        for one, other, name in merged(slot.field.type, slot.filters):
            allowed = is_value(slot.field, one) and is_value(slot.field, other)
            texts = [(same.rendered(one), same.rendered(other)) for same in same_field]
            if not allowed or any(text is None or text != its for text, its in texts):
                continue
            left = {**_sample_row(pair.paths.left), slot.key: one}
            right = {**left, slot.key: other}
            by: list[str] = []
            if _made_different(pair, sets, left, right, by):
                yield told(pair, left, right, {}, tuple(by), (slot.key, name))


def _made_different(pair: Pair, sets: list[Fields], left: Row, right: Row, by: list[str]) -> bool:
    """Whether the rows differ in each of the sets, once fields that the paths do not show have values."""
    for fields in sets:
        if any(name in left and name in right and left[name] != right[name] for name in fields):
            continue
        missing = [name for name in sorted(fields) if name not in left or name not in right]
        if not any(_give_two(pair, name, left, right, by) for name in missing):
            return False
    return True


def _one_row_twice(pair: Pair) -> Witness | None:
    """One sub-problem that both steps work on."""
    row = _sample_row(pair.paths.left)
    return told(pair, row, row, {})


def _tried(pair: Pair) -> Iterator[Witness | None]:
    """Rows that meet among those that are worth a try."""
    parts = _all_parts(pair)
    constants = constants_of(parts)
    sides = [
        [(row, pair.cased(path)) for row in rows(of, constants) if (path := rendered(of, row, {})) is not None]
        for of in (pair.paths.left, pair.paths.right)
    ]
    for left, right in meeting(*sides):
        yield _of_rows(pair, dict(left), dict(right), {}, None)


def _from_meeting(pair: Pair, meeting: Meeting) -> Witness | None:
    """The rows that a shared word was rendered from."""
    params: Row = {}
    left = _values(pair.paths.left, meeting.text, meeting.left, params)
    right = _values(pair.paths.right, meeting.text, meeting.right, params)
    if left is None or right is None:
        return None
    return _of_rows(pair, left, right, params, meeting.text)


def _of_rows(pair: Pair, left: Row, right: Row, params: Row, word: str | None) -> Witness | None:
    """The witness of two rows that have one path, if they can be those of two sub-problems."""
    by: list[str] = []
    misread = left != right
    if pair.separate:
        if pair.left.scope.kind == "calls" and (left or right):
            return None
        if not _made_different(pair, _must_differ(pair), left, right, by):
            return None
    elif _same_subproblems(pair):
        both = left.keys() & right.keys()
        if all(left[name] == right[name] for name in both):
            left = right = {**left, **right}
        elif not _made_different(pair, _must_differ(pair), left, right, by):
            return None
    return told(pair, left, right, params, () if misread else tuple(by), word=word)


def values_in(parts: tuple[Part, ...], text: str, labels: tuple[int, ...]) -> Row | None:
    """The value of each field that one side shows in a word, or None when the word asks for what no row has."""
    params: Row = {}
    row = _values(parts, text, labels, params)
    return None if params or any(isinstance(part, Slot) and part.origin == "derived" for part in parts) else row


def _values(parts: tuple[Part, ...], text: str, labels: tuple[int, ...], params: Row) -> Row | None:
    """The value of each field of one side, or None when the word asks for what no row has."""
    row: Row = {}
    for number, part in enumerate(parts):
        if not isinstance(part, Slot):
            continue
        piece = "".join(letter for letter, label in zip(text, labels, strict=True) if label == number)
        value = undone(part.field.type, piece, part.filters)
        known = params if part.origin == "param" else row
        if value is None or not is_value(part.field, value) or known.get(part.key, value) != value:
            return None
        known[part.key] = value
    return row
