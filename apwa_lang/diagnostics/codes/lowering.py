"""Findings on the way from a checked program to a plan (APWA901-949).

In: what the compiler could not choose, bind or lower. Out: diagnostics. All but APWA901 need a command line as well as
a program, so they have no examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import did_you_mean, suggestion
from apwa_lang.syntax.source import Span

NOT_LOWERED = register(
    "APWA901",
    "not compiled in this release",
    explanation="""
The program is well formed and its meaning is settled, but this release of the compiler cannot run the construct yet.
`apwa check` warns; `apwa plan`, `apwa compile` and `apwa run` stop when the chosen flow uses it.
""",
    fix="Write the step in another way, or leave it out of the flow that is run.",
    severity=Severity.WARNING,
    bad="""
task count(ward: str, words: int) -> int { return: words  reduces: { "stats/{{ ward }}.json": sum } }
""",
    good="""
record Note { id: str @key, ward: str, words: int }
table notes: Note = [{ id: "a", ward: "1", words: 3 }]
flow main {
  words = reduce words over notes by sum group ward
  save words to "out/words.jsonl"
}
""",
)


def not_lowered(span: Span, construct: str) -> Diagnostic:
    """A warning: ``construct`` (a noun phrase, ``"a `sql` table"``) cannot be run yet."""
    return NOT_LOWERED.at(
        span,
        f"{construct} cannot be compiled yet",
        "checked, but not run by this release",
        help="`apwa check` works on it; `apwa run` needs a flow without it",
    )


def stopping(warning: Diagnostic) -> Diagnostic:
    """The same finding where it stops compilation."""
    return replace(warning, severity=Severity.ERROR)


NO_FLOW = register(
    "APWA902",
    "no flow to run",
    explanation="`plan`, `compile`, `graph` and `run` work on a flow, and the program declares none.",
    fix="Declare `flow main { … }`.",
)


def no_flow(start: Span) -> Diagnostic:
    """The program at ``start`` declares no flow."""
    return NO_FLOW.at(start, "the program declares no flow", help="declare one: `flow main { … }`")


UNKNOWN_FLOW = register(
    "APWA903",
    "unknown flow",
    explanation="The flow named by `--flow` is not declared in the program.",
    fix="Name one of the program's flows.",
)


def unknown_flow(start: Span, name: str, known: Mapping[str, Span]) -> Diagnostic:
    """``--flow name`` names none of the ``known`` flows of the program that starts at ``start``."""
    return UNKNOWN_FLOW.at(
        *_at_nearest(start, name, known, f"no flow is named `{name}`"),
        help=suggestion(name, known) or f"the program has {_names(sorted(known))}",
    )


SEVERAL_FLOWS = register(
    "APWA904",
    "which flow?",
    explanation="The program declares several flows, none of them is `main`, and the command names none.",
    fix="Pass `--flow NAME`, or name the usual one `main`.",
)


def several_flows(flows: Iterable[tuple[str, Span]]) -> Diagnostic:
    """None of these flows is ``main`` and none was named."""
    (first, span), *others = flows
    names = [first, *(name for name, _ in others)]
    return SEVERAL_FLOWS.at(
        span,
        f"the program has {_names(names)}, and none was chosen",
        also=tuple((place, "another") for _, place in others),
        help=f"choose one: `--flow {first}`",
    )


MISSING_PARAMETER = register(
    "APWA905",
    "a parameter has no value",
    explanation="A `param` without a default must be given on the command line or in a file.",
    fix="Pass `--param name=value`, or give the parameter a default.",
)


def missing_parameter(span: Span, name: str, type: str) -> Diagnostic:
    """Parameter ``name`` has neither a default nor a value."""
    return MISSING_PARAMETER.at(
        span,
        f"parameter `{name}` needs a value",
        f"of type `{type}`, without a default",
        help=f"pass `--param {name}=…`",
    )


BAD_PARAMETER = register(
    "APWA906",
    "a parameter's value has the wrong type",
    explanation="The value given for a `param` is not of its type.",
    fix="Give a value of the declared type.",
)


def bad_parameter(span: Span, name: str, problem: str) -> Diagnostic:
    """The value of parameter ``name`` does not fit; ``problem`` says how."""
    return BAD_PARAMETER.at(span, f"the value of parameter `{name}` does not fit: {problem}", "declared here")


UNKNOWN_PARAMETER = register(
    "APWA907",
    "unknown parameter",
    explanation="A value was given for a parameter that the program does not declare.",
    fix="Correct the name, or declare the parameter.",
)


def unknown_parameter(start: Span, name: str, known: Mapping[str, Span]) -> Diagnostic:
    """A value was given for ``name``, none of the ``known`` parameters of the program that starts at ``start``."""
    listed = f"the program has {_names(sorted(known))}" if known else "the program has no parameters"
    return UNKNOWN_PARAMETER.at(
        *_at_nearest(start, name, known, f"no parameter is named `{name}`"), help=suggestion(name, known) or listed
    )


BAD_CONSTANT = register(
    "APWA908",
    "an expression over parameters has no value",
    explanation="A condition of `if`, a `limit` or a path is worked out before the run, and it failed.",
    fix="Look at the values of the parameters that it uses.",
)


def bad_constant(span: Span, problem: str) -> Diagnostic:
    """What must be known before the run could not be worked out."""
    return BAD_CONSTANT.at(span, f"this cannot be worked out before the run: {problem}")


def _at_nearest(start: Span, name: str, known: Mapping[str, Span], message: str) -> tuple[Span, str, str]:
    """Place, message and label: at the declaration that was probably meant, else at the program's start."""
    near = did_you_mean(name, known)
    return (known[near], message, "did you mean this?") if near else (start, message, "")


def _names(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
