"""What each name in the text of a program refers to, as the analysis found it.

In: every lookup of a name, told to a :class:`Recorder` where it happens. Out: :class:`Uses`, which answers what stands
at a place, where a declaration is used, which declarations must bear one name, and what a place may name. A program
with errors has the uses that could be resolved.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Source, Span

if TYPE_CHECKING:
    from apwa_lang.semantics.scope import Binding
    from apwa_lang.semantics.types import Field, RecordType, Type, Union

Kind = Literal[
    "import",
    "parameter",
    "record",
    "table",
    "model",
    "tool",
    "task",
    "split",
    "flow",
    "field",
    "argument",
    "step",
    "variable",
    "type",
    "function",
    "filter",
    "test",
]
"""A ``parameter`` is one of the program, an ``argument`` one of a task or tool, a ``step`` a table that a flow makes.

A ``variable`` belongs to a test or a template. The last four are built in; ``test`` is one of templates (``is none``).
"""


class Role(StrEnum):
    """What a use does: it declares the name, gives what it names a value, or reads it."""

    DEFINITION = "definition"
    WRITE = "write"
    READ = "read"


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """What a name refers to: one value for each declaration of an analysis, told apart by identity.

    ``owner`` is the whole name of what it belongs to: the record of a field, the task of an argument, the flow of a
    step, the prefix of an imported declaration. ``span`` is the place of its name, None for what is built in.
    """

    kind: Kind
    name: str
    owner: str = ""
    span: Span | None = None

    @property
    def whole(self) -> str:
        """Its name in the whole program."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Types travel to workers inside plans; where their names were declared does not."""
        return type(None), ()


@dataclass(frozen=True, slots=True)
class Use:
    """One word that refers to a declaration; ``type`` is that of the value read or declared, where it has one."""

    span: Span
    declaration: Declaration
    role: Role
    type: Type | None = None


class Recorder:
    """Collects uses while a program is analysed. What is told twice counts once."""

    def __init__(self) -> None:
        self._declared: dict[tuple[object, ...], Declaration] = {}
        self._aliases: dict[tuple[Source, str], Declaration] = {}
        self._uses: dict[Source, dict[tuple[int, Declaration], Use]] = {}
        self._ties: dict[tuple[Declaration, Declaration], None] = {}
        self._scopes: dict[Source, list[tuple[int, int, Mapping[str, Binding]]]] = {}

    def uses(self) -> Uses:
        """Everything recorded so far."""
        return Uses(
            {source: tuple(found.values()) for source, found in self._uses.items()},
            tuple(self._ties),
            {source: tuple(scopes) for source, scopes in self._scopes.items()},
        )

    def declare(self, kind: Kind, name: str, span: Span, owner: str = "", type: Type | None = None) -> Declaration:
        """The declaration whose name stands at ``span``."""
        key = (span.source, span.start, kind)
        found = self._declared.get(key)
        if found is None:
            found = self._declared[key] = Declaration(kind, name, owner, span)
            if kind == "import":
                self._aliases.setdefault((span.source, name), found)
        self.record(span, found, Role.DEFINITION, type)
        return found

    def builtin(self, kind: Kind, name: str, owner: str = "") -> Declaration:
        """The declaration of what no program declares."""
        key = (kind, name, owner)
        found = self._declared.get(key)
        if found is None:
            found = self._declared[key] = Declaration(kind, name, owner)
        return found

    def record(self, span: Span, declaration: Declaration, role: Role = Role.READ, type: Type | None = None) -> None:
        """Note that the word at ``span`` refers to ``declaration``."""
        found = self._uses.setdefault(span.source, {})
        key = (span.start, declaration)
        before = found.get(key)
        if before is None or (before.type is None and type is not None):
            found[key] = Use(span, declaration, role if before is None else before.role, type)

    def refer(self, name: Name, declaration: Declaration, role: Role = Role.READ, type: Type | None = None) -> None:
        """Note what a name refers to; of a dotted one the first word is that of an import."""
        span = name.span
        prefix, dot, last = name.text.partition(".")
        if not dot:
            self.record(span, declaration, role, type)
            return
        alias = self._aliases.get((span.source, prefix))
        if alias is not None:
            self.record(Span(span.source, span.start, span.start + len(prefix)), alias)
        self.record(Span(span.source, span.end - len(last), span.end), declaration, role, type)

    def alias(self, source: Source, name: str) -> Declaration | None:
        """The import that a file knows by ``name``."""
        return self._aliases.get((source, name))

    def field(self, span: Span, base: RecordType | Union, name: str, type: Type | None, role: Role = Role.READ) -> None:
        """Note that the word at ``span`` is field ``name`` of a record, or of each record of a union."""
        from apwa_lang.semantics.types import RecordType

        members = (base,) if isinstance(base, RecordType) else base.members
        for record in members:
            field = record.field(name)
            if field is not None:
                self.record(span, self.of_field(field, record), role, type)

    def of_field(self, field: Field, record: RecordType) -> Declaration:
        """The declaration of a field of ``record``."""
        return field.declared or self.builtin("field", field.name, record.name)

    def tie(self, left: Type, right: Type) -> None:
        """Note that values of one type are taken for the other: fields that are matched by name keep one name."""
        from apwa_lang.semantics.types import RecordType, Union, parts

        pending = [(left, right)]
        while pending:
            left, right = pending.pop()
            if left is right:
                continue
            match left, right:
                case (RecordType(), RecordType()):
                    for field in left.fields:
                        other = right.field(field.name)
                        if other is None or field.declared is other.declared:
                            continue
                        self._ties[self.of_field(field, left), self.of_field(other, right)] = None
                        pending.append((field.type, other.type))
                case (RecordType() as record, Union(members)) | (Union(members), RecordType() as record):
                    pending.extend((record, member) for member in members if member.name == record.name)
                case (Union(members), Union(others)):
                    pending.extend((one, other) for one in members for other in others if one.name == other.name)
                case (RecordType() as record, other) | (other, RecordType() as record):
                    pending.extend((record, part) for part in parts(other))
                case _:
                    pending.extend(zip(parts(left), parts(right), strict=False))

    def reach(self, span: Span, names: Mapping[str, Binding]) -> None:
        """Note what expressions inside ``span`` may name; a span inside another one says more."""
        self._scopes.setdefault(span.source, []).append((span.start, span.end, names))


