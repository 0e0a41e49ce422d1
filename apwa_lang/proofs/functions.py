"""Python functions as bodies: what the analysis of their source says about sub-problems that run them.

In: a task or a tool with a Python body. Out: a claim that two calls share no state (rule B2: nothing that the function
reaches outlives a call), and findings where it touches more than is declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from apwa_lang.diagnostics.codes import bodies as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.proofs.claims import Backing, Claim, Hypothesis, Verdict
from apwa_lang.proofs.python import Found, Inference, Kind, infer
from apwa_lang.proofs.subjects import about
from apwa_lang.proofs.trust import certificate_of, trusted_digest
from apwa_lang.semantics.program import Effect, Flow, Program, PythonBody, Step, Task, TorchBody

HARMLESS = frozenset({Kind.MUTATES_ARG, Kind.RANDOM, Kind.TIME, Kind.ENV})
"""What a body may do and still share no state: its arguments are its own, the rest only differs from call to call."""

_OWN_PROCESS = "each call runs in a process of its own that may write to its scratch folder only"
_ONE_PROCESS = "one call takes several sub-problems"
_ROWS_ONLY = "a function that splits has the rows and nothing else: put what it needs into the table"
_SHOWN = 4

Body = PythonBody | TorchBody


class Functions:
    """The Python functions of one program, each analysed once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._inferred: dict[tuple[str, str, frozenset[str], bool], Inference] = {}

    def inferred(self, body: Body, effects: tuple[Effect, ...]) -> Inference:
        """What a body was found to do, given the effects that are declared for it."""
        labels = frozenset(effect.label for effect in effects if effect.label is not None)
        loaded = isinstance(body, TorchBody)
        key = (body.target, str(body.base), labels, loaded)
        if key not in self._inferred:
            self._inferred[key] = infer(body.target, body.base, labels, loaded)
        return self._inferred[key]

    def claim(self, flow: Flow, step: Step, task: Task, body: Body, effects: tuple[Effect, ...]) -> Claim:
        """That two calls of a body, in sub-problems of one step, share nothing."""
        inference = self.inferred(body, effects)
        shared = [found for found in inference.effects if _is_shared(found)]
        hypotheses = tuple(dict.fromkeys(found for one in inference.effects for found in _hypotheses(one)))
        subject = (flow, step, "state", body.target, body.span)
        if inference.missing is None and not shared:
            return about(*subject, Verdict.PROVED, "B2", hypotheses)
        if task.trust:
            return about(*subject, Verdict.TRUSTED, "", hypotheses, task.trust)
        because = inference.missing or f"it {shared[0].reason} ({shared[0].place})"
        if _is_together(task, body):
            return about(*subject, Verdict.UNDECIDED, "", hypotheses, f"{_ONE_PROCESS}: {because}")
        return about(*subject, Verdict.CHECKED, "", hypotheses, f"{_OWN_PROCESS}: {because}", Backing.PROCESS)

    def findings_of_split(self, name: str, body: PythonBody) -> Iterator[Diagnostic]:
        """What is wrong with the function of the split ``name``, which has no effects to declare."""
        inference = self.inferred(body, ())
        if inference.missing is not None:
            if self._program.source.file is not None and not _is_installed(body.target):
                yield codes.missing(name, body.target, body.span, inference.missing)
            return
        for found in inference.effects:
            if _is_beyond(found, ()):
                yield codes.beyond(name, body.target, body.span, _what(found), found.told, _ROWS_ONLY)

    def findings(self, name: str, body: Body, effects: tuple[Effect, ...], task: Task | None) -> Iterator[Diagnostic]:
        """What is wrong with the body of the task or tool ``name``; ``task`` is None for a tool."""
        inference = self.inferred(body, effects)
        if inference.missing is not None:
            if self._program.source.file is None:
                return
            if not _is_installed(body.target):
                yield codes.missing(name, body.target, body.span, inference.missing)
            if task is not None and _is_together(task, body) and not task.trust:
                yield codes.batch(name, body.target, body.span, (inference.missing,), _remedy(body))
            return
        beyond = [found for found in inference.effects if _is_beyond(found, effects)]
        for found in beyond:
            yield codes.beyond(name, body.target, body.span, _what(found), found.told, _declare(found))
        if task is None:
            return
        shared = [found for found in inference.effects if _is_shared(found)]
        if _is_together(task, body) and shared and not task.trust:
            facts = tuple(f"{found.reason}: {found.place}" for found in shared[:_SHOWN])
            yield codes.batch(name, body.target, body.span, facts, _remedy(body))
        if task.trust:
            known = trusted_digest(self._program, name)
            if known is not None and known != inference.digest:
                yield codes.lapsed(name, body.target, body.span, certificate_of(self._program))


def _is_together(task: Task, body: Body) -> bool:
    """Whether one call takes several sub-problems, and no process keeps them apart."""
    return task.batch is not None or isinstance(body, TorchBody)


def _remedy(body: Body) -> str:
    if isinstance(body, TorchBody):
        return 'vouch for the class with `trust: "reason"`'
    return 'leave out `batch`, or vouch for the function with `trust: "reason"`'


def _is_shared(found: Found) -> bool:
    """Whether an effect may reach another call in the same process, or what that is, is not known."""
    if found.kind in HARMLESS:
        return False
    if found.kind in (Kind.FS_READ, Kind.FS_WRITE):
        return not found.private
    return found.kind is not Kind.NET


def _hypotheses(found: Found) -> Iterator[Hypothesis]:
    if found.kind is Kind.NET:
        where = f"`{found.detail}`" if found.detail else f"the server that {found.place} asks"
        yield Hypothesis(f"{where} keeps nothing of one call for another", Verdict.TRUSTED)
    if found.kind is Kind.FS_READ and not found.private:
        yield Hypothesis(f"what {found.place} reads is written by nothing in a run", Verdict.TRUSTED)


def _is_beyond(found: Found, effects: tuple[Effect, ...]) -> bool:
    """Whether a body surely touches what is not declared."""
    if found.kind is Kind.NET:
        return not any(effect.kind == "network" for effect in effects)
    if found.private or found.detail is None:
        return False
    if found.kind is Kind.FS_READ:
        return not any(_covers(effect, found.detail) for effect in effects if effect.kind == "read")
    return found.kind is Kind.FS_WRITE and found.detail != "/dev/null"


def _covers(effect: Effect, path: str) -> bool:
    text = effect.target.text
    return path.startswith(text.removesuffix("**")) if text.endswith("/**") else path == text


def _declare(found: Found) -> str:
    match found.kind:
        case Kind.NET:
            return f'declare `network: "{found.detail or "the host"}"`'
        case Kind.FS_READ:
            return f'declare `reads: "{found.detail}"`'
        case _:
            return (
                f'declare `writes: {{ name: "{found.detail}" }}` and write to the path that the function is then given'
            )


def _what(found: Found) -> str:
    return f"{found.reason} (`{found.detail}`)" if found.detail else found.reason


def _is_installed(target: str) -> bool:
    """Whether the module of a target is an installed one, which is not analysed."""
    try:
        return find_spec(target.partition(":")[0].split(".")[0]) is not None
    except (ImportError, ValueError):
        return False
