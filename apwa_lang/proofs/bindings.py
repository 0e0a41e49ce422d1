"""What the names in a task's templates stand for, in terms of the sub-problem that the task is given.

In: a hole of a template and the arguments of a call. Out: parts of a path: fixed texts, fields of the sub-problem with
what is done to them, expressions over its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apwa_lang.proofs.conditions import paths, renamed
from apwa_lang.proofs.evaluate import path_of_core
from apwa_lang.proofs.filters import FILTERS, inner
from apwa_lang.proofs.parts import Origin, Slot, Text, Wild
from apwa_lang.proofs.paths import Path, template_endpoint, template_path
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.program import Filter, Hole, Program, Template
from apwa_lang.semantics.types import INT, STR, Choice, Field, RecordType, Type

_SUBPROBLEM = "@"
# Stands before the names of parameters, so that none is taken for a field of the sub-problem.
_PARAMETER = "$"
# Functions that filters of the same name do too.
_SHARED = frozenset(FUNCTIONS) & frozenset(FILTERS)
_TEXTS = ("lower", "upper", "strip", "str", "~", "key", "sha256", "replace", "basename", "stem")


class _UnknownError(Exception):
    """A name stands for what cannot be told from the call."""


@dataclass(frozen=True, eq=False)
class Binding:
    """What the names in a task's templates stand for: ``parameters`` by ``arguments`` over a sub-problem ``record``.

    ``chosen`` when the arguments are anybody's choice at each call, as those of a tool are.
    """

    program: Program
    owner: str
    parameters: Mapping[str, Type] = field(default_factory=dict)
    arguments: Mapping[str, Core] = field(default_factory=dict)
    record: RecordType | None = None
    chosen: bool = False

    def path(self, template: Template, tree: bool) -> Path:
        """The template in terms of the sub-problem's fields."""
        return template_path(template, lambda hole: self._parts(hole, template.names), tree)

    def shown(self, template: Template) -> Path:
        """The files that a hole of a prompt shows, which may be any; which they are, the sub-problem says."""
        (hole,) = (part for part in template.segments or () if isinstance(part, Hole))
        parts = self._parts(hole, template.names)
        if not all(isinstance(part, Text) or part.known_at_launch for part in parts):
            fields = self.record.fields if self.record is not None else ()
            parts = (self._slot("derived", hole.span.text, hole, frozenset(field.name for field in fields)),)
        return Path(None, (Wild(),), False, parts)

    def endpoint(self, template: Template) -> Path:
        """The endpoint of the network that the template of a host or a URL names."""
        return template_endpoint(template, lambda hole: self._parts(hole, template.names))

    def expression(self, path: str) -> str | None:
        """How a template of the task names a field of the sub-problem, or None if it cannot."""
        for name, core in self.arguments.items():
            bound = _path(core)
            if bound == path:
                return name
            if bound is not None and (bound == "" or path.startswith(f"{bound}.")):
                return f"{name}.{path[len(bound) :].lstrip('.')}"
        return None

    def _parts(self, hole: Hole, names: frozenset[str]) -> tuple[Slot | Text, ...]:
        if hole.value is not None:
            try:
                core = self._over_subproblem(hole.value)
            except _UnknownError:
                pass
            else:
                return self._written(core, hole, hole.filters)
        if self.chosen and names & self.parameters.keys():
            return (self._slot("free", hole.span.text, hole, None),)
        return (self._slot("derived", hole.span.text, hole, self._touched_by(names)),)

    def _written(self, core: Core, hole: Hole, filters: tuple[Filter, ...]) -> tuple[Slot | Text, ...]:
        """The parts that an expression over the sub-problem prints after ``filters``."""
        if not filters:
            match core:
                case Const(value, type) if type in (STR, INT) or isinstance(type, Choice):
                    text = str(value)
                    if not set(text) & set("/\0*"):
                        return (Text(text),)
                case Apply("~", (left, right)):
                    return (*self._written(left, hole, ()), *self._written(right, hole, ()))
                case Apply("+", (left, right)) if self._is_text(left) and self._is_text(right):
                    return (*self._written(left, hole, ()), *self._written(right, hole, ()))
        base, chain = self._chain(core)
        path = _path(base)
        if path:
            found = self._field(base)
            if path.startswith(_PARAMETER):
                slot = self._slot("param", path.removeprefix(_PARAMETER), hole, frozenset(), core)
                return (slot.over(found or slot.field, (*chain, *filters)),)
            if found is not None and (chain or _prints_alike(found.type, hole.type) or base is not core):
                return (Slot("field", path, found, (*chain, *filters), hole.span, core=core),)
        return (self._slot("derived", repr(core), hole, _touched(core), core, filters),)

    def _chain(self, core: Core) -> tuple[Core, tuple[Filter, ...]]:
        """``core`` as what is done, one thing after the other, to a base."""
        done: list[Filter] = []
        while (step := self._last_step(core)) is not None:
            core, filters = step
            done[:0] = filters
        return core, tuple(done)

    def _last_step(self, core: Core) -> tuple[Core, tuple[Filter, ...]] | None:
        match core:
            case Apply("+", (base, Const(int() as by, _)) | (Const(int() as by, _), base)) if self._is_whole(base):
                return base, (Filter("+", (by,)),)
            case Apply("-", (base, Const(int() as by, _))) if self._is_whole(base):
                return base, (Filter("+", (-by,)),)
            case Apply("-", (Const(int() as start, _), base)) if self._is_whole(base):
                return base, (Filter("*", (-1,)), Filter("+", (start,)))
            case Apply("*", (base, Const(int() as by, _)) | (Const(int() as by, _), base)) if self._is_whole(base):
                return base, (Filter("*", (by,)),)
            case Apply("neg", (base,)) if self._is_whole(base):
                return base, (Filter("*", (-1,)),)
            case Apply("//" | "%" as word, (base, Const(int() as by, _))) if self._is_whole(base) and by:
                return base, (Filter(word, (by,)),)
            case Apply("str", (base,)):
                return base, (Filter("string"),)
            case Apply(name, (base, *arguments)) if name in _SHARED and all(
                isinstance(one, Const) for one in arguments
            ):
                return base, (Filter(name, tuple(one.value for one in arguments if isinstance(one, Const))),)
            case _:
                return None

    def _is_whole(self, core: Core) -> bool:
        """Whether the expression surely gives a whole number."""
        match core:
            case Const(value, _):
                return isinstance(value, int) and not isinstance(value, bool)
            case Apply("+" | "-" | "*" | "//" | "%" | "neg", parts):
                return all(map(self._is_whole, parts))
            case Apply("len", _):
                return True
            case _:
                found = self._field(core)
                return found is not None and found.type == INT

    def _is_text(self, core: Core) -> bool:
        """Whether the expression surely gives a text."""
        match core:
            case Const(value, type):
                return isinstance(value, str) and (type == STR or isinstance(type, Choice))
            case Apply("+", (left, right)):
                return self._is_text(left) and self._is_text(right)
            case Apply(function, _):
                return function in _TEXTS
            case _:
                found = self._field(core)
                return found is not None and (found.type == STR or isinstance(found.type, Choice))

    def _field(self, core: Core) -> Field | None:
        """The field of the sub-problem, or the parameter of the program, that an expression is."""
        path = _path(core)
        if not path:
            return None
        if path.startswith(_PARAMETER):
            return self._parameter(path.removeprefix(_PARAMETER))
        return field_at(self.record, path) if self.record is not None else None

    def _parameter(self, path: str) -> Field | None:
        """A parameter of the program, whose name may have dots, or a field of one."""
        pieces = path.split(".")
        for count in range(len(pieces), 0, -1):
            param = self.program.params.get(".".join(pieces[:count]))
            if param is not None:
                found = _type_at(param.type, pieces[count:])
                return Field(path, found) if found is not None else None
        return None

    def _over_subproblem(self, core: Core) -> Core:
        """``core`` with the task's parameters replaced by what they are given. Raises _UnknownError."""
        path = path_of_core(core)
        if path is not None:
            return self._argument(path)
        match core:
            case Const():
                return core
            case GetField(base, name, each):
                return GetField(self._over_subproblem(base), name, each)
            case GetItem(base, index):
                return GetItem(self._over_subproblem(base), self._over_subproblem(index))
            case Apply(function, parts):
                return Apply(function, tuple(map(self._over_subproblem, parts)))
            case MakeList(parts):
                return MakeList(tuple(map(self._over_subproblem, parts)))
            case _:
                raise _UnknownError

    def _argument(self, path: str) -> Core:
        name, *fields = path.split(".")
        if name not in self.arguments:
            if name in self.parameters or path not in self.program.params:
                raise _UnknownError
            return Var(_PARAMETER + path)
        core = renamed(self.arguments[name], self._in_call)
        for one in fields:
            core = _item(core, one)
        taken = _type_at(self.parameters.get(name), fields)
        given = self._field(core)
        if taken is not None and given is not None and not _prints_alike(given.type, taken):
            raise _UnknownError
        if taken is not None and isinstance(core, Const) and core.type != taken and not isinstance(taken, Choice):
            raise _UnknownError
        return core

    def _in_call(self, name: str) -> Core:
        """What a name means in the arguments of a call: fields of the sub-problem hide parameters of the program."""
        hidden = self.record is not None and self.record.field(name) is not None
        return Var(name if hidden or name not in self.program.params else _PARAMETER + name)

    def _touched_by(self, names: frozenset[str]) -> frozenset[str] | None:
        touched: set[str] = set()
        for name in names:
            if name in self.arguments:
                more = _touched(self.arguments[name])
                if more is None:
                    return None
                touched |= more
            elif name in self.parameters or name not in self.program.params:
                return None
        return frozenset(touched)

    def _slot(
        self,
        origin: Origin,
        key: str,
        hole: Hole,
        touches: frozenset[str] | None,
        core: Core | None = None,
        filters: tuple[Filter, ...] | None = None,
    ) -> Slot:
        whole = key if origin == "param" else f"{self.owner}: {key}"
        chain = hole.filters if filters is None else filters
        return Slot(origin, whole, Field(key, hole.type), chain, hole.span, touches, core, tuple(self._used(core)))

    def _used(self, core: Core | None) -> Iterator[tuple[str, Field]]:
        """The fields of the sub-problem that an expression names."""
        for path in dict.fromkeys(map(_without_at, paths(core))) if core is not None else ():
            found = field_at(self.record, path) if self.record is not None else None
            if found is not None:
                yield path, found


