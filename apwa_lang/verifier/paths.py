"""Paths: parts below a root, in normal form, and two of them below one root.

In: the pieces of a template, what its holes show, whether it is a tree. Out: a path; for two, the parts that are left
to compare, or that their roots keep them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from apwa_lang.verifier.applied import Filter
from apwa_lang.verifier.filters import filtered, kept_apart
from apwa_lang.verifier.places import (
    Expression,
    Part,
    Places,
    Row,
    Times,
    TooManyPlacesError,
    perhaps,
    places,
    text,
)
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.templates import Hole
from apwa_lang.verifier.texts import ANYTHING, NAME, NAME_LETTER
from apwa_lang.verifier.types import Column


@dataclass(frozen=True, slots=True)
class Wild:
    """Any text."""


@dataclass(frozen=True, slots=True)
class Glob:
    """Any text that a piece of a file pattern matches: ``*``, ``?``, ``[ab]``, or ``**`` with all after it."""

    pattern: str

    @property
    def expression(self) -> Expression:
        """The texts that may match."""
        if self.pattern.startswith("**"):
            return ANYTHING
        return Times(NAME_LETTER, 0, None) if self.pattern == "*" else NAME_LETTER


@dataclass(frozen=True, slots=True)
class Shown:
    """What a hole shows.

    A ``field`` of the sub-problem, a ``param`` of the program, what is ``computed`` from them, or, anew at each call,
    any ``free`` value of the type.
    """

    origin: str
    name: str
    column: Column
    filters: tuple[Filter, ...]

    def equals(self, other: Piece) -> bool:
        """Whether the two show one text wherever they are about one sub-problem."""
        return (
            isinstance(other, Shown)
            and self.origin == other.origin
            and self.origin in ("field", "param")
            and (self.name, self.filters) == (other.name, other.filters)
        )

    @property
    def tells_apart(self) -> bool:
        """Whether it shows a field, and no two values of it alike."""
        return self.origin == "field" and kept_apart(self.column, self.filters)

    @property
    def without_slash(self) -> bool:
        """Whether no value is shown with a ``/``, which a path would refuse but an endpoint does not."""
        if self.filters:
            return self.filters[-1].name in ("key", "hex", "sha256")
        return self.column.type.kind in ("int", "bool", "date", "uuid")

    @property
    def expression(self) -> Expression:
        """The texts that it may show."""
        return filtered(self.column, self.filters)


Piece = str | Wild | Glob | Shown
Pieces = tuple[Piece, ...]

_WILD = re.compile(r"(\*\*.*|\*|\?|\[[^\]]*\])")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs", "local": "file"}
_APART = frozenset({"s3://", "gs://", "memory://"})
_VAGUE = frozenset(f"{name}://" for name in ("az", "abfs", "abfss", "adl", "http", "https"))
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class Path:
    """``pieces`` below ``root``.

    A root is ``""``, the program's folder, ``../`` and so on, one around it, ``/``, a scheme with ``://``, or None
    where it is not known. ``exact`` when the rows alone say what it is.
    """

    root: str | None
    pieces: Pieces
    tree: bool
    exact: bool = False

    @cached_property
    def holes(self) -> tuple[Shown, ...]:
        """What its holes show."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Shown))


def _unknown(tree: bool) -> Path:
    return Path(None, (Wild(),), tree)


def path_of(template: list[str | Hole], show: Callable[[Hole], Pieces], tree: bool) -> Path:
    """The path of a template. A last ``/**`` makes it a tree, other stars are any text."""
    pieces: list[Piece] = []
    for number, piece in enumerate(template):
        if isinstance(piece, Hole):
            pieces.extend(show(piece))
            continue
        if number == len(template) - 1 and (piece == "**" or piece.endswith("/**")):
            tree, piece = True, piece[:-2]
        pieces.extend(Wild() if one.startswith("*") else one for one in re.split(r"(\*+)", piece))
    exact = all(isinstance(piece, str) or (isinstance(piece, Shown) and piece.origin != "free") for piece in pieces)
    return replace(_normal(_joined(pieces), tree), exact=exact)


def endpoint_of(template: list[str | Hole], show: Callable[[Hole], Pieces]) -> Path:
    """The endpoint of a template of a host or a URL; of a host alone, every endpoint there."""
    pieces: list[Piece] = []
    for piece in template:
        pieces.extend(show(piece) if isinstance(piece, Hole) else (piece,))
    flat = _joined(pieces)
    if flat and isinstance(flat[0], str):
        flat = _joined((_SCHEME.sub("", flat[0], count=1), *flat[1:]))
    written = "".join(piece if isinstance(piece, str) else "?" for piece in flat)
    return Path("", flat, "/" not in written.rstrip("/"))


def scanned(text: str) -> Path:
    """The path, or the pattern of paths, that a table is read from."""
    pieces = (piece for piece in _WILD.split(text) if piece)
    return _normal(tuple(Glob(piece) if _WILD.fullmatch(piece) else piece for piece in pieces), False)


def _joined(pieces: Sequence[Piece]) -> Pieces:
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _normal(pieces: Pieces, tree: bool) -> Path:
    """Without empty components, ``.`` and ``..`` of the fixed texts."""
    placed = _placed(pieces)
    if placed is None:
        return _unknown(tree)
    root, pieces = placed
    kept: list[Pieces] = []
    above = 0
    for component in _components(pieces):
        if component in ((), (".",)):
            continue
        if component != ("..",):
            kept.append(component)
        elif not kept:
            above += 1
        elif any(isinstance(piece, Wild | Glob) for piece in kept[-1]):
            return _unknown(tree)
        else:
            kept.pop()
    if above and root == "":
        root = "../" * above
    elif above and root != "/":
        return _unknown(tree)
    flat = [piece for number, component in enumerate(kept) for piece in (("/",) if number else ()) + component]
    joined = _joined(flat)
    return Path(root, joined, tree) if joined or not tree else Path(root, (Wild(),), tree)


