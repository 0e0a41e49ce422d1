"""How large sub-problems are, and what they share.

In: splits, prompts and models. Out: shares and estimated tokens, at four characters each.
"""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import Flow, Literal, Map, Model, PromptBody, Split, Step, Task

LOCAL_CONTEXT = 4096
"""What a local model reads where it does not say."""


def split_of(flow: Flow, name: str) -> Split | None:
    """The split of that name that a flow uses."""
    return next((split for split in flow.splits if split.name == name), None)


def prompted(subject: Subject) -> Iterator[tuple[Step, Task, PromptBody, Split]]:
    """Each map of a prompt over a split, with the task, its body and the split."""
    for flow, step in subject.steps:
        if isinstance(step.operation, Map):
            task, split = subject.program.tasks.get(step.operation.task), split_of(flow, step.operation.split)
            if task is not None and split is not None and isinstance(task.body, PromptBody):
                yield step, task, task.body, split


def overlap_of(split: Split) -> float:
    """The share of a sub-problem that is in the next one too, from 0 to 1."""
    arguments = dict(split.arguments)
    size, overlap, stride = (arguments.get(name) for name in ("size", "overlap", "stride"))
    if isinstance(size, int) and size > 0:
        if isinstance(stride, int):
            return max(0.0, 1 - stride / size)
        if isinstance(overlap, int):
            return overlap / size
    return 0.0


def fixed_tokens(body: PromptBody) -> int:
    """An estimate of the tokens of what every prompt of a task has, 0 where its template has statements."""
    segments = [*(body.template.segments or ()), *((body.system.segments or ()) if body.system is not None else ())]
    fixed = "".join(segment.text for segment in segments if isinstance(segment, Literal))
    return len(fixed) // 4


def context_of(model: Model) -> int | None:
    """The tokens that a model reads, where the program tells."""
    given = dict(model.settings).get("context")
    if isinstance(given, int):
        return given
    return LOCAL_CONTEXT if model.provider == "local" and given is None else None
