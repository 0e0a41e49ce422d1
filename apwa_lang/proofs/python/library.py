"""The tables of effects of library functions: what each may touch and what it gives back.

In: the files ``stdlib/*.effects`` and ``packages/*.effects``, written as ``README.md`` beside them says.
Out: an ``Entry`` for each name.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from apwa_lang.proofs.python.findings import Kind

_HERE = Path(__file__).parent
_TOLD = frozenset(["__call__", "__enter__", "__exit__", "__getitem__", "__next__"])
_TOKEN = re.compile(r"\*\*|\*|=?[A-Za-z_][\w.]*|\d+(?:/\w+)?|\[\]|\{\}|[\[\],|()]")


@dataclass(frozen=True, slots=True)
class Expr:
    """A part of an entry that denotes values: an argument, an element of one, or a fresh object of a type."""

    name: str
    place: int | None = None
    access: str = ""
    inner: tuple[tuple[Expr, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """``kind`` happens, to the object that ``target`` denotes if there is one."""

    kind: Kind
    target: Expr | None
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one library function does. ``result`` None means that nothing is known of what it gives back."""

    name: str
    result: tuple[Expr, ...] | None = None
    mutates: tuple[Expr, ...] = ()
    stores: tuple[Expr, ...] = ()
    keys: tuple[Expr, ...] = ()
    calls: tuple[tuple[Expr, tuple[tuple[Expr, ...], ...]], ...] = ()
    effects: tuple[Effect, ...] = ()
    is_value: bool = False
    static: bool = False
    other_version: bool = False


@dataclass(slots=True)
class Type:
    """A library class. ``frozen`` objects never change; ``immutable`` ones hold no other objects either; those that are
    ``consumed`` change when they are iterated; of ``complete`` ones every method is in the table."""

    name: str
    bases: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    hooks: tuple[str, ...] = ()
    members: dict[str, Line] = field(default_factory=dict)


Line = tuple[str, str, bool]
"""Full name, clauses, and whether the name is one of other Python versions."""


@dataclass(slots=True)
class Library:
    """All tables."""

    entries: dict[str, Line] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)

    def member(self, type: str, name: str) -> Entry | None:
        """The method or attribute ``name`` of a library type or of its bases."""
        found = self.types.get(type)
        if found is None:
            return None
        if name in found.members:
            return _entry(*found.members[name])
        return next((entry for base in found.bases if (entry := self.member(base, name))), None)

    def entry(self, name: str) -> Entry | None:
        """The function, variable or method of that full name."""
        if name in self.entries:
            return _entry(*self.entries[name])
        owner, _, last = name.rpartition(".")
        return self.member(owner, last) if owner in self.types else None

    def has(self, type: str, flag: str) -> bool:
        """Whether a library type or one of its bases carries ``flag``."""
        found = self.types.get(type)
        return found is not None and (flag in found.flags or any(self.has(base, flag) for base in found.bases))

    def lacks(self, type: str, name: str) -> bool:
        """Whether it is sure that objects of the type have no attribute ``name``. Tables omit most special methods."""
        known = not name.startswith("__") or name in _TOLD
        return known and self.has(type, "complete") and self.member(type, name) is None

    def is_module(self, name: str) -> bool:
        """Whether ``name`` is a library module that may be imported without effect."""
        top = name.partition(".")[0]
        return top in self.packages or top in sys.stdlib_module_names

    def natives(self, name: str) -> list[Entry]:
        """What ``name`` may be on a value that the runtime hands over, whatever its type."""
        found = (self.member(type.name, name) for type in self.types.values() if "native" in type.flags)
        return [entry for entry in found if entry is not None]


@lru_cache(maxsize=1)
def library() -> Library:
    """The tables, read once."""
    tables = Library()
    for file in sorted([*_HERE.glob("stdlib/*.effects"), *_HERE.glob("packages/*.effects")]):
        read(file.read_text(encoding="utf-8"), tables)
    return tables


