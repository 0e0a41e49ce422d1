"""The process in which a user's code runs: ``python -m apwa_runtime.isolation.child READ_FD WRITE_FD``.

In: a ``Setup``, then one ``Request`` at a time. Out: a reply for each. Calls that must not see each other's state run
in forks of this process, the others in it. What the function writes to standard error is kept, to say why a process
died.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

from apwa_runtime.isolation import landlock
from apwa_runtime.isolation.attribution import Watch
from apwa_runtime.isolation.fork import Forks, Loaded, ParentGone
from apwa_runtime.isolation.function import Function, ImportFailed
from apwa_runtime.isolation.many import ManyFunction
from apwa_runtime.isolation.messages import Reply, Request, Setup, receive, send
from apwa_runtime.isolation.parts import PartsFunction
from apwa_runtime.isolation.script import Script


def main(read_fd: int, write_fd: int) -> None:
    """Serve calls until the parent closes the pipe."""
    with os.fdopen(read_fd, "rb", buffering=0) as requests, os.fdopen(write_fd, "wb") as replies:
        setup: Setup = receive(requests)
        home = str(Path.cwd())
        os.environ["TMPDIR"] = home
        watch = Watch(home)
        if setup.own:
            sys.dont_write_bytecode = True
            if landlock.version():
                landlock.confine(setup.root or home, network=setup.network)
                watch.start()
        try:
            loaded = _load(setup, watch)
        except ImportFailed as error:
            send(replies, Reply(error=str(error)))
            return
        serve: Callable[[Request], Reply] = loaded.call
        if setup.own:
            closed = (read_fd, write_fd)
            serve = Forks(loaded, watch, read_fd, closed, setup.network, setup.readable, setup.sealed).call
            # What is loaded by now is shared with the forks and stays so only while nobody counts references in it.
            gc.freeze()
        send(replies, Reply(threads=_threads() - 1, device=str(getattr(loaded, "device", ""))))
        try:
            while True:
                request: Request = receive(requests)
                send(replies, serve(request))
        except (EOFError, ParentGone):
            return


def _load(setup: Setup, watch: Watch) -> Loaded:
    """What serves calls, by the form of the body; torch is imported only for a torch class."""
    match setup.form:
        case "one":
            return Function(setup, watch)
        case "many":
            return ManyFunction(setup, watch)
        case "parts":
            return PartsFunction(setup, watch)
        case "shell":
            return Script(setup)
        case _:
            try:
                from apwa_runtime.isolation.torch_class import TorchClass
            except ImportError as error:
                raise ImportFailed(f'torch cannot be imported: {error}; pip install "apwa-lang[torch]"') from None
            return TorchClass(setup, watch)


def _threads() -> int:
    """How many threads this process has."""
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return 1


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
