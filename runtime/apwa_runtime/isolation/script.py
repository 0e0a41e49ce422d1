"""A shell script, run in the scratch folder of its sub-problem.

In: requests with the script's text and the paths that it knows as variables. Out: what it printed, as a value of the
task's result type, or the end of what it complained about.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import IO

from apwa_lang.semantics.types import Choice, Primitive, Type
from apwa_runtime.isolation.function import enter
from apwa_runtime.isolation.messages import Reply, Request, Setup
from apwa_runtime.isolation.obituary import how_it_ended
from apwa_runtime.values.models import InvalidValue, validator

# The arguments of a request: the script, and the assignments that come before its first line.
SCRIPT = "script"
VALUES = "values"

# A script ends at the first command that fails, and at a variable that was never set.
_SHELL = ("/bin/sh", "-eu")
_TEXTS = frozenset({"str", "date", "datetime", "duration", "uuid", "bytes", "file", "image", "audio"})
_LINES = 5
_LONGEST = 600


class Script:
    """Runs the script of each request."""

    def __init__(self, setup: Setup) -> None:
        self._result = setup.result
        self._validator = validator(setup.result)
        self._is_text = _is_text(setup.result)

    def call(self, request: Request) -> Reply:
        """Run one script in its scratch folder. Never raises."""
        try:
            enter(request.folder)
            with (
                tempfile.TemporaryFile() as values,
                tempfile.TemporaryFile() as script,
                tempfile.TemporaryFile() as output,
                tempfile.TemporaryFile() as errors,
            ):
                # Read from descriptors, neither needs a name in the folder, and the script's lines keep their numbers.
                _fill(values, request.arguments[VALUES])
                _fill(script, f". {_place(values)}; {request.arguments[SCRIPT]}")
                code = subprocess.run(
                    (*_SHELL, _place(script)),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    pass_fds=(values.fileno(), script.fileno()),
                    env={**os.environ, **dict(request.paths)},
                    check=False,
                ).returncode
                if code != 0:
                    said = _tail(errors).replace(_place(script), "line")
                    return Reply(error=f"the script {how_it_ended(code)}" + (f": {said}" if said else ""))
                output.seek(0)
                return self._accepted(output.read())
        except OSError as error:
            return Reply(error=f"the script could not be run: {error.strerror}")

    def _accepted(self, output: bytes) -> Reply:
        try:
            text = output.decode()
        except UnicodeDecodeError:
            return Reply(error="the script printed what is no UTF-8 text")
        try:
            if self._is_text:
                return Reply(self._validator.python(text.removesuffix("\n")))
            return Reply(self._validator.json(text))
        except InvalidValue as error:
            how = "" if self._is_text else " as JSON"
            return Reply(error=f"the script printed what is no {self._result}{how}: {error}")


def _is_text(type: Type) -> bool:
    """Whether a value is printed as it is, not as JSON."""
    match type:
        case Primitive(name):
            return name in _TEXTS
        case Choice(values):
            return all(isinstance(value, str) for value in values)
        case _:
            return False


def _tail(errors: IO[bytes]) -> str:
    """The last lines on standard error, in one."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _LONGEST))
    lines = [line.strip() for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-_LINES:])


def _fill(file: IO[bytes], text: str) -> None:
    file.write(text.encode())
    file.flush()


def _place(file: IO[bytes]) -> str:
    return f"/dev/fd/{file.fileno()}"
