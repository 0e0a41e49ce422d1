"""How many sub-problems of a task a batch holds at least, so that no worker waits although there is work.

In: a session and a task. Out: a number: for prompts twice what a worker asks at a time, so that some always wait.
"""

from __future__ import annotations

from contextlib import suppress

from apwa_compiler.plan import Prompt, Task
from apwa_runtime.models.protocol import ModelSetupError
from apwa_runtime.models.registry import limits_of
from apwa_runtime.session import Session


def width(session: Session, task: Task) -> int:
    """The least size of a batch of sub-problems that wait for others, however long they take; 1 for other tasks."""
    if not isinstance(task.body, Prompt):
        return 1
    places = 0
    for model in session.plan.models:
        if model.name in task.models():
            # A variable may be set on workers only.
            with suppress(ModelSetupError):
                places += limits_of(model).concurrency or 0
    return max(1, 2 * places // session.cluster.workers)