def field_at(record: RecordType, path: str) -> Field | None:
    """The field at a dotted path, or None."""
    found: Field | None = None
    current: Type = record
    for name in path.split("."):
        if not isinstance(current, RecordType):
            return None
        found = current.field(name)
        if found is None:
            return None
        current = found.type
    return found


def _item(core: Core, name: str) -> Core:
    """A field of a record, which may be made on the spot."""
    if isinstance(core, MakeRecord):
        for given, part in core.fields:
            if given == name:
                return part
    return GetField(core, name)


def _path(core: Core) -> str | None:
    """The dotted path of a field, without the ``@`` of the sub-problem itself; None for all else."""
    path = path_of_core(core)
    return None if path is None else _without_at(path)


def _without_at(path: str) -> str:
    return "" if path == _SUBPROBLEM else path.removeprefix(f"{_SUBPROBLEM}.")


def _type_at(type: Type | None, fields: list[str]) -> Type | None:
    if not fields:
        return type
    found = field_at(type, ".".join(fields)) if isinstance(type, RecordType) else None
    return found.type if found is not None else None


def _prints_alike(given: Type, taken: Type) -> bool:
    """Whether a value of the field's type is printed as the parameter that takes it is."""
    wanted = inner(taken)
    return given in (taken, wanted) or (isinstance(given, Choice) and (wanted == STR or isinstance(wanted, Choice)))


def _touched(core: Core) -> frozenset[str] | None:
    """The fields of the sub-problem that an expression may read, by first name; None for all of them."""
    names = frozenset(_variables(core))
    return None if _SUBPROBLEM in names else names


def _variables(core: Core) -> Iterator[str]:
    path = _path(core)
    if path is not None:
        yield path.split(".")[0] or _SUBPROBLEM
        return
    match core:
        case GetField(base):
            yield from _variables(base)
        case GetItem(base, index):
            yield from _variables(base)
            yield from _variables(index)
        case Apply(_, parts) | MakeList(parts):
            for part in parts:
                yield from _variables(part)
        case MakeRecord(_, entries) | MakeMap(entries):
            for _, part in entries:
                yield from _variables(part)
