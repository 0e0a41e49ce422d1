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
    """What to run: ``module:function``, importable from ``base``, with the types of its parameters and result."""

    target: str
    base: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type


@dataclass(frozen=True)
class Request:
    """Arguments of one call, native values by name; ``folder`` is the call's scratch folder, ``paths`` its files."""

    arguments: dict[str, Any]
    folder: str | None = None
    paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reply:
    """``value`` when ``error`` is None; ``fatal`` errors are the same for every call."""

    value: Any = None
    error: str | None = None
    fatal: bool = False


def send(stream: BinaryIO, message: object) -> None:
    """Write one message. Raises BrokenPipeError if the other side is gone."""
    data = pickle.dumps(message, protocol=5)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message. Raises EOFError if the other side is gone."""
    header = _exactly(stream, _LENGTH.size)
    return pickle.loads(_exactly(stream, _LENGTH.unpack(header)[0]))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = stream.read(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
