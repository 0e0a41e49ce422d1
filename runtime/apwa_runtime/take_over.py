"""What workers finished for a client that died, taken over by the client that resumes its run.

In: a cluster, and the run to go on with. Out: a journal of its own in that run's folder, which the resume reads like
any other. The batches of the dead client are ended.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from apwa_compiler.plan import Plan, Step
from apwa_runtime.batches import KEY_BYTES, FileWrite, Frame
from apwa_runtime.cluster import LostOnce
from apwa_runtime.journal.frames import FileCommit
from apwa_runtime.journal.journal import Journal
from apwa_runtime.journal.reuse import Earlier
from apwa_runtime.patience import patiently
from apwa_runtime.publish import Publisher, PublishError
from apwa_runtime.run_folder import RunFolder
from apwa_runtime.runner import output_record
from apwa_runtime.step_run import usage_frame
from apwa_runtime.worker import Left, RunPlugin, left_behind

_LOOKS = 5
_PAUSE = 0.4


def take_over(client: Any, plan: Plan, keys: Mapping[str, str], run: RunFolder) -> None:
    """Put what workers have left of ``run`` into its journal, where it is of a step as it is now. Raises OSError."""
    generations = run.generations
    frames: dict[str, list[Frame]] = {}
    dead: set[str] = set()
    for answer in _answers(client, run):
        for run_id, found in answer.items():
            dead.add(run_id)
            for left in found:
                if keys.get(left.step) == left.key:
                    frames.setdefault(left.step, []).extend(left.frames)
    if frames:
        # What cannot be written is raised when the journal is closed.
        journal = Journal(run.new_generation(), lambda error: None)
        try:
            for name, some in frames.items():
                earlier = Earlier([folder / f"{name}.log" for folder in generations], lambda failure: True)
                _record(plan, plan.step(name), some, earlier, journal)
        finally:
            journal.close()
    for run_id in dead:
        # A scheduler that was started since knows no such plugins.
        with suppress(ValueError):
            client.unregister_worker_plugin(RunPlugin.name_of(run_id))
        with suppress(ValueError):
            client.unregister_scheduler_plugin(LostOnce.name_of(run_id))


def _answers(client: Any, run: RunFolder) -> list[dict[str, list[Left]]]:
    """What workers say of drivers that are dead; of one that died just now it takes a moment to know."""
    for _ in range(_LOOKS):
        answers: list[dict[str, list[Left] | None]] = list(
            patiently(partial(client.run, left_behind, run.token)).values()
        )
        if all(found is not None for answer in answers for found in answer.values()):
            break
        time.sleep(_PAUSE)
    # A driver that is still heard works for a copy of the run's folder.
    return [{run_id: found for run_id, found in answer.items() if found is not None} for answer in answers]


def _record(plan: Plan, step: Step, frames: Iterable[Frame], earlier: Earlier, journal: Journal) -> None:
    operation: Any = step.operation
    task = plan.task(operation.task)
    publisher = Publisher(plan, step.name, task, journal.folder)
    try:
        journal.append(step.name, usage_frame(output_record(step, task), earlier.usage))
        known: set[int] = set()
        for frame in frames:
            known.update(ordinal for ordinal, key in _keyed(frame) if earlier.holds(ordinal, key))
            fresh = frame.without(known)
            if not (fresh.ordinals or fresh.failures):
                continue
            commits, refused = _published(fresh.files, publisher)
            fresh = replace(fresh.without(refused), files=())
            journal.append(step.name, fresh, tuple(commit for commit in commits if commit.ordinal not in refused))
            known.update(ordinal for ordinal, _ in _keyed(fresh))
    finally:
        publisher.close()


def _keyed(frame: Frame) -> Iterable[tuple[int, bytes]]:
    """The sub-problems of a frame with their content keys."""
    ordinals = (*frame.ordinals, *(failure.ordinal for failure in frame.failures))
    keys = frame.keys + frame.failed_keys
    return ((ordinal, keys[at * KEY_BYTES : (at + 1) * KEY_BYTES]) for at, ordinal in enumerate(ordinals))


def _published(files: Iterable[FileWrite], publisher: Publisher) -> tuple[list[FileCommit], set[int]]:
    """What was written, and the sub-problems whose writes were refused: they run again, to be told so."""
    commits: list[FileCommit] = []
    refused: set[int] = set()
    for file in files:
        try:
            commits.append(publisher.publish(file))
        except PublishError:
            refused.add(file.ordinal)
    return commits, refused
