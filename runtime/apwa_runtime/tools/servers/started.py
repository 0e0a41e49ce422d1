"""A server that a command starts.

In: the command, what it may touch. Out: a client that talks to it over its standard input and output. Its process and
all that it starts end with the connection (``isolation/supervisor.py``), its scratch folder too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apwa_runtime.isolation.readable import readable
from apwa_runtime.isolation.supervisor import Limits, command

if TYPE_CHECKING:
    from mcp.client import Client

# Beside a folder of programs: what they are made of.
_BESIDE_BIN = ("lib", "lib64", "libexec", "pyvenv.cfg")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, as words, run in the folder ``base`` without the variables ``hidden``.

    ``reads`` are the paths that it may read besides what it is made of; with None it is not confined at all.
    """

    words: Sequence[str]
    base: str
    hidden: Collection[str]
    reads: Sequence[str] | None
    network: bool

    @property
    def executable(self) -> str | None:
        """The file that it runs; None where there is none."""
        name = self.words[0]
        return shutil.which(str(Path(self.base, name)) if "/" in name else name)

    def limits(self, scratch: str) -> Limits | None:
        """What its process may touch."""
        if self.reads is None:
            return None
        return Limits(scratch, self.network, (*_own(self), *self.reads))


class Started:
    """One process of a command."""

    def __init__(self, command: Command) -> None:
        self.why = ""
        self._command = command

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Client]:
        """The client, as long as it is wanted."""
        from mcp.client import Client
        from mcp.client.stdio import StdioServerParameters, stdio_client

        own = self._command
        scratch = tempfile.mkdtemp(prefix="apwa-server-")
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            try:
                program, *arguments = command(own.limits(scratch), own.words)
                env = {name: value for name, value in os.environ.items() if name not in own.hidden}
                parameters = StdioServerParameters(command=program, args=arguments, env=env, cwd=own.base)
                async with Client(stdio_client(parameters, errlog=log), cache=None) as client:
                    yield client
            finally:
                log.seek(0)
                self.why = log.read().strip()
                shutil.rmtree(scratch, ignore_errors=True)


def _own(command: Command) -> Iterator[str]:
    """What a command is made of: its executable, the paths among its words, Python, the system.

    Of what lies in the program's folder it is the top-level file or folder, as it is with modules of functions.
    """
    base = Path(command.base)
    own: set[str] = set()
    for word in command.words[1:]:
        path = Path(os.path.normpath(base / word))
        if not path.exists():
            continue
        if path.is_relative_to(base) and path != base:
            own.add(path.relative_to(base).parts[0])
        else:
            yield str(path)
    yield from readable(command.base, sorted(own))
    executable = command.executable
    for file in {executable, os.path.realpath(executable)} if executable else ():
        yield file
        folder = Path(file).parent
        if folder.name == "bin":
            yield str(folder)
            yield from (str(folder.parent / name) for name in _BESIDE_BIN)
