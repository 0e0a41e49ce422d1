"""Every diagnostic code, once.

The entries stand in ``codes/`` and ``lint/rules/``, beside the functions that make their diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from apwa_lang.diagnostics import codes
from apwa_lang.diagnostics.model import Diagnostic, Fix, Label, Severity
from apwa_lang.syntax.source import Span

_codes: dict[str, Code] = {}


@dataclass(frozen=True)
class Code:
    """A kind of finding, as `apwa explain` shows it.

    ``bad`` is a whole program with exactly this finding, ``good`` the mended program, which is clean; both are empty
    for findings that need more than program text (data, a model server). A lint rule that is not ``default`` is looked
    for only where it is selected.
    """

    id: str
    title: str
    explanation: str
    bad: str
    good: str
    fix: str
    severity: Severity = Severity.ERROR
    default: bool = True

    def at(
        self,
        span: Span,
        message: str,
        label: str = "",
        *,
        also: tuple[tuple[Span, str], ...] = (),
        facts: tuple[str, ...] = (),
        help: str | None = None,
        fix: Fix | None = None,
    ) -> Diagnostic:
        """A diagnostic of this kind at ``span``; ``also`` are the other parties, each with its label."""
        return Diagnostic(
            code=self.id,
            severity=self.severity,
            message=message,
            primary=Label(span, label),
            secondary=tuple(Label(place, text) for place, text in also),
            facts=facts,
            help=help,
            fix=fix,
        )


def register(
    id: str,
    title: str,
    *,
    explanation: str,
    fix: str,
    bad: str = "",
    good: str = "",
    severity: Severity = Severity.ERROR,
    default: bool = True,
) -> Code:
    """Enter a code. Raises ValueError if the id is taken."""
    if id in _codes:
        raise ValueError(f"diagnostic code {id} is registered twice")
    code = Code(id, title, explanation.strip(), bad.strip("\n"), good.strip("\n"), fix.strip(), severity, default)
    _codes[id] = code
    return code


def all_codes() -> tuple[Code, ...]:
    """Every code, in order of id. Imports every module of ``codes/``; a check imports only those that it needs."""
    from apwa_lang.lint.rule import all_rules

    for module in iter_modules(codes.__path__, f"{codes.__name__}."):
        import_module(module.name)
    all_rules()
    return tuple(_codes[id] for id in sorted(_codes))


def find(id: str) -> Code | None:
    """The code of that id (any letter case), or None."""
    return next((code for code in all_codes() if code.id == id.upper()), None)
