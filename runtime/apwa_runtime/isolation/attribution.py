"""Naming what was denied.

In: the audit events of a process. Out: for an error that a denied write or connection has caused, what was tried and
what to declare. This attributes; it protects nothing.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_KEPT = 32
# Where the written path stands in the arguments of an event.
_PLACES = {
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "shutil.rmtree": (0,),
    "sqlite3.connect": (0,),
}
# Libraries whose errors do not say that permission was lacking.
_SAY_IT_OTHERWISE = ("sqlite3",)
_CONNECTIONS = {"socket.connect": "connect to", "socket.bind": "listen at"}


class Watch:
    """Remembers the last writes outside ``scratch`` and the last connections that were tried."""

    def __init__(self, scratch: str) -> None:
        self._writes: deque[str] = deque(maxlen=_KEPT)
        self._connections: deque[str] = deque(maxlen=1)
        self.scratch = scratch

    @property
    def scratch(self) -> str:
        """The folder that may be written."""
        return self._scratch

    @scratch.setter
    def scratch(self, folder: str) -> None:
        self._scratch = os.path.realpath(folder)

    def start(self) -> None:
        """Begin to listen, for good."""
        sys.addaudithook(self._heard)

    def explanation(self, error: BaseException, target: str) -> str | None:
        """What ``target`` tried that was denied, if that is what ``error`` comes from."""
        denied = next((cause for cause in _causes(error) if isinstance(cause, PermissionError)), None)
        if denied is not None and denied.filename is None and self._connections:
            return f"`{target}` tried to {self._connections[-1]}, but the task declares no `network`"
        if not self._writes or (denied is None and type(error).__module__ not in _SAY_IT_OTHERWISE):
            return None
        path = self._writes[-1]
        if denied is not None and denied.filename is not None:
            named = {_real(name) for name in (denied.filename, denied.filename2)} & set(self._writes)
            if not named:
                return None
            path = named.pop()
        return (
            f"`{target}` tried to write to `{path}`, outside its scratch folder; declare the file under `writes` "
            "and write to the path that the function is then given"
        )

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & _WRITING:
                self._wrote(path)
        elif event in _PLACES:
            for place in _PLACES[event]:
                self._wrote(arguments[place])
        elif event in _CONNECTIONS:
            self._connections.append(f"{_CONNECTIONS[event]} {_address(arguments[1])}")

    def _wrote(self, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            real = _real(path)
            if real != self._scratch and not real.startswith((f"{self._scratch}/", "/dev/")):
                self._writes.append(real)


def _real(path: Any) -> str:
    try:
        return os.path.realpath(os.fsdecode(path))
    except (OSError, TypeError, ValueError):
        return repr(path)


def _address(address: object) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        return f"{address[0]}:{address[1]}"
    return str(address)


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