def _placed(pieces: Pieces) -> tuple[str | None, Pieces] | None:
    """The root and what is below it; None where nothing is known of it."""
    first = pieces[0] if pieces else ""
    if isinstance(first, Wild):
        return None
    root: str | None = ""
    if isinstance(first, str):
        scheme = _SCHEME.match(first)
        if scheme is not None:
            first = first[scheme.end() :]
            name = scheme[1].lower()
            name = _ALIASES.get(name, name)
            root = "/" if name == "file" else f"{name}://"
            if root == "/" and not first.startswith("/"):
                return None
        elif first.startswith("/"):
            root = "/"
        elif first.endswith(":") and "/" not in first:
            return None
        pieces = (first, *pieces[1:])
    if any(isinstance(piece, str) and ("://" in piece or "::" in piece) for piece in pieces):
        return None
    return root, pieces


def _components(pieces: Pieces) -> list[Pieces]:
    components: list[Pieces] = [()]
    for piece in pieces:
        if not isinstance(piece, str):
            components[-1] += (piece,)
            continue
        for number, one in enumerate(piece.split("/")):
            if number:
                components.append(())
            if one:
                components[-1] += (one,)
    return components


@dataclass(frozen=True, slots=True)
class Sides:
    """What is left of two paths below one root; ``apart`` when their roots have nothing in common."""

    left: Pieces = ()
    right: Pieces = ()
    apart: bool = False


def below_one_root(left: Path, right: Path, folder: tuple[str, ...]) -> Sides:
    """Both paths below one root. ``folder`` are the components of the program's folder."""
    if left.root is None and right.root is None:
        cut = _cut(left, right)
        return cut if cut.left[:1] != left.pieces[:1] else _anywhere(left, right)
    if left.root is None or right.root is None:
        return _anywhere(left, right)
    if left.root == right.root:
        return _anywhere(left, right) if left.root in _VAGUE else _cut(left, right)
    schemes = {root for root in (left.root, right.root) if root.endswith("://")}
    if schemes and schemes <= _APART:
        return Sides(apart=True)
    one, other = _from_slash(left, folder), _from_slash(right, folder)
    return _anywhere(left, right) if one is None or other is None else _cut(one, other)


def _from_slash(path: Path, folder: tuple[str, ...]) -> Path | None:
    if path.root == "/":
        return path
    if path.root is None or path.root.endswith("://"):
        return None
    above = folder[: max(len(folder) - path.root.count("/"), 0)]
    return replace(path, root="/", pieces=_joined(("".join(f"{name}/" for name in above), *path.pieces)))


def _anywhere(left: Path, right: Path) -> Sides:
    return Sides((Wild(), *left.pieces), (Wild(), *right.pieces))


def _cut(left: Path, right: Path) -> Sides:
    """Both without what they begin and end with alike, where that holds a parameter of the program."""
    if not any(hole.origin == "param" for hole in left.holes):
        return Sides(left.pieces, right.pieces)
    one, other = _uncommon(left.pieces, right.pieces)
    if not (left.tree or right.tree):
        one, other = _uncommon(_turned(one), _turned(other))
        one, other = _turned(one), _turned(other)
    return Sides(one, other)


def _uncommon(left: Pieces, right: Pieces) -> tuple[Pieces, Pieces]:
    best = left, right
    while left and right:
        one, other = left[0], right[0]
        if isinstance(one, str) and isinstance(other, str):
            length = 0
            while length < min(len(one), len(other)) and one[length] == other[length]:
                length += 1
            if not length:
                break
            left = (one[length:], *left[1:]) if one[length:] else left[1:]
            right = (other[length:], *right[1:]) if other[length:] else right[1:]
        elif isinstance(one, Shown) and one.origin == "param" and one.equals(other):
            left, right = left[1:], right[1:]
            best = left, right
        else:
            break
    return best


def _turned(pieces: Pieces) -> Pieces:
    return tuple(piece[::-1] if isinstance(piece, str) else piece for piece in reversed(pieces))


def laid_out(pieces: Pieces, below: bool) -> Places:
    """The places of a path, of all that lies below it too where that is asked for.

    Of a path with too many places, each hole is taken for any name. Raises :class:`CannotVerifyError` if there still
    are too many.
    """
    rest = (perhaps(Row((text("/"), ANYTHING))),) if below else ()
    try:
        return places(Row((*(Part(_expression(piece), number) for number, piece in enumerate(pieces)), *rest)))
    except TooManyPlacesError:
        pass
    try:
        return places(Row((*(Part(_widest(piece), number) for number, piece in enumerate(pieces)), *rest)))
    except TooManyPlacesError:
        raise CannotVerifyError("a path is too long") from None


def _expression(piece: Piece) -> Expression:
    if isinstance(piece, str):
        return text(piece)
    return ANYTHING if isinstance(piece, Wild) else piece.expression


def _widest(piece: Piece) -> Expression:
    if isinstance(piece, Shown):
        return NAME
    return text(piece) if isinstance(piece, str) and len(piece) < _LONGEST_TEXT else ANYTHING
