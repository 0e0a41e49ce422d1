"""A model that a Python function of the user asks.

In: what the user's factory has made, a function of ``messages`` and ``schema``. Out: a client. The function is given
messages as dicts with ``role`` and ``content``, and the JSON schema of the answer, None for text; it returns the text
of the answer, an :class:`Answer` with token counts, or a value that is the answer as JSON. It may be a coroutine
function; else it runs in threads, as many at a time as ``concurrency`` says. The content of a message is a text; where
it shows files, a list of dicts, ``{"type": "text", "text": …}`` or, of type ``image``, ``audio`` or ``pdf``, with a
``media_type`` and the bytes as ``data``.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from apwa_runtime.models.admission import Admission, admitted
from apwa_runtime.models.protocol import Answer, Message, ModelError, Request, TransientError
from apwa_runtime.models.structured import scrubbed
from apwa_runtime.models.tool_calls import call_or_answer, told, untold
from apwa_runtime.values.text import json_text

DEFAULT_TIMEOUT = 60.0


class OwnClient:
    """Asks ``function``; ``timeout`` in seconds. What stands in ``secrets`` is never told."""

    is_down = False

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        concurrency: int,
        timeout: float = DEFAULT_TIMEOUT,
        secrets: Collection[str] = (),
    ) -> None:
        self._name = name
        self._function = function
        self._is_coroutine = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 - it is looked at, not called
        )
        self._timeout = timeout
        self._secrets = secrets
        self._places = asyncio.Semaphore(concurrency)
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="apwa-own")
        self.concurrency = concurrency
        self.admission: Admission | None = None

    async def complete(self, request: Request) -> Answer:
        """Answer one request. Raises TransientError."""
        async with self._places:
            return await admitted(self.admission, request, self._ask)

    async def close(self) -> None:
        """Start no more calls."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, request: Request) -> Answer:
        messages, schema = request.messages, request.schema
        if request.tools:
            messages, schema = told(request), call_or_answer(request)
        given = [{"role": message.role, "content": _content(message)} for message in messages]
        limit = self._timeout if request.timeout is None else request.timeout
        call = partial(self._function, messages=given, schema=schema)
        if request.wire is not None:
            request.wire.sent = True
        start = time.perf_counter()
        try:
            if self._is_coroutine:
                said = await asyncio.wait_for(call(), limit)
            else:
                said = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(self._threads, call), limit)
        except TimeoutError:
            raise TransientError(f"`{self._name}` gave no answer within {limit:g} s") from None
        except ModelError:
            raise
        except Exception as error:
            said = scrubbed(f"{type(error).__name__}: {error}", self._secrets)
            raise TransientError(f"`{self._name}` failed: {said}") from None
        finally:
            if request.wire is not None:
                request.wire.sent = False
        answer = self._answer(said, time.perf_counter() - start)
        return untold(answer, request) if request.tools else answer

    def _answer(self, said: Any, seconds: float) -> Answer:
        if isinstance(said, Answer):
            return replace(said, seconds=said.seconds or seconds)
        if isinstance(said, str):
            return Answer(said, seconds=seconds)
        try:
            return Answer(json_text(said), seconds=seconds)
        except (TypeError, RecursionError) as error:
            raise TransientError(f"`{self._name}` returned no answer: {error}") from None


def _content(message: Message) -> object:
    """The text of a message; its parts, where it shows files."""
    if not message.parts:
        return message.content
    return [
        {"type": "text", "text": part}
        if isinstance(part, str)
        else {"type": part.kind, "media_type": part.type, "data": part.data}
        for part in message.parts
    ]
