"""The abstract objects that a variable may hold while a function is analysed.

In: nothing. Out: the kinds of objects; a value is the set of those that an expression may give. Objects are compared by
identity; the engine makes one for each place in the source.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apwa_lang.proofs.python.contexts import Context
    from apwa_lang.proofs.python.modules import Module


class Obj:
    """Something that a variable may hold."""

    __slots__ = ()


Value = frozenset[Obj]
NOTHING: Value = frozenset()


@dataclass(eq=False, slots=True)
class Imm(Obj):
    """An immutable value of a library type that holds no other objects.

    ``text`` is a constant string or path. ``depth`` is for paths inside the scratch folder: how many folders below it.
    """

    type: str
    text: str | None = None
    depth: int | None = None


@lru_cache(maxsize=65536)
def imm(type: str, text: str | None = None, depth: int | None = None) -> Value:
    """The value that is one immutable object."""
    return frozenset([Imm(type, text, depth)])


@dataclass(eq=False, slots=True)
class Site(Obj):
    """All objects of one type that are made at one place.

    ``shared`` ones are made while a module is imported and live on between calls; ``argument`` names the parameter of
    the analysed function that the objects belong to. ``fields`` has attributes by name, ``[]`` for elements and values,
    ``[k]`` for the keys of mappings, ``0``, ``1`` … for the places of tuples, ``k:name`` for keyword arguments, ``*``
    for those whose place or name is not known.
    """

    type: str
    shared: bool
    label: str = ""
    cls: UserClass | None = None
    argument: str | None = None
    fields: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class UserClass(Obj):
    """A class of the user's. ``names`` are the fields of a data class or named tuple, in order."""

    name: str
    module: Module
    node: ast.AST
    shared: bool
    bases: list[UserClass] = field(default_factory=list)
    library_bases: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    generated: bool = False
    unknown: bool = False
    fields: dict[str, Value] = field(default_factory=dict)

    def mro(self) -> list[UserClass]:
        """The class and its bases in the order in which attributes are looked up."""
        order: list[UserClass] = []
        for cls in [self, *(above for base in self.bases for above in base.mro())]:
            if cls in order:
                order.remove(cls)
            order.append(cls)
        return order

    def library(self) -> list[str]:
        """The library types that the class derives from."""
        return [name for cls in self.mro() for name in cls.library_bases]

    def find(self, name: str, after: UserClass | None = None) -> Value:
        """The class attribute ``name``, of the bases that come after ``after`` only if that is given."""
        order = self.mro()
        if after in order:
            order = order[order.index(after) + 1 :]
        return next((cls.fields[name] for cls in order if name in cls.fields), NOTHING)


@dataclass(eq=False, slots=True)
class Func(Obj):
    """A function of the user's; ``parents`` are the calls that it was defined in, whose variables it sees."""

    name: str
    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    parents: tuple[Context, ...]
    shared: bool
    owner: UserClass | None = None
    defaults: dict[str, Value] = field(default_factory=dict)
    fields: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Lib(Obj):
    """A module, class, function or variable of a library by its full name."""

    name: str


@dataclass(eq=False, slots=True)
class Bound(Obj):
    """A function with its first argument."""

    function: Func | Lib
    receiver: Obj


@dataclass(eq=False, slots=True)
class Super(Obj):
    """What ``super()`` gives in a method of ``cls`` for ``receiver``."""

    cls: UserClass
    receiver: Obj


@dataclass(eq=False, slots=True)
class Wrapper(Obj):
    """A function wrapped by a decorator of the standard library: ``staticmethod``, ``property``, ``lru_cache`` …"""

    kind: str
    function: Value
    shared: bool
    setter: Value = NOTHING


@dataclass(eq=False, slots=True)
class Partial(Obj):
    """``functools.partial``: a function with some of its arguments."""

    function: Value
    args: Args


@dataclass(eq=False, slots=True)
class Unknown(Obj):
    """Anything at all. It was reported where it arose; for ``shared`` ones that was during an import."""

    shared: bool


UNKNOWN: Value = frozenset([Unknown(False)])
UNKNOWN_SHARED: Value = frozenset([Unknown(True)])


@dataclass(slots=True)
class Args:
    """The arguments of a call; ``star`` and ``kwstar`` are elements of ``*args`` and ``**kwargs`` of unknown places."""

    pos: list[Value] = field(default_factory=list)
    kw: dict[str, Value] = field(default_factory=dict)
    star: Value = NOTHING
    kwstar: Value = NOTHING

    def first(self, value: Value) -> Args:
        """The same arguments after ``value``."""
        return Args([value, *self.pos], self.kw, self.star, self.kwstar)

    def get(self, place: int | None, name: str | None = None) -> Value | None:
        """The argument at ``place`` or called ``name``; None if it is not given."""
        if place is not None and place < len(self.pos):
            return self.pos[place]
        if name is not None and name in self.kw:
            return self.kw[name]
        return (self.star | self.kwstar) or None

    def every(self) -> Value:
        """All of them together."""
        return join(self.star, self.kwstar, *self.pos, *self.kw.values())


def join(*values: Value) -> Value:
    """What any of ``values`` may be."""
    return NOTHING.union(*values)


_MANY = 8


def trimmed(value: Value) -> Value:
    """``value`` without constants where any text of their type is in it, or where a loop may be making them."""
    texts = [obj for obj in value if isinstance(obj, Imm) and obj.text is not None]
    if not texts or len(value) == 1:
        return value
    types = {obj.type for obj in texts}
    general = types if len(texts) > _MANY else {type for type in types if imm(type) <= value}
    if not general:
        return value
    dropped = frozenset(obj for obj in texts if obj.type in general)
    return join(value - dropped, *map(imm, general))
