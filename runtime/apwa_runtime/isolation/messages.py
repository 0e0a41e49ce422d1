"""What a worker and its own child process say to each other over a pipe: a length, then a pickle.

Only a parent and the child that it started talk this way, so what is unpickled was written by ourselves.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from apwa_lang.semantics.types import Type

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True)
class Setup:
    """What to run: ``module:function``, importable from ``base``, with the types of its parameters and result.

    ``form`` says what ``target`` is: a function of one sub-problem (``one``) or of several (``many``), one that parts
    the rows of a table (``parts``), a ``torch`` class, or nothing: then each request brings a ``shell`` script.
    ``own``: each call in a fork of its own, confined to its scratch folder, with TCP only if the task has ``network``;
    where ``readable`` paths are given, it reads nothing else, and ``sealed`` it does nothing else either
    (``seccomp.py``). Of the variables that hold secrets it sees those in ``secrets``. Folders of calls lie below
    ``root``, else in the home of the process.
    """

    target: str
    base: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    own: bool = True
    network: bool = False
    form: str = "one"
    readable: tuple[str, ...] | None = None
    secrets: tuple[str, ...] = ()
    sealed: bool = False
    root: str | None = None


@dataclass(frozen=True)
class Request:
    """One call: native arguments by name, its scratch folder and the files in it by label, seconds that it may take.

    In a call for several sub-problems, ``count`` of them, an argument is the list of theirs, and so are the paths of a
    label.
    """

    arguments: dict[str, Any]
    folder: str
    paths: tuple[tuple[str, Any], ...] = ()
    timeout: float | None = None
    count: int = 1


@dataclass(frozen=True)
class Reply:
    """``value`` when ``error`` is None; ``left`` is how many processes a call left behind, which were ended.

    The value of a call for several sub-problems is the list of their replies; ``memory`` when it ran short of it. The
    first reply of a child says that the function is loaded: ``threads`` is then how many its module has started,
    ``device`` where a torch class lies.
    """

    value: Any = None
    error: str | None = None
    left: int = 0
    threads: int = 0
    memory: bool = False
    device: str = ""


def pack(message: object) -> bytes:
    """A message as it goes over the pipe."""
    data = pickle.dumps(message, protocol=5)
    return _LENGTH.pack(len(data)) + data


def unpack(data: bytes | bytearray) -> Any:
    """The message that ``data`` begins with, or None while it is not whole."""
    start = _LENGTH.size
    if len(data) < start:
        return None
    end = start + _LENGTH.unpack_from(data)[0]
    return pickle.loads(data[start:end]) if len(data) >= end else None


def send(stream: BinaryIO, message: object) -> None:
    """Write one message. Raises BrokenPipeError if the other side is gone."""
    stream.write(pack(message))
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message. Raises EOFError if the other side is gone."""
    header = _exactly(stream, _LENGTH.size)
    return pickle.loads(_exactly(stream, _LENGTH.unpack(header)[0]))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = stream.read(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
