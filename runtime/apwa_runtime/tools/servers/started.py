"""A server that a command starts.

In: the command, what it may touch. Out: a client that talks to it over its standard input and output. Its process and
all that it starts end with the connection (``isolation/supervisor.py``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from apwa_runtime.isolation.readable import readable
from apwa_runtime.isolation.secrets import hidden
from apwa_runtime.isolation.supervisor import Limits, command

if TYPE_CHECKING:
    from mcp.client import Client

_SCRIPTS = frozenset(
    [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".sh", ".rb", ".pl", ".php", ".lua", ".jar", ".wasm"]
)

# Folders of programs, and what these are made of beside them; of managers that keep several versions of one, too.
_PROGRAMS = ("bin", "shims")
_BESIDE = (*_PROGRAMS, "lib", "lib64", "libexec", "pyvenv.cfg", "version", "versions", "installs", "plugins", "tools")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, as words, run in the folder ``base``; of the variables with secrets it sees those in ``secrets``.

    Without ``limits`` it is not confined.
    """

    words: Sequence[str]
    base: str
    secrets: Collection[str]
    limits: Limits | None


class Started:
    """One process of a command."""

    def __init__(self, command: Command) -> None:
        self.why = ""
        self._command = command
        self._log: IO[str] | None = None

    @property
    def is_over(self) -> bool:
        """Whether the server has ended: then the last line about it is written."""
        return self._log is not None and (self._log.closed or os.fstat(self._log.fileno()).st_size > 0)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Client]:
        """The client, as long as it is wanted."""
        from mcp.client import Client
        from mcp.client.stdio import StdioServerParameters, stdio_client

        own = self._command
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            self._log = log
            try:
                program, *arguments = command(own.limits, own.words)
                without = hidden(own.secrets)
                env = {name: value for name, value in os.environ.items() if name not in without}
                parameters = StdioServerParameters(command=program, args=arguments, env=env, cwd=own.base)
                async with Client(stdio_client(parameters, errlog=log), cache=None) as client:
                    yield client
            finally:
                log.seek(0)
                self.why = log.read().strip()


def executable(words: Sequence[str], base: str) -> str | None:
    """The file that a command runs; None where there is none."""
    name = words[0]
    return shutil.which(str(Path(base, name)) if "/" in name else name)


def made_of(words: Sequence[str], base: str) -> Iterator[str]:
    """What a command must read to run: its executable, the scripts among its words, packages, the system.

    Of what lies in the program's folder it is the top-level file or folder, as it is with modules of functions. Other
    paths among the words are data, which is to be declared: the proofs do not look into commands.
    """
    folder = Path(base)
    own = {"node_modules"}
    for number, word in enumerate(words):
        path = Path(os.path.normpath(folder / word))
        if not path.is_file() or not (path.suffix in _SCRIPTS or (number == 0 and "/" in word)):
            continue
        if path.is_relative_to(folder):
            own.add(path.relative_to(folder).parts[0])
        else:
            yield str(path)
    yield from readable(base, sorted(own))
    found = executable(words, base)
    for file in {found, os.path.realpath(found)} if found else ():
        yield file
        place = Path(file).parent
        if place.name in _PROGRAMS:
            yield from (str(place.parent / name) for name in _BESIDE)
