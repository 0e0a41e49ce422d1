"""Pieces that do not fit what the model reads (APWA553)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import of_passages
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import context_of, fixed_tokens, prompted
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax.source import Span

LARGER_THAN_CONTEXT = register(
    "APWA553",
    "sub-problems too large for the model",
    severity=Severity.WARNING,
    explanation="""
The prompt, a piece of full size and the answer (`max_tokens`) together have more tokens than the `context` of the
model, 4096 for a local one that does not say. Such sub-problems fail.
""",
    fix="Make the pieces smaller, or raise `context`.",
    bad=of_passages("6000"),
    good=of_passages("2000"),
)


@rule(LARGER_THAN_CONTEXT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over `tokens` that is larger than what a local model reads that is asked of them."""
    reported: set[Span] = set()
    for _, task, body, split in prompted(subject):
        size, models = dict(split.arguments).get("size"), subject.program.models
        # What a route sends to a model under a condition need not be of full size.
        guarded = {arm.target for arm in task.route if arm.condition is not None}
        for model in (models[name] for name in body.models if name in models and name not in guarded):
            room, answer = context_of(model), dict(model.settings).get("max_tokens")
            used = fixed_tokens(body) + (answer if isinstance(answer, int) else 0)
            if split.rule != "tokens" or not isinstance(size, int) or room is None or split.span in reported:
                continue
            if used + size > room:
                reported.add(split.span)
                yield LARGER_THAN_CONTEXT.at(
                    split.span,
                    f"a piece of {size} tokens does not fit what `{model.name}` reads",
                    f"with the prompt and the answer {used + size} tokens",
                    also=((model.span, f"reads {room} tokens"),),
                    help="make the pieces smaller, or raise `context` of the model",
                )
