"""Pieces that do not fit what the model reads (APWA553)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import context_of, fixed_tokens, split_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    Map,
    PromptBody,
)
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
    bad="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 6000)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Sum up in a sentence: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
    good="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 2000)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Sum up in a sentence: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
)


@rule(LARGER_THAN_CONTEXT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over `tokens` that is larger than what a local model reads that is asked of them."""
    reported: set[Span] = set()
    for flow, step in subject.steps:
        if not isinstance(step.operation, Map):
            continue
        task, split = subject.program.tasks.get(step.operation.task), split_of(flow, step.operation.split)
        if task is None or split is None or split.rule != "tokens" or not isinstance(task.body, PromptBody):
            continue
        size, models = dict(split.arguments)["size"], subject.program.models
        # What a route sends to a model under a condition need not be of full size.
        guarded = {arm.target for arm in task.route if arm.condition is not None}
        for model in (models[name] for name in task.body.models if name in models and name not in guarded):
            room = context_of(model)
            settings = dict(model.settings)
            answer = settings.get("max_tokens")
            used = fixed_tokens(task.body) + (answer if isinstance(answer, int) else 0)
            if room is None or not isinstance(size, int) or used + size <= room or split.span in reported:
                continue
            reported.add(split.span)
            yield LARGER_THAN_CONTEXT.at(
                split.span,
                f"a piece of {size} tokens does not fit what `{model.name}` reads",
                f"with the prompt and the answer {used + size} tokens",
                also=((model.span, f"reads {room} tokens"),),
                help="make the pieces smaller, or raise `context` of the model",
            )