def read(text: str, tables: Library) -> None:
    """Add the entries of one file to ``tables``."""
    owner = ""
    members: dict[str, Line] | None = None
    for line in text.split("\n"):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        word, _, rest = line.partition(" ")
        if word == "module":
            owner, members = rest.strip(), None
            tables.modules.add(owner)
        elif word == "packages":
            tables.packages.update(rest.split())
        elif word == "type":
            type = _type(rest)
            members = tables.types.setdefault(type.name, type).members
            owner = type.name
        else:
            names, _, clauses = line.partition(":")
            for name in names.split():
                full = f"{owner}.{name.removesuffix('?')}"
                (tables.entries if members is None else members)[
                    full if members is None else name.removesuffix("?")
                ] = (full, clauses, name.endswith("?"))


def _type(text: str) -> Type:
    head, _, hooks = text.partition(" hooks ")
    name, *flags = head.split()
    name, _, bases = name.partition("(")
    return Type(name, tuple(filter(None, bases.rstrip(")").split(","))), frozenset(flags), tuple(hooks.split()))


@cache
def _entry(name: str, text: str, other_version: bool) -> Entry:
    result: tuple[Expr, ...] | None = None
    groups: dict[str, list[Expr]] = {"mutates": [], "stores": [], "keys": []}
    calls: list[tuple[Expr, tuple[tuple[Expr, ...], ...]]] = []
    effects: list[Effect] = []
    flags: set[str] = set()
    for clause in filter(None, (part.strip() for part in text.split(";"))):
        word, _, rest = clause.partition(" ")
        kind, _, target = word.partition("@")
        if word == "->":
            result = _alternatives(_Tokens(rest))
        elif word in groups:
            groups[word] += [_atom(_Tokens(part)) for part in rest.split()]
        elif word == "calls":
            calls.append(_callback(_Tokens(rest)))
        elif word in ("value", "static"):
            flags.add(word)
            if rest:
                result = _alternatives(_Tokens(rest))
        elif kind in Kind.__members__:
            effects.append(Effect(Kind(kind), _atom(_Tokens(target)) if target else None, rest.strip()))
        else:
            raise ValueError(f"{name}: {clause!r} is no clause")
    if result is None and "mutates" in text and not calls:
        result = (Expr("None"),)
    return Entry(
        name,
        result,
        tuple(groups["mutates"]),
        tuple(groups["stores"]),
        tuple(groups["keys"]),
        tuple(calls),
        tuple(effects),
        "value" in flags,
        "static" in flags,
        other_version,
    )


class _Tokens:
    def __init__(self, text: str) -> None:
        self.items: list[str] = _TOKEN.findall(text)
        if "".join(self.items) != text.replace(" ", ""):
            raise ValueError(f"cannot read {text!r}")
        self.items.reverse()

    def next(self) -> str:
        return self.items.pop()

    def take(self, token: str) -> bool:
        if self.items and self.items[-1] == token:
            self.items.pop()
            return True
        return False


def _alternatives(tokens: _Tokens) -> tuple[Expr, ...]:
    found = [_atom(tokens)]
    while tokens.take("|"):
        found.append(_atom(tokens))
    return tuple(found)


def _atom(tokens: _Tokens) -> Expr:
    word = tokens.next()
    place: int | None = None
    if word[0].isdigit():
        number, _, name = word.partition("/")
        place, word = int(number), name
    access = ""
    inner: list[tuple[Expr, ...]] = []
    while tokens.items and tokens.items[-1] in ("[]", "{}", "["):
        if tokens.take("["):
            inner.append(_alternatives(tokens))
            while tokens.take(","):
                inner.append(_alternatives(tokens))
            tokens.take("]")
        else:
            access += tokens.next()
    return Expr(word, place, access, tuple(inner))


def _callback(tokens: _Tokens) -> tuple[Expr, tuple[tuple[Expr, ...], ...]]:
    function = _atom(tokens)
    arguments: list[tuple[Expr, ...]] = []
    tokens.take("(")
    while tokens.items and not tokens.take(")"):
        arguments.append(_alternatives(tokens))
        tokens.take(",")
    return function, tuple(arguments)
