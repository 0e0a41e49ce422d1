"""What the checks of one file share.

In: a unit, its names and the program's records. Out: :class:`File`, with the scope that every expression of the file
starts from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from apwa_lang.semantics.annotations import FILE_RECORD, Annotations
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.modules import Report, Unit
from apwa_lang.semantics.names import PREDECLARED, Names
from apwa_lang.semantics.program import Template
from apwa_lang.semantics.rename import rename_core, rename_template
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import UNKNOWN, RecordType, Type
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
    """One file while it is checked. ``wholes`` maps a parameter as written to its name in the whole program.

    ``scope_of_constants`` has no parameters; ``scope`` has them once all their types are known.
    """

    unit: Unit
    names: Names
    annotations: Annotations
    scope: Scope
    scope_of_constants: Scope
    report: Report
    wholes: dict[str, str] = field(default_factory=dict)

    def has_hole(self, span: Span) -> bool:
        """Whether a syntax error in ``span`` may have cost something there."""
        return self.unit.has_hole(span)

    def whole_core(self, core: Core, hidden: Iterable[str] = ()) -> Core:
        """An expression of this file with parameters under their whole names; ``hidden`` names mean something else."""
        wanted = self._wanted(hidden)
        return rename_core(core, wanted) if wanted else core

    def whole_template(self, template: Template, hidden: Iterable[str] = ()) -> Template:
        """A template of this file with parameters under their whole names."""
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
        scope = Scope(names=lost, records=RecordsInReach(own, records), report=report)
        files.append(File(unit, own, Annotations(own, records), scope, scope, report))
    return files


def bind_parameters(file: File, types: Mapping[str, Type]) -> None:
    """Put the parameters that a file can write into its scope; ``types`` by whole name."""
    bindings = dict(file.scope.names)
    for text, symbol in file.names.visible():
        if symbol.kind == "parameter":
            bindings[text] = Binding(types.get(symbol.name, UNKNOWN), symbol.span)
            if symbol.name != text:
                file.wholes[text] = symbol.name
    file.scope = Scope(bindings, file.scope.records, file.report)
