"""Everything that is said about a program before it runs: analysis, proofs, and what this release cannot run.

In: a source. Out: :class:`Checked`. One function serves the command line, the editor and `run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.suppress import suppress
from apwa_lang.semantics.analysis import analyse, in_order
from apwa_lang.semantics.modules import Load
from apwa_lang.semantics.program import Program
from apwa_lang.semantics.support import not_lowered
from apwa_lang.semantics.uses import Uses
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.proofs import Claim


@dataclass(frozen=True)
class Checked:
    """A program with its claims and findings, and what each name in it refers to.

    ``claims`` is empty when the program has errors of meaning.
    """

    program: Program
    modules: tuple[Module, ...]
    claims: tuple[Claim, ...]
    diagnostics: tuple[Diagnostic, ...]
    uses: Uses

    @property
    def has_errors(self) -> bool:
        """Whether a finding stops compilation."""
        return any(finding.severity is Severity.ERROR for finding in self.diagnostics)


def check(source: Source, *, load: Load | None = None) -> Checked:
    """Analyse and, when that finds no error, prove. Never raises on what a user wrote in a program.

    Raises :class:`~apwa_lang.config.ConfigError` where an `apwa.toml` cannot be used.
    """
    analysis = analyse(source, load=load)
    findings = list(analysis.diagnostics)
    claims: tuple[Claim, ...] = ()
    if not any(finding.severity is Severity.ERROR for finding in findings):
        from apwa_lang.config import config_of
        from apwa_lang.proofs import decide

        claims, failed = decide(analysis.program, case_insensitive=config_of(source.file).case_insensitive)
        findings.extend(failed)
        findings.extend(not_lowered(analysis.program))
    kept = suppress(analysis.modules, findings)
    return Checked(analysis.program, analysis.modules, claims, in_order(kept), analysis.uses)
