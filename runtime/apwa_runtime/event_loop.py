"""A thread that owns an event loop.

Dask runs batches in threads; their coroutines all run here, so that one HTTP session serves a whole worker and a slow
answer never holds up the worker's own loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class EventLoopThread:
    """Starts on creation; ``close`` cancels what runs and ends the thread."""

    def __init__(self, name: str = "apwa-io") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result. Raises CancelledError once the loop is closed."""
        if self._loop.is_closed():
            work.close()
            raise asyncio.CancelledError
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def soon(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` on the loop; nothing happens once it is closed."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback)

    def cancel(self) -> None:
        """Cancel every task."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result(timeout=5)

    def close(self) -> None:
        """Cancel every task, end the thread. May be called twice."""
        if self._loop.is_closed():
            return
        self.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    async def _cancel_all(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
