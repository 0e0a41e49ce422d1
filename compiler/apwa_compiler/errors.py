"""Why a program cannot be compiled."""

from __future__ import annotations

from apwa_lang.diagnostics.codes import lowering as codes
from apwa_lang.diagnostics.model import Diagnostic

USAGE_CODES = frozenset(
    code.id for code in (codes.UNKNOWN_FLOW, codes.MISSING_PARAMETER, codes.BAD_PARAMETER, codes.UNKNOWN_PARAMETER)
)


class CompileError(Exception):
    """The program cannot be compiled as asked; ``diagnostics`` say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics

    @property
    def exit_code(self) -> int:
        """2 where the flow or the parameters asked for are at fault, 1 where the program is."""
        return 2 if {diagnostic.code for diagnostic in self.diagnostics} <= USAGE_CODES else 1
