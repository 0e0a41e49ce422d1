"""What the checks of one file share.

In: a unit, its names and the program's records. Out: :class:`File`, with the scope that every expression of the file
starts from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from apwa_lang.semantics.annotations import FILE_RECORD, Annotations
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.modules import Report, Unit
from apwa_lang.semantics.names import PREDECLARED, Names
from apwa_lang.semantics.program import Template
from apwa_lang.semantics.rename import rename_core, rename_template
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.templates import check_template
from apwa_lang.semantics.types import UNKNOWN, Field, RecordType, Type
from apwa_lang.semantics.uses import Recorder
from apwa_lang.syntax.nodes import StringLiteral
from apwa_lang.syntax.source import Span


class RecordsInReach(Mapping[str, RecordType]):
    """The records that a file can name, by the name it writes."""

    def __init__(self, names: Names, records: Mapping[str, RecordType]) -> None:
        self._names = names
        self._records = records

    def __getitem__(self, text: str) -> RecordType:
        if text == PREDECLARED:
            return FILE_RECORD
        symbol = self._names.lookup(text)
        if symbol is None or symbol.kind != "record":
            raise KeyError(text)
        return self._records[symbol.name]

    def __iter__(self) -> Iterator[str]:
        yield from (text for text in self._names.known("record") if text in self)
        yield PREDECLARED

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass
class File:
    """One file while it is checked.

    ``scope_of_constants`` has no parameters; ``scope`` has them once all their types are known. ``wholes`` maps each
    parameter as this file writes it to its name in the whole program. ``prefixes`` are the imports as templates see
    them: records of parameters.
    """

    unit: Unit
    names: Names
    annotations: Annotations
    scope: Scope
    scope_of_constants: Scope
    report: Report
    wholes: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, Binding] = field(default_factory=dict)

    @property
    def uses(self) -> Recorder:
        """What is told what names refer to."""
        return self.names.uses

    def has_hole(self, span: Span) -> bool:
        """Whether a syntax error in ``span`` may have cost something there."""
        return self.unit.has_hole(span)

    def whole_core(self, core: Core, hidden: Iterable[str] = ()) -> Core:
        """An expression of this file with parameters under their whole names; ``hidden`` names mean something else."""
        wanted = self._wanted(hidden)
        return rename_core(core, wanted) if wanted else core

    def template(
        self,
        text: StringLiteral,
        scope: Scope,
        hidden: Iterable[str] = (),
        *,
        path: bool = False,
        prompt: bool = False,
    ) -> Template:
        """A checked template of this file with parameters under their whole names."""
        self.uses.reach(text.span, scope.names)
        if self.prefixes:
            scope = replace(scope, names={**self.prefixes, **scope.names})
        template = check_template(text, scope, path=path, prompt=prompt)
        wanted = self._wanted(hidden)
        return rename_template(template, wanted) if wanted else template

    def _wanted(self, hidden: Iterable[str]) -> dict[str, str]:
        if not self.wholes:
            return {}
        kept = set(hidden)
        return {name: whole for name, whole in self.wholes.items() if name.split(".")[0] not in kept}


def open_files(
    units: list[Unit], names: dict[int, Names], records: Mapping[str, RecordType], report: Report
) -> list[File]:
    """A :class:`File` for each unit, its scope still without program parameters."""
    files = []
    for unit in units:
        own = names[id(unit)]
        lost = {name: Binding(UNKNOWN) for name in unit.lost}
        scope = Scope(lost, RecordsInReach(own, records), report, uses=own.uses, is_lost=own.is_lost, task=own.task)
        files.append(File(unit, own, Annotations(own, records), scope, scope, report))
    return files


def bind_parameters(file: File, types: Mapping[str, Type]) -> None:
    """Put the parameters that a file can write into its scope; ``types`` by whole name."""
    bindings = dict(file.scope.names)
    prefixes: dict[str, list[Field]] = {}
    for text, symbol in file.names.visible():
        if symbol.kind == "parameter":
            type = types.get(symbol.name, UNKNOWN)
            bindings[text] = Binding(type, symbol.span, symbol.declared)
            prefix, dot, name = text.partition(".")
            if dot:
                prefixes.setdefault(prefix, []).append(Field(name, type, declared=symbol.declared))
            if dot or symbol.name != text:
                file.wholes[text] = symbol.name
    source = file.unit.module.source
    file.prefixes = {
        prefix: Binding(RecordType(prefix, tuple(fields)), None, file.uses.alias(source, prefix))
        for prefix, fields in prefixes.items()
    }
    file.scope = replace(file.scope, names=bindings)
    file.uses.reach(Span(source, 0, len(source.text)), bindings)
