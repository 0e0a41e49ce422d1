"""Runs bodies of user code as a worker does: calls in, outcomes by ordinal out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from apwa_compiler.plan import FileEffect, Policy, Python, Shell, Task, Torch
from apwa_lang.semantics.types import INT, STR, Type
from apwa_runtime.bodies.protocol import Body, Call, Done, Failed, Outcome, always
from apwa_runtime.bodies.python import PythonBody
from apwa_runtime.bodies.shell import ShellBody
from apwa_runtime.bodies.torch import TorchBody

ONCE = Policy(retry=0, backoff=0.0)


def made(folder: Path, code: Torch | Python | Shell, result: Type = STR, **given: Any) -> Body:
    """The body of a task whose parameters are a text and a number, unless ``given`` otherwise."""
    parameters = given.pop("parameters", (("text", STR),))
    task = Task("work", parameters, result, code, **{"policy": ONCE, **given})
    match code:
        case Torch():
            return TorchBody(task, code, str(folder))
        case Shell():
            return ShellBody(task, code, str(folder))
        case Python():
            return PythonBody(task, code, str(folder))


def outcomes(body: Body, rows: Sequence[Mapping[str, Any]], close: bool = True) -> list[Outcome]:
    """The outcome of each row's call; every call is told of once."""
    calls = [Call(ordinal, dict(row), dict(row)) for ordinal, row in enumerate(rows)]
    found: dict[int, Outcome] = {}

    def finish(call: Call, outcome: Outcome) -> None:
        assert call.ordinal not in found
        found[call.ordinal] = outcome

    def run() -> None:
        body.run(calls, lambda _, value: value, finish, always)

    if close:
        with closing(body):
            run()
    else:
        run()
    return [found[ordinal] for ordinal in range(len(rows))]


def values(found: Sequence[Outcome]) -> list[Any]:
    """The values, or the reasons why there are none."""
    return [one.value if isinstance(one, Done) else one for one in found]


def reasons(found: Sequence[Outcome]) -> dict[int, str]:
    """Why calls failed, by ordinal."""
    return {ordinal: one.reason for ordinal, one in enumerate(found) if isinstance(one, Failed)}


def texts(*given: str) -> list[dict[str, Any]]:
    return [{"text": text} for text in given]


def effects(**paths: str) -> tuple[FileEffect, ...]:
    return tuple(FileEffect(path, label) for label, path in paths.items())


NUMBERED = (("text", STR), ("number", INT))
