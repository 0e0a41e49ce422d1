"""Path templates in a form that can be compared: parts with known origins, in normal form, below a root.

In: a template, what the names in it stand for, whether it is a tree. Out: a :class:`Path`, and for two of them the
parts that are left to compare once both are below one root.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from apwa_lang.proofs.parts import Glob, Part, Slot, Text, Wild
from apwa_lang.proofs.regex import (
    Automaton,
    Concat,
    Labelled,
    Regex,
    TooLargeError,
    automaton,
    optional,
    word,
)
from apwa_lang.proofs.values import ANYTHING, TEXT
from apwa_lang.semantics.program import Hole, Literal, Template

_UNKNOWN = (Wild(),)
_GLOB = re.compile(r"(\*\*.*|\*|\?|\[[^\]]*\])")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
_LOCAL_SCHEMES = {"file", "local"}
_SCHEME_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_DISTINCT_SCHEMES = {"s3://", "gs://", "memory://"}
_VAGUE_SCHEMES = {f"{name}://" for name in ("az", "abfs", "abfss", "adl", "http", "https")}


@dataclass(frozen=True, eq=False)
class Path:
    """``parts`` below ``root``; ``shown`` is the path as written.

    A root is ``""`` for the program's folder, ``../`` (any number) for one around it, ``/``, a scheme with ``://``, or
    None when it is not known.
    """

    root: str | None
    parts: tuple[Part, ...]
    tree: bool
    shown: tuple[Part, ...]

    @property
    def globs(self) -> bool:
        """Whether the path is that of many files, as far as there are any."""
        return any(isinstance(part, Glob) for part in self.parts)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The holes, from left to right."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


def machine(parts: tuple[Part, ...], below: bool) -> Automaton:
    """The automaton of ``parts``, labelled by their numbers, and of all ``below`` them if that is asked for.

    Of parts that are too large, more texts are taken than they have. Raises :class:`TooLargeError` for a path that is
    still too long.
    """
    rest = [optional(Concat((word("/"), ANYTHING)))] if below else []
    try:
        return automaton(Concat((*(Labelled(_regex(part), label) for label, part in enumerate(parts)), *rest)))
    except TooLargeError:
        plain = [Labelled(_widened(part), label) for label, part in enumerate(parts)]
        return automaton(Concat((*plain, *rest)))


@lru_cache(maxsize=512)
def whole_machine(path: Path, below: bool) -> Automaton:
    """The automaton of a whole path, remembered for the many pairs that it is in. Raises :class:`TooLargeError`."""
    return machine(path.parts, below)


def _regex(part: Part) -> Regex:
    match part:
        case Text(text):
            return word(text)
        case Wild():
            return ANYTHING
        case Slot() | Glob():
            return part.regex


def _widened(part: Part) -> Regex:
    if isinstance(part, Slot):
        return TEXT
    return word(part.text) if isinstance(part, Text) and len(part.text) < 200 else ANYTHING


def template_path(template: Template, slots_of: Callable[[Hole], tuple[Slot | Text, ...]], tree: bool) -> Path:
    """The path of a template whose holes mean what ``slots_of`` says; a ``/**`` at its end makes it a tree."""
    if template.segments is None:
        return _unknown(_UNKNOWN, tree)
    parts: list[Part] = []
    for number, segment in enumerate(template.segments):
        if not isinstance(segment, Literal):
            parts.extend(slots_of(segment))
            continue
        text = segment.text
        if number == len(template.segments) - 1 and (text == "**" or text.endswith("/**")):
            tree, text = True, text[:-2]
        parts.extend(Wild() if "*" in piece else Text(piece) for piece in re.findall(r"\*+|[^*]+", text))
    return normal_path(_joined(parts), tree)


def template_endpoint(template: Template, slots_of: Callable[[Hole], tuple[Slot | Text, ...]]) -> Path:
    """The endpoint of a template of a host or a URL; of a host alone, every endpoint there."""
    parts: list[Part] = []
    for segment in template.segments or ():
        parts.extend((Text(segment.text),) if isinstance(segment, Literal) else slots_of(segment))
    flat = _joined(parts)
    if flat and isinstance(flat[0], Text):
        flat = _joined((Text(_SCHEME.sub("", flat[0].text, count=1)), *flat[1:]))
    written = "".join(part.text if isinstance(part, Text) else "?" for part in flat)
    alone = "/" not in written.rstrip("/")
    return Path("", flat, alone, flat) if template.segments is not None else _unknown(_UNKNOWN, alone)


def pattern_path(text: str) -> Path:
    """The paths that a pattern of files matches."""
    pieces = (piece for piece in _GLOB.split(text) if piece)
    return normal_path(tuple(Glob(piece) if _GLOB.fullmatch(piece) else Text(piece) for piece in pieces), False)


def _unknown(shown: tuple[Part, ...], tree: bool) -> Path:
    return Path(None, _UNKNOWN, tree, shown)


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with neighbouring texts in one, without empty texts."""
    result: list[Part] = []
    for part in parts:
        if result and isinstance(part, Text) and isinstance(last := result[-1], Text):
            result[-1] = Text(last.text + part.text)
        elif part != Text(""):
            result.append(part)
    return tuple(result)


def normal_path(shown: tuple[Part, ...], tree: bool) -> Path:
    """The path with ``.``, ``..`` and doubled slashes of its fixed texts gone."""
    root, parts = _rooted(shown)
    if parts is None:
        return _unknown(shown, tree)
    kept: list[list[Part]] = []
    up = 0
    for component in _components(parts):
        if component in ([], [Text(".")]):
            continue
        if component != [Text("..")]:
            kept.append(component)
        elif kept:
            if any(isinstance(part, Wild | Glob) for part in kept.pop()):
                return _unknown(shown, tree)
        else:
            up += 1
    if up and root == "":
        root = "../" * up
    elif up and root != "/":
        return _unknown(shown, tree)
    flat = _joined(
        part for number, component in enumerate(kept) for part in ([Text("/")] if number else []) + component
    )
    return Path(root, flat if flat or not tree else _UNKNOWN, tree, shown)


def _rooted(parts: tuple[Part, ...]) -> tuple[str | None, tuple[Part, ...] | None]:
    """The root and what lies below it; None for parts whose root is anybody's guess."""
    first = parts[0] if parts else Text("")
    root: str | None = ""
    rest = parts
    if isinstance(first, Wild):
        return None, None
    if isinstance(first, Slot):
        root = ""
    elif isinstance(first, Text):
        text = first.text
        if found := _SCHEME.match(text):
            scheme = found[1].lower()
            text = text[found.end() :]
            root = "/" if scheme in _LOCAL_SCHEMES else f"{_SCHEME_ALIASES.get(scheme, scheme)}://"
            if root == "/" and not text.startswith("/"):
                return None, None
        elif text.startswith("/"):
            root = "/"
        elif text.endswith(":") and "/" not in text:
            return None, None
        rest = (Text(text), *parts[1:])
    if any(isinstance(part, Text) and ("://" in part.text or "::" in part.text) for part in rest):
        return None, None
    return root, rest


def _components(parts: tuple[Part, ...]) -> list[list[Part]]:
    components: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, Text):
            components[-1].append(part)
            continue
        for number, text in enumerate(part.text.split("/")):
            if number:
                components.append([])
            if text:
                components[-1].append(Text(text))
    return components


@dataclass(frozen=True, slots=True)
class Aligned:
    """The parts of two paths that are left to compare. ``disjoint`` when the roots alone keep them apart."""

    left: tuple[Part, ...] = ()
    right: tuple[Part, ...] = ()
    disjoint: bool = False


def aligned(left: Path, right: Path, base: tuple[str, ...] | None) -> Aligned:
    """Both paths below one root. ``base`` are the components of the program's folder, where it is known."""
    if left.root is None and right.root is None:
        cut = _without_common_ends(left, right)
        if cut.left[:1] != left.parts[:1]:
            return cut
    elif left.root is not None and right.root is not None:
        if left.root == right.root:
            return _anywhere(left, right) if left.root in _VAGUE_SCHEMES else _without_common_ends(left, right)
        if _keep_apart(left.root, right.root):
            return Aligned(disjoint=True)
        one, other = _below_slash(left, base), _below_slash(right, base)
        if one is not None and other is not None:
            return _without_common_ends(one, other)
    return _anywhere(left, right)


def _keep_apart(one: str, other: str) -> bool:
    """Whether nothing below one root lies below the other too."""
    schemes = {root for root in (one, other) if root.endswith("://")}
    return bool(schemes) and schemes <= _DISTINCT_SCHEMES


def _below_slash(path: Path, base: tuple[str, ...] | None) -> Path | None:
    """The path from ``/``, or None when that is not known."""
    if path.root == "/":
        return path
    if base is None or path.root is None or path.root.endswith("://"):
        return None
    folders = base[: max(len(base) - path.root.count("/"), 0)]
    prefix = Text("".join(f"{folder}/" for folder in folders))
    return replace(path, root="/", parts=_joined((prefix, *path.parts)))


def _anywhere(left: Path, right: Path) -> Aligned:
    """Both paths as they end, below folders that may be any."""
    return Aligned((Wild(), *left.parts), (Wild(), *right.parts))


def _without_common_ends(left: Path, right: Path) -> Aligned:
    """The parts without the constants, parameters of the program among them, that both begin or end with."""
    if not any(slot.origin == "param" for slot in left.slots):
        return Aligned(left.parts, right.parts)
    one, other = _cut(left.parts, right.parts)
    if not (left.tree or right.tree):
        one, other = _cut(_reversed(one), _reversed(other))
        one, other = _reversed(one), _reversed(other)
    return Aligned(one, other)


def _cut(left: tuple[Part, ...], right: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both without what they begin with alike; nothing is cut unless a parameter of the program goes."""
    one, other = list(left), list(right)
    cut = left, right
    while one and other:
        first, second = one[0], other[0]
        if isinstance(first, Text) and isinstance(second, Text):
            common = _common(first.text, second.text)
            one[:1] = [Text(first.text[common:])] if first.text[common:] else []
            other[:1] = [Text(second.text[common:])] if second.text[common:] else []
            if not common:
                break
        elif isinstance(first, Slot) and first.origin == "param" and first.same_as(second):
            del one[0], other[0]
            cut = tuple(one), tuple(other)
        else:
            break
    return cut


def _common(one: str, other: str) -> int:
    """How many characters both begin with alike."""
    shorter = min(len(one), len(other))
    return next((place for place in range(shorter) if one[place] != other[place]), shorter)


def _reversed(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(Text(part.text[::-1]) if isinstance(part, Text) else part for part in reversed(parts))
