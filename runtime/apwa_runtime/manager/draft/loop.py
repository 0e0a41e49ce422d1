"""A model drafts a program, and is told what is wrong with it until nothing is.

In: a question with what the draft is given, and a model. Out: :class:`Draft`, the best of its attempts. Each answer is
parsed, checked, proved, held to the rules of drafts and compiled; nothing of it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from errno import EPERM
from pathlib import Path

from apwa_compiler import plan
from apwa_compiler.build import CompileError, build_plan
from apwa_compiler.declarations import lower_model
from apwa_grammar.gbnf import gbnf
from apwa_lang.check import Checked, check
from apwa_lang.diagnostics.fixes import mend
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.render.text import render
from apwa_lang.diagnostics.tally import tally
from apwa_lang.draft.language import CLOSING, OPENING, description, grammar
from apwa_lang.draft.offer import Offer, OfferError, Written
from apwa_lang.draft.rules import violations
from apwa_lang.formatter.format import FormatError, format_source
from apwa_lang.formatter.settings import line_length_of
from apwa_lang.semantics.analysis import in_order
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_runtime.manager.asking import ask_manager
from apwa_runtime.manager.draft.answers import NotClean, code_in
from apwa_runtime.models.protocol import Answer, Message, Request
from apwa_runtime.models.retry import AskFailed

# A whole program takes longer to write than an answer to a row; a local model reads a long prompt.
_USUAL = {"timeout": 600.0}
_USUAL_LOCAL = {**_USUAL, "context": 8192, "max_tokens": 2048}
# What is larger is no draft, and proofs look at every two steps.
_MOST_PARTS = 100
_MOST_TOLD = 12
_MOST_TOLD_CHARACTERS = 8_000


@dataclass(frozen=True)
class Attempt:
    """A program that a model wrote. ``refused`` where it breaks the rules of drafts."""

    text: str
    findings: tuple[Diagnostic, ...]
    refused: bool
    changed: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.findings

    @property
    def has_errors(self) -> bool:
        """Whether the program would not run."""
        return self.count(Severity.ERROR) > 0

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Less is better."""
        return self.refused, self.count(Severity.ERROR), self.count(Severity.WARNING)


@dataclass(frozen=True)
class Draft:
    """The best attempt, None where no answer held a program; why there is no clean one, and what it cost."""

    best: Attempt | None
    failure: str | None
    attempts: int
    input_tokens: int
    output_tokens: int


def model_of(offer: Offer, file: Path) -> plan.Model:
    """The model that is offered, ready to be asked. Raises OfferError where what is given is no program."""
    checked = check(Source(offer.head, file.name, file))
    if checked.has_errors:
        error = next(one for one in checked.diagnostics if one.severity is Severity.ERROR)
        raise OfferError(f"what is given cannot be used: {error.message}: `{error.primary.span.text}`")
    (model,) = checked.program.models.values()
    lowered = lower_model(model)
    usual = _USUAL_LOCAL if lowered.provider == "local" else _USUAL
    return replace(lowered, settings=tuple({**usual, **dict(lowered.settings)}.items()))


def draft(
    offer: Offer,
    tables: Mapping[str, str],
    model: plan.Model,
    file: Path,
    attempts: int,
    progress: Callable[[str], None],
) -> Draft:
    """A program that answers the question of ``offer``, to be kept as ``file``. Raises ModelSetupError.

    ``tables`` is what the model is told of each.
    """
    trial = _Trial(offer, file, progress)
    try:
        outcome = ask_manager(model, _request(offer, tables, model), trial.accept, attempts)
    except AskFailed as error:
        ours = isinstance(error.__cause__, NotClean)
        failure = None if ours and trial.best is not None else error.reason
        return Draft(trial.best, failure, error.attempts, error.input_tokens, error.output_tokens)
    return Draft(outcome.value, None, outcome.attempts, outcome.input_tokens, outcome.output_tokens)


