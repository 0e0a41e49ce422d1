"""Paths as texts that are written otherwise: with ``| key``, parted by ``-``, with fields added, in another folder.

In: an access whose path stands in the source. Out: its text, changed; the same text where a change does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.filters import inner
from apwa_lang.proofs.parts import Slot
from apwa_lang.semantics.program import Hole
from apwa_lang.semantics.types import STR
from apwa_lang.syntax.source import Span

_SIMPLE = re.compile(r"\{\{-?\s*[\w.]+\s*-?\}\}")
_HOLE_END = re.compile(r"\s*(-?\}\})$")
_PLAIN = re.compile(r"\{\{-?\s*([^|]*?)\s*(?:\||-?\}\})")
_SUFFIX = re.compile(r"\.\w[\w.]*$")
_TREE = "**"


@dataclass(frozen=True, slots=True)
class Piece:
    """Fixed text, or a hole as it is written."""

    text: str
    hole: Hole | None = None


Pieces = tuple[Piece, ...]


def written_span(access: Access) -> Span | None:
    """Where the path stands in the source, without its quotes; None for an empty one."""
    segments = access.effect.target.segments
    return segments[0].span.to(segments[-1].span) if segments else None


def written(access: Access) -> Pieces:
    """The path as it stands in the source."""
    segments = access.effect.target.segments or ()
    return tuple(Piece(one.span.text, one if isinstance(one, Hole) else None) for one in segments)


def text_of(pieces: Iterable[Piece]) -> str:
    """The text of a whole path."""
    return "".join(piece.text for piece in pieces)


def keyed(access: Access, pieces: Pieces) -> Pieces:
    """With ``| key`` on each text that nothing filters."""
    return tuple(replace(one, text=_with_key(one.text)) if _is_free_text(access, one) else one for one in pieces)


def parted(access: Access, pieces: Pieces) -> Pieces:
    """With ``-`` between holes that stand side by side."""
    found: list[Piece] = []
    for piece in pieces:
        if found and piece.hole is not None and found[-1].hole is not None:
            found.append(Piece("-"))
        found.append(piece)
    return tuple(found)


def unfiltered(access: Access, pieces: Pieces) -> Pieces:
    """Without the filters that may give different values one text."""
    return tuple(replace(one, text=_plain(one.text)) if _is_blurred(access, one) else one for one in pieces)


def refiltered(access: Access, pieces: Pieces) -> Pieces:
    """With ``| key`` in place of the filters that may give different texts one."""
    return tuple(
        replace(one, text=_with_key(_plain(one.text)))
        if _is_blurred(access, one) and one.hole is not None and inner(one.hole.type) == STR
        else one
        for one in pieces
    )


def with_identity(access: Access, pieces: Pieces, key: bool) -> Pieces:
    """With those fields of an identity that are missing, before the suffix."""
    slots = [part for part in access.path.shown if isinstance(part, Slot) and part.origin == "field"]
    shown = {slot.key for slot in slots}
    for fields in _identities(access):
        missing = [_hole(access, name, key) for name in fields if name not in shown]
        if missing and all(missing):
            head, tail = _before_suffix(pieces)
            glue = "/" if access.path.tree else "-" if text_of(head)[-1:] not in ("", "/") else ""
            return (*head, Piece(glue + "-".join(one for one in missing if one)), *tail)
    return pieces


def by_identity(access: Access, pieces: Pieces) -> Pieces:
    """The folder and the suffix with nothing between them but the fields of an identity."""
    folder = pieces[0].text[: pieces[0].text.rfind("/") + 1] if pieces[0].hole is None else ""
    suffix = text_of(_before_suffix(pieces)[1])
    for fields in _identities(access):
        holes = [_hole(access, name, len(fields) > 1 or name.split(".")[-1] == "path") for name in fields]
        if all(holes):
            return (Piece(folder + "-".join(one for one in holes if one) + suffix),)
    return pieces


def in_folder(access: Access, pieces: Pieces, name: str) -> Pieces:
    """With a folder more, around what the path ends in."""
    for number in range(len(pieces) - 1, -1, -1):
        piece = pieces[number]
        at = piece.text.removesuffix(f"/{_TREE}").rfind("/") if piece.hole is None else -1
        if at >= 0:
            changed = f"{piece.text[: at + 1]}{name}/{piece.text[at + 1 :]}"
            return (*pieces[:number], replace(piece, text=changed), *pieces[number + 1 :])
    return (Piece(f"{name}/"), *pieces)


def renamed(access: Access, pieces: Pieces, name: str) -> Pieces:
    """With a file of another name, where the path's last component is plain text with a suffix."""
    last = pieces[-1]
    folder, slash, file = last.text.rpartition("/")
    found = _SUFFIX.search(file)
    if last.hole is not None or found is None or (len(pieces) > 1 and not slash):
        return pieces
    return (*pieces[:-1], replace(last, text=f"{folder}{slash}{name}{found[0]}"))


def below_folder(access: Access, pieces: Pieces, name: str) -> Pieces:
    """With a folder more, around all of the path."""
    return (Piece(f"{name}/"), *pieces)


def _is_free_text(access: Access, piece: Piece) -> bool:
    if piece.hole is None or not _SIMPLE.fullmatch(piece.text) or inner(piece.hole.type) != STR:
        return False
    return all(slot.origin not in ("param", "free") for slot in _slots(access, piece.hole))


def _is_blurred(access: Access, piece: Piece) -> bool:
    slots = _slots(access, piece.hole) if piece.hole is not None and "|" in piece.text else []
    return any(slot.origin != "param" and not slot.tells_apart for slot in slots)


def _slots(access: Access, hole: Hole) -> list[Slot]:
    return [part for part in access.path.shown if isinstance(part, Slot) and part.span == hole.span]


def _with_key(text: str) -> str:
    return _HOLE_END.sub(r" | key \1", text)


def _plain(text: str) -> str:
    found = _PLAIN.match(text)
    return f"{{{{ {found[1]} }}}}" if found else text


def _identities(access: Access) -> list[list[str]]:
    """The identities, smallest first, the fields of each in the order of the record."""
    order = [one.name for one in access.scope.record.fields] if access.scope.record is not None else []

    def place(name: str) -> tuple[int, str]:
        first = name.split(".")[0]
        return order.index(first) if first in order else len(order), name

    return sorted((sorted(fields, key=place) for fields in access.scope.identities), key=lambda one: (len(one), one))


def _hole(access: Access, name: str, key: bool) -> str | None:
    """How the task's templates show a field of the sub-problem, or None if they cannot."""
    field, expression = access.scope.field(name), access.binding.expression(name)
    if field is None or expression is None:
        return None
    return f"{{{{ {expression} | key }}}}" if key and inner(field.type) == STR else f"{{{{ {expression} }}}}"


def _before_suffix(pieces: Pieces) -> tuple[Pieces, Pieces]:
    """The path, and its suffix; of a tree, the ``/**`` at its end."""
    last = pieces[-1]
    if last.hole is not None:
        return pieces, ()
    if last.text.endswith(_TREE):
        at = len(last.text.removesuffix(_TREE).removesuffix("/"))
    else:
        found = _SUFFIX.search(last.text)
        at = found.start() if found else len(last.text)
    return (*pieces[:-1], replace(last, text=last.text[:at])), (replace(last, text=last.text[at:]),)
