"""Batches whose worker has died, run where they can do no more harm: in a process of their own.

In: a batch. Out: the frames of what finishes, into an outbox. A process that dies leaves what it has finished; the rest
is cut in two and tried again, down to the sub-problem that kills its process, which fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from apwa_compiler.plan import Plan
from apwa_compiler.plan_json import from_json, to_json
from apwa_runtime.batches import Batch, Frame, from_bytes, halves, without
from apwa_runtime.isolation import processes
from apwa_runtime.isolation.messages import receive, send
from apwa_runtime.isolation.obituary import obituary
from apwa_runtime.outbox import Outbox
from apwa_runtime.values.arrow import from_batch

if TYPE_CHECKING:
    from apwa_runtime.runner import Finished, StepRunner
    from apwa_runtime.worker import Sharing

# Seconds between two frames of a process.
_EVERY = 0.2

# A plan, what begins the content keys of its steps, and how workers share what models allow.
Work = tuple[Plan, Mapping[str, str], "Sharing"]


def run_guarded(work: Work, step: str, batch: Batch, outbox: Outbox[Finished], runner: StepRunner) -> None:
    """Run a batch in processes of its own."""
    waiting = [batch]
    while waiting:
        part = waiting.pop()
        finished, end = _in_process(work, step, part, outbox)
        left = without(part, finished)
        if left is None:
            continue
        if len(left.ordinals) > 1:
            waiting.extend(reversed(halves(left)))
            continue
        (row,) = from_batch(from_bytes(left.data), runner.input)
        outbox.add_frame(runner.lost(left.ordinals[0], row, end))


def _in_process(work: Work, step: str, batch: Batch, outbox: Outbox[Finished]) -> tuple[set[int], str]:
    """Run a batch in one process. Returns what it has finished, and how the process ended."""
    plan, keys, sharing = work
    finished: set[int] = set()
    with tempfile.TemporaryFile() as log:
        process, requests, replies = processes.spawn("apwa_runtime.guard", str(os.getpid()), log=log)
        try:
            with requests, replies:
                send(requests, (to_json(plan), dict(keys), sharing.workers, step, batch))
                while (frame := receive(replies)) is not None:
                    finished |= {*frame.ordinals, *(failure.ordinal for failure in frame.failures)}
                    outbox.add_frame(frame)
        except (EOFError, BrokenPipeError):
            pass
        finally:
            processes.end_tree(process.pid)
            code = process.wait()
        log.seek(0)
        return finished, obituary(code, log.read().decode(errors="replace"))


def main() -> None:
    """The process: run one batch, hand over frames as sub-problems finish, then None."""
    processes.end_with_parent()
    if os.getppid() != int(sys.argv[3]):
        return
    from apwa_runtime.worker import Context, Sharing

    requests, replies = os.fdopen(int(sys.argv[1]), "rb", buffering=0), os.fdopen(int(sys.argv[2]), "wb")
    plan_json, keys, workers, step, batch = receive(requests)
    context = Context(from_json(plan_json), keys, Sharing(workers))
    runner = context.runner(step)
    outbox = runner.outbox()
    ended = threading.Event()

    def hand_over() -> None:
        received = 0
        while True:
            last = ended.wait(_EVERY)
            frames: tuple[Frame, ...] = outbox.report(received).frames
            for frame in frames:
                send(replies, frame)
            received += len(frames)
            if last:
                return

    thread = threading.Thread(target=hand_over)
    thread.start()
    try:
        runner.run(Batch(batch.ordinals, batch.data), outbox)
    finally:
        ended.set()
        thread.join()
    send(replies, None)
    replies.close()
    os._exit(0)


if __name__ == "__main__":
    main()