def _request(offer: Offer, tables: Mapping[str, str], model: plan.Model) -> Request:
    held = model.provider == "local"
    described = "\n\n".join(f"Table `{name}`:\n{told}" for name, told in tables.items())
    wanted = f"{described}\n\nQuestion: {offer.question}\nGiven:\n{OPENING}{offer.given}{CLOSING}\nAnswer:"
    # The embedded model is slow to read, and gains little by it.
    brief = held and "path" not in dict(model.settings)
    messages = (Message("system", description(brief=brief)), Message("user", wanted))
    return Request(messages, grammar=gbnf(grammar()).text(OPENING, CLOSING) if held else None)


@dataclass
class _Trial:
    """The answers so far, and the best of them."""

    offer: Offer
    file: Path
    progress: Callable[[str], None]
    best: Attempt | None = None
    number: int = field(default=0, init=False)

    def accept(self, answer: Answer) -> Attempt:
        """The attempt, where it is clean. Raises NotClean."""
        self.number += 1
        try:
            attempt = self._judged(self.offer.program(code_in(answer.text)))
        except NotClean as error:
            self.progress(f"attempt {self.number}: {error}")
            raise
        if self.best is None or attempt.rank <= self.best.rank:
            self.best = attempt
        changed = f"; put back as given: {', '.join(attempt.changed)}" if attempt.changed else ""
        self.progress(f"attempt {self.number}: {tally(attempt.findings) or 'clean'}{changed}")
        if not attempt.is_clean:
            raise NotClean(_told(attempt))
        return attempt

    def _judged(self, written: Written) -> Attempt:
        source = Source(written.text, self.file.name, self.file)
        size = sum(map(_size, parse(source)[0].declarations))
        if size > _MOST_PARTS:
            raise NotClean(f"it has {size:,} declarations and statements, and may have {_MOST_PARTS:,}")
        mended, _ = mend(source, lambda some: check(some, load=_nothing).diagnostics)
        if mended.text.startswith(self.offer.head):
            source = mended
        source = _formatted(source)
        checked = check(source, load=_nothing)
        refused = violations(checked, self.offer.offered)
        findings = in_order([*refused, *checked.diagnostics, *_not_compiled(checked)])
        return Attempt(source.text, findings, bool(refused), written.changed)


def _formatted(source: Source) -> Source:
    """The program in the one style; as it is where it does not parse."""
    try:
        text = format_source(source, line_length=line_length_of(source.file.parent if source.file else Path.cwd()))
    except FormatError:
        return source
    return Source(text, source.path, source.file)


def _size(node: ast.Declaration | ast.Statement) -> int:
    """How many declarations and statements a node is; those of a ``repeat`` are there for each round."""
    match node:
        case ast.Flow(statements=inner):
            return 1 + sum(map(_size, inner))
        case ast.Repeat(limit=limit, body=inner):
            rounds = limit.value if isinstance(limit, ast.IntLiteral) else 1
            return 1 + rounds * sum(map(_size, inner))
        case ast.If(then=then, otherwise=otherwise):
            return 1 + sum(map(_size, (*then, *otherwise)))
    return 1


def _told(attempt: Attempt) -> str:
    """What the model is told of an attempt."""
    ordered = sorted(attempt.findings, key=lambda one: one.severity is not Severity.ERROR)
    pages: list[str] = []
    size = 0
    for finding in ordered[:_MOST_TOLD]:
        page = render([finding], explain=False)
        size += len(page)
        if pages and size > _MOST_TOLD_CHARACTERS:
            break
        pages.append(page)
    told = f"it has {tally(attempt.findings)}.\n\n" + "\n".join(pages)
    if len(pages) < len(ordered):
        told += f"\n… and {len(ordered) - len(pages)} more.\n"
    if attempt.changed:
        told += f"\nWhat is given was changed ({', '.join(attempt.changed)}) and put back. Leave it out.\n"
    return told


def _not_compiled(checked: Checked) -> tuple[Diagnostic, ...]:
    """Why a program without errors would not run as it is."""
    if checked.has_errors:
        return ()
    try:
        build_plan(checked.program, None, {}, checked.claims)
    except CompileError as error:
        return error.diagnostics
    return ()


def _nothing(file: Path) -> str:
    raise OSError(EPERM, "a draft imports nothing")