class Uses:
    """The uses of a program, by place and by declaration."""

    def __init__(
        self,
        uses: Mapping[Source, Iterable[Use]],
        ties: tuple[tuple[Declaration, Declaration], ...],
        scopes: Mapping[Source, tuple[tuple[int, int, Mapping[str, Binding]], ...]],
    ) -> None:
        self._recorded = uses
        self._ties = ties
        self._scopes = scopes

    def of_file(self, source: Source) -> tuple[Use, ...]:
        """The uses in one file, in order of place."""
        found = self._by_source.get(source)
        if found is None and source.file is not None:
            found = next((uses for one, uses in self._by_source.items() if one.file == source.file), None)
        return found or ()

    def at(self, source: Source, offset: int) -> Use | None:
        """The use whose word holds the character at ``offset``, or ends there; of several declarations the first."""
        return next(iter(self.all_at(source, offset)), None)

    def all_at(self, source: Source, offset: int) -> tuple[Use, ...]:
        """What :meth:`at` gives, with all declarations that the word refers to: those of a union's members, say."""
        uses = self.of_file(source)
        end = first = bisect_right(uses, offset, key=lambda use: use.span.start)
        while first and uses[first - 1].span.start == uses[end - 1].span.start:
            first -= 1
        return tuple(use for use in uses[first:end] if offset <= use.span.end)

    def of(self, declaration: Declaration) -> tuple[Use, ...]:
        """The uses of a declaration, its own place among them."""
        return tuple(self._by_declaration.get(declaration, ()))

    def declarations(self) -> tuple[Declaration, ...]:
        """Everything that the program declares, in order of place; nothing that is built in."""
        return tuple(declaration for declaration in self._by_declaration if declaration.span is not None)

    def known(self) -> tuple[Declaration, ...]:
        """Everything that is used, what is built in as well."""
        return tuple(self._by_declaration)

    def same_name(self, declaration: Declaration) -> tuple[Declaration, ...]:
        """The declaration and all others that must be called as it is: fields matched with it by name.

        Where one of them is built in, none can be renamed.
        """
        found = {declaration: None}
        pending = [declaration]
        while pending:
            for other in self._neighbours.get(pending.pop(), ()):
                if other not in found:
                    found[other] = None
                    pending.append(other)
        return tuple(found)

    def visible(self, source: Source, offset: int) -> Mapping[str, Binding]:
        """What an expression at a place may name: the names of the innermost part of the text that has some."""
        best: tuple[int, Mapping[str, Binding]] | None = None
        for start, end, names in self._scopes_of(source):
            if start <= offset <= end and (best is None or end - start <= best[0]):
                best = (end - start, names)
        return {} if best is None else best[1]

    def _scopes_of(self, source: Source) -> Iterable[tuple[int, int, Mapping[str, Binding]]]:
        found = self._scopes.get(source)
        if found is None and source.file is not None:
            found = next((scopes for one, scopes in self._scopes.items() if one.file == source.file), None)
        return found or ()

    @cached_property
    def _by_source(self) -> dict[Source, tuple[Use, ...]]:
        return {
            source: tuple(sorted(uses, key=lambda use: (use.span.start, use.span.end)))
            for source, uses in self._recorded.items()
        }

    @cached_property
    def _by_declaration(self) -> dict[Declaration, list[Use]]:
        found: dict[Declaration, list[Use]] = {}
        for uses in self._by_source.values():
            for use in uses:
                found.setdefault(use.declaration, []).append(use)
        return found

    @cached_property
    def _neighbours(self) -> dict[Declaration, set[Declaration]]:
        found: dict[Declaration, set[Declaration]] = {}
        for left, right in (*self._ties, *self._shared()):
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
        return found

    def _shared(self) -> Iterator[tuple[Declaration, Declaration]]:
        """Declarations that one word refers to."""
        for uses in self._by_source.values():
            for before, use in pairwise(uses):
                if before.span.start == use.span.start:
                    yield before.declaration, use.declaration
