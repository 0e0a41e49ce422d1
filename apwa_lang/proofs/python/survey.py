"""A count over many functions: how many are found pure, effectful or unknown.

In: a folder of modules. Out: counts, and the errors of the analysis itself, of which there should be none.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apwa_lang.proofs.python.analysis import analyse
from apwa_lang.proofs.python.findings import Inference, Kind
from apwa_lang.proofs.python.modules import Modules, parse

_HARMLESS = frozenset([Kind.MUTATES_ARG])


@dataclass(slots=True)
class Survey:
    """``internal`` has what went wrong inside the analysis, by function; ``unknown`` the reasons, counted."""

    pure: int = 0
    effectful: int = 0
    unknown: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    internal: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = max(1, self.pure + self.effectful + self.unknown)
        shares = (f"{name} {100 * getattr(self, name) / total:.1f} %" for name in ("pure", "effectful", "unknown"))
        return f"{total} functions: {', '.join(shares)}"

    def add(self, found: Inference) -> None:
        """Count one function."""
        kinds = {effect.kind for effect in found.effects} - _HARMLESS
        if found.missing is not None or Kind.UNKNOWN in kinds:
            self.unknown += 1
            self.reasons.update({effect.reason for effect in found.effects if effect.kind is Kind.UNKNOWN})
            self.internal += [
                f"{found.target}: {effect.reason}" for effect in found.effects if effect.reason.startswith("internal: ")
            ]
        elif kinds:
            self.effectful += 1
        else:
            self.pure += 1


def survey(base: Path, every: int = 1, start: int = 0, skip: frozenset[str] = frozenset()) -> Survey:
    """Analyse each ``every``-th function and class at the top level of the modules below ``base``, from ``start`` on.

    What a function uses of other libraries is known by their tables only. Folders and modules in ``skip`` are left out.
    """
    result = Survey()
    for number, target in enumerate(_targets(base, skip)):
        if number % every == start:
            surveyed = target.partition(":")[0].partition(".")[0]
            result.add(analyse(target, Modules(base, surveyed), frozenset()))
    return result


def _targets(base: Path, skip: frozenset[str]) -> Iterator[str]:
    for file in sorted(base.rglob("*.py")):
        parts = [*file.relative_to(base).parts[:-1], file.stem]
        if skip.intersection(parts) or not all(part.isidentifier() for part in parts):
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        try:
            tree = parse(file.read_bytes()).tree
        except (SyntaxError, ValueError, OSError, RecursionError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and name:
                yield f"{name}:{node.name}"
