"""What the holes of a task's templates show.

In: a hole, and what the names in it stand for. Out: pieces of a path: fixed texts, fields of the sub-problem and
parameters of the program with what is done to them, and what is computed otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apwa_lang.verifier.applied import Filter
from apwa_lang.verifier.declarations import Program, Routine
from apwa_lang.verifier.expressions import FILTERS, Built, Done, Fixed, Listed, Named, Parameter, Value, item
from apwa_lang.verifier.modules import Module
from apwa_lang.verifier.paths import Pieces, Shown
from apwa_lang.verifier.templates import Hole
from apwa_lang.verifier.types import INT, STR, UNKNOWN, Column, Type

_TEXTS = ("lower", "upper", "strip", "str", "~", "key", "sha256", "replace", "basename", "stem")
_SUM = ("+", "-", "*", "//", "%", "neg")


class _UnknownError(Exception):
    """A name stands for what cannot be told from the call."""


@dataclass(frozen=True, eq=False)
class Binding:
    """What the names in the templates of a ``routine`` stand for.

    Its parameters are given ``arguments`` over the fields of a sub-problem, a ``row``; they stand in ``module``.
    ``otherwise`` is what a parameter without an argument is: ``computed`` once, or ``free`` at each call.
    """

    program: Program
    routine: Routine
    module: Module
    row: Type | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)
    otherwise: str = "computed"

    def shown(self, hole: Hole) -> Pieces:
        """What a hole shows."""
        if hole.value is not None:
            try:
                value = self._meaning(hole.value)
            except _UnknownError:
                pass
            else:
                return self._written(value, hole, hole.filters)
        return (Shown(self.otherwise, "", Column("a hole", hole.type), hole.filters),)

    def type(self, path: tuple[str, ...]) -> Type:
        """The type of a name of a template."""
        if path[0] in self.routine.parameters:
            type, path = self.routine.parameters[path[0]], path[1:]
        else:
            parameter = self.program.parameter(self.routine.module, path)
            if parameter is None:
                return UNKNOWN
            type, path = self.program.parameters[parameter[0]], parameter[1]
        column = type.at(path) if path else None
        return column.type if column is not None else UNKNOWN if path else type

    def whole(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A name of a template, a parameter of the program under its whole name."""
        parameter = None
        if path[0] not in self.routine.parameters:
            parameter = self.program.parameter(self.routine.module, path)
        return path if parameter is None else (parameter[0], *parameter[1])

    def _meaning(self, value: Value) -> Value:
        """An expression over the sub-problem. Raises _UnknownError."""
        match value:
            case Named(path):
                return self._argument(path)
            case Fixed():
                return value
            case Done(function, parts):
                return Done(function, tuple(map(self._meaning, parts)))
            case Listed(parts):
                return Listed(tuple(map(self._meaning, parts)))
            case _:
                raise _UnknownError

    def _argument(self, path: tuple[str, ...]) -> Value:
        name, *fields = path
        if name not in self.routine.parameters:
            parameter = self.program.parameter(self.routine.module, path)
            if parameter is None or parameter[1]:
                raise _UnknownError
            return Parameter(parameter[0])
        if name not in self.arguments:
            raise _UnknownError
        value = self._in_call(self.arguments[name])
        for one in fields:
            value = item(value, one)
        taken, given = self.type(path), self._column(value)
        if given is not None and not prints_alike(given.type, taken):
            raise _UnknownError
        if isinstance(value, Fixed) and value.type != taken and taken.kind != "choice":
            raise _UnknownError
        return value

    def _in_call(self, value: Value) -> Value:
        """An argument with the parameters of the program that it names."""
        match value:
            case Named((first, *_) as path):
                hidden = self.row is not None and self.row.column(first) is not None
                parameter = None if hidden else self.program.parameter(self.module, tuple(path))
                return value if parameter is None or parameter[1] else Parameter(parameter[0])
            case Done(function, parts):
                return Done(function, tuple(map(self._in_call, parts)))
            case Listed(parts):
                return Listed(tuple(map(self._in_call, parts)))
            case Built(entries):
                return Built(tuple((name, self._in_call(part)) for name, part in entries))
            case _:
                return value

    def _written(self, value: Value, hole: Hole, filters: tuple[Filter, ...]) -> Pieces:
        """The pieces that an expression over the sub-problem prints after ``filters``."""
        if not filters:
            match value:
                case Fixed(one, type) if type in (STR, INT) or type.kind == "choice":
                    if not set(str(one)) & set("/\0*"):
                        return (str(one),)
                case Done("~", (left, right)):
                    return (*self._written(left, hole, ()), *self._written(right, hole, ()))
                case Done("+", (left, right)) if self._is_text(left) and self._is_text(right):
                    return (*self._written(left, hole, ()), *self._written(right, hole, ()))
        base, chain = self._chain(value)
        column = self._column(base)
        if column is not None:
            if isinstance(base, Parameter):
                return (Shown("param", base.name, column, (*chain, *filters)),)
            if isinstance(base, Named) and (chain or prints_alike(column.type, hole.type)):
                return (Shown("field", ".".join(base.path), column, (*chain, *filters)),)
        return (Shown("computed", "", Column("a hole", hole.type), filters),)

    def _chain(self, value: Value) -> tuple[Value, tuple[Filter, ...]]:
        """An expression as what is done, one thing after the other, to a base."""
        done: list[Filter] = []
        while (step := self._last_step(value)) is not None:
            value, filters = step
            done[:0] = filters
        return value, tuple(done)

    def _last_step(self, value: Value) -> tuple[Value, tuple[Filter, ...]] | None:
        match value:
            case Done("+", (base, Fixed(int() as by)) | (Fixed(int() as by), base)) if self._is_whole(base):
                return base, (Filter("+", (by,)),)
            case Done("-", (base, Fixed(int() as by))) if self._is_whole(base):
                return base, (Filter("+", (-by,)),)
            case Done("-", (Fixed(int() as start), base)) if self._is_whole(base):
                return base, (Filter("*", (-1,)), Filter("+", (start,)))
            case Done("*", (base, Fixed(int() as by)) | (Fixed(int() as by), base)) if self._is_whole(base):
                return base, (Filter("*", (by,)),)
            case Done("neg", (base,)) if self._is_whole(base):
                return base, (Filter("*", (-1,)),)
            case Done("//" | "%" as word, (base, Fixed(int() as by))) if self._is_whole(base) and by:
                return base, (Filter(word, (by,)),)
            case Done("str", (base,)):
                return base, (Filter("string"),)
            case Done(name, (base, *arguments)) if name in FILTERS:
                constants = [one.value for one in arguments if isinstance(one, Fixed)]
                return (base, (Filter(name, tuple(constants)),)) if len(constants) == len(arguments) else None
            case _:
                return None

    def _is_whole(self, value: Value) -> bool:
        """Whether an expression surely gives a whole number."""
        match value:
            case Fixed(one, _):
                return isinstance(one, int) and not isinstance(one, bool)
            case Done(function, parts) if function in _SUM:
                return all(map(self._is_whole, parts))
            case Done("len"):
                return True
            case _:
                column = self._column(value)
                return column is not None and column.type == INT

    def _is_text(self, value: Value) -> bool:
        """Whether an expression surely gives a text."""
        match value:
            case Fixed(one, type):
                return isinstance(one, str) and type.kind in ("str", "choice")
            case Done("+", (left, right)):
                return self._is_text(left) and self._is_text(right)
            case Done(function):
                return function in _TEXTS
            case _:
                column = self._column(value)
                return column is not None and column.type.kind in ("str", "choice")

    def _column(self, value: Value) -> Column | None:
        """The field or parameter that an expression is."""
        match value:
            case Parameter(name):
                return Column(name, self.program.parameters[name])
            case Named((_, *_) as path) if self.row is not None:
                return self.row.at(tuple(path))
            case _:
                return None


def prints_alike(given: Type, taken: Type) -> bool:
    """Whether a value of a field is printed as the parameter that takes it is."""
    return given in (taken, taken.present) or (given.kind == "choice" and taken.present.kind in ("str", "choice"))
