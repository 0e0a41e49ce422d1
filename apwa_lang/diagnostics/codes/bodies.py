"""Findings about the bodies of tasks: APWA311 to APWA319.

In: what the analysis of a Python function found. Out: its diagnostic.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.source import Span

BEYOND = register(
    "APWA311",
    "a Python body touches more than its task declares",
    explanation="""
What a task may touch stands in its `reads`, `writes` and `network`: sub-problems are proved apart from that. The
analysis of the function, which reads its source and never runs it, found a place that surely touches something else, so
the proof would be about less than what happens. The facts name the function, the line and the calls that lead there.
""",
    fix="""
Declare the effect: a file that is written under `writes: { name: "path" }`, which gives the function a path of that
name in its own scratch folder; a file that is read under `reads`; a host under `network`. Or take the line out.
""",
)


def beyond(task: str, target: str, span: Span, what: str, facts: tuple[str, ...], help: str) -> Diagnostic:
    """``target`` surely does ``what``, which ``task`` does not declare."""
    return BEYOND.at(span, f"`{target}`, the body of `{task}`, {what}", "not declared", facts=facts, help=help)


LAPSED = register(
    "APWA312",
    "trust in a body has lapsed",
    explanation="""
`trust: "reason"` vouches for the source as it was when `apwa prove` last wrote the certificate. The source of the
function, or of a module that it reaches, is another one now, so the reason may no longer hold.
""",
    fix="""
Read what changed. If the reason still holds, run `apwa prove --renew-trust`: it takes the new source into the
certificate.
""",
)


def lapsed(task: str, target: str, span: Span, certificate: str) -> Diagnostic:
    """The source of ``target`` is not the one that ``certificate`` trusts."""
    return LAPSED.at(
        span,
        f"`{task}` trusts a source of `{target}` that has changed since",
        "its source is another one now",
        facts=(f"the source that is trusted is the one in {certificate}",),
        help="read what changed, then run `apwa prove --renew-trust`",
    )


BATCH = register(
    "APWA313",
    "one call gives several sub-problems to a body that is not proved pure",
    explanation="""
With `batch: n`, and in any `torch` body, one call gets several sub-problems and all calls share a process, so nothing
but the body keeps them apart. That asks for a body that is proved to share no state, or for the author's word. Of a
`torch` class the state is what its instance keeps from one call to the next: weights that are only read are none.
""",
    fix="""
Take away what the facts name, or vouch for it with `trust: "reason"`. Without `batch` each sub-problem of a `python`
body has a process of its own.
""",
)


def batch(task: str, target: str, span: Span, facts: tuple[str, ...], help: str) -> Diagnostic:
    """``task`` gives several sub-problems to a body with shared state."""
    return BATCH.at(
        span,
        f"`{task}` gives several sub-problems to one call of `{target}`, which is not proved pure",
        facts=facts,
        help=help,
    )


MISSING = register(
    "APWA314",
    "the function of a body is not there",
    explanation="""
A `python` body names `module:function`, looked for below the folder of the file that says so and among the installed
packages. It is not there, or its module does not parse, so the task would fail at its first sub-problem.
""",
    fix="""
Mend the name, or write the function.
""",
    severity=Severity.WARNING,
)


def missing(task: str, target: str, span: Span, why: str) -> Diagnostic:
    """``target`` is not found: ``why``."""
    return MISSING.at(span, f"`{target}`, the body of `{task}`, is not there", why)
