"""What an expression may name.

In: declarations that were resolved. Out: the value that the expression and template checkers read names from and
report to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.types import RecordType, Type
from apwa_lang.semantics.uses import Declaration, Recorder
from apwa_lang.syntax.source import Span


@dataclass(frozen=True)
class Binding:
    """A name's type, where it was declared, and what it refers to. For a field of a row ``span`` is its table's."""

    type: Type
    span: Span | None = None
    declared: Declaration | None = None


@dataclass(frozen=True)
class Scope:
    """Names in reach (dotted for imported ones), record types by (dotted) name, and where findings go.

    ``path`` makes every template checked in this scope a path template. ``uses`` is told what names refer to.
    ``is_lost`` says whether a reported mistake may have cost what a name names; ``task`` gives where the task of a name
    is declared.
    """

    names: Mapping[str, Binding]
    records: Mapping[str, RecordType]
    report: Callable[[Diagnostic], None] = field(repr=False, compare=False)
    path: bool = False
    uses: Recorder = field(default_factory=Recorder, repr=False, compare=False)
    is_lost: Callable[[str], bool] = field(default=lambda _: False, repr=False, compare=False)
    task: Callable[[str], Span | None] = field(default=lambda _: None, repr=False, compare=False)

    def holder(self, name: str) -> str | None:
        """``x.name`` where ``x`` is the one name in reach whose value is a record with such a field; else None."""
        holding = [
            text
            for text, binding in self.names.items()
            if isinstance(binding.type, RecordType) and binding.type.field(name) is not None
        ]
        return f"{holding[0]}.{name}" if len(holding) == 1 else None

    def child(self, **bindings: Binding) -> Scope:
        """This scope with more names, which hide outer ones."""
        return replace(self, names={**self.names, **bindings})
