"""The child process that runs a user's Python function: ``python -m apwa_runtime.isolation.child READ_FD WRITE_FD``.

In: a ``Setup``, then one ``Request`` at a time. Out: for each call its value or what went wrong. What the
function writes to standard error is kept until the process ends, to say why it died.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from apwa_lang.semantics.types import ListOf, MapOf, Optional, RecordType, TableOf, Type
from apwa_runtime.isolation.messages import Reply, Request, Setup, receive, send
from apwa_runtime.values.models import InvalidValue, instance, plain, validator


def main(read_fd: int, write_fd: int) -> None:
    """Serve calls until the parent closes the pipe."""
    with os.fdopen(read_fd, "rb") as requests, os.fdopen(write_fd, "wb") as replies:
        setup: Setup = receive(requests)
        try:
            function = _load(setup)
        except Exception as error:
            send(replies, Reply(error=f"`{setup.target}` could not be imported: {_summary(error)}", fatal=True))
            return
        send(replies, Reply())
        check = validator(setup.result)
        home = os.getcwd()  # noqa: PTH109 (paths are passed on as text)
        while True:
            try:
                request: Request = receive(requests)
            except EOFError:
                return
            send(replies, _serve(setup, function, check.python, home, request))


def _load(setup: Setup) -> Callable[..., Any]:
    sys.path.insert(0, setup.base)
    module, _, name = setup.target.partition(":")
    function = getattr(importlib.import_module(module), name)
    if not callable(function):
        raise TypeError(f"{name} is not a function")
    return function  # type: ignore[no-any-return]


def _serve(
    setup: Setup, function: Callable[..., Any], check: Callable[[Any], Any], home: str, request: Request
) -> Reply:
    os.chdir(request.folder or home)
    try:
        arguments = {name: _argument(request.arguments[name], type) for name, type in setup.parameters}
        value = function(**arguments, **dict(request.paths))
    except SystemExit as error:
        return Reply(error=f"it called sys.exit({'' if error.code is None else repr(error.code)})")
    except BaseException as error:
        return Reply(error=_summary(error, of=setup.base))
    try:
        return Reply(check(plain(value)))
    except InvalidValue as error:
        return Reply(error=f"`{setup.target}` returned a value that is no {setup.result}: {error}")


def _argument(value: Any, type: Type) -> Any:
    """Records become instances of their Pydantic models, wherever they stand."""
    match type:
        case RecordType():
            return instance(type, value)
        case Optional(inner):
            return None if value is None else _argument(value, inner)
        case ListOf(item):
            return [_argument(element, item) for element in value]
        case TableOf(record):
            return [instance(record, row) for row in value]
        case MapOf(inner):
            return {key: _argument(element, inner) for key, element in value.items()}
        case _:
            return value


def _summary(error: BaseException, of: str | None = None) -> str:
    """The error in one line, with the place in the user's own code where there is one."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if of and frame.filename.startswith(of)]
    if own:
        last = own[-1]
        text += f" ({os.path.relpath(last.filename, of)}:{last.lineno} in {last.name})"
    return " ".join(text.split())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
