"""The manager is asked, by itself, outside of any run's workers.

In: a model, a request, and what accepts an answer. Out: what was accepted, and what it cost.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from apwa_compiler.plan import Model
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.models.protocol import Answer, Request
from apwa_runtime.models.registry import make_client
from apwa_runtime.models.retry import Outcome, ask

T = TypeVar("T")

_BACKOFF = 1.0


def ask_manager(model: Model, request: Request, accept: Callable[[Answer], T], attempts: int) -> Outcome[T]:
    """What ``accept`` makes of an answer; it raises ValueError with the reason for which the model is asked again.

    Raises AskFailed after ``attempts``, and ModelSetupError.
    """
    loop = EventLoopThread("apwa-manager")
    try:
        client = make_client(model)
        work = ask(client, request, retries=attempts - 1, backoff=_BACKOFF, validate=accept, rng=random.Random())
        outcome = loop.run(work)
        loop.run(client.close())
    finally:
        # An answer may be on trial when the person presses Ctrl-C.
        with suppress(TimeoutError):
            loop.close()
    return outcome
