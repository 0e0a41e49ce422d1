"""The user's function, loaded once and called with one sub-problem at a time.

In: a ``Setup``, then requests. Out: replies: the value, checked against the task's result type, or what went wrong in
one line for people.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from apwa_lang.semantics.types import ListOf, MapOf, Optional, RecordType, TableOf, Type
from apwa_runtime.isolation.attribution import Watch
from apwa_runtime.isolation.messages import Reply, Request, Setup
from apwa_runtime.values.models import InvalidValue, instance, model_of, plain, validator


class Function:
    """A loaded function. Raises ImportFailed when it cannot be loaded."""

    prepared = "imported"

    def __init__(self, setup: Setup, watch: Watch) -> None:
        self._setup = setup
        self._watch = watch
        sys.path.insert(0, setup.base)
        module, _, name = setup.target.partition(":")
        try:
            self._function = self._made(getattr(importlib.import_module(module), name), name)
        except Exception as error:
            raise ImportFailed(f"`{setup.target}` could not be {self.prepared}: {self._told(error)}") from None
        self._check = validator(setup.result).python
        # Made here once, they need not be made in each fork.
        for _, type in setup.parameters:
            _prepare(type)

    def call(self, request: Request) -> Reply:
        """Run one call in its scratch folder. Never raises."""
        try:
            enter(request.folder)
            return self._accepted(self._value(request), request)
        except SystemExit as error:
            return Reply(error=f"it called sys.exit({'' if error.code is None else repr(error.code)})")
        except BaseException as error:
            return self._failed(error)

    def _made(self, found: Any, name: str) -> Callable[..., Any]:
        """What is called, from what the module has under ``name``."""
        if not callable(found):
            raise TypeError(f"{name} is not a function")
        return found  # type: ignore[no-any-return]

    def _value(self, request: Request) -> Any:
        arguments = {name: argument(request.arguments[name], type) for name, type in self._setup.parameters}
        return self._function(**arguments, **dict(request.paths))

    def _accepted(self, value: Any, request: Request) -> Reply:
        """The reply that tells ``value``."""
        return self._checked(value)

    def _checked(self, value: Any) -> Reply:
        try:
            return Reply(self._check(plain(value)))
        except InvalidValue as error:
            return Reply(error=f"`{self._setup.target}` returned a value that is no {self._setup.result}: {error}")

    def _failed(self, error: BaseException) -> Reply:
        """The reply that tells what was raised."""
        return Reply(error=self._told(error), memory=isinstance(error, MemoryError))

    def _told(self, error: BaseException) -> str:
        """The error in one line, with what was denied and the place in the user's own code where there is one."""
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(self._setup.base)]
        if own:
            last = own[-1]
            text += f" ({os.path.relpath(last.filename, self._setup.base)}:{last.lineno} in {last.name})"
        denied = self._watch.explanation(error, self._setup.target)
        return " ".join(f"{denied}: {text}".split() if denied else text.split())


class ImportFailed(Exception):  # noqa: N818
    """The function cannot be loaded; the text is fit for people."""


def enter(folder: str) -> None:
    """Make ``folder`` the working folder and the place of temporary files."""
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None


def _prepare(type: Type) -> None:
    match type:
        case RecordType() | TableOf(RecordType()):
            model_of(type if isinstance(type, RecordType) else type.record)
        case Optional(inner) | ListOf(inner) | MapOf(inner):
            _prepare(inner)


def argument(value: Any, type: Type) -> Any:
    """A value as functions see it: records are instances of their Pydantic models, wherever they stand."""
    match type:
        case RecordType():
            return instance(type, value)
        case Optional(inner):
            return None if value is None else argument(value, inner)
        case ListOf(item):
            return [argument(element, item) for element in value]
        case TableOf(record):
            return [instance(record, row) for row in value]
        case MapOf(inner):
            return {key: argument(element, inner) for key, element in value.items()}
        case _:
            return value
