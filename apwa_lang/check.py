"""Everything that is said about a program before it runs: analysis, proofs, what this release cannot run, and lint.

In: a source. Out: :class:`Checked`. One function serves the command line, the editor and `run`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.suppress import suppress
from apwa_lang.semantics.analysis import analyse, in_order
from apwa_lang.semantics.modules import Load
from apwa_lang.semantics.program import Program
from apwa_lang.semantics.support import not_lowered
from apwa_lang.semantics.uses import Uses
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.parser import Parse, parse
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.lint.selection import Selection
    from apwa_lang.proofs import Claim


@dataclass(frozen=True)
class Checked:
    """A program with its claims and findings, and what each name in it refers to.

    ``claims`` is empty when the program has errors of meaning; ``known`` are the findings that a baseline leaves out.
    """

    program: Program
    modules: tuple[Module, ...]
    claims: tuple[Claim, ...]
    diagnostics: tuple[Diagnostic, ...]
    uses: Uses
    known: tuple[Diagnostic, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether a finding stops compilation."""
        return any(finding.severity is Severity.ERROR for finding in self.diagnostics)


def check(source: Source, *, load: Load | None = None, lint: Selection | None = None, parse: Parse = parse) -> Checked:
    """Analyse and, when that finds no error, prove. Never raises on what a user wrote in a program.

    With ``lint`` the file is linted too, for the rules that this selects; what `apwa.toml` selects is ``config_of``'s
    ``lint``. Raises :class:`~apwa_lang.config.ConfigError` where an `apwa.toml` cannot be used.
    """
    from apwa_lang.config import config_of

    config = config_of(source.file)
    selection = (lint or replace(config.lint, enabled=False)).within(source.file)
    analysis = analyse(source, load=load, parse=parse)
    findings = list(analysis.diagnostics)
    claims: tuple[Claim, ...] = ()
    # What an error leaves without a meaning would seem to be unused, or missing.
    linted = selection.enabled and not _has_errors(findings)
    if not _has_errors(findings):
        from apwa_lang.proofs import Bodies, decide

        bodies = Bodies(analysis.program)
        claims, failed = decide(analysis.program, bodies, case_insensitive=config.case_insensitive)
        findings.extend(failed)
        findings.extend(not_lowered(analysis.program))
        if linted:
            from apwa_lang.lint.lint import lint as look
            from apwa_lang.lint.subject import Subject

            subject = Subject(analysis.modules[0], analysis.program, claims, bodies, analysis.uses)
            findings.extend(look(subject, selection.wants))
    found = [one for one in findings if one.severity is Severity.ERROR or not selection.ignores(one.code)]
    kept = suppress(analysis.modules, found, lambda code, of: selection.covers(code, linted=linted and of is source))
    new, known = kept, kept[:0]
    if selection.enabled and selection.baseline is not None:
        from apwa_lang.lint.baseline import read_baseline

        new, known = read_baseline(selection.baseline).parted(kept)
    return Checked(analysis.program, analysis.modules, claims, in_order(new), analysis.uses, known)


def _has_errors(findings: Iterable[Diagnostic]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
